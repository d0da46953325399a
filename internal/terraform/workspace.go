// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package terraform

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// A Workspace is a temporary directory in which the CLI runs a configuration. It is isolated
// from the user's CLI configuration, variables, credentials and state.
type Workspace struct {
	// Dir contains the configuration and the state.
	Dir string
	// Env is added to the environment of the CLI.
	Env map[string]string

	cli, tmp string
}

// NewWorkspace returns a workspace that overrides the provider with the one that Build wrote
// to providerDir. It needs no init.
func NewWorkspace(cli, providerDir string) (*Workspace, error) {
	// Without a host, as Terraform and OpenTofu each add their own.
	return newWorkspace(cli, providerDir, "dev_overrides {\n    \"smartconnect/smartconnect\" = %s\n  }")
}

// NewMirrorWorkspace returns a workspace in which init installs providers from a filesystem mirror only.
func NewMirrorWorkspace(cli, mirror string) (*Workspace, error) {
	return newWorkspace(cli, mirror, "filesystem_mirror {\n    path = %s\n  }")
}

func newWorkspace(cli, dir, installation string) (*Workspace, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	tmp, err := os.MkdirTemp("", "smartconnect-*")
	if err != nil {
		return nil, err
	}
	w := &Workspace{Dir: filepath.Join(tmp, "config"), cli: cli, tmp: tmp}
	path := strings.ReplaceAll(strconv.Quote(filepath.ToSlash(dir)), "${", "$${")
	config := fmt.Sprintf("provider_installation {\n  "+installation+"\n}\n", path)
	err = os.Mkdir(w.Dir, 0o755)
	if err == nil {
		err = os.WriteFile(w.cliConfig(), []byte(config), 0o600)
	}
	if err != nil {
		_ = w.Close()
		return nil, err
	}
	return w, nil
}

func (w *Workspace) cliConfig() string { return filepath.Join(w.tmp, "cli.tfrc") }

// Close removes the workspace.
func (w *Workspace) Close() error { return os.RemoveAll(w.tmp) }

// Write writes a file below Dir.
func (w *Workspace) Write(name string, content []byte) error {
	path := filepath.Join(w.Dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o600)
}

// Run runs the CLI in Dir. When ctx is done it stops the CLI and its providers.
func (w *Workspace) Run(ctx context.Context, stdout, stderr io.Writer, args ...string) error {
	_, err := w.Measure(ctx, stdout, stderr, args...)
	return err
}

// Measure is like Run and returns the resource usage of the CLI. On Unix, processor times
// include those of the providers, for which the CLI waits.
func (w *Workspace) Measure(ctx context.Context, stdout, stderr io.Writer, args ...string) (*os.ProcessState, error) {
	extra := map[string]string{"TF_CLI_CONFIG_FILE": w.cliConfig()}
	maps.Copy(extra, w.Env)
	cmd := newCommand(ctx, w.cli, args...)
	cmd.Dir = w.Dir
	cmd.Env = environment(extra)
	cmd.Stdout, cmd.Stderr = stdout, stderr
	if err := run(ctx, cmd); err != nil {
		return nil, fmt.Errorf("%s %s: %w", filepath.Base(w.cli), strings.Join(args, " "), err)
	}
	return cmd.ProcessState, nil
}
