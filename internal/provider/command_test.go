// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

func TestAccCommand_version(t *testing.T) {
	t.Parallel()
	if err := build(); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), filepath.Join(temporary, "terraform-provider-smartconnect"), "-version").CombinedOutput()
	if err != nil || string(out) != "dev\n" {
		t.Errorf("-version prints %q (%v), want the version", out, err)
	}
}

// A provider started with -debug serves Terraform, and logs.
func TestAccCommand_debug(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("a process cannot be sent an interrupt")
	}
	c := newSimulator(t, simulator.Options{})
	source := strings.Replace(userSource, `"smartconnect/smartconnect"`, strconv.Quote(Address), 1) // OpenTofu has a default host of its own
	w := workspace(t, map[string]string{"main.tf": source + c.provider + readTasks(c.instance)})
	cmd := exec.CommandContext(t.Context(), filepath.Join(temporary, "terraform-provider-smartconnect"), "-debug")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stdout)
	for w.Env == nil && lines.Scan() {
		if value, ok := strings.CutPrefix(strings.TrimSpace(lines.Text()), "TF_REATTACH_PROVIDERS="); ok {
			w.Env = map[string]string{"TF_REATTACH_PROVIDERS": strings.Trim(value, "'")}
		}
	}
	out, planErr := run(t, w, "plan")
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); planErr != nil || err != nil || w.Env == nil {
		t.Fatalf("%v, %v\n%s", planErr, err, out)
	}
	if !strings.Contains(stderr.String(), "Read Smart Connect tasks") {
		t.Errorf("the log lacks the read:\n%.2000s", stderr.String())
	}
}
