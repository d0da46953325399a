// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package release

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The version comes from a tag, which anybody can name like a shell command.
func TestMakeBuild_version(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, tag, env, want string }{
		{name: "no tag", want: "dev"},
		{name: "tag", tag: "v1.2.3", want: "1.2.3"},
		{name: "tag of a pre-release", tag: "v1.2.3-rc.1", want: "1.2.3-rc.1"},
		{name: "other tag", tag: "nightly", want: "dev"},
		{name: "environment", tag: "v1.2.3", env: "v2.0.0", want: "2.0.0"},
		{name: "no semantic version", tag: "v9"},
		{name: "command in the tag", tag: "v9';touch x;'"},
		{name: "command substitution in the tag", tag: "v9$(touch x)"},
		{name: "make function in the tag", tag: "v1.2.3-$(shell touch x)"},
		{name: "command in the environment", env: "v9';touch x;'"},
		{name: "linker flag in the environment", env: "1.2.3 -extld=./x"},
		{name: "second line in the environment", env: "1.2.3\ntouch x"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			// The quote in the path must not end a string of a recipe either.
			dir := filepath.Join(t.TempDir(), "a';touch x;'")
			if err := os.CopyFS(filepath.Join(dir, ".ci"), os.DirFS(filepath.Join(root(t), ".ci"))); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "GNUmakefile"), read(t, filepath.Join(root(t), "GNUmakefile")), 0o600); err != nil {
				t.Fatal(err)
			}
			git := func(args ...string) string {
				t.Helper()
				cmd := exec.CommandContext(t.Context(), "git", append([]string{"-C", dir, "-c", "user.name=a", "-c", "user.email=a@example.com"}, args...)...)
				out, err := cmd.CombinedOutput()
				if err != nil {
					t.Fatalf("%v\n%s", err, out)
				}
				return string(out)
			}
			git("init", "-q")
			git("add", "--all")
			git("commit", "-q", "-m", "a")
			switch {
			case strings.Contains(test.tag, " "):
				// git describe prints the name in the tag object, which can have spaces, unlike that of a ref.
				git("tag", "-a", "-m", "a", "v0.0.1")
				object := strings.Replace(git("cat-file", "tag", "v0.0.1"), "tag v0.0.1\n", "tag "+test.tag+"\n", 1)
				file := filepath.Join(t.TempDir(), "tag")
				if err := os.WriteFile(file, []byte(object), 0o600); err != nil {
					t.Fatal(err)
				}
				git("update-ref", "refs/tags/v0.0.1", strings.TrimSpace(git("hash-object", "-t", "tag", "-w", "--literally", file)))
			case test.tag != "":
				git("tag", "-a", "-m", "a", test.tag)
			}
			cmd := exec.CommandContext(t.Context(), "make", "build", "GO=echo")
			cmd.Dir = dir
			if test.env != "" {
				cmd.Env = append(os.Environ(), "VERSION="+test.env)
			}
			out, err := cmd.CombinedOutput()
			if (err == nil) != (test.want != "") || test.want != "" && !strings.Contains(string(out), "-X main.version="+test.want+" -o bin/ .\n") {
				t.Errorf("error %v, want version %q; output:\n%s", err, test.want, out)
			}
			if _, err := os.Stat(filepath.Join(dir, "x")); err == nil {
				t.Error("it ran the command")
			}
		})
	}
}
