// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

// Command cmd runs the Terraform or OpenTofu CLI for GNUmakefile:
//
//	find               prints the path of the CLI, and installs one if there is none
//	fmt [-check] DIR   formats the configurations below a directory, or lists unformatted ones
//	schema FILE        writes the provider's schema in the form that tfplugindocs reads
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/terraform"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errors.New("usage: find | fmt [-check] DIR | schema FILE")
	}
	cli, err := terraform.Find(ctx, os.Stderr)
	if err != nil {
		return err
	}
	switch {
	case args[0] == "find" && len(args) == 1:
		fmt.Println(cli)
		return nil
	case args[0] == "fmt" && len(args) >= 2:
		return format(ctx, cli, args[1:])
	case args[0] == "schema" && len(args) == 2:
		return writeSchema(ctx, cli, args[1])
	}
	return fmt.Errorf("invalid command: %s", strings.Join(args, " "))
}

func format(ctx context.Context, cli string, args []string) error {
	dir, err := filepath.Abs(args[len(args)-1])
	if err != nil {
		return err
	}
	return inWorkspace(cli, "", func(w *terraform.Workspace) error {
		args := append([]string{"fmt", "-recursive"}, args[:len(args)-1]...)
		return w.Run(ctx, os.Stdout, os.Stderr, append(args, dir)...)
	})
}

const requiredProviders = `
terraform {
  required_providers {
    smartconnect = { source = "smartconnect/smartconnect" }
  }
}
`

func writeSchema(ctx context.Context, cli, file string) error {
	bin, err := os.MkdirTemp("", "smartconnect-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(bin) }()
	if err := terraform.Build(ctx, bin); err != nil {
		return err
	}
	var out, messages bytes.Buffer
	err = inWorkspace(cli, bin, func(w *terraform.Workspace) error {
		if err := w.Write("main.tf", []byte(requiredProviders)); err != nil {
			return err
		}
		return w.Run(ctx, &out, &messages, "providers", "schema", "-json")
	})
	if err != nil {
		return fmt.Errorf("%w\n%s", err, messages.Bytes())
	}
	schema, err := rename(out.Bytes())
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, schema, 0o600)
}

// rename replaces the provider's address by its type, as tfplugindocs finds only that
// and addresses below hashicorp/.
func rename(schema []byte) ([]byte, error) {
	var doc struct {
		FormatVersion string                     `json:"format_version"`
		Providers     map[string]json.RawMessage `json:"provider_schemas"`
	}
	if err := json.Unmarshal(schema, &doc); err != nil {
		return nil, fmt.Errorf("decoding the schema: %w", err)
	}
	for address, provider := range doc.Providers {
		if strings.HasSuffix(address, "/smartconnect/smartconnect") {
			doc.Providers = map[string]json.RawMessage{"smartconnect": provider}
			return json.Marshal(doc)
		}
	}
	return nil, errors.New("the schema has no provider smartconnect/smartconnect")
}

func inWorkspace(cli, providerDir string, do func(*terraform.Workspace) error) error {
	w, err := terraform.NewWorkspace(cli, providerDir)
	if err != nil {
		return err
	}
	return errors.Join(do(w), w.Close())
}
