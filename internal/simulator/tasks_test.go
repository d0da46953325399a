// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package simulator_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

func withTasks(o simulator.Options, tasks []json.RawMessage) *simulator.Simulator {
	s := simulator.New(o)
	s.SetTasks(simulator.InstanceID, tasks)
	return s
}

func TestTasksArePaged(t *testing.T) {
	tasks := simulator.GenerateTasks(120)
	s := withTasks(simulator.Options{}, tasks)
	for _, test := range []struct {
		query       string
		first, past int
	}{
		{"", 0, 10},
		{"?limit=1", 0, 1},
		{"?limit=50&offset=0", 0, 50},
		{"?limit=50&offset=49", 49, 99},
		{"?limit=50&offset=100", 100, 120},
		{"?limit=50&offset=119", 119, 120},
		{"?limit=50&offset=120", 120, 120},
		{"?limit=50&offset=9223372036854775807", 120, 120},
	} {
		t.Run(test.query, func(t *testing.T) {
			status, a := get(t, s, tasksURL+test.query)
			if status != http.StatusOK || a.TotalNumber == nil || *a.TotalNumber != len(tasks) {
				t.Fatalf("status %d, total %v; want 200 and %d", status, a.TotalNumber, len(tasks))
			}
			if a.Tasks == nil || len(a.Tasks) != test.past-test.first {
				t.Fatalf("%d tasks, want %d", len(a.Tasks), test.past-test.first)
			}
			for i, task := range a.Tasks {
				if !bytes.Equal(task, tasks[test.first+i]) {
					t.Errorf("task %d is %s, want %s", i, task, tasks[test.first+i])
				}
			}
		})
	}
}

func TestBadOffsetAndLimitAreRefused(t *testing.T) {
	s := simulator.New(simulator.Options{})
	for _, query := range []string{
		"limit=0", "limit=51", "limit=-1", "limit=ten", "limit=", "limit=1.5",
		"offset=-1", "offset=x", "offset=", "offset=9223372036854775808",
	} {
		t.Run(query, func(t *testing.T) {
			// A refusal of the service itself has no request ID in its body.
			if status, a := get(t, s, tasksURL+"?"+query); status != http.StatusBadRequest || a.Code != "DMS.00400100" || a.RequestID != "" {
				t.Errorf("status %d, %+v; want 400 DMS.00400100", status, a)
			}
		})
	}
}

func TestOffsetPastTheEndCanBeRefused(t *testing.T) {
	s := simulator.New(simulator.Options{PastEnd: simulator.PastEndError})
	for query, want := range map[string]int{"?offset=2": 200, "?offset=3": 400, "?offset=4": 400} {
		if status, a := get(t, s, tasksURL+query); status != want || want == 400 && a.Code != "DMS.00400062" {
			t.Errorf("%s: status %d %s, want %d", query, status, a.Code, want)
		}
	}
	s.SetTasks(simulator.InstanceID, nil)
	if status, a := get(t, s, tasksURL+"?offset=0"); status != http.StatusOK || a.Tasks == nil || *a.TotalNumber != 0 {
		t.Errorf("no tasks: status %d, %+v; want 200 and an empty list", status, a)
	}
}

func TestQuotaIsThatOfThePageUnlessGiven(t *testing.T) {
	s := simulator.New(simulator.Options{Projects: []simulator.Project{{ID: "p", Instances: []simulator.Instance{
		{ID: "default"}, {ID: "given", MaxTasks: 5, QuotaTasks: 7},
	}}}})
	for instance, want := range map[string][2]int{"default": {18, 18}, "given": {5, 7}} {
		status, a := get(t, s, "/v2/p/instances/"+instance+"/connector/tasks")
		if status != http.StatusOK || [2]int{*a.MaxTasks, *a.QuotaTasks} != want {
			t.Errorf("%s: status %d, max %d, quota %d; want %v", instance, status, *a.MaxTasks, *a.QuotaTasks, want)
		}
	}
}

func TestUnknownTargetsAreRefused(t *testing.T) {
	s := simulator.New(simulator.Options{Projects: []simulator.Project{
		{ID: "p", Instances: []simulator.Instance{{ID: "i"}}}, {ID: "q"},
	}})
	for _, test := range []struct {
		method, target, project string
		status                  int
		code                    string
	}{
		{"GET", "/v2/p/instances/i/connector/tasks", "p", 200, ""},
		{"GET", "/v2/x/instances/i/connector/tasks", "", 401, "APIGW.0301"},
		{"GET", "/v2/p/instances/i/connector/tasks", "q", 401, "DMS.10240104"},
		{"GET", "/v2/q/instances/i/connector/tasks", "q", 404, "DMS.00404022"},
		{"GET", "/v2/p/instances/x/connector/tasks", "p", 404, "DMS.00404022"},
		{"GET", "/v2/p/instances/i/connector/tasks/", "", 404, "APIGW.0101"},
		{"GET", "/v2/p/instances/i/connector/tasks/t", "", 404, "APIGW.0101"},
		{"GET", "/x/v2/p/instances/i/connector/tasks", "", 404, "APIGW.0101"},
		{"GET", "//v2/p/instances/i/connector/tasks", "", 404, "APIGW.0101"},
		{"GET", "/v2/p/instances/../instances/i/connector/tasks", "", 404, "APIGW.0101"},
		{"GET", "/v3/projects/p", "", 404, "APIGW.0101"},
		{"GET", "/", "", 404, "APIGW.0101"},
		{"POST", "/v2/p/instances/i/connector/tasks", "", 404, "APIGW.0101"},
		{"HEAD", "/v3/projects", "", 404, "APIGW.0101"},
	} {
		t.Run(fmt.Sprintf("%s %s as %q", test.method, test.target, test.project), func(t *testing.T) {
			c := call{method: test.method, target: "http://localhost" + test.target, path: test.target + "/"}
			if test.project != "" {
				c.headers = map[string]string{"X-Project-Id": test.project}
			}
			if status, a := do(t, s, c.request()); status != test.status || a.Code != test.code {
				t.Errorf("status %d %s, want %d %s", status, a.Code, test.status, test.code)
			}
		})
	}
}

