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

// The tests of the guide pass as they are, but for the address of the simulator.
func testWithoutAnAccount(t *testing.T, g *guideRun) {
	t.Helper()
	const address = "http://127.0.0.1:8080"
	if err := os.Remove(filepath.Join(g.Dir, callerFile)); err != nil {
		t.Fatal(err)
	}
	file := "tests/simulator.tftest.hcl"
	content := readFile(t, filepath.Join(g.folder, file))
	if strings.Count(content, address) != 2 {
		t.Fatalf("%s does not name %s twice", file, address)
	}
	if err := g.Write(file, []byte(strings.ReplaceAll(content, address, g.cloud.url))); err != nil {
		t.Fatal(err)
	}
	delete(g.Env, "HW_ACCESS_KEY")
	delete(g.Env, "HW_SECRET_KEY")
	before := len(g.cloud.Requests())
	out := mustRun(t, g.Workspace, "test")
	mocks := "tests/mocks.tftest.hcl... pass"
	if strings.Contains(out, ".tofutest.hcl") {
		mocks = "tests/mocks.tofutest.hcl... pass"
	}
	for _, want := range []string{mocks, file + "... pass", " 0 failed."} {
		if !strings.Contains(out, want) {
			t.Errorf("the CLI did not print %q:\n%s", want, out)
		}
	}
	if len(g.cloud.Requests()) == before {
		t.Error("the simulator was not asked")
	}
}

// tasksOf returns the tasks in a file.
func tasksOf(t *testing.T, path string) []json.RawMessage {
	t.Helper()
	instance, err := simulator.ReadInstance(strings.NewReader(readFile(t, path)))
	if err != nil {
		t.Fatal(err)
	}
	return instance.Tasks
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
