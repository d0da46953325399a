// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

// Command links checks the links and anchors of all Markdown files in the repository, as GitHub
// and registries resolve them, without network access. Other URLs must be well-formed only.
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: links DIR")
		os.Exit(2)
	}
	broken, err := checkRepository(context.Background(), os.Args[1])
	for _, b := range broken {
		fmt.Fprintln(os.Stderr, b)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	if err != nil || len(broken) > 0 {
		os.Exit(1)
	}
}

// checkRepository checks the files that git does not ignore: others exist on this machine only.
func checkRepository(ctx context.Context, dir string) ([]string, error) {
	cmd := exec.CommandContext(ctx, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	cmd.Dir = dir
	cmd.Stderr = os.Stderr
	names, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("git ls-files: %w", err)
	}
	return check(os.DirFS(dir), strings.Split(strings.TrimSuffix(string(names), "\x00"), "\x00"))
}
