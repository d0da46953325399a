// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"encoding/json"
	"fmt"
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
		Region:           simulator.Region,
		CredentialSource: huaweicloud.AccessKeys{AccessKey: simulator.AccessKey, SecretKey: huaweicloud.NewSecret(simulator.SecretKey)},
		Endpoints:        map[string]string{"dms": url},
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

// readAndFloor returns servers of the provider and of the floor, which has at hand what the other reads.
func readAndFloor(b testing.TB, url string) (server, floor *bench.Server) {
	b.Helper()
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
	if floor, err = bench.NewServer(b.Context(), bench.Baseline(New("bench"), ready)(), url); err != nil {
		b.Fatal(err)
	}
	if state, err = floor.Read(b.Context()); err != nil {
		b.Fatal(err)
	}
	if same, err := state.Unmarshal(floor.StateType); err != nil || !same.Equal(value) {
		b.Fatalf("the floor does not return what the provider has read (error %v)", err)
	}
	return server, floor
}

func benchmarkRead(b *testing.B, n int) {
	b.Helper()
	url := replay(b, n)
	server, floor := readAndFloor(b, url)
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
		{"encode", func() error { return encodeTasks(empty, list.Tasks) }},
	} {
		b.Run(part.name, func(b *testing.B) { repeat(b, part.do) })
	}
}

func encodeTasks(state tfsdk.State, tasks []smartconnect.Task) error {
	if diags := setState(&state, onlyTasks{tasks}); diags.HasError() {
		return fmt.Errorf("%v", diags)
	}
	return nil
}

// wireToState is what a page of 50 goes through, and the obvious way that it is compared with. Ours
// has to ask for a second page, to know that there is none.
func wireToState(b testing.TB) (ours, obvious func() error) {
	b.Helper()
	const n = 50
	client := replayClient(b, replay(b, n))
	empty := emptyState(b.Context(), b)
	ours = func() error {
		list, err := client.Tasks(b.Context(), replayed)
		if err != nil {
			return err
		}
		return encodeTasks(empty, list.Tasks)
	}
	body, err := json.Marshal(map[string]any{"tasks": simulator.GenerateTasks(n), "total_number": n})
	if err != nil {
		b.Fatal(err)
	}
	obvious = func() error {
		var page struct {
			Tasks []smartconnect.Task `json:"tasks"`
		}
		if err := json.Unmarshal(body, &page); err != nil {
			return err
		}
		state := empty
		if diags := state.SetAttribute(b.Context(), path.Root("tasks"), page.Tasks); diags.HasError() {
			return fmt.Errorf("%v", diags)
		}
		return nil
	}
	return ours, obvious
}

func BenchmarkPageOf50FromWireToState(b *testing.B) {
	ours, obvious := wireToState(b)
	b.Run("provider", func(b *testing.B) { repeat(b, ours) })
	b.Run("encoding-json and SetAttribute", func(b *testing.B) { repeat(b, obvious) })
}

func repeat(b *testing.B, do func() error) {
	b.Helper()
	b.ReportAllocs()
	for b.Loop() {
		if err := do(); err != nil {
			b.Fatal(err)
		}
	}
}

// allocations is how many do makes, whatever else the machine does.
func allocations(t *testing.T, do func() error) float64 {
	t.Helper()
	return testing.AllocsPerRun(3, func() {
		if err := do(); err != nil {
			t.Error(err)
		}
	})
}

func TestAPageOf50TakesAtMostHalfOfTheAllocationsOfTheObviousWay(t *testing.T) {
	ours, obvious := wireToState(t)
	if got, other := allocations(t, ours), allocations(t, obvious); got > other/2 {
		t.Errorf("%.0f allocations from wire to state, where encoding/json and State.SetAttribute make %.0f", got, other)
	}
}

func TestAReadTakesNoMoreAllocationsThanAStateAtHand(t *testing.T) {
	server, floor := readAndFloor(t, replay(t, 49))
	read := func(s *bench.Server) float64 {
		return allocations(t, func() error { _, err := s.Read(t.Context()); return err })
	}
	if got, least := read(server), read(floor); got > least {
		t.Errorf("%.0f allocations for 49 tasks, where a state at hand takes %.0f", got, least)
	}
}

// BenchmarkGetProviderSchema is of a new provider each time, as each process makes one.
func BenchmarkGetProviderSchema(b *testing.B) {
	repeat(b, func() error {
		server, err := factories()[typeName]()
		if err == nil {
			_, err = server.GetProviderSchema(b.Context(), &tfprotov6.GetProviderSchemaRequest{})
		}
		return err
	})
}
