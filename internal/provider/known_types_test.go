// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/smartconnect"
)

func TestKnownTypesAreThoseOfTheSchema(t *testing.T) {
	t.Parallel()
	plain := tasksSchema(t.Context(), t)
	known := knownTypes{plain, map[string]attr.Type{}}
	state := emptyState(t.Context(), t)
	text := "text"
	task := smartconnect.Task{ID: "1", Topics: &text, SourceTask: &smartconnect.SourceTask{}, SinkTask: &smartconnect.SinkTask{}}
	if diags := setState(&state, onlyTasks{[]smartconnect.Task{task, {ID: "2"}, task}}); diags.HasError() {
		t.Fatal(diags)
	}
	paths := []*tftypes.AttributePath{
		tftypes.NewAttributePath().WithAttributeName("ids").WithElementKeyValue(tftypes.NewValue(tftypes.String, "a")),
		tftypes.NewAttributePath().WithAttributeName("ids").WithElementKeyValue(tftypes.NewValue(tftypes.String, "b")),
		tftypes.NewAttributePath().WithAttributeName("tasks").WithElementKeyInt(0).WithAttributeName("source_task").WithAttributeName("topic_map").WithElementKeyString("a"),
		tftypes.NewAttributePath().WithAttributeName("nothing"),
	}
	err := tftypes.Walk(state.Raw, func(p *tftypes.AttributePath, _ tftypes.Value) (bool, error) {
		paths = append(paths, p)
		return true, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time they are known
		for _, p := range paths {
			got, err := known.TypeAtTerraformPath(t.Context(), p)
			want, wantErr := plain.TypeAtTerraformPath(t.Context(), p)
			if fmt.Sprint(err) != fmt.Sprint(wantErr) || err == nil && !got.Equal(want) {
				t.Errorf("%s is %v (%v), expected %v (%v)", p, got, err, want, wantErr)
			}
		}
	}
	if len(known.types) < 60 {
		t.Errorf("%d types are known", len(known.types))
	}
}
