// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

//go:build linux

// Command cli measures what a plan costs, with the provider and with the floor, and writes the figures
// as a Markdown table, and as CSV to be plotted.
//
// The simulator is a process of its own: this command again, run with "serve". To get at the peak
// memory of a provider that Terraform has started, this command runs in its place and starts it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if wrapped := os.Getenv(wrappedVariable); wrapped != "" {
		return wrap(ctx, wrapped)
	}
	if len(args) > 0 && args[0] == "serve" {
		return serve(ctx, args[1:])
	}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	lasting := flags.Duration("time", 4*time.Minute, "how long to measure plans")
	table := flags.String("table", "", "`file` for the table")
	points := flags.String("csv", "", "`file` for what is plotted")
	if err := flags.Parse(args); err != nil {
		return err
	}
	r, err := measure(ctx, *lasting)
	if err != nil {
		return err
	}
	fmt.Print(r.table())
	return errors.Join(write(*table, r.table()), write(*points, r.csv()))
}

func write(file, content string) error {
	if file == "" {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, []byte(content), 0o644) //nolint:gosec // a page of the repository
}
