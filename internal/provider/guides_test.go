// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/terraform"
)

// guide is what the configuration of a guide needs, and what has to come of it.
type guide struct {
	since     string            // lowest version of the CLI, such as 1.7; empty: any that the provider works with
	cloud     simulator.Options // zero: the default cloud
	variables map[string]string // of the configuration, written as in the environment
	plan      []string          // what it says
	outputs   string            // all of them as JSON, value by name
	then      func(t *testing.T, g *guideRun)
}

// guideRun is a guide that was applied.
type guideRun struct {
	*terraform.Workspace
	cloud  *target
	folder string // of the guide, below examples/guides
}

// guides has an entry for each folder of examples/guides.
var guides = map[string]guide{
	"adopt-existing-tasks": {
		since:     "1.7",
		variables: map[string]string{"instance_id": simulator.InstanceID},
		plan:      []string{"Plan: 2 to import, 0 to add, 0 to change, 0 to destroy."},
		outputs: `{"blocks": "import {\n  to = huaweicloud_dms_kafkav2_smart_connect_task.task_smart-connect-1\n` +
			`  id = \"11111111-2222-4333-8444-555555555555/3c0ac4d1-82f6-4e0d-8b1a-27c95e4df063\"\n}\n\n` +
			`import {\n  to = huaweicloud_dms_kafkav2_smart_connect_task.task_smart-connect-1571576841\n` +
			`  id = \"11111111-2222-4333-8444-555555555555/194917d0-3b5e-4c1f-9a47-6d0e8f2b1c35\"\n}\n"}`,
		then: adoptExistingTasks,
	},
	"gate-on-health": {
		variables: map[string]string{"instance_id": simulator.InstanceID, "task_name": "smart-connect-1571576841"},
		outputs:   `{"topics": ["topic-1643449744"]}`,
		then:      gateOnHealth,
	},
	"watch-the-quota": {
		variables: map[string]string{"instance_id": simulator.InstanceID, "tasks": `["smart-connect-1", "orders-to-obs"]`},
		outputs:   `{"quota": {"tasks": 3, "new": ["orders-to-obs"], "left": 15}}`,
	},
}

// Each guide is planned and applied as a reader would, and a second plan is empty.
func TestEveryGuideIsPlannedAndApplied(t *testing.T) {
	t.Parallel()
	root, err := terraform.Root()
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(filepath.Join(root, "examples", "guides"))
	if err != nil {
		t.Fatal(err)
	}
	folders := map[string]bool{}
	for _, entry := range entries {
		name := entry.Name()
		folders[name] = true
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g, ok := guides[name]
			if !ok {
				t.Fatalf("the folder has no entry in the table of guides")
			}
			applyGuide(t, g, filepath.Join(root, "examples", "guides", name))
		})
	}
	for name := range guides {
		if !folders[name] {
			t.Errorf("there is no folder examples/guides/%s", name)
		}
	}
}

