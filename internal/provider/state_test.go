// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"reflect"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"pgregory.net/rapid"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/smartconnect"
)

// fill sets the fields of a struct at random, each with nil among its values.
func fill(t *rapid.T, v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i))
		}
	case reflect.Pointer:
		if rapid.Bool().Draw(t, "set") {
			v.Set(reflect.New(v.Type().Elem()))
			fill(t, v.Elem())
		}
	case reflect.String:
		v.SetString(rapid.String().Draw(t, "text"))
	case reflect.Int64:
		v.SetInt(rapid.Int64().Draw(t, "number"))
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "boolean"))
	case reflect.Slice:
		if n := rapid.IntRange(-1, 3).Draw(t, "length"); n >= 0 {
			v.Set(reflect.MakeSlice(v.Type(), n, n))
			for i := range n {
				fill(t, v.Index(i))
			}
		}
	case reflect.Map:
		if n := rapid.IntRange(-1, 3).Draw(t, "length"); n >= 0 {
			v.Set(reflect.MakeMap(v.Type()))
			for range n {
				key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
				fill(t, key)
				fill(t, value)
				v.SetMapIndex(key, value)
			}
		}
	default:
		t.Fatalf("no values for %s", v.Type())
	}
}

func TestEncodedTasksEqualWhatTheFrameworkMakesOfThem(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	rapid.Check(t, func(rt *rapid.T) {
		var tasks []smartconnect.Task
		fill(rt, reflect.ValueOf(&tasks).Elem())
		ours, theirs := emptyState(ctx, t), emptyState(ctx, t)
		if diags := setState(&ours, struct {
			Tasks []smartconnect.Task `tfsdk:"tasks"`
		}{tasks}); diags.HasError() {
			rt.Fatal(diags)
		}
		if diags := theirs.SetAttribute(ctx, path.Root("tasks"), tasks); diags.HasError() {
			rt.Fatal(diags)
		}
		if !ours.Raw.Equal(theirs.Raw) {
			rt.Fatalf("got\n%s\nwant\n%s", ours.Raw, theirs.Raw)
		}
	})
}

func TestEncodeRefusesWhatDoesNotFitTheType(t *testing.T) {
	t.Parallel()
	object := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"a": tftypes.String}}
	type right struct {
		A string `tfsdk:"a"`
	}
	for name, tt := range map[string]struct {
		value any
		typ   tftypes.Type
		err   string // a part of it; empty: none
	}{
		"struct":                 {right{"x"}, object, ""},
		"struct for text":        {right{"x"}, tftypes.String, "right"},
		"field without a type":   {struct{ A, B string }{}, object, "tftypes.Object"},
		"field of another name":  {struct{ A string }{}, object, `no attribute ""`},
		"number for text":        {int64(1), tftypes.String, "tftypes.String"},
		"list for text":          {[]string{"x"}, tftypes.String, "[]string"},
		"number in list of text": {[]int64{1}, tftypes.List{ElementType: tftypes.String}, "0: "},
		"map for text":           {map[string]string{"k": "v"}, tftypes.String, "map[string]string"},
		"number in map of text":  {map[string]int64{"k": 1}, tftypes.Map{ElementType: tftypes.String}, `"k": `},
		"nil list is null":       {[]string(nil), tftypes.List{ElementType: tftypes.String}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			value, err := encode(reflect.ValueOf(tt.value), tt.typ)
			switch {
			case tt.err == "" && err != nil:
				t.Error(err)
			case tt.err == "" && !value.Type().Equal(tt.typ):
				t.Errorf("is of type %s, expected %s", value.Type(), tt.typ)
			case tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)):
				t.Errorf("error %v, expected one with %q", err, tt.err)
			}
		})
	}
}
