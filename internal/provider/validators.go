// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/huaweicloud"
)

// stringValidator is a validator that says with a function's error what is wrong with a text.
type stringValidator struct {
	description string // completes "value must be"
	validate    func(text string) error
}

var (
	identifierValidator = stringValidator{"made of letters, digits, \"-\" and \"_\"", huaweicloud.CheckIdentifier}
	regexpValidator     = stringValidator{"a regular expression in RE2 syntax", func(text string) error {
		_, err := regexp.Compile(text)
		return err
	}}
)

// Description implements [validator.Describer].
func (c stringValidator) Description(context.Context) string { return "value must be " + c.description }

// MarkdownDescription implements [validator.Describer].
func (c stringValidator) MarkdownDescription(ctx context.Context) string { return c.Description(ctx) }

// ValidateString implements [validator.String].
func (c stringValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	text := req.ConfigValue.ValueString()
	if err := c.validate(text); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, fmt.Sprintf("Invalid %s", req.Path),
			fmt.Sprintf("%q cannot be used: %s.", text, err))
	}
}

// noNulls is a validator of filters, in which a null would match nothing.
type noNulls struct{}

// Description implements [validator.Describer].
func (noNulls) Description(context.Context) string { return "value must hold no null" }

// MarkdownDescription implements [validator.Describer].
func (n noNulls) MarkdownDescription(ctx context.Context) string { return n.Description(ctx) }

// ValidateSet implements [validator.Set].
func (noNulls) ValidateSet(_ context.Context, req validator.SetRequest, resp *validator.SetResponse) {
	for _, element := range req.ConfigValue.Elements() {
		if element.IsNull() {
			resp.Diagnostics.AddAttributeError(req.Path, fmt.Sprintf("Invalid %s", req.Path),
				fmt.Sprintf("It holds a null, which matches no task. Leave it out: %s = compact([...]) does.", req.Path))
			return
		}
	}
}
