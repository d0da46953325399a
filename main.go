// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

// Command terraform-provider-smartconnect is the Terraform provider for Smart Connect, a part of
// Huawei Cloud DMS for Kafka.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/provider"
)

// version is set by the linker.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "run for a debugger, and print what TF_REATTACH_PROVIDERS has to be set to")
	flag.Parse()
	// net/http prints parts of answers that are longer than they said to the standard logger.
	log.SetOutput(io.Discard)
	err := providerserver.Serve(context.Background(), provider.New(version), providerserver.ServeOpts{
		Address: provider.Address,
		Debug:   *debug,
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
