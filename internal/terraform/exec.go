// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package terraform

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// killDelay is how long an interrupted command may take to stop its child processes.
var killDelay = 15 * time.Second

// newCommand returns a command for a program that starts child processes, as the CLI starts
// providers. When ctx is done the process group is interrupted, as by Ctrl-C in a terminal,
// and killed after killDelay.
func newCommand(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	newProcessGroup(cmd)
	cmd.Cancel = func() error { return interruptGroup(cmd.Process) }
	cmd.WaitDelay = killDelay
	return cmd
}

// run leaves no child process behind.
func run(ctx context.Context, cmd *exec.Cmd) error {
	if err := cmd.Start(); err != nil {
		return err
	}
	err := cmd.Wait()
	killGroup(cmd.Process)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// runQuietly returns the command's output as part of its error.
func runQuietly(ctx context.Context, cmd *exec.Cmd) error {
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := run(ctx, cmd)
	if text := bytes.TrimSpace(out.Bytes()); err != nil && len(text) > 0 {
		return fmt.Errorf("%w\n%s", err, text)
	}
	return err
}

// foreignEnv are the prefixes of variables that configure the user's own CLI and provider.
var foreignEnv = []string{"TF_", "HW_", "OS_", "SMARTCONNECT_"}

// environment returns the environment of this process without foreignEnv and with extra.
// It keeps HOME, which version managers need; TF_CLI_CONFIG_FILE replaces the CLI configuration there.
func environment(extra map[string]string) []string {
	env := slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return slices.ContainsFunc(foreignEnv, func(prefix string) bool {
			return strings.HasPrefix(strings.ToUpper(variable), prefix)
		})
	})
	env = append(env,
		"CHECKPOINT_DISABLE=1",
		"NO_COLOR=1",
		"TF_CLI_ARGS=-no-color",
		"TF_IN_AUTOMATION=1",
		"TF_INPUT=0",
	)
	// The last of two variables of one name counts.
	for _, name := range slices.Sorted(maps.Keys(extra)) {
		env = append(env, name+"="+extra[name])
	}
	return env
}