func TestUnusedSideIsServedInTheFormAskedFor(t *testing.T) {
	for name, test := range map[string]struct {
		form    simulator.UnusedSide
		want    string
		present bool
	}{
		"null":    {simulator.UnusedNull, "null", true},
		"empty":   {simulator.UnusedEmpty, "{}", true},
		"missing": {simulator.UnusedMissing, "", false},
	} {
		for _, was := range []string{`"source_task":null,`, `"source_task": {},`, ``} {
			t.Run(name+" for "+was, func(t *testing.T) {
				task := fmt.Sprintf(`{"id":"<&>",%s"source_type":"NONE","sink_task":{},"sink_type":"OBS_SINK","n":9007199254740993}`, was)
				s := withTasks(simulator.Options{UnusedSide: test.form}, []json.RawMessage{json.RawMessage(task)})
				_, a := get(t, s, tasksURL)
				if got, present := field(t, a.Tasks[0], "source_task"); present != test.present || string(got) != test.want && present {
					t.Errorf("source_task is %s (%t), want %s (%t)", got, present, test.want, test.present)
				}
				if got, _ := field(t, a.Tasks[0], "sink_task"); string(got) != "{}" {
					t.Errorf("the used side is %s, want {}", got)
				}
				if got, _ := field(t, a.Tasks[0], "n"); string(got) != "9007199254740993" {
					t.Errorf("n is %s, want its digits kept", got)
				}
			})
		}
	}
}

func TestOddTasksAreServedAsTheyAre(t *testing.T) {
	odd := []json.RawMessage{
		json.RawMessage(`null`), json.RawMessage(`"text"`), json.RawMessage(`[1, 2]`),
		json.RawMessage(`{"sink_type": "NONE",  "sink_task": {"redis_type": "x"}}`),
		json.RawMessage(`{"sink_type":7}`), json.RawMessage(`{"id":"a","id":"b"}`),
	}
	_, a := get(t, withTasks(simulator.Options{UnusedSide: simulator.UnusedMissing}, odd), tasksURL)
	for i, task := range a.Tasks {
		if !bytes.Equal(task, odd[i]) {
			t.Errorf("task %d is %s, want %s", i, task, odd[i])
		}
	}
}

func TestSetTasksPanicsRatherThanServeNonsense(t *testing.T) {
	for name, set := range map[string]func(*simulator.Simulator){
		"unknown instance": func(s *simulator.Simulator) { s.SetTasks("x", nil) },
		"invalid JSON":     func(s *simulator.Simulator) { s.SetTasks(simulator.InstanceID, []json.RawMessage{[]byte("{")}) },
		"empty message":    func(s *simulator.Simulator) { s.SetTasks(simulator.InstanceID, []json.RawMessage{nil}) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("there was no panic")
				}
			}()
			set(simulator.New(simulator.Options{}))
		})
	}
}

func TestProjectsAreFilteredByName(t *testing.T) {
	s := simulator.New(simulator.Options{Projects: []simulator.Project{
		{ID: "1", Name: "a"}, {ID: "2", Name: "b"}, {ID: "3", Name: "a"},
	}})
	for query, want := range map[string]string{
		"": "[1 2 3]", "?name=a": "[1 3]", "?name=b": "[2]", "?name=A": "[]", "?name=": "[]", "?name=c": "[]",
	} {
		t.Run(query, func(t *testing.T) {
			status, a := get(t, s, "/v3/projects"+query)
			ids := []any{}
			for _, p := range a.Projects {
				ids = append(ids, p["id"])
				if p["enabled"] != true || p["name"] == "" || p["domain_id"] != simulator.DomainID {
					t.Errorf("project is %v, want its other fields too", p)
				}
			}
			if got := fmt.Sprint(ids); status != http.StatusOK || got != want || a.Projects == nil || a.Links["self"] == nil {
				t.Errorf("status %d, projects %v, links %v; want 200, %s and links", status, got, a.Links, want)
			}
		})
	}
}
