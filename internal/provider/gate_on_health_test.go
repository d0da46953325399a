// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

// Only the tasks that a gate looks at close it, and it says what the guide shows.
func gateOnHealth(t *testing.T, g *guideRun) {
	t.Helper()
	pause := func(names ...string) {
		g.cloud.SetTasks(simulator.InstanceID, paused(t, names...))
	}
	// Data is not read again for a plan that was saved.
	mustRun(t, g.Workspace, "plan", "-replace=terraform_data.rollout", "-out=saved.tfplan")
	pause("smart-connect-1571576841")
	if out := mustRun(t, g.Workspace, "apply", "saved.tfplan"); strings.Contains(out, "PAUSED") {
		t.Errorf("the plan that was saved is checked again:\n%s", out)
	}
	out, err := run(t, g.Workspace, "plan")
	if err == nil {
		t.Error("the plan succeeded")
	}
	goldenFile(t, filepath.Join(g.folder, "errors.txt"), fromCheck(t, out))

	pause("smart-connect-121248117")
	goldenFile(t, filepath.Join(g.folder, "warning.txt"), fromCheck(t, mustRun(t, g.Workspace, "plan")))
	goldenFile(t, filepath.Join(g.folder, "warning.txt"), fromCheck(t, mustRun(t, g.Workspace, "apply", "-auto-approve")))

	g.cloud.SetTasks(simulator.InstanceID, nil)
	out, err = run(t, g.Workspace, "plan")
	if err == nil || !strings.Contains(out, "Not running: the instance has no task.") {
		t.Errorf("an instance without tasks passes: %v\n%s", err, out)
	}
}

// paused returns the tasks of the page, those with the names paused.
func paused(t *testing.T, names ...string) []json.RawMessage {
	t.Helper()
	tasks := simulator.PageTasks()
	for i, raw := range tasks {
		task := decoded(t, string(raw)).(map[string]any)
		if !slices.Contains(names, task["task_name"].(string)) {
			continue
		}
		task["status"] = "PAUSED"
		var err error
		if tasks[i], err = json.Marshal(task); err != nil {
			t.Fatal(err)
		}
	}
	return tasks
}
