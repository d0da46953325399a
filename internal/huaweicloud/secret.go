// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"fmt"
	"io"
)

const mask = "***"

// Secret is a string that is printed and marshaled as "***", or as an address where fmt calls no methods,
// such as in unexported fields. The zero Secret is empty.
type Secret struct{ text *string }

// NewSecret returns a Secret that reveals text.
func NewSecret(text string) Secret { return Secret{&text} }

// Reveal returns the string, for a request.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// IsEmpty reports whether the string is empty.
func (s Secret) IsEmpty() bool { return s.Reveal() == "" }

// Format implements [fmt.Formatter] for every verb, %x and %#v included.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, mask) }

// String implements [fmt.Stringer].
func (Secret) String() string { return mask }

// MarshalText implements [encoding.TextMarshaler], also for encoding/json.
func (Secret) MarshalText() ([]byte, error) { return []byte(mask), nil }
