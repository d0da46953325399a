// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/smartconnect"
)

// The argument that is not used may be empty.
func TestAccTaskDataSource_attributes(t *testing.T) {
	t.Parallel()
	c := newSimulator(t, simulator.Options{})
	var config strings.Builder
	var checks []statecheck.StateCheck
	for i, raw := range simulator.PageTasks() {
		var task map[string]any
		if err := json.Unmarshal(raw, &task); err != nil {
			t.Fatal(err)
		}
		for argument, other := range map[string]string{"id": "task_name", "task_name": "id"} {
			name := fmt.Sprintf("%s_%d", argument, i)
			fmt.Fprintf(&config, "data \"smartconnect_task\" %[1]q {\n  instance_id = %[2]q\n  %[3]s = %[4]q\n  %[5]s = \"\"\n}\n"+
				"output %[1]q {\n  value = data.smartconnect_task.%[1]s\n}\n", name, c.instance, argument, task[argument], other)
			all := values{
				"instance_id": text(c.instance), "region": text(simulator.Region), "project_id": text(simulator.ProjectID),
				"timeouts": knownvalue.Null(),
			}
			maps.Copy(all, pageTasks[i])
			checks = append(checks, statecheck.ExpectKnownOutputValue(name, object(mergeTypes(documentedArguments, documentedTask, map[string]string{"timeouts": "object"}), all)))
		}
	}
	checkState(t, c.config(config.String()), checks...)
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

func TestAccTaskDataSource_deferred(t *testing.T) {
	t.Parallel()
	c := newSimulator(t, simulator.Options{})
	const address = "data.smartconnect_task.test"
	config := c.config(fmt.Sprintf(`
resource "terraform_data" "name" {
  input = "smart-connect-1"
}

data "smartconnect_task" "test" {
  instance_id = %q
  task_name   = terraform_data.name.output
}

output "bucket" {
  value = data.smartconnect_task.test.sink_task.obs_bucket_name
}
`, c.instance))
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(),
		Steps: []resource.TestStep{
			{
				Config: config,
				ConfigPlanChecks: resource.ConfigPlanChecks{
					PreApply: []plancheck.PlanCheck{
						plancheck.ExpectUnknownValue(address, tfjsonpath.New("id")),
						plancheck.ExpectUnknownValue(address, tfjsonpath.New("sink_task")),
						plancheck.ExpectUnknownOutputValue("bucket"),
					},
					PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
				},
				ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("bucket", text("abcabc"))},
			},
			{Config: config, PlanOnly: true},
		},
	})
}
