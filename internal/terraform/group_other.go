// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

//go:build !unix

package terraform

import (
	"os"
	"os/exec"
	"strconv"
)

func ownGroup(*exec.Cmd) {}

// interruptGroup ends the whole tree at once: there is no signal to send first.
func interruptGroup(leader *os.Process) error {
	return exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(leader.Pid)).Run()
}

// killGroup has nothing to hold on to once the leader has gone.
func killGroup(*os.Process) {}
