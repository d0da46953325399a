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

// A Workspace is a temporary folder in which the CLI runs a configuration
// against a provider that was built, and neither reads nor writes anything of
// the user's: no configuration, no variables, no credentials, no state.
type Workspace struct {
	// Dir holds the configuration and the state.
	Dir string
	// Env is what the CLI's environment has in addition.
	Env map[string]string

	cli, tmp string
}

// NewWorkspace makes a workspace for a CLI that Find has found and a folder that
// Build has built into. No `init` is needed in it, and none can be run.
func NewWorkspace(cli, providerDir string) (*Workspace, error) {
	// The provider has no host here: Terraform and OpenTofu put their own before it.
	return newWorkspace(cli, providerDir, "dev_overrides {\n    \"smartconnect/smartconnect\" = %s\n  }")
}

// NewMirrorWorkspace makes a workspace in which `init` installs providers from a
// folder that is laid out as a filesystem mirror, and from nowhere else.
func NewMirrorWorkspace(cli, mirror string) (*Workspace, error) {
	return newWorkspace(cli, mirror, "filesystem_mirror {\n    path = %s\n  }")
}

// newWorkspace puts dir into what the CLI is told of where providers are.
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

// Write writes a file into Dir, and the folders that its name asks for.
func (w *Workspace) Write(name string, content []byte) error {
	path := filepath.Join(w.Dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o600)
}

// Run runs the CLI in Dir. When ctx ends the CLI and the provider are stopped.
func (w *Workspace) Run(ctx context.Context, stdout, stderr io.Writer, args ...string) error {
	_, err := w.Measure(ctx, stdout, stderr, args...)
	return err
}

// Measure is Run that returns what the CLI took. Of processor time that is, on Unix, with the
// provider's, which the CLI has waited for.
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
