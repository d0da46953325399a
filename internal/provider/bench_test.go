// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"strconv"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/bench"
)

// benchServers returns the provider's server and the baseline, which responds with what the provider read.
func benchServers(b testing.TB, tasks int) (server, baseline *bench.Server) {
	b.Helper()
	url, err := bench.NewReplay(b.Context(), NewServer("bench"), tasks, 0)
	if err != nil {
		b.Fatal(err)
	}
	if server, err = bench.NewServer(b.Context(), NewServer("bench"), url); err != nil {
		b.Fatal(err)
	}
	state, err := server.Read(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	if baseline, err = bench.NewServer(b.Context(), &bench.Baseline{ProviderServer: NewServer("bench"), State: state.MsgPack}, url); err != nil {
		b.Fatal(err)
	}
	return server, baseline
}

// BenchmarkReadDataSource reads over loopback, as Terraform calls the provider.
func BenchmarkReadDataSource(b *testing.B) {
	for _, tasks := range []int{3, 18, 49, 500, 5000} {
		server, baseline := benchServers(b, tasks)
		for name, s := range map[string]*bench.Server{"provider": server, "baseline": baseline} {
			b.Run(strconv.Itoa(tasks)+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := s.Read(b.Context()); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkGetProviderSchema makes a new provider each time, as each process does.
func BenchmarkGetProviderSchema(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := NewServer("bench").GetProviderSchema(b.Context(), &tfprotov6.GetProviderSchemaRequest{}); err != nil {
			b.Fatal(err)
		}
	}
}
