// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package smartconnect

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/memnet"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

// serve returns a simulator with tasks and a client of it.
func serve(t *testing.T, o simulator.Options, tasks []json.RawMessage) (*simulator.Simulator, *Client) {
	t.Helper()
	s := simulator.New(o)
	s.SetTasks(simulator.InstanceID, tasks)
	n := memnet.New()
	n.Serve(t, address, s, nil)
	return s, newClient(t, n)
}

// checkRequests checks the requests to the simulator: the first page, then the others in any order.
func checkRequests(t *testing.T, s *simulator.Simulator, want ...string) {
	t.Helper()
	var got []string
	for _, r := range s.Requests() {
		got = append(got, r.String())
		if id := r.Header.Get("X-Project-Id"); id != simulator.ProjectID {
			t.Errorf("%s has the X-Project-Id %q, want %q", r, id, simulator.ProjectID)
		}
	}
	for i, query := range want {
		want[i] = "GET /v2/" + simulator.ProjectID + "/instances/" + simulator.InstanceID + "/connector/tasks?" + query
	}
	if len(got) > 1 {
		slices.Sort(got[1:])
		slices.Sort(want[1:])
	}
	if !slices.Equal(got, want) {
		t.Errorf("the requests were\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestClientTasks_fields(t *testing.T) {
	for _, tt := range []struct {
		name     string
		sent     []json.RawMessage
		unused   simulator.UnusedSide
		requests []string
	}{
		{"example of the API reference", simulator.PageTasks(), simulator.UnusedNull, []string{"limit=50&offset=0"}},
		{"unused source or sink null", simulator.GenerateTasks(120), simulator.UnusedNull, []string{"limit=50&offset=0", "limit=50&offset=49", "limit=50&offset=98"}},
		{"unused source or sink empty", simulator.GenerateTasks(40), simulator.UnusedEmpty, []string{"limit=50&offset=0"}},
		{"unused source or sink missing", simulator.GenerateTasks(40), simulator.UnusedMissing, []string{"limit=50&offset=0"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, client := serve(t, simulator.Options{UnusedSide: tt.unused}, tt.sent)
			list, err := client.Tasks(t.Context(), instance)
			if err != nil {
				t.Fatal(err)
			}
			requests := len(tt.requests)
			checkRequests(t, s, tt.requests...)
			checkTasks(t, list.Tasks, tt.sent)
			for _, task := range list.Tasks {
				if task.TopicList == nil {
					t.Errorf("task %s has no derived fields", task.ID)
				}
				checkDerived(t, task)
				if *task.SourceType == "NONE" && task.SourceTask != nil || *task.SinkType == "NONE" && task.SinkTask != nil {
					t.Errorf("task %s has a source or sink that it does not use", task.ID)
				}
			}
			got := []any{*list.TotalNumber, *list.MaxTasks, *list.QuotaTasks, list.PageRequests, list.Retries}
			if want := []any{int64(len(tt.sent)), int64(18), int64(18), requests, 0}; !slices.Equal(got, want) {
				t.Errorf("total, maximum, quota, requests and retries are %v, want %v", got, want)
			}
		})
	}
}

func TestClientTasks_retriesTruncatedPage(t *testing.T) {
	sent := simulator.GenerateTasks(60)
	s, client := serve(t, simulator.Options{Faults: map[int]simulator.Fault{2: simulator.TruncateFault(1000)}}, sent)
	list, err := client.Tasks(t.Context(), instance)
	if err != nil {
		t.Fatal(err)
	}
	checkTasks(t, list.Tasks, sent)
	checkRequests(t, s, "limit=50&offset=0", "limit=50&offset=49", "limit=50&offset=49")
	if list.PageRequests != 2 || list.Retries != 1 {
		t.Errorf("%d requests and %d retries, want 2 and 1", list.PageRequests, list.Retries)
	}
}

func TestClientTasks_errors(t *testing.T) {
	items := strings.Repeat("a,", maxItems)
	for _, tt := range []struct{ name, instance, task, want string }{
		{"invalid field", simulator.InstanceID, `{"id":"x","sink_task":{"flush_size":"many"}}`, `task "x": field sink_task.flush_size: must be an integer, got a string`},
		{"too many topics", simulator.InstanceID, `{"id":"x","topics":"` + items + `"}`, `exceeds the limit of 10000 items in topics of task "x"`},
		{"unknown instance", "none", `{"id":"x"}`, "HTTP 404 Not Found, code DMS.00404022"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, client := serve(t, simulator.Options{}, []json.RawMessage{json.RawMessage(tt.task)})
			list, err := client.Tasks(t.Context(), Instance{Region: simulator.Region, ProjectID: simulator.ProjectID, ID: tt.instance})
			if list != nil || err == nil || !strings.Contains(err.Error(), tt.want) || len(s.Requests()) != 1 {
				t.Errorf("%d requests, %v; want one, and %q", len(s.Requests()), err, tt.want)
			}
		})
	}
}

func TestClientTasks_requestsAndRoundTrips(t *testing.T) {
	const latency = 100 * time.Millisecond
	for _, tt := range []struct{ tasks, requests, trips int }{
		{0, 1, 1},
		{49, 1, 1},
		{50, 2, 2},
		{200, 5, 2}, // the first page, then four in parallel
		{245, 5, 2},
		{246, 6, 3},
		{500, 11, 4},
		{5000, 103, 27},
	} {
		t.Run(strconv.Itoa(tt.tasks), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := memnet.New()
				cloud := newFakeList(tt.tasks)
				cloud.delay = func(context.Context, int) { <-time.After(latency) }
				n.Serve(t, address, cloud, nil)
				client := newClient(t, n)
				for _, read := range []string{"first", "second"} {
					cloud.requests = nil
					dialed, start := len(n.Dialed()), time.Now()
					if _, err := client.Tasks(t.Context(), instance); err != nil {
						t.Fatal(err)
					}
					if took, want := time.Since(start), time.Duration(tt.trips)*latency; took != want || len(cloud.requests) != tt.requests {
						t.Errorf("the %s read took %d requests and %s, want %d and %s", read, len(cloud.requests), took, tt.requests, want)
					}
					if more := len(n.Dialed()) - dialed; read == "second" && more > 0 {
						t.Errorf("the second read opened %d connections, want those of the first reused", more)
					}
				}
				checkNoOpenConns(t, n)
			})
		})
	}
}

