// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

// Package bench has what the provider's cost is measured against: a provider with the same schema
// that has its result at hand. What that costs is Terraform's and the framework's own share.
package bench

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// StateVariable names the file with the state of the command floor, in MessagePack.
const StateVariable = "BENCH_STATE"

// Baseline makes a provider with the schema of the real one, whose data source makes no request and sets
// the state that ready returns.
func Baseline(newReal func() provider.Provider, ready func(tftypes.Type) (tftypes.Value, error)) func() provider.Provider {
	return func() provider.Provider { return &baseline{Provider: newReal(), ready: ready} }
}

type baseline struct {
	provider.Provider

	ready func(tftypes.Type) (tftypes.Value, error)
}

// Configure implements [provider.Provider].
func (*baseline) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}

// DataSources implements [provider.Provider].
func (f *baseline) DataSources(ctx context.Context) []func() datasource.DataSource {
	sources := f.Provider.DataSources(ctx)
	for i, source := range sources {
		sources[i] = func() datasource.DataSource { return &baselineDataSource{source(), f.ready} }
	}
	return sources
}

// baselineDataSource has the name and the schema of another one.
type baselineDataSource struct {
	datasource.DataSource

	ready func(tftypes.Type) (tftypes.Value, error)
}

// Read implements [datasource.DataSource].
func (d *baselineDataSource) Read(_ context.Context, _ datasource.ReadRequest, resp *datasource.ReadResponse) {
	value, err := d.ready(resp.State.Raw.Type())
	if err != nil {
		resp.Diagnostics.AddError("No state at hand", err.Error())
		return
	}
	resp.State.Raw = value
}
