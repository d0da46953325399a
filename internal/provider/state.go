// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// getConfig sets the fields of the struct that target points to, to the attributes that they are tagged with.
func getConfig(ctx context.Context, config tfsdk.Config, target any) diag.Diagnostics {
	var diags diag.Diagnostics
	v := reflect.ValueOf(target).Elem()
	for i := range v.NumField() {
		diags.Append(config.GetAttribute(ctx, path.Root(attributeName(v.Type().Field(i))), v.Field(i).Addr().Interface())...)
	}
	return diags
}

// setState sets the attributes that the fields of the struct result are tagged with. It replaces the
// state once: each State.SetAttribute would copy it.
func setState(state *tfsdk.State, result any) diag.Diagnostics {
	var diags diag.Diagnostics
	attributes := map[string]tftypes.Value{}
	object, ok := state.Raw.Type().(tftypes.Object)
	if err := state.Raw.As(&attributes); err != nil || !ok {
		diags.AddError("State is no object", reportBug(err))
		return diags
	}
	attributes = maps.Clone(attributes)
	v := reflect.ValueOf(result)
	for i, name := range attributeNames(v.Type()) {
		value, err := encode(v.Field(i), object.AttributeTypes[name])
		if err != nil {
			diags.AddAttributeError(path.Root(name), "Result does not fit its schema", reportBug(err))
			return diags
		}
		attributes[name] = value
	}
	raw, err := newValue(object, attributes)
	if err != nil {
		diags.AddError("Result does not fit its schema", reportBug(err))
		return diags
	}
	state.Raw = raw
	if s, ok := state.Schema.(schema.Schema); ok {
		state.Schema = knownTypes{s, map[string]attr.Type{}}
	}
	return diags
}

// encode returns v as a value of typ. A struct's fields are found by their tfsdk tags; nil is null.
// The framework's own way of doing this costs several times as much for a list of tasks.
func encode(v reflect.Value, typ tftypes.Type) (tftypes.Value, error) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		if v.IsNil() {
			return tftypes.NewValue(typ, nil), nil
		}
	}
	switch v.Kind() {
	case reflect.Pointer:
		return encode(v.Elem(), typ)
	case reflect.Struct:
		object, ok := typ.(tftypes.Object)
		if !ok || len(object.AttributeTypes) != v.NumField() {
			return tftypes.Value{}, fmt.Errorf("%s is not %s", v.Type(), typ)
		}
		values := make(map[string]tftypes.Value, v.NumField())
		for i, name := range attributeNames(v.Type()) {
			attribute, ok := object.AttributeTypes[name]
			if !ok {
				return tftypes.Value{}, fmt.Errorf("%s has no attribute %q", typ, name)
			}
			value, err := encode(v.Field(i), attribute)
			if err != nil {
				return tftypes.Value{}, fmt.Errorf("%s: %w", name, err)
			}
			values[name] = value
		}
		return newValue(typ, values)
	case reflect.Slice:
		list, ok := typ.(tftypes.List)
		if !ok {
			return tftypes.Value{}, fmt.Errorf("%s is not %s", v.Type(), typ)
		}
		values := make([]tftypes.Value, v.Len())
		for i := range values {
			var err error
			if values[i], err = encode(v.Index(i), list.ElementType); err != nil {
				return tftypes.Value{}, fmt.Errorf("%d: %w", i, err)
			}
		}
		return newValue(typ, values)
	case reflect.Map:
		dictionary, ok := typ.(tftypes.Map)
		if !ok {
			return tftypes.Value{}, fmt.Errorf("%s is not %s", v.Type(), typ)
		}
		values := make(map[string]tftypes.Value, v.Len())
		for entries := v.MapRange(); entries.Next(); {
			value, err := encode(entries.Value(), dictionary.ElementType)
			if err != nil {
				return tftypes.Value{}, fmt.Errorf("%q: %w", entries.Key(), err)
			}
			values[entries.Key().String()] = value
		}
		return newValue(typ, values)
	default:
		if v.CanAddr() { // spares a copy on the heap
			v = v.Addr()
		}
		return newValue(typ, v.Interface())
	}
}

// newValue is [tftypes.NewValue] with an error for its panic. To ask [tftypes.ValidateValue] before
// would be to make each value twice.
func newValue(typ tftypes.Type, value any) (v tftypes.Value, err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("%v", reason)
		}
	}()
	return tftypes.NewValue(typ, value), nil
}

var namesOfAttributes sync.Map // []string by reflect.Type

// attributeNames returns the tfsdk tags of a struct's fields.
func attributeNames(t reflect.Type) []string {
	if cached, ok := namesOfAttributes.Load(t); ok {
		if names, ok := cached.([]string); ok {
			return names
		}
	}
	names := make([]string, t.NumField())
	for i := range names {
		names[i] = attributeName(t.Field(i))
	}
	namesOfAttributes.Store(t, names)
	return names
}

func attributeName(f reflect.StructField) string { return f.Tag.Get("tfsdk") }
