// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package smartconnect

import (
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

func TestAReadTakesTheFewestRequestsAndRoundTrips(t *testing.T) {
	const latency = 100 * time.Millisecond
	for _, test := range []struct{ tasks, requests, trips int }{
		{0, 1, 1},
		{18, 1, 1},
		{49, 1, 1},
		{50, 2, 2},
		{200, 5, 2}, // the first page, then four side by side
		{500, 11, 4},
		{5000, 103, 27},
	} {
		t.Run(strconv.Itoa(test.tasks), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := newNetwork()
				cloud := simulator.New(simulator.Options{Latency: latency})
				cloud.SetTasks(simulator.InstanceID, simulator.GenerateTasks(test.tasks))
				n.serve(t, address, cloud, nil)
				client := newClient(t, n)
				for _, read := range []string{"first", "second"} {
					cloud.Reset()
					dialled, start := len(n.dialled), time.Now()
					if _, err := client.Tasks(t.Context(), instance); err != nil {
						t.Fatal(err)
					}
					if took, want := time.Since(start), time.Duration(test.trips)*latency; took != want {
						t.Errorf("the %s read took %s, want %d round trips of %s", read, took, test.trips, latency)
					}
					if requests := len(cloud.Requests()); requests != test.requests {
						t.Errorf("the %s read took %d requests, want %d", read, requests, test.requests)
					}
					if more := len(n.dialled) - dialled; read == "second" && more > 0 {
						t.Errorf("the second read opened %d connections, want those of the first used again", more)
					}
				}
				n.checkNoOpenConns(t)
			})
		})
	}
}
