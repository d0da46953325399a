// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package smartconnect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/huaweicloud"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/memnet"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

// heap returns the bytes of objects on the heap, garbage included.
func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// The longest list of tasks with all fields takes less than 64 MiB, including the part of the server. It is
// measured whenever something is read from a connection, and at the end. What is too large is in
// internal/provider, against the process.
func TestReliability_memory(t *testing.T) {
	const tasks, most = 9800, 64 << 20
	var task bytes.Buffer
	if err := json.Compact(&task, simulator.PageTasks()[1]); err != nil { // the longest
		t.Fatal(err)
	}
	fields := strings.TrimSuffix(strings.TrimPrefix(task.String(), "{"), "}")
	cloud := &fakeList{ids: sequence(0, tasks), fields: "," + strings.Replace(fields, `"id":`, `"new":`, 1)}
	defer debug.SetGCPercent(debug.SetGCPercent(20))
	synctest.Test(t, func(t *testing.T) {
		n := memnet.New()
		n.Serve(t, address, cloud, nil)
		client := newClient(t, n)
		runtime.GC()
		base := heap()
		var peak atomic.Uint64
		measure := func() {
			now := heap()
			for before := peak.Load(); now > before && !peak.CompareAndSwap(before, now); before = peak.Load() {
			}
		}
		n.OnRead = measure
		list, err := client.Tasks(t.Context(), instance)
		measure()
		if err != nil || len(list.Tasks) != tasks {
			t.Errorf("%v", err)
		}
		growth := max(peak.Load(), base) - base
		t.Logf("the heap grew by %.1f MiB", float64(growth)/(1<<20))
		if growth > most {
			t.Errorf("the heap grew by %d bytes, want at most %d", growth, most)
		}
		checkNoOpenConns(t, n)
	})
}

// state is what a process holds on to.
type state struct {
	goroutines, descriptors int
	heap                    uint64
}

func (s state) String() string {
	return fmt.Sprintf("%d goroutines, %d descriptors, %.1f MiB", s.goroutines, s.descriptors, float64(s.heap)/(1<<20))
}

func holds() state {
	runtime.GC()
	runtime.GC() // what the first has finalized
	s := state{goroutines: runtime.NumGoroutine(), heap: heap()}
	if open, err := os.ReadDir("/proc/self/fd"); err == nil { // linux
		s.descriptors = len(open)
	}
	return s
}

// Hundreds of reads, many of which fail, leave no more behind than a few do. Since file descriptors are
// counted, they go over loopback, in real time; without retries, so that nothing waits.
func TestReliability_leaks(t *testing.T) {
	const rounds = 10
	reads := 50 // in a round
	if long() {
		reads = 10_000
	}
	cloud := newFakeList(60)
	breaks := []simulator.Fault{
		simulator.AbortFault(), simulator.TruncateFault(100), simulator.ResetFault(okLine), simulator.BodyFault(503, "text/html", "<html>"),
		simulator.BodyFault(200, "text/html", "<html>"), simulator.BodyFault(204, "", ""), simulator.ErrorFault(200, "DMS.1", "x"),
	}
	var requests atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if number := int(requests.Add(1)); number%10 == 0 {
			breaks[number/10%len(breaks)](w, r, cloud)
		} else {
			cloud.ServeHTTP(w, r)
		}
	}))
	defer server.Close()
	client := newClient(t, nil, withEndpoint(server.URL), func(c *huaweicloud.Config) { c.MaxRetries = 0 })
	var complete, failed atomic.Int64
	round := func() state {
		var wait sync.WaitGroup
		for range 10 {
			wait.Go(func() {
				for range reads / 10 {
					if _, err := client.Tasks(t.Context(), instance); err != nil {
						failed.Add(1)
					} else {
						complete.Add(1)
					}
				}
			})
		}
		wait.Wait()
		server.CloseClientConnections()
		return holds()
	}
	first := round()
	last := first
	for range rounds - 1 {
		last = round()
	}
	t.Logf("%d reads complete, %d failed; after a tenth: %s; after all: %s", complete.Load(), failed.Load(), first, last)
	if failed.Load() < int64(reads) {
		t.Errorf("only %d reads failed", failed.Load())
	}
	// A connection that is being closed may still be there, with two goroutines of the client and one of the server.
	if last.goroutines > first.goroutines+24 || last.descriptors > first.descriptors+16 || last.heap > first.heap+1<<20 {
		t.Errorf("after a tenth of the reads there are %s; after all %s", first, last)
	}
}