// checkTasks compares tasks with their JSON as it was sent, without the decoder.
func checkTasks(t *testing.T, got []Task, sent []json.RawMessage) {
	t.Helper()
	if len(got) != len(sent) {
		t.Fatalf("%d tasks, want %d", len(got), len(sent))
	}
	for i, task := range sent {
		want := map[string]string{}
		flatten(t, want, "", task)
		if interval, ok := want["sink_task.deliver_time_interva"]; ok { // as in the example of the API reference
			delete(want, "sink_task.deliver_time_interva")
			want["sink_task.deliver_time_interval"] = interval
		}
		encoded, err := json.Marshal(got[i])
		if err != nil {
			t.Fatal(err)
		}
		have := map[string]string{}
		flatten(t, have, "", encoded)
		if !maps.Equal(have, want) {
			t.Errorf("task %d is\n%v, want\n%v", i, have, want)
		}
	}
}

// flatten adds the values of a JSON object to fields as text, by path. Null is not added.
func flatten(t *testing.T, fields map[string]string, path string, object []byte) {
	t.Helper()
	var members map[string]json.RawMessage
	if err := json.Unmarshal(object, &members); err != nil {
		t.Fatal(err)
	}
	for name, value := range members {
		switch value[0] {
		case '{':
			flatten(t, fields, path+name+".", value)
		case 'n':
		default:
			fields[path+name] = strings.Trim(string(value), `"`)
		}
	}
}
