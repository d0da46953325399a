// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package terraform

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

const (
	runs    = "#!/bin/sh\nexit 0\n"
	runsNot = "#!/bin/sh\necho no version is chosen\nexit 1\n"
)

func TestFindTakesTheFirstThatRuns(t *testing.T) {
	tests := []struct {
		name     string
		variable string            // TF_ACC_TERRAFORM_PATH, BASE is the test's folder
		scripts  map[string]string // by path below BASE; BASE/path is the PATH
		want     string            // below BASE
		wantErr  []string          // what its text has
		wantLog  []string
		installs bool
	}{
		{
			name:     "the variable holds a path",
			variable: "BASE/elsewhere/my-terraform",
			scripts:  map[string]string{"elsewhere/my-terraform": runs, "path/terraform": runs},
			want:     "elsewhere/my-terraform",
		},
		{
			name:     "the variable holds a name",
			variable: "tofu",
			scripts:  map[string]string{"path/terraform": runs, "path/tofu": runs},
			want:     "path/tofu",
		},
		{
			name:     "the variable names nothing",
			variable: "BASE/elsewhere/terraform",
			scripts:  map[string]string{"path/terraform": runs},
			wantErr:  []string{"TF_ACC_TERRAFORM_PATH", "BASE/elsewhere/terraform", "no such file"},
		},
		{
			name:     "the variable names what fails",
			variable: "BASE/elsewhere/terraform",
			scripts:  map[string]string{"elsewhere/terraform": runsNot, "path/terraform": runs},
			wantErr:  []string{"TF_ACC_TERRAFORM_PATH", "BASE/elsewhere/terraform", "no version is chosen"},
		},
		{
			name:    "both are on the PATH",
			scripts: map[string]string{"path/terraform": runs, "path/tofu": runs},
			want:    "path/terraform",
		},
		{
			name:    "OpenTofu alone is on the PATH",
			scripts: map[string]string{"path/tofu": runs, "repo/.cache/terraform/1.5.7/terraform": runs},
			want:    "path/tofu",
		},
		{
			name:    "what is on the PATH fails",
			scripts: map[string]string{"path/terraform": runsNot, "path/tofu": runs},
			want:    "path/tofu",
			wantLog: []string{"Passing over terraform", "no version is chosen"},
		},
		{
			name:    "one was installed before",
			scripts: map[string]string{"repo/.cache/terraform/1.5.7/terraform": runs},
			want:    "repo/.cache/terraform/1.5.7/terraform",
		},
		{
			name:     "there is none",
			want:     "repo/.cache/terraform/1.5.7/terraform",
			wantLog:  []string{"installing Terraform 1.5.7 into BASE/repo/.cache/terraform/1.5.7 (this takes some minutes, once)\n"},
			installs: true,
		},
		{
			name:     "what was installed is for another machine",
			scripts:  map[string]string{"repo/.cache/terraform/1.5.7/terraform": runsNot},
			want:     "repo/.cache/terraform/1.5.7/terraform",
			wantLog:  []string{"installing"},
			installs: true,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			base := sandbox(t)
			for path, content := range test.scripts {
				script(t, filepath.Join(base, path), content)
			}
			inBase := func(s string) string { return strings.ReplaceAll(s, "BASE", base) }
			t.Setenv(pathVariable, inBase(test.variable))

			var log strings.Builder
			installed := false
			got, err := find(t.Context(), &log, func(_ context.Context, dir string) error {
				installed = true
				script(t, filepath.Join(dir, "terraform"), runs)
				return nil
			})

			if want := test.want; want != "" && got != filepath.Join(base, want) {
				t.Errorf("found %q (error %v), want %s", got, err, want)
			}
			if (err != nil) != (test.wantErr != nil) {
				t.Errorf("error %v, want %q", err, test.wantErr)
			}
			for _, want := range test.wantErr {
				if err != nil && !strings.Contains(err.Error(), inBase(want)) {
					t.Errorf("error %q does not say %q", err, inBase(want))
				}
			}
			for _, want := range test.wantLog {
				if !strings.Contains(log.String(), inBase(want)) {
					t.Errorf("log %q does not say %q", log.String(), inBase(want))
				}
			}
			if test.wantLog == nil && log.Len() > 0 {
				t.Errorf("log %q, want none", log.String())
			}
			if installed != test.installs {
				t.Errorf("installed: %t, want %t", installed, test.installs)
			}
		})
	}
}

func TestFindInstallsSideBySide(t *testing.T) {
	base := sandbox(t)
	script(t, filepath.Join(base, "build"), runs)
	const callers = 4
	var all, installing sync.WaitGroup
	installing.Add(callers)
	for range callers {
		all.Go(func() {
			var log strings.Builder
			_, err := find(t.Context(), &log, func(_ context.Context, dir string) error {
				installing.Done()
				installing.Wait()
				return os.Link(filepath.Join(base, "build"), filepath.Join(dir, "terraform"))
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	entries, err := os.ReadDir(filepath.Join(base, "repo/.cache/terraform/1.5.7"))
	if err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v (error %v), want one file", entries, err)
	}
}

func TestFindTellsWhatElseToDoWhenTheInstallationFails(t *testing.T) {
	base := sandbox(t)
	_, err := find(t.Context(), &strings.Builder{}, func(context.Context, string) error { return errors.New("no network") })
	for _, want := range []string{"Terraform 1.5.7", "no network", pathVariable} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not say %q", err, want)
		}
	}
	if entries, err := os.ReadDir(filepath.Join(base, "repo/.cache/terraform/1.5.7")); len(entries) > 0 {
		t.Errorf("left behind: %v (error %v)", entries, err)
	}
}

func TestFindEndsWithItsContext(t *testing.T) {
	sandbox(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := find(ctx, &strings.Builder{}, func(context.Context, string) error {
		t.Error("installs")
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
}

func TestRootIsAboveModulesWithinIt(t *testing.T) {
	base := sandbox(t)
	inner := filepath.Join(base, "repo", "internal", "tools")
	file(t, filepath.Join(inner, "go.mod"), "module "+module+"/internal/tools\n", 0o600)
	t.Chdir(inner)
	if root, err := Root(); err != nil || root != filepath.Join(base, "repo") {
		t.Errorf("root %q (error %v), want repo", root, err)
	}
	t.Chdir(t.TempDir())
	if root, err := Root(); err == nil {
		t.Errorf("root %q of a folder outside, want an error", root)
	}
}

// sandbox is a machine with an empty PATH and a clone, which it makes the
// working directory. Links are resolved, as they are in a working directory.
func sandbox(t *testing.T) string {
	t.Helper()
	base, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	file(t, filepath.Join(base, "repo", "go.mod"), "// The provider.\nmodule "+module+"\n", 0o600)
	t.Chdir(filepath.Join(base, "repo"))
	t.Setenv("PATH", filepath.Join(base, "path"))
	t.Setenv(pathVariable, "")
	return base
}

func script(t *testing.T, path, content string) {
	t.Helper()
	file(t, path, content, 0o700)
}

func file(t *testing.T, path, content string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
}
