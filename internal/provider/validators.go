// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/huaweicloud"
)

// stringValidator validates a string with a function whose error completes "the value is invalid: ...".
type stringValidator struct {
	description string // completes "value must be"
	validate    func(value string) error
}

var identifierValidator = stringValidator{`a string of letters, digits, "-" and "_"`, huaweicloud.CheckIdentifier}

// Description implements [validator.Describer].
func (s stringValidator) Description(context.Context) string { return "value must be " + s.description }

// MarkdownDescription implements [validator.Describer].
func (s stringValidator) MarkdownDescription(ctx context.Context) string { return s.Description(ctx) }

// ValidateString implements [validator.String].
func (s stringValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	value := req.ConfigValue.ValueString()
	if err := s.validate(value); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid Attribute Value",
			fmt.Sprintf("%s = %q is invalid: %s.", req.Path, value, err))
	}
}

// noNulls rejects null in a filter, which would match nothing.
type noNulls struct{}

// Description implements [validator.Describer].
func (noNulls) Description(context.Context) string { return "value must not contain null" }

// MarkdownDescription implements [validator.Describer].
func (n noNulls) MarkdownDescription(ctx context.Context) string { return n.Description(ctx) }

// ValidateSet implements [validator.Set].
func (noNulls) ValidateSet(_ context.Context, req validator.SetRequest, resp *validator.SetResponse) {
	for _, element := range req.ConfigValue.Elements() {
		if element.IsNull() {
			resp.Diagnostics.AddAttributeError(req.Path, "Invalid Attribute Value",
				fmt.Sprintf("%s must not contain null, which matches no task. Remove nulls with compact.", req.Path))
			return
		}
	}
}
