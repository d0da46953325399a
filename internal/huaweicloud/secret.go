// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"fmt"
	"io"
)

const mask = "***"

// Secret is text that must not be seen: however it is printed or marshalled, it reads "***", or as
// an address where fmt does not ask the type, such as in unexported fields. Two of them are compared
// by what they reveal. The zero Secret is empty.
type Secret struct{ text *string }

// NewSecret returns a Secret that reveals text.
func NewSecret(text string) Secret { return Secret{&text} }

// Reveal returns the text itself, for the request that needs it.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// IsEmpty reports whether there is nothing to reveal.
func (s Secret) IsEmpty() bool { return s.Reveal() == "" }

// Format implements [fmt.Formatter] for every verb, so that %x and %#v do not show it either.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, mask) }

// String implements [fmt.Stringer].
func (Secret) String() string { return mask }

// MarshalText implements [encoding.TextMarshaler], which encoding/json uses too.
func (Secret) MarshalText() ([]byte, error) { return []byte(mask), nil }
