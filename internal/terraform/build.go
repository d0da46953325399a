// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package terraform

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const module = "github.com/smartconnect/terraform-provider-smartconnect"

// Root returns the top folder of the repository, at or above the working
// directory. Modules within it have a go.mod of their own, hence the check.
func Root() (string, error) {
	wd, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := wd; ; dir = filepath.Dir(dir) {
		name, err := moduleOf(filepath.Join(dir, "go.mod"))
		switch {
		case err != nil && !errors.Is(err, os.ErrNotExist):
			return "", err
		case name == module:
			return dir, nil
		case dir == filepath.Dir(dir):
			return "", fmt.Errorf("%s is not in a clone of %s", wd, module)
		}
	}
}

func moduleOf(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if name, ok := strings.CutPrefix(lines.Text(), "module "); ok {
			return strings.TrimSpace(name), nil
		}
	}
	return "", lines.Err()
}

// Build builds the provider into dir, under the name that the CLI looks for.
func Build(ctx context.Context, dir string, flags ...string) error {
	return BuildPackage(ctx, ".", dir, flags...)
}

// BuildPackage builds another provider than that of this repository, from a package in it.
func BuildPackage(ctx context.Context, path, dir string, flags ...string) error {
	root, err := Root()
	if err != nil {
		return err
	}
	dir, err = filepath.Abs(dir)
	if err != nil {
		return err
	}
	// What is run once and removed needs no version, and so no working git.
	args := append([]string{"build", "-buildvcs=false", "-o", filepath.Join(dir, executable("terraform-provider-smartconnect"))}, flags...)
	cmd := newCommand(ctx, "go", append(args, path)...)
	cmd.Dir = root
	if err := runQuietly(ctx, cmd); err != nil {
		return fmt.Errorf("building the provider: %w", err)
	}
	return nil
}
