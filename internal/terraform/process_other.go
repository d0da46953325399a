// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

//go:build !unix

package terraform

import (
	"os"
	"os/exec"
	"strconv"
)

func newProcessGroup(*exec.Cmd) {}

// interruptGroup kills the process tree: Windows has no interrupt signal to send.
func interruptGroup(leader *os.Process) error {
	return exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(leader.Pid)).Run()
}

// killGroup does nothing: the tree is unknown once its root has exited.
func killGroup(*os.Process) {}
