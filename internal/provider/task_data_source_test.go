// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

func TestTaskIsFoundByIDAndByNameWithEveryAttribute(t *testing.T) {
	t.Parallel()
	c := newSimulator(t, simulator.Options{})
	var config strings.Builder
	var checks []statecheck.StateCheck
	for i, raw := range simulator.PageTasks() {
		var task map[string]any
		if err := json.Unmarshal(raw, &task); err != nil {
			t.Fatal(err)
		}
		for _, argument := range []string{"id", "task_name"} {
			name := fmt.Sprintf("%s_%d", argument, i)
			fmt.Fprintf(&config, "data \"smartconnect_task\" %[1]q {\n  instance_id = %[2]q\n  %[3]s = %[4]q\n}\n"+
				"output %[1]q {\n  value = data.smartconnect_task.%[1]s\n}\n", name, c.instance, argument, task[argument])
			all := values{"instance_id": text(c.instance), "region": text(simulator.Region), "project_id": text(simulator.ProjectID)}
			maps.Copy(all, pageTasks[i])
			checks = append(checks, statecheck.ExpectKnownOutputValue(name, object(documentedArguments+documentedTask, all)))
		}
	}
	checkState(t, c.config(config.String()), checks...)
}

func TestTaskIsFoundBehindTheFirstPage(t *testing.T) {
	t.Parallel()
	c := newSimulator(t, simulator.Options{})
	tasks := simulator.GenerateTasks(120)
	c.SetTasks(c.instance, tasks)
	last := idsOf(t, tasks)[119]
	checkState(t, c.config(fmt.Sprintf("data \"smartconnect_task\" \"test\" {\n  instance_id = %q\n  id = %q\n}\n", c.instance, last)),
		statecheck.ExpectKnownValue("data.smartconnect_task.test", tfjsonpath.New("id"), text(last)))
}

func TestTaskWhoseNameIsKnownAfterApplyIsUnknownInThePlanAndRightAfterwards(t *testing.T) {
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
