// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

//go:build linux

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// What the environment tells a provider that is this command: which one to start, and where to note
// what that took.
const (
	wrappedVariable = "BENCH_WRAPPED"
	peaksVariable   = "BENCH_PEAKS"
)

// wrap runs a provider in place of which Terraform has started this command, and adds its peak memory
// in bytes to a file. A process that is started counts from what its parent held: this one is small.
func wrap(ctx context.Context, provider string) error {
	signal.Ignore(os.Interrupt) // Terraform's way to end a provider is another
	cmd := exec.CommandContext(context.WithoutCancel(ctx), provider)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	err := cmd.Run()
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return errors.Join(err, errors.New("the system does not say what the provider took"))
	}
	file, openErr := os.OpenFile(os.Getenv(peaksVariable), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if openErr != nil {
		return errors.Join(err, openErr)
	}
	_, writeErr := fmt.Fprintln(file, usage.Maxrss<<10)
	return errors.Join(err, writeErr, file.Close())
}

// wrapper makes a folder with this command in place of a provider.
func wrapper(dir string) error {
	self, err := os.Executable()
	if err == nil {
		err = os.Mkdir(dir, 0o755)
	}
	if err == nil {
		err = os.Symlink(self, filepath.Join(dir, executable))
	}
	return err
}

// highest returns the highest peak that was noted in a file, and removes it.
func highest(file string) (int64, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	var most int64
	for line := range strings.FieldsSeq(string(content)) {
		peak, err := strconv.ParseInt(line, 10, 64)
		if err != nil {
			return 0, err
		}
		most = max(most, peak)
	}
	return most, os.Remove(file)
}

// handshake is the time from the start of a provider to the line by which it says that it is ready.
func handshake(ctx context.Context, provider string) (time.Duration, error) {
	cmd := exec.CommandContext(ctx, provider)
	cmd.Env = append(os.Environ(), "PLUGIN_PROTOCOL_VERSIONS=6",
		// What every provider of Terraform asks for before it serves.
		"TF_PLUGIN_MAGIC_COOKIE=d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	took := time.Since(start)
	_ = cmd.Process.Kill()
	_ = cmd.Wait() // says that it was killed
	if err != nil || !strings.HasPrefix(line, "1|6|unix|") {
		return 0, fmt.Errorf("%s answered %q: %w", provider, line, err)
	}
	return took, nil
}
