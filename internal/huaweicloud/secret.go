// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"fmt"
	"io"
)

const mask = "***"

// Secret is text that must not be seen: however it is printed or marshalled, it reads "***".
type Secret string

// Reveal returns the text itself, for the request that needs it.
func (s Secret) Reveal() string { return string(s) }

// Format implements [fmt.Formatter] for every verb, so that %x and %#v do not show it either.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, mask) }

// String implements [fmt.Stringer].
func (Secret) String() string { return mask }

// MarshalText implements [encoding.TextMarshaler], which encoding/json uses too.
func (Secret) MarshalText() ([]byte, error) { return []byte(mask), nil }
