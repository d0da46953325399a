// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package smartconnect

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/memnet"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

// heap returns the bytes of objects on the heap, garbage included.
func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// manyTasks serves tasks with an ID and the fields of rest.
func manyTasks(total int, rest string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
		_, _ = io.WriteString(w, `{"tasks":[`) // the client may leave
		for i := offset; i < min(offset+pageLimit, total); i++ {
			_, _ = fmt.Fprintf(w, `%s{"id":"t%d",%s}`, strings.Repeat(",", min(i-offset, 1)), i, rest)
		}
		_, _ = fmt.Fprintf(w, `],"total_number":%d}`, total)
	})
}

// once serves a compressed body.
func once(parts ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		for _, part := range parts {
			_, _ = io.WriteString(z, part)
		}
		_ = z.Close()
	})
}

// No read takes more than 64 MiB, including the part of the server. It is measured whenever something is
// read from a connection, and at the end.
func TestReliability_memory(t *testing.T) {
	const most = 64 << 20
	var task bytes.Buffer
	if err := json.Compact(&task, simulator.PageTasks()[1]); err != nil { // the longest
		t.Fatal(err)
	}
	fields := strings.Replace(strings.Trim(task.String(), "{"), `"id":`, `"new":`, 1)
	fields = strings.TrimSuffix(fields, "}")
	members := make([]string, 100_000)
	for i := range members {
		members[i] = fmt.Sprintf(`"f%d":{}`, i)
	}
	const tooLarge = "the response is larger than 1 MiB"
	defer debug.SetGCPercent(debug.SetGCPercent(20))
	for _, tt := range []struct {
		name  string
		cloud http.Handler
		want  string // "": 9,800 tasks
	}{
		{"9,800 tasks with all fields", manyTasks(9800, fields), ""},
		{"64 MiB in a response", once(slices.Repeat([]string{strings.Repeat(" ", 1<<20)}, 64)...), tooLarge},
		{"83,000 topics in each of 50 tasks", manyTasks(1_000_000, `"topics":"`+strings.Repeat("a,", 83_000)+`"`), tooLarge},
		{"4,000,000 items in a page", once(`{"tasks":[`, strings.Repeat("0,", 4_000_000), `0],"total_number":1}`), tooLarge},
		{"500,000 items in a page", once(`{"tasks":[`, strings.Repeat("0,", 500_000), `0],"total_number":1}`), "must be an object, got a number"},
		{"100,000 fields in a page", once(`{`, strings.Join(members, ",")[:1_000_000], `":0}`), "exceeds the limit of 30000 fields"},
		{"500,000 nested arrays", once(strings.Repeat("[", 500_000), strings.Repeat("]", 500_000)), "exceeds the limit of 10000 nested"},
		{"pages of 1 MB", manyTasks(1_000_000, `"status":"`+strings.Repeat("x", 20_000)+`"`), "exceeds the limit of 10 MiB"},
		{"9,000 topics in each task", manyTasks(9000, `"topics":"`+strings.Repeat("a,", 9000)+`"`), "exceeds the limit of 100000 items"},
		{"11,000 topics in a task", once(`{"tasks":[{"id":"x","topics":"`, strings.Repeat("a,", 11_000), `"}],"total_number":1}`), "exceeds the limit of 10000 items in topics"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := memnet.New()
				n.Serve(t, address, tt.cloud, nil)
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
				switch {
				case tt.want == "" && (err != nil || len(list.Tasks) != 9800):
					t.Errorf("%v", err)
				case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
					t.Errorf("the error is %v, want %q", err, tt.want)
				}
				growth := max(peak.Load(), base) - base
				t.Logf("the heap grew by %.1f MiB", float64(growth)/(1<<20))
				if growth > most {
					t.Errorf("the heap grew by %d bytes, want at most %d", growth, most)
				}
				checkNoOpenConns(t, n)
			})
		})
	}
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

// Thousands of reads with faults leave no more behind than a few do. Since file descriptors are counted,
// they go over loopback, in real time.
func TestReliability_leaks(t *testing.T) {
	reads := 2000
	if long() {
		reads = 100_000
	}
	cloud := newFakeList(60)
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
