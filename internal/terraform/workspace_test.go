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

// The CLI here prints its environment.
func TestWorkspaceRun_isolated(t *testing.T) {
	for _, name := range []string{
		"HW_ACCESS_KEY", "OS_PASSWORD", "SMARTCONNECT_X", "TF_CLI_ARGS", "TF_CLI_ARGS_apply", "TF_CLI_CONFIG_FILE", "TF_DATA_DIR",
		"TF_INPUT", "TF_LOG", "TF_REATTACH_PROVIDERS", "TF_VAR_a", "TF_WORKSPACE", "tf_log",
	} {
		t.Setenv(name, "user")
	}
	cli := filepath.Join(t.TempDir(), "terraform")
	script(t, cli, "#!/bin/sh\nenv\npwd\n")
	w := workspace(t, cli)
	w.Env = map[string]string{"HW_REGION_NAME": "test", "TF_INPUT": "1"}
	if err := w.Write("inner/a", nil); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := w.Run(t.Context(), &out, &out); err != nil {
		t.Fatal(err)
	}
	got := "\n" + out.String()
	if strings.Contains(got, "=user\n") {
		t.Errorf("a variable of the user reaches the CLI:%s", got)
	}
	for _, want := range []string{"HW_REGION_NAME=test", "TF_INPUT=1", "CHECKPOINT_DISABLE=1", "PATH=" + os.Getenv("PATH"), "TF_CLI_CONFIG_FILE=" + w.cliConfig(), w.Dir} {
		if !strings.Contains(got, "\n"+want+"\n") {
			t.Errorf("no %s in:%s", want, got)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(w.tmp); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the directory exists after Close (error %v)", err)
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