func applyGuide(t *testing.T, g guide, folder string) {
	t.Helper()
	c := newSimulator(t, g.cloud)
	needs(t, g.since)
	w := workspace(t, map[string]string{
		"override.tf": fmt.Sprintf("provider \"smartconnect\" {\n  endpoints = { dms = %q, iam = %q }\n}\n", c.url, c.url),
	})
	if err := os.CopyFS(w.Dir, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	w.Env = fakeEnvironment(t)
	w.Env["HW_ACCESS_KEY"], w.Env["HW_SECRET_KEY"] = simulator.AccessKey, simulator.SecretKey
	for name, value := range g.variables {
		w.Env["TF_VAR_"+name] = value
	}
	plan := mustRun(t, w, "plan")
	for _, want := range g.plan {
		if !strings.Contains(plan, want) {
			t.Errorf("%s is not in\n%s", want, plan)
		}
	}
	mustRun(t, w, "apply", "-auto-approve")
	if got, want := outputs(t, w), decoded(t, g.outputs); !reflect.DeepEqual(got, want) {
		t.Errorf("outputs\n%v, expected\n%v", got, want)
	}
	if shown := filepath.Join(folder, "outputs.txt"); exists(shown) {
		goldenFile(t, shown, mustRun(t, w, "output"))
	}
	mustRun(t, w, "plan", "-detailed-exitcode") // fails if there is a change
	if g.then != nil {
		g.then(t, &guideRun{Workspace: w, cloud: c, folder: folder})
	}
}

// The configuration that is generated changes nothing, as the one resource for all does not.
func adoptExistingTasks(t *testing.T, g *guideRun) {
	blocks := mustRun(t, g.Workspace, "output", "-raw", "blocks")
	if err := g.Write("generated/imports.tf", []byte(blocks)); err != nil {
		t.Fatal(err)
	}
	mustRun(t, g.Workspace, "-chdir=generated", "plan", "-generate-config-out=tasks.tf")
	out := mustRun(t, g.Workspace, "-chdir=generated", "apply", "-auto-approve")
	if want := "Resources: 2 imported, 0 added, 0 changed, 0 destroyed."; !strings.Contains(out, want) {
		t.Errorf("%s is not in\n%s", want, out)
	}
	mustRun(t, g.Workspace, "-chdir=generated", "plan", "-detailed-exitcode")

	// Without the resource, the blocks with for_each generate nothing.
	content, err := os.ReadFile(filepath.Join(g.folder, "import.tf"))
	if err != nil {
		t.Fatal(err)
	}
	block, _, _ := strings.Cut(string(content), "\nresource ")
	if err := g.Write("import.tf", []byte(block)); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(g.Dir, "terraform.tfstate")); err != nil {
		t.Fatal(err)
	}
	if out, err := run(t, g.Workspace, "plan", "-generate-config-out=tasks.tf"); err == nil || !strings.Contains(out, "for_each") {
		t.Errorf("a block with for_each generates configuration:\n%s", out)
	}
}

// Only the tasks that a gate looks at close it, and it says what the guide shows.
func gateOnHealth(t *testing.T, g *guideRun) {
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

// OpenTofu shows how the sides of a comparison differ, too.
var tofuDiff = regexp.MustCompile(`    ├─+\n    │ Diff: *\n(    │ .*\n)+`)

// fromCheck returns what the CLI printed from the warning of a check on.
func fromCheck(t *testing.T, out string) string {
	t.Helper()
	start := strings.Index(out, "Warning: Check block")
	if start < 0 {
		t.Fatalf("no check says anything:\n%s", out)
	}
	out, _, _ = strings.Cut(out[start:], "\nApply complete!")
	return strings.TrimSpace(tofuDiff.ReplaceAllString(out, "")) + "\n"
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// needs skips a test if the CLI is older than a version.
func needs(t *testing.T, since string) {
	t.Helper()
	if since == "" {
		return
	}
	var is struct {
		Version string `json:"terraform_version"` // OpenTofu's own, too
	}
	out := mustRun(t, workspace(t, nil), "version", "-json")
	if err := json.Unmarshal([]byte(out), &is); err != nil {
		t.Fatal(err)
	}
	var major, minor, wantMajor, wantMinor int
	if _, err := fmt.Sscanf(is.Version, "%d.%d", &major, &minor); err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Sscanf(since, "%d.%d", &wantMajor, &wantMinor); err != nil {
		t.Fatal(err)
	}
	if major < wantMajor || major == wantMajor && minor < wantMinor {
		t.Skipf("needs version %s of the CLI, which is %s", since, is.Version)
	}
}

// mustRun runs the CLI and returns its standard output.
func mustRun(t *testing.T, w *terraform.Workspace, args ...string) string {
	t.Helper()
	var out, trouble bytes.Buffer
	if err := w.Run(t.Context(), &out, &trouble, args...); err != nil {
		t.Fatalf("%v\n%s%s", err, &out, &trouble)
	}
	return out.String()
}

// outputs returns the value of each output.
func outputs(t *testing.T, w *terraform.Workspace) map[string]any {
	t.Helper()
	values := map[string]any{}
	all, _ := decoded(t, mustRun(t, w, "output", "-json")).(map[string]any)
	for name, output := range all {
		values[name] = output.(map[string]any)["value"]
	}
	return values
}

func decoded(t *testing.T, text string) any {
	t.Helper()
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return value
}
