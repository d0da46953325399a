// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package smartconnect_test

import (
	"compress/gzip"
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

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

// heap is what the objects on it take, garbage included.
func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// manyTasks is a cloud with so many tasks, each with all its fields, of which it keeps a few.
func manyTasks(t *testing.T, tasks int) http.Handler {
	t.Helper()
	wire := simulator.GenerateTasks(90)
	ids := make([]string, len(wire))
	for i, task := range wire {
		var form struct {
			ID string `json:"id"`
		}
		if err := json.Unmarshal(task, &form); err != nil {
			t.Fatal(err)
		}
		ids[i] = form.ID
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var offset, limit int
		if _, err := fmt.Sscan(r.URL.Query().Get("offset")+" "+r.URL.Query().Get("limit"), &offset, &limit); err != nil {
			t.Error(err)
		}
		var page []string
		for i := offset; i < min(offset+limit, tasks); i++ {
			k := i % len(wire)
			page = append(page, strings.ReplaceAll(string(wire[k]), ids[k], fmt.Sprint(ids[k], "-", i)))
		}
		_, _ = fmt.Fprintf(w, `{"tasks":[%s],"total_number":%d}`, strings.Join(page, ","), tasks)
	})
}

// Neither the longest list that is read nor an answer of 1 GiB takes more than 64 MiB, the server's
// part included. It is measured whenever something is read from a connection, and at the end.
func TestNoReadTakesMoreThan64MiB(t *testing.T) {
	const tasks, most = 9800, 64 << 20
	cloud := manyTasks(t, tasks)
	zeros := make([]byte, 1<<20)
	bomb := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		for range 1024 {
			if _, err := z.Write(zeros); err != nil {
				return // the client has had enough
			}
		}
		_ = z.Close()
	})
	defer debug.SetGCPercent(debug.SetGCPercent(20))
	for _, test := range []struct {
		name  string
		cloud http.Handler
		want  string
	}{
		{"9,800 tasks", cloud, ""},
		{"a compressed answer of 1 GiB", bomb, "the response is larger than 1 MiB"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := newNetwork()
				n.serve(t, address, test.cloud, nil)
				client := newClient(t, n)
				runtime.GC()
				base := heap()
				var peak atomic.Uint64
				measure := func() {
					now := heap()
					for before := peak.Load(); now > before && !peak.CompareAndSwap(before, now); before = peak.Load() {
					}
				}
				n.hook = measure
				list, err := client.Tasks(t.Context(), instance)
				measure()
				switch {
				case test.want == "" && (err != nil || len(list.Tasks) != tasks):
					t.Errorf("%v", err)
				case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
					t.Errorf("the error is %v, want one that says %q", err, test.want)
				}
				growth := max(peak.Load(), base) - base
				t.Logf("the heap grew by %.1f MiB", float64(growth)/(1<<20))
				if growth > most {
					t.Errorf("the heap grew by %d bytes, want at most %d", growth, most)
				}
				n.leavesNothing(t)
			})
		})
	}
}

// state is what a process holds.
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

// Thousands of reads of which one request in a hundred fails leave no more behind than a few do. As
// descriptors are what is to be counted, these go over loopback, in real time.
func TestManyReadsWithFaultsLeaveNoMoreThanFew(t *testing.T) {
	reads := 2000
	if long() {
		reads = 100_000
	}
	cloud := newList(60)
	breaks := []simulator.Fault{
		simulator.AbortFault(), simulator.TruncateFault(100), simulator.ResetFault(okLine), simulator.BodyFault(503, "text/html", "<html>"),
		simulator.BodyFault(200, "text/html", "<html>"), simulator.BodyFault(204, "", ""), simulator.ErrorFault(200, "DMS.1", "x"),
	}
	var requests atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if number := int(requests.Add(1)); number%100 == 0 {
			breaks[number/100%len(breaks)](w, r, cloud)
		} else {
			cloud.ServeHTTP(w, r)
		}
	}))
	defer server.Close()
	client := newClient(t, nil, withEndpoint(server.URL))
	const rounds = 10
	round := func() state {
		var next, retries atomic.Int64
		var wait sync.WaitGroup
		for range 8 {
			wait.Go(func() {
				for next.Add(1) <= int64(reads/rounds) {
					list, err := client.Tasks(t.Context(), instance)
					if err != nil || len(list.Tasks) != 60 {
						t.Errorf("%v", err)
						return
					}
					retries.Add(int64(list.Retries))
				}
			})
		}
		wait.Wait()
		if retries.Load() == 0 {
			t.Error("nothing has failed")
		}
		server.CloseClientConnections()
		return holds()
	}
	first := round()
	last := first
	for range rounds - 1 {
		last = round()
	}
	t.Logf("%d requests; after a tenth of %d reads: %s; after all: %s", requests.Load(), reads, first, last)
	// A connection that is being closed may still be there, with two goroutines of the client and one of the server.
	if last.goroutines > first.goroutines+24 || last.descriptors > first.descriptors+16 || last.heap > first.heap+4<<20 {
		t.Errorf("after a tenth of the reads there are %s; after all %s", first, last)
	}
}
