// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package terraform

import (
	"context"
	"os/exec"
	"time"
)

// patience is how long an interrupted command may take to stop what it started.
var patience = 15 * time.Second

// newCommand is for commands that start processes of their own, as the CLI does
// with each provider: when ctx ends they are interrupted together, as a terminal
// would on Ctrl-C, and whoever is still there after some patience is killed.
func newCommand(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	newProcessGroup(cmd)
	cmd.Cancel = func() error { return interruptGroup(cmd.Process) }
	cmd.WaitDelay = patience
	return cmd
}

// run leaves no process behind, however the command ends.
func run(ctx context.Context, cmd *exec.Cmd) error {
	if err := cmd.Start(); err != nil {
		return err
	}
	err := cmd.Wait()
	killGroup(cmd.Process)
	// An interrupted command says how it ended, which is not why.
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}
