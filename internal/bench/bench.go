// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

// Package bench has the baseline that the provider is measured against: a provider with the same schema
// that responds with a state encoded beforehand, which is the least that any provider can do.
package bench

import (
	"context"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// StateVariable is the environment variable that names the file with the state of the command baseline.
const StateVariable = "BENCH_STATE"

// Baseline is a server whose data sources all respond with State, encoded in MessagePack. Its schema is
// that of the wrapped server.
type Baseline struct {
	tfprotov6.ProviderServer

	State []byte
}

// ConfigureProvider implements [tfprotov6.ProviderServer].
func (*Baseline) ConfigureProvider(context.Context, *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	return &tfprotov6.ConfigureProviderResponse{}, nil
}

// ReadDataSource implements [tfprotov6.ProviderServer].
func (b *Baseline) ReadDataSource(context.Context, *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	return &tfprotov6.ReadDataSourceResponse{State: &tfprotov6.DynamicValue{MsgPack: b.State}}, nil
}
