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
	"strings"
	"testing"
	"time"
)

// The user's CLI configuration, variables and credentials do not reach the CLI.
func TestAccWorkspace_isolated(t *testing.T) {
	user := t.TempDir()
	file(t, filepath.Join(user, "terraformrc"), "invalid", 0o600)
	cli, err := Find(t.Context(), os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"TF_CLI_CONFIG_FILE":    filepath.Join(user, "terraformrc"),
		"TF_CLI_ARGS":           "-no-such-flag",
		"TF_CLI_ARGS_apply":     "-no-such-flag",
		"TF_DATA_DIR":           filepath.Join(user, "written"),
		"TF_LOG":                "trace",
		"TF_LOG_PATH":           filepath.Join(user, "written"),
		"TF_REATTACH_PROVIDERS": "{",
		"TF_VAR_a":              "user",
		"TF_WORKSPACE":          "user",
	} {
		t.Setenv(name, value)
	}
	w := workspace(t, cli)
	w.Env = map[string]string{"TF_VAR_b": "test"}
	if err := w.Write("main.tf", []byte(`
variable "a" { default = "none" }
variable "b" { default = "none" }
output "all" { value = "${terraform.workspace}, ${var.a}, ${var.b}" }
`)); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := w.Run(t.Context(), &out, &out, "apply", "-auto-approve"); err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	if got := out.String(); !strings.Contains(got, `all = "default, none, test"`) || strings.Contains(got, "\x1b") {
		t.Errorf("apply printed %q", got)
	}
	checkEntries(t, user, 1)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(w.tmp); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the directory exists after Close (error %v)", err)
	}
}

func TestEnvironment(t *testing.T) {
	for _, name := range []string{"HW_ACCESS_KEY", "OS_PASSWORD", "SMARTCONNECT_X", "TF_VAR_x", "tf_log"} {
		t.Setenv(name, "user")
	}
	env := "\n" + strings.Join(environment(map[string]string{"HW_REGION_NAME": "test", "TF_INPUT": "1"}), "\n") + "\n"
	if strings.Contains(env, "=user\n") {
		t.Errorf("contains a variable of the user:%s", env)
	}
	for _, want := range []string{"HW_REGION_NAME=test", "CHECKPOINT_DISABLE=1", "PATH=" + os.Getenv("PATH")} {
		if !strings.Contains(env, "\n"+want+"\n") {
			t.Errorf("does not contain %s", want)
		}
	}
	if strings.LastIndex(env, "\nTF_INPUT=1\n") < strings.LastIndex(env, "\nTF_INPUT=0\n") {
		t.Error("extra does not take precedence")
	}
}

// The CLI here has a child process that outlives it unless it is stopped, like a provider.
func TestWorkspaceRun_leavesNoProcess(t *testing.T) {
	const child = "#!/bin/sh\nsleep 600 &\necho started\n"
	defer func(d time.Duration) { killDelay = d }(killDelay)
	killDelay = time.Second
	for name, test := range map[string]struct {
		cli    string
		cancel bool
	}{
		"interrupted":                 {child + "wait", true},
		"interrupted, but ignores it": {child + "trap '' INT\nwhile :; do sleep 600; done", true},
		"fails":                       {child + "exit 1", false},
	} {
		t.Run(name, func(t *testing.T) {
			cli := filepath.Join(t.TempDir(), "terraform")
			script(t, cli, test.cli)
			w := workspace(t, cli)
			// Every process holds the write end, so EOF means that all have exited.
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
				t.Errorf("error %v, want one of apply (canceled: %t)", err, test.cancel)
			}
			if err := r.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, r); err != nil {
				t.Errorf("a process is still running: %v", err)
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
