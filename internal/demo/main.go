// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

// Command demo plans and applies examples/demo with the real Terraform or OpenTofu
// and the provider as it is here, against a simulated cloud. It needs no account,
// and leaves no file and no process. With -picture it draws a part of what it printed.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/terraform"
)

func main() {
	file := flag.String("picture", "", "an SVG file to draw an excerpt of the run into")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	var out bytes.Buffer
	err := run(ctx, io.MultiWriter(os.Stdout, &out), simulator.New(simulator.Options{}))
	stop()
	if err == nil && *file != "" {
		err = writePicture(*file, out.String())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "The demo failed:", err)
		os.Exit(1)
	}
}

// run prints all to out, what the CLI prints as errors too: in a transcript they
// belong where they happened.
func run(ctx context.Context, out io.Writer, cloud http.Handler) (err error) {
	cli, err := terraform.Find(ctx, out)
	if err != nil {
		return err
	}
	tmp, err := os.MkdirTemp("", "smartconnect-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	fmt.Fprintln(out, "Building the provider ...")
	if err := terraform.Build(ctx, tmp); err != nil {
		return err
	}
	w, err := workspace(cli, tmp)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()

	endpoint, stop, err := serve(ctx, cloud)
	if err != nil {
		return fmt.Errorf("serving the simulated cloud: %w", err)
	}
	defer func() { err = errors.Join(err, stop()) }()
	fmt.Fprintln(out, "The simulated cloud is at", endpoint)
	w.Env = map[string]string{
		"HW_REGION_NAME":     simulator.Region,
		"HW_ACCESS_KEY":      simulator.AccessKey,
		"HW_SECRET_KEY":      simulator.SecretKey,
		"TF_VAR_endpoint":    endpoint,
		"TF_VAR_instance_id": simulator.InstanceID,
	}
	for _, args := range [][]string{{"plan", "-out=demo.tfplan"}, {"apply", "demo.tfplan"}} {
		fmt.Fprintf(out, "\n$ %s %s\n", filepath.Base(cli), strings.Join(args, " "))
		lines := &lineWriter{out: out, hidden: tmp, shown: "a temporary folder"}
		err := w.Run(ctx, lines, lines, args...)
		lines.flush()
		if err != nil {
			return err
		}
	}
	return nil
}

// workspace has the example in it.
func workspace(cli, providerDir string) (*terraform.Workspace, error) {
	root, err := terraform.Root()
	if err != nil {
		return nil, err
	}
	files, err := filepath.Glob(filepath.Join(root, "examples", "demo", "*.tf"))
	if err != nil {
		return nil, err
	}
	w, err := terraform.NewWorkspace(cli, providerDir)
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err == nil {
			err = w.Write(filepath.Base(file), content)
		}
		if err != nil {
			return nil, errors.Join(err, w.Close())
		}
	}
	return w, nil
}

// serve returns the address of the cloud, and what ends it.
func serve(ctx context.Context, cloud http.Handler) (endpoint string, stop func() error, err error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: cloud, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	stop = func() error {
		err := server.Close()
		if ended := <-served; !errors.Is(ended, http.ErrServerClosed) {
			err = errors.Join(err, ended)
		}
		return err
	}
	return "http://" + listener.Addr().String(), stop, nil
}
