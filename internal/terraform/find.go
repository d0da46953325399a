// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

// Package terraform finds the Terraform or OpenTofu CLI and runs it with the provider built
// from this repository, for the demo, the docs, the benchmarks and the tests.
//
// terraform-exec is no alternative: it rejects TF_VAR_ and TF_LOG variables, sets a user agent
// of its own, offers typed commands only, and interrupts the CLI but not the providers that it started.
package terraform

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

const (
	// pathVariable is also what terraform-plugin-testing reads.
	pathVariable = "TF_ACC_TERRAFORM_PATH"
	// installVersion is the last version of Terraform under the Mozilla Public License.
	installVersion = "1.5.7"
)

// Find returns the absolute path of the CLI: TF_ACC_TERRAFORM_PATH, or else terraform or tofu
// on the PATH. If there is none it builds Terraform into .cache, and writes so to log first.
func Find(ctx context.Context, log io.Writer) (string, error) {
	return find(ctx, log, goInstall)
}

// find calls install to create the command in a directory.
func find(ctx context.Context, log io.Writer, install func(ctx context.Context, dir string) error) (string, error) {
	if name := os.Getenv(pathVariable); name != "" {
		path, err := runnable(ctx, name)
		if err != nil {
			return "", fmt.Errorf("%s is %q, which cannot be run: %w", pathVariable, name, err)
		}
		return path, nil
	}
	for _, name := range []string{"terraform", "tofu"} {
		path, err := runnable(ctx, name)
		if err == nil {
			return path, nil
		}
		// The wrapper of a version manager fails until a version is installed.
		if !errors.Is(err, exec.ErrNotFound) {
			_, _ = fmt.Fprintf(log, "Ignoring %s, which cannot be run: %v\n", name, err)
		}
	}
	root, err := Root()
	if err != nil {
		return "", err
	}
	cached := filepath.Join(root, ".cache", "terraform", installVersion, executable("terraform"))
	if path, err := runnable(ctx, cached); err == nil {
		return path, nil
	}
	if err := ctx.Err(); err != nil {
		return "", err
	}
	_, _ = fmt.Fprintf(log, "No terraform or tofu on the PATH: installing Terraform %s into %s (takes a few minutes, once)\n",
		installVersion, filepath.Dir(cached))
	if err := installAs(ctx, cached, install); err != nil {
		return "", fmt.Errorf("installing Terraform %s (alternatively, add terraform or tofu to the PATH or set %s): %w",
			installVersion, pathVariable, err)
	}
	return runnable(ctx, cached)
}

// installAs renames the installed command into place, since test packages run concurrently
// and may all be installing.
func installAs(ctx context.Context, path string, install func(ctx context.Context, dir string) error) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(filepath.Dir(path), "install-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	if err := install(ctx, tmp); err != nil {
		return err
	}
	return os.Rename(filepath.Join(tmp, filepath.Base(path)), path)
}

func goInstall(ctx context.Context, dir string) error {
	// -mod overrides GOFLAGS, as go install rejects other values.
	cmd := newCommand(ctx, "go", "install", "-mod=readonly", "github.com/hashicorp/terraform@v"+installVersion)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOBIN="+dir)
	return runQuietly(ctx, cmd)
}

// runnable returns the absolute path of a CLI if its version command succeeds.
func runnable(ctx context.Context, name string) (string, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return "", err
	}
	if path, err = filepath.Abs(path); err != nil {
		return "", err
	}
	cmd := newCommand(ctx, path, "version")
	cmd.Dir = os.TempDir()
	cmd.Env = environment(map[string]string{"TF_CLI_CONFIG_FILE": os.DevNull})
	if err := runQuietly(ctx, cmd); err != nil {
		return "", err
	}
	return path, nil
}

func executable(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}
