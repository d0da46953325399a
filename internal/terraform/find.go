// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

// Package terraform finds the Terraform or OpenTofu command and runs it against
// the provider built from this repository. The demo, the generated
// documentation and the tests use it.
package terraform

import (
	"bytes"
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
	// pathVariable is the name that terraform-plugin-testing gave it.
	pathVariable = "TF_ACC_TERRAFORM_PATH"
	// installVersion is the last Terraform under the Mozilla Public License.
	installVersion = "1.5.7"
)

// Find returns the absolute path of the command: what TF_ACC_TERRAFORM_PATH
// names, else terraform, else tofu on the PATH. Where there is none it installs
// Terraform into the repository's .cache folder, and tells log before it starts.
func Find(ctx context.Context, log io.Writer) (string, error) {
	return find(ctx, log, goInstall)
}

// find has install leave a command in a folder. It takes minutes: tests have a quicker one.
func find(ctx context.Context, log io.Writer, install func(ctx context.Context, dir string) error) (string, error) {
	if name := os.Getenv(pathVariable); name != "" {
		path, err := runnable(ctx, name)
		if err != nil {
			return "", fmt.Errorf("%s is %q, which does not run: %w", pathVariable, name, err)
		}
		return path, nil
	}
	for _, name := range []string{"terraform", "tofu"} {
		path, err := runnable(ctx, name)
		if err == nil {
			return path, nil
		}
		// A version manager's wrapper is there before any version of it is.
		if !errors.Is(err, exec.ErrNotFound) {
			_, _ = fmt.Fprintf(log, "Passing over %s, which does not run: %v\n", name, err)
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
	_, _ = fmt.Fprintf(log, "No terraform or tofu on the PATH: installing Terraform %s into %s (this takes some minutes, once)\n",
		installVersion, filepath.Dir(cached))
	if err := installAs(ctx, cached, install); err != nil {
		return "", fmt.Errorf("installing Terraform %s (any terraform or tofu on the PATH, or named by %s, is used instead): %w",
			installVersion, pathVariable, err)
	}
	return runnable(ctx, cached)
}

// installAs installs into a folder of its own and moves the result in one
// step: test packages run side by side and may all be installing.
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
	// -mod for a user who has another one in GOFLAGS, which go install refuses.
	cmd := newCommand(ctx, "go", "install", "-mod=readonly", "github.com/hashicorp/terraform@v"+installVersion)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOBIN="+dir)
	return runQuietly(ctx, cmd)
}

// runnable returns the absolute path of a command that answers `version`.
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

// runQuietly puts what the command printed into its error.
func runQuietly(ctx context.Context, cmd *exec.Cmd) error {
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := run(ctx, cmd)
	if text := bytes.TrimSpace(out.Bytes()); err != nil && len(text) > 0 {
		return fmt.Errorf("%w\n%s", err, text)
	}
	return err
}

func executable(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}
