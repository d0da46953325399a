// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The configuration that is generated changes nothing, as the one resource for all does not.
func adoptExistingTasks(t *testing.T, g *guideRun) {
	t.Helper()
	blocks := mustRun(t, g.Workspace, "output", "-raw", "blocks")
	goldenFile(t, filepath.Join(g.folder, "generated", "imports.tf"), blocks)
	if err := g.Write("generated/imports.tf", []byte(blocks)); err != nil {
		t.Fatal(err)
	}
	summary := filepath.Join(g.folder, "plan.txt")
	goldenFile(t, summary, fromSummary(t, g.plan))
	goldenFile(t, summary, fromSummary(t, mustRun(t, g.Workspace, "-chdir=generated", "plan", "-generate-config-out=tasks.tf")))
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

// fromSummary returns the line that says how much a plan changes.
func fromSummary(t *testing.T, out string) string {
	t.Helper()
	_, line, ok := strings.Cut(out, "\nPlan: ")
	if !ok {
		t.Fatalf("nothing is planned:\n%s", out)
	}
	line, _, _ = strings.Cut(line, "\n")
	return "Plan: " + line + "\n"
}
