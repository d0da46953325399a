// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// knownTypes is a schema that finds each type once. After a read the framework asks for the types along
// the path of each null, and its own schema makes all types below each of them anew every time, which
// was two fifths of what a read of 500 tasks took.
type knownTypes struct {
	schema.Schema

	types map[string]attr.Type // by path, of which all elements of a collection have one
}

// TypeAtTerraformPath is what the framework asks a schema for.
func (s knownTypes) TypeAtTerraformPath(ctx context.Context, p *tftypes.AttributePath) (attr.Type, error) {
	path := make([]byte, 0, 64)
	for _, step := range p.Steps() {
		name, _ := step.(tftypes.AttributeName) // "" for an element
		path = append(append(path, '.'), name...)
	}
	if typ, ok := s.types[string(path)]; ok {
		return typ, nil
	}
	typ, err := s.Schema.TypeAtTerraformPath(ctx, p)
	if err == nil {
		s.types[string(path)] = typ
	}
	return typ, err
}
