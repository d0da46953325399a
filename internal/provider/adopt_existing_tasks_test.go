// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

// Nothing changes either when the arguments are managed afterwards.
func adoptExistingTasks(t *testing.T, g *guideRun) {
	t.Helper()
	plan := "Plan: 2 to import, 0 to add, 0 to change, 0 to destroy.\n"
	goldenFile(t, filepath.Join(g.folder, "plan.txt"), plan)
	if !strings.Contains(g.plan, plan) {
		t.Errorf("%q is not in\n%s", plan, g.plan)
	}
	takeOver(t, g)
}

// takeOver follows the section of the guide on managing the tasks.
func takeOver(t *testing.T, g *guideRun) {
	t.Helper()
	if err := g.Write("tasks.json", []byte(mustRun(t, g.Workspace, "output", "-json", "tasks"))); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"import.tf", "tasks.tf"} {
		if err := os.Remove(filepath.Join(g.Dir, file)); err != nil {
			t.Fatal(err)
		}
	}
	if err := g.Write("managed.tf", []byte(readFile(t, filepath.Join(g.folder, "take-over", "managed.tf")))); err != nil {
		t.Fatal(err)
	}
	if out := mustRun(t, g.Workspace, "plan"); strings.Contains(out, "Plan:") { // only the output changes
		t.Errorf("the tasks change:\n%s", out)
	}
}

// Whatever the API returns for the unused side of a task, and whatever its name is, nothing is replaced.
func TestAccGuides_adoptAnyTask(t *testing.T) {
	t.Parallel()
	tasks := simulator.PageTasks()[:2]
	for i, name := range []string{`a b`, "\"}\n${x} %{y} \\", "twice", "twice"} {
		task := decoded(t, string(tasks[i%2])).(map[string]any)
		task["id"], task["task_name"] = string(rune('a'+i)), name
		wire, err := json.Marshal(task)
		if err != nil {
			t.Fatal(err)
		}
		tasks = append(tasks, wire)
	}
	for name, form := range map[string]simulator.UnusedSide{
		"null": simulator.UnusedNull, "empty": simulator.UnusedEmpty, "missing": simulator.UnusedMissing,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			applyGuide(t, "adopt-existing-tasks", guide{
				since: "1.7",
				cloud: simulator.Options{UnusedSide: form},
				wire:  tasks,
				then: func(t *testing.T, g *guideRun) {
					t.Helper()
					if plan := "Plan: 6 to import, 0 to add, 0 to change, 0 to destroy.\n"; !strings.Contains(g.plan, plan) {
						t.Errorf("%q is not in\n%s", plan, g.plan)
					}
					takeOver(t, g)
				},
			})
		})
	}
}
