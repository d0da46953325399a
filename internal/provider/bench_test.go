// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"encoding/json"
	"strconv"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/bench"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/huaweicloud"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/smartconnect"
)

// replay returns the address of n tasks.
func replay(b testing.TB, n int) string {
	b.Helper()
	url, err := bench.NewReplay(b.Context(), New("bench")(), n)
	if err != nil {
		b.Fatal(err)
	}
	return url
}

// replayClient returns a client for what replay serves.
func replayClient(b testing.TB, url string) *smartconnect.Client {
	b.Helper()
	cloud, err := huaweicloud.NewClient(huaweicloud.Config{
		Region:    simulator.Region,
		Source:    huaweicloud.Keys{AccessKey: simulator.AccessKey, SecretKey: huaweicloud.NewSecret(simulator.SecretKey)},
		Endpoints: map[string]string{"dms": url},
	})
	if err != nil {
		b.Fatal(err)
	}
	return smartconnect.NewClient(cloud)
}

var replayed = smartconnect.Instance{Region: simulator.Region, ProjectID: simulator.ProjectID, ID: simulator.InstanceID}

// onlyTasks is a result of nothing else.
type onlyTasks struct {
	Tasks []smartconnect.Task `tfsdk:"tasks"`
}

// BenchmarkReadDataSource reads over loopback, as Terraform has it done. The floor is the same call
// with the state at hand. Of the difference, fetch and encode are the parts that cost: requests and
// decoding, and what makes one value of the tasks.
func BenchmarkReadDataSource(b *testing.B) {
	for _, n := range []int{3, 18, 49, 500, 5000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) { benchmarkRead(b, n) })
	}
}

func benchmarkRead(b *testing.B, n int) {
	url := replay(b, n)
	server, err := bench.NewServer(b.Context(), New("bench")(), url)
	if err != nil {
		b.Fatal(err)
	}
	state, err := server.Read(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	value, err := state.Unmarshal(server.StateType)
	if err != nil {
		b.Fatal(err)
	}
	ready := func(tftypes.Type) (tftypes.Value, error) { return value, nil }
	floor, err := bench.NewServer(b.Context(), bench.Floor(New("bench"), ready)(), url)
	if err != nil {
		b.Fatal(err)
	}
	client := replayClient(b, url)
	list, err := client.Tasks(b.Context(), replayed)
	if err != nil {
		b.Fatal(err)
	}
	empty := emptyState(b.Context(), b)
	for _, part := range []struct {
		name string
		do   func() error
	}{
		{"provider", func() error { _, err := server.Read(b.Context()); return err }},
		{"floor", func() error { _, err := floor.Read(b.Context()); return err }},
		{"fetch", func() error { _, err := client.Tasks(b.Context(), replayed); return err }},
		{"encode", func() error { encodeTasks(b, empty, list.Tasks); return nil }},
	} {
		b.Run(part.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := part.do(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func encodeTasks(b testing.TB, state tfsdk.State, tasks []smartconnect.Task) {
	if diags := setState(&state, onlyTasks{tasks}); diags.HasError() {
		b.Fatal(diags)
	}
}

// wireToState is what a page of 50 goes through, and the obvious way that it is compared with.
func wireToState(b testing.TB) (ours, obvious func()) {
	const n = 50
	client := replayClient(b, replay(b, n))
	empty := emptyState(b.Context(), b)
	ours = func() {
		list, err := client.Tasks(b.Context(), replayed)
		if err != nil {
			b.Fatal(err)
		}
		encodeTasks(b, empty, list.Tasks)
	}
	body, err := json.Marshal(map[string]any{"tasks": simulator.GenerateTasks(n), "total_number": n})
	if err != nil {
		b.Fatal(err)
	}
	obvious = func() {
		var page struct {
			Tasks []smartconnect.Task `json:"tasks"`
		}
		if err := json.Unmarshal(body, &page); err != nil {
			b.Fatal(err)
		}
		state := empty
		if diags := state.SetAttribute(b.Context(), path.Root("tasks"), page.Tasks); diags.HasError() {
			b.Fatal(diags)
		}
	}
	return ours, obvious
}

func BenchmarkPageOf50FromWireToState(b *testing.B) {
	ours, obvious := wireToState(b)
	for name, do := range map[string]func(){"provider": ours, "json and State.SetAttribute": obvious} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				do()
			}
		})
	}
}

func BenchmarkGetProviderSchema(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		server, err := factories()[typeName]()
		if err != nil {
			b.Fatal(err)
		}
		if _, err := server.GetProviderSchema(b.Context(), &tfprotov6.GetProviderSchemaRequest{}); err != nil {
			b.Fatal(err)
		}
	}
}
