// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package terraform

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Root returns the root directory of the repository, for code that runs in its main module.
func Root() (string, error) {
	wd, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := wd; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); !errors.Is(err, os.ErrNotExist) {
			return dir, err
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("no go.mod in %s or a directory above it", wd)
		}
	}
}

// Build builds the provider into dir, under the file name that the CLI expects.
func Build(ctx context.Context, dir string, flags ...string) error {
	return BuildPackage(ctx, ".", dir, flags...)
}

// BuildPackage is Build for a provider in another package of this repository.
func BuildPackage(ctx context.Context, path, dir string, flags ...string) error {
	root, err := Root()
	if err != nil {
		return err
	}
	dir, err = filepath.Abs(dir)
	if err != nil {
		return err
	}
	// Without VCS information, so that it works outside of a git clone. Stripped and without cgo like a release,
	// which links and starts faster.
	args := append([]string{"build", "-buildvcs=false", "-ldflags=-s -w", "-o", filepath.Join(dir, executable("terraform-provider-smartconnect"))}, flags...)
	cmd := newCommand(ctx, "go", append(args, path)...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if err := runQuietly(ctx, cmd); err != nil {
		return fmt.Errorf("building the provider: %w", err)
	}
	return nil
}
