// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package terraform

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestWorkspaceRunsTheRealCommandWithNothingOfTheUsers(t *testing.T) {
	users := t.TempDir()
	written := filepath.Join(users, "written")
	rc := filepath.Join(users, "terraformrc")
	file(t, rc, "this is no configuration", 0o600)
	cli, err := Find(t.Context(), os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"TF_CLI_CONFIG_FILE":    rc,
		"TF_CLI_ARGS":           "-no-such-flag",
		"TF_CLI_ARGS_apply":     "-no-such-flag",
		"TF_DATA_DIR":           written,
		"TF_LOG":                "trace",
		"TF_LOG_PATH":           written,
		"TF_PLUGIN_CACHE_DIR":   filepath.Join(users, "missing"),
		"TF_REATTACH_PROVIDERS": "{",
		"TF_VAR_a":              "user",
		"TF_WORKSPACE":          "user",
	} {
		t.Setenv(name, value)
	}
	w := workspace(t, cli)
	w.Env = map[string]string{"TF_VAR_b": "test"}
	config := `
variable "a" { default = "none" }
variable "b" { default = "none" }
output "all" { value = "${terraform.workspace}, ${var.a}, ${var.b}" }
`
	if err := w.Write("main.tf", []byte(config)); err != nil {
		t.Fatal(err)
	}

	if out := ran(t, w, "version"); !strings.Contains(out, "v1.") {
		t.Errorf("version printed %q", out)
	}
	if out := ran(t, w, "apply", "-auto-approve"); strings.Contains(out, "\x1b") {
		t.Errorf("apply printed colours: %q", out)
	}
	if out := ran(t, w, "output", "-raw", "all"); out != "default, none, test" {
		t.Errorf("the values are %q", out)
	}
	if _, err := os.Stat(written); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s was written (error %v)", written, err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(w.tmp); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder is there after Close (error %v)", err)
	}
}

func TestEnvironmentHasNoCredentialsOfTheUsers(t *testing.T) {
	for _, name := range []string{"HW_ACCESS_KEY", "OS_PASSWORD", "SMARTCONNECT_X", "TF_VAR_x", "tf_log"} {
		t.Setenv(name, "user")
	}
	t.Setenv("CHECKPOINT_DISABLE", "")
	env := environment(map[string]string{"HW_REGION_NAME": "test", "TF_INPUT": "1"})
	for _, variable := range env {
		if strings.HasSuffix(variable, "=user") {
			t.Errorf("has %s", variable)
		}
	}
	for _, want := range []string{"HW_REGION_NAME=test", "CHECKPOINT_DISABLE=1", "PATH=" + os.Getenv("PATH")} {
		if !slices.Contains(env, want) {
			t.Errorf("has no %s", want)
		}
	}
	if slices.Index(env, "TF_INPUT=1") < slices.Index(env, "TF_INPUT=0") {
		t.Error("what is given does not come last")
	}
}

// A CLI with a child that outlives it unless it is stopped, as a provider does.
func TestRunLeavesNoProcess(t *testing.T) {
	const child = "#!/bin/sh\nsleep 600 &\necho started\n"
	tests := []struct {
		name, cli string
		cancel    bool
	}{
		{"when the command waits", child + "wait", true},
		{"when the command ignores the interrupt", child + "trap '' INT\nwhile :; do sleep 600; done", true},
		{"when the command fails", child + "exit 1", false},
	}
	defer func(d time.Duration) { patience = d }(patience)
	patience = time.Second
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			cli := filepath.Join(t.TempDir(), "terraform")
			script(t, cli, test.cli)
			w := workspace(t, cli)
			// All processes hold the writing end: it is at its end when they are.
			r, stdout, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = r.Close() }()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			done := make(chan error, 1)
			go func() {
				done <- w.Run(ctx, stdout, io.Discard, "apply")
				_ = stdout.Close()
			}()
			if _, err := io.ReadFull(r, make([]byte, len("started\n"))); err != nil {
				t.Fatal(err)
			}
			if test.cancel {
				cancel()
			}
			err = <-done
			if err == nil || errors.Is(err, context.Canceled) != test.cancel || !strings.Contains(err.Error(), "terraform apply") {
				t.Errorf("error %v, want one of apply (cancelled: %t)", err, test.cancel)
			}
			if err := r.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, r); err != nil {
				t.Errorf("a process is left: %v", err)
			}
		})
	}
}

func workspace(t *testing.T, cli string) *Workspace {
	t.Helper()
	w, err := NewWorkspace(cli, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return w
}

func ran(t *testing.T, w *Workspace, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if err := w.Run(t.Context(), &stdout, &stderr, args...); err != nil {
		t.Fatalf("%v\n%s%s", err, &stdout, &stderr)
	}
	return stdout.String()
}
