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
	works  = "#!/bin/sh\nexit 0\n"
	broken = "#!/bin/sh\necho no version is set\nexit 1\n"

	cached = "repo/.cache/terraform/1.5.7/terraform"
)

func TestFind(t *testing.T) {
	for name, test := range map[string]struct {
		variable string            // TF_ACC_TERRAFORM_PATH; BASE is the test's directory
		scripts  map[string]string // by path below BASE; BASE/bin is the PATH
		want     string            // path below BASE
		wantErr  string
		wantLog  string
		installs bool
	}{
		"variable with a path": {
			variable: "BASE/other/my-terraform",
			scripts:  map[string]string{"other/my-terraform": works, "bin/terraform": works},
			want:     "other/my-terraform",
		},
		"variable with a name": {
			variable: "tofu", scripts: map[string]string{"bin/terraform": works, "bin/tofu": works}, want: "bin/tofu",
		},
		"variable with a missing file": {
			variable: "BASE/other/terraform",
			scripts:  map[string]string{"bin/terraform": works},
			wantErr:  "TF_ACC_TERRAFORM_PATH is \"BASE/other/terraform\", which cannot be run",
		},
		"variable with a broken command": {
			variable: "BASE/other/terraform",
			scripts:  map[string]string{"other/terraform": broken, "bin/terraform": works},
			wantErr:  "no version is set",
		},
		"both on the PATH":        {scripts: map[string]string{"bin/terraform": works, "bin/tofu": works}, want: "bin/terraform"},
		"OpenTofu on the PATH":    {scripts: map[string]string{"bin/tofu": works, cached: works}, want: "bin/tofu"},
		"broken wrapper":          {scripts: map[string]string{"bin/terraform": broken, "bin/tofu": works}, want: "bin/tofu", wantLog: "Ignoring terraform, which cannot be run"},
		"installed before":        {scripts: map[string]string{cached: works}, want: cached},
		"none":                    {want: cached, wantLog: "installing Terraform 1.5.7 into BASE/repo/.cache/terraform/1.5.7", installs: true},
		"broken installed before": {scripts: map[string]string{cached: broken}, want: cached, wantLog: "installing", installs: true},
	} {
		t.Run(name, func(t *testing.T) {
			base := sandbox(t)
			for path, content := range test.scripts {
				script(t, filepath.Join(base, path), content)
			}
			t.Setenv(pathVariable, strings.ReplaceAll(test.variable, "BASE", base))
			var log strings.Builder
			installed := false
			got, err := find(t.Context(), &log, func(_ context.Context, dir string) error {
				installed = true
				script(t, filepath.Join(dir, "terraform"), works)
				return nil
			})
			if test.want != "" && (err != nil || got != filepath.Join(base, test.want)) {
				t.Errorf("found %q (error %v), want %s", got, err, test.want)
			}
			if want := strings.ReplaceAll(test.wantErr, "BASE", base); want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
				t.Errorf("error %v, want %q", err, want)
			}
			if want := strings.ReplaceAll(test.wantLog, "BASE", base); !strings.Contains(log.String(), want) || (want == "") != (log.Len() == 0) {
				t.Errorf("log %q, want %q", log.String(), want)
			}
			if installed != test.installs {
				t.Errorf("installed: %t, want %t", installed, test.installs)
			}
		})
	}
}

func TestFind_installsConcurrently(t *testing.T) {
	base := sandbox(t)
	const callers = 4
	var all, installing, installed sync.WaitGroup
	installing.Add(callers)
	installed.Add(callers)
	for range callers {
		all.Go(func() {
			_, err := find(t.Context(), new(strings.Builder), func(_ context.Context, dir string) error {
				installing.Done()
				installing.Wait()
				defer installed.Wait() // a command started meanwhile would inherit the open file, which then cannot be run
				defer installed.Done()
				return os.WriteFile(filepath.Join(dir, "terraform"), []byte(works), 0o700)
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	checkEntries(t, filepath.Join(base, filepath.Dir(cached)), 1)
}

func TestFind_installationFails(t *testing.T) {
	base := sandbox(t)
	_, err := find(t.Context(), new(strings.Builder), func(context.Context, string) error { return errors.New("no network") })
	if err == nil || !strings.Contains(err.Error(), pathVariable) || !strings.Contains(err.Error(), "no network") {
		t.Errorf("error %v, want one with the reason and the alternative", err)
	}
	checkEntries(t, filepath.Join(base, filepath.Dir(cached)), 0)
}

// sandbox returns a directory with a repository, which becomes the working directory, and sets an empty PATH.
func sandbox(t *testing.T) string {
	t.Helper()
	base, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	file(t, filepath.Join(base, "repo", "go.mod"), "module x\n", 0o600)
	t.Chdir(filepath.Join(base, "repo"))
	t.Setenv("PATH", filepath.Join(base, "bin"))
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

func checkEntries(t *testing.T, dir string, want int) {
	t.Helper()
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != want {
		t.Errorf("%s contains %v (error %v), want %d entries", dir, entries, err, want)
	}
}
