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

// Floor makes a provider with the schema of the real one, whose data source makes no request and sets
// the state that ready returns.
func Floor(newReal func() provider.Provider, ready func(tftypes.Type) (tftypes.Value, error)) func() provider.Provider {
	return func() provider.Provider { return &floor{Provider: newReal(), ready: ready} }
}

type floor struct {
	provider.Provider

	ready func(tftypes.Type) (tftypes.Value, error)
}

// Configure implements [provider.Provider].
func (*floor) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}

// DataSources implements [provider.Provider].
func (f *floor) DataSources(ctx context.Context) []func() datasource.DataSource {
	sources := f.Provider.DataSources(ctx)
	for i, source := range sources {
		sources[i] = func() datasource.DataSource { return &floorDataSource{source(), f.ready} }
	}
	return sources
}

// floorDataSource has the name and the schema of another one.
type floorDataSource struct {
	datasource.DataSource

	ready func(tftypes.Type) (tftypes.Value, error)
}

// Read implements [datasource.DataSource].
func (d *floorDataSource) Read(_ context.Context, _ datasource.ReadRequest, resp *datasource.ReadResponse) {
	value, err := d.ready(resp.State.Raw.Type())
	if err != nil {
		resp.Diagnostics.AddError("No state at hand", err.Error())
		return
	}
	resp.State.Raw = value
}
