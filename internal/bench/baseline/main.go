// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

// Command baseline is a provider that responds with the state in a file: the minimum that a plan costs.
package main

import (
	"fmt"
	"os"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/bench"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/provider"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	state, err := os.ReadFile(os.Getenv(bench.StateVariable))
	if err != nil {
		return err
	}
	for _, name := range []string{"TF_LOG_SDK", "TF_LOG_PROVIDER_SMARTCONNECT"} { // as in the provider's main
		if err := os.Setenv(name, "off"); err != nil {
			return err
		}
	}
	return tf6server.Serve(provider.Address, func() tfprotov6.ProviderServer {
		return &bench.Baseline{ProviderServer: provider.NewServer("bench"), State: state}
	})
}
