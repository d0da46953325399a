// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package simulator_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

func TestTasks_invalidPage(t *testing.T) {
	s := simulator.New(simulator.Options{})
	for _, query := range []string{"limit=0", "limit=51", "limit=ten", "limit=", "offset=-1", "offset=x", "offset=9223372036854775808"} {
		if got := result(get(t, s, tasksURL+"?"+query)); got != "400 DMS.00400100" {
			t.Errorf("%s: %s, want 400 DMS.00400100", query, got)
		}
	}
}

func TestTasks_offsetPastTheEnd(t *testing.T) {
	for pastEnd, want := range map[simulator.PastEnd]string{simulator.PastEndEmpty: "200", simulator.PastEndError: "400 DMS.00400062"} {
		s := simulator.New(simulator.Options{PastEnd: pastEnd})
		for query, want := range map[string]string{"?offset=2": "200", "?offset=3": want, "?offset=9223372036854775807": want} {
			if got := result(get(t, s, tasksURL+query)); got != want {
				t.Errorf("%d, %s: %s, want %s", pastEnd, query, got, want)
			}
		}
		s.SetTasks(simulator.InstanceID, nil)
		if status, body := get(t, s, tasksURL+"?offset=0"); status != http.StatusOK || body.Tasks == nil || *body.TotalNumber != 0 {
			t.Errorf("no tasks: status %d, %+v; want 200 and an empty list", status, body)
		}
	}
}

func TestRoute_unknown(t *testing.T) {
	s := simulator.New(simulator.Options{Projects: []simulator.Project{
		{ID: "p", Instances: []simulator.Instance{{ID: "i"}}}, {ID: "q"},
	}})
	for _, test := range []struct{ method, target, project, want string }{
		{"GET", "/v2/p/instances/i/connector/tasks", "p", "200"},
		{"GET", "/v2/x/instances/i/connector/tasks", "", "401 APIGW.0301"},
		{"GET", "/v2/p/instances/i/connector/tasks", "q", "401 DMS.10240104"},
		{"GET", "/v2/q/instances/i/connector/tasks", "q", "404 DMS.00404022"},
		{"GET", "/v2/p/instances/i/connector/tasks/", "", "404 APIGW.0101"},
		{"GET", "//v2/p/instances/i/connector/tasks", "", "404 APIGW.0101"},
		{"GET", "/v2/p/instances/../instances/i/connector/tasks", "", "404 APIGW.0101"},
		{"GET", "/v3/projects/p", "", "404 APIGW.0101"},
		{"POST", "/v2/p/instances/i/connector/tasks", "", "404 APIGW.0101"},
	} {
		c := call{method: test.method, target: "http://localhost" + test.target, path: test.target + "/"}
		if test.project != "" {
			c.headers = map[string]string{"X-Project-Id": test.project}
		}
		if got := result(do(t, s, c.request())); got != test.want {
			t.Errorf("%s %s as %q: %s, want %s", test.method, test.target, test.project, got, test.want)
		}
	}
}

func TestTasks_unusedSide(t *testing.T) {
	const task = `{"id":"<&>",%s"source_type":"NONE","sink_task":{},"sink_type":"OBS_SINK","n":9007199254740993}`
	for form, want := range map[simulator.UnusedSide]string{simulator.UnusedNull: "null", simulator.UnusedEmpty: "{}", simulator.UnusedMissing: ""} {
		for _, was := range []string{`"source_task":null,`, `"source_task": {},`, ``} {
			s := simulator.New(simulator.Options{UnusedSide: form})
			s.SetTasks(simulator.InstanceID, []json.RawMessage{json.RawMessage(fmt.Sprintf(task, was))})
			_, body := get(t, s, tasksURL)
			var fields map[string]json.RawMessage
			if err := json.Unmarshal(body.Tasks[0], &fields); err != nil {
				t.Fatal(err)
			}
			if string(fields["source_task"]) != want || string(fields["sink_task"]) != "{}" || string(fields["n"]) != "9007199254740993" {
				t.Errorf("%s as %q: %s", was, want, body.Tasks[0])
			}
		}
	}
}

// Tests send tasks that the API never would.
func TestTasks_unchanged(t *testing.T) {
	s := simulator.New(simulator.Options{UnusedSide: simulator.UnusedMissing})
	for _, task := range []string{`null`, `[1, 2]`, `{"sink_type": "NONE",  "sink_task": {"redis_type": "x"}}`, `{"sink_type":7}`, `{"id":"a","id":"b"}`} {
		s.SetTasks(simulator.InstanceID, []json.RawMessage{json.RawMessage(task)})
		if _, body := get(t, s, tasksURL); string(body.Tasks[0]) != task {
			t.Errorf("%s, want %s", body.Tasks[0], task)
		}
	}
}
