// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

// Command demo plans and applies examples/demo with the Terraform or OpenTofu CLI and the
// provider built from this repository, against a simulated cloud.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/terraform"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := run(ctx, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) (err error) {
	cli, err := terraform.Find(ctx, out)
	if err != nil {
		return err
	}
	bin, err := os.MkdirTemp("", "smartconnect-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(bin)) }()
	fmt.Fprintln(out, "Building the provider ...")
	if err := terraform.Build(ctx, bin); err != nil {
		return err
	}
	return demo(ctx, out, cli, bin, simulator.New(simulator.Options{}))
}

// demo writes the standard error of the CLI to out as well, to keep the order of messages.
func demo(ctx context.Context, out io.Writer, cli, bin string, cloud http.Handler) (err error) {
	root, err := terraform.Root()
	if err != nil {
		return err
	}
	config, err := os.ReadFile(filepath.Join(root, "examples", "demo", "main.tf"))
	if err != nil {
		return err
	}
	w, err := terraform.NewWorkspace(cli, bin)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	if err := w.Write("main.tf", config); err != nil {
		return err
	}
	server := httptest.NewServer(cloud)
	defer server.Close()
	fmt.Fprintln(out, "The simulated cloud listens on", server.URL)
	w.Env = map[string]string{
		"HW_REGION_NAME":     simulator.Region,
		"HW_ACCESS_KEY":      simulator.AccessKey,
		"HW_SECRET_KEY":      simulator.SecretKey,
		"TF_VAR_endpoint":    server.URL,
		"TF_VAR_instance_id": simulator.InstanceID,
	}
	for _, args := range [][]string{{"plan", "-out=demo.tfplan"}, {"apply", "demo.tfplan"}} {
		fmt.Fprintf(out, "\n$ %s %s\n", filepath.Base(cli), strings.Join(args, " "))
		if err := w.Run(ctx, out, out, args...); err != nil {
			return err
		}
	}
	return nil
}
