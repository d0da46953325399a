// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

// Command floor is a provider that has its state in a file: what a plan costs at the least.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/bench"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/provider"
)

func main() {
	err := providerserver.Serve(context.Background(), bench.Baseline(provider.New("bench"), ready), providerserver.ServeOpts{Address: provider.Address})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func ready(typ tftypes.Type) (tftypes.Value, error) {
	content, err := os.ReadFile(os.Getenv(bench.StateVariable))
	if err != nil {
		return tftypes.Value{}, err
	}
	return tfprotov6.DynamicValue{MsgPack: content}.Unmarshal(typ)
}
