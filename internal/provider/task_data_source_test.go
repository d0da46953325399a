// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/smartconnect"
)

// The argument that is not used may be empty.
func TestAccTaskDataSource_attributes(t *testing.T) {
	t.Parallel()
	c := newSimulator(t, simulator.Options{})
	config, want := c.provider, map[string]any{}
	for i, task := range decoded(t, readFile(t, tasksFile)).([]any) {
		for argument, other := range map[string]string{"id": "task_name", "task_name": "id"} {
			name, all := fmt.Sprintf("%s_%d", argument, i), maps.Clone(task.(map[string]any))
			config += fmt.Sprintf("data \"smartconnect_task\" %[1]q {\n  instance_id = %[2]q\n  %[3]s = %[4]q\n  %[5]s = \"\"\n}\n"+
				"output %[1]q {\n  value = data.smartconnect_task.%[1]s\n}\n", name, c.instance, argument, all[argument], other)
			maps.Copy(all, map[string]any{"instance_id": c.instance, "region": simulator.Region, "project_id": simulator.ProjectID, "timeouts": nil})
			want[name] = all
		}
	}
	checkEqual(t, "outputs", applied(t, config), want)
}

func TestTaskSelectorFind(t *testing.T) {
	t.Parallel()
	tasks := []smartconnect.Task{
		{ID: "1", TaskName: new("copy")},
		{ID: "12", TaskName: new("copy-2")},
		{ID: "copy", TaskName: new("e\u0301")}, // as the API returns it; Terraform's strings are in NFC
		{ID: "4"},
		{ID: "5", TaskName: new("copy-2")},
	}
	for name, tt := range map[string]struct {
		id, taskName types.String
		want         string
	}{
		"id":               {types.StringValue("1"), types.StringNull(), "1"},
		"name":             {types.StringNull(), types.StringValue("copy"), "1"},
		"empty id":         {types.StringValue(""), types.StringValue("copy"), "1"},
		"several":          {types.StringNull(), types.StringValue("copy-2"), "12 5"},
		"normalized name":  {types.StringNull(), types.StringValue("\u00e9"), "copy"},
		"prefix":           {types.StringNull(), types.StringValue("cop"), ""},
		"case":             {types.StringNull(), types.StringValue("Copy"), ""},
		"id is not a name": {types.StringValue("copy"), types.StringNull(), "copy"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var ids []string
			for _, task := range (&taskSelector{tt.id, tt.taskName}).find(tasks) {
				ids = append(ids, task.ID)
			}
			if got := strings.Join(ids, " "); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestTaskNotUnique_escapesAndCutsNames(t *testing.T) {
	t.Parallel()
	hostile := []smartconnect.Task{{ID: "\x1b[2J" + strings.Repeat("i", 200), TaskName: new("\u202e\nError: forged" + strings.Repeat("n", 200))}}
	got := taskNotUnique(&taskSelector{ID: types.StringValue("x")}, "instance", nil, hostile).Detail()
	want := `Instance instance has no task with id = "x" (case-sensitive). Check id and instance_id. The tasks are:` + "\n\n  " +
		`"\u202e\nError: forged` + strings.Repeat("n", 85) + `" (id "\x1b[2J` + strings.Repeat("i", 96) + `")`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
