// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/terraform"
)

// One line a read at the level INFO, one line a request at DEBUG.
func TestAccLog(t *testing.T) {
	t.Parallel()
	read := regexp.MustCompile(`(?m)^.*\[INFO\] +provider\S*: Read Smart Connect tasks: .*$`)
	request := regexp.MustCompile(`(?m)^.*\[DEBUG\] +provider\S*: HTTP request: .*$`)
	for name, tt := range map[string]struct {
		env      map[string]string
		requests int
	}{
		"debug":                 {map[string]string{"TF_LOG_PROVIDER": "DEBUG"}, 3}, // the project, a failure, its retry
		"info of this provider": {map[string]string{"TF_LOG": "DEBUG", "TF_LOG_PROVIDER_SMARTCONNECT": "INFO"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newSimulator(t, simulator.Options{Faults: map[int]simulator.Fault{
				2: simulator.BodyFault(http.StatusServiceUnavailable, "text/plain", "busy"),
			}})
			w := workspace(t, map[string]string{"main.tf": userSource + c.provider + readTasks(c.instance)})
			file := filepath.Join(t.TempDir(), "log")
			w.Env = with(tt.env, "TF_LOG_PATH", file)
			if out, err := run(t, w, "plan"); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			log, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if n := len(request.FindAll(log, -1)); n != tt.requests {
				t.Errorf("%d lines of requests, want %d", n, tt.requests)
			}
			lines := read.FindAllString(string(log), -1)
			if len(lines) != 1 {
				t.Fatalf("lines of reads are %q, want one", lines)
			}
			for _, field := range []string{`tasks=3`, `requests=1`, `retries=1`, `instance_id=` + c.instance, `duration_ms=\d+`} {
				if !regexp.MustCompile(`\b` + field + `\b`).MatchString(lines[0]) {
					t.Errorf("%s lacks %s", lines[0], field)
				}
			}
		})
	}
}

// The provider writes no log lines unless a variable asks for them; Terraform would parse and drop them.
func TestAccLog_offUnlessRead(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("needs a shell script in place of the provider")
	}
	if err := build(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	stderr := filepath.Join(dir, "stderr")
	script := fmt.Sprintf("#!/bin/sh\nexec '%s' \"$@\" 2>>'%s'\n", filepath.Join(temporary, "terraform-provider-smartconnect"), stderr)
	if err := os.WriteFile(filepath.Join(dir, "terraform-provider-smartconnect"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Parallel() // a command that another test starts meanwhile would inherit the open script, which then cannot be run
	c := newSimulator(t, simulator.Options{})
	w, err := terraform.NewWorkspace(cli, dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	if err := w.Write("main.tf", []byte(userSource+c.provider+readTasks(c.instance))); err != nil {
		t.Fatal(err)
	}
	if out, err := run(t, w, "plan"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for line := range strings.Lines(readFile(t, stderr)) {
		if !regexp.MustCompile(`"@message":"(configuring server automatic mTLS|plugin address)"`).MatchString(line) { // those of go-plugin
			t.Errorf("the provider writes %s", line)
		}
	}
}
