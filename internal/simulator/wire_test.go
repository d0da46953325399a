// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package simulator_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

func decode(t *testing.T, tasks []json.RawMessage) []map[string]any {
	t.Helper()
	decoded := make([]map[string]any, len(tasks))
	for i, task := range tasks {
		if err := json.Unmarshal(task, &decoded[i]); err != nil {
			t.Fatalf("task %d: %v\n%s", i, err, task)
		}
	}
	return decoded
}

// sdkcompat checks that they have every documented field.
func TestGenerateTasks(t *testing.T) {
	seen := map[string]int{}
	ids := map[any]bool{}
	for i, task := range decode(t, simulator.GenerateTasks(90)) {
		kind := fmt.Sprint(task["source_type"], " ", task["sink_type"])
		seen[kind]++
		seen[fmt.Sprint(kind, " ", task["status"])]++
		if i < 9 && seen[kind] != 1 {
			t.Errorf("the first nine tasks repeat %s", kind)
		}
		ids[task["id"]] = true
	}
	if len(seen) != 9+9*5 || len(ids) != 90 {
		t.Errorf("%d combinations of types and statuses, %d IDs: %v", len(seen), len(ids), seen)
	}
	if !reflect.DeepEqual(simulator.GenerateTasks(50)[:20], simulator.GenerateTasks(20)) {
		t.Error("the first 20 of 50 tasks are not the 20 tasks")
	}
}

func TestPageTasks(t *testing.T) {
	tasks := decode(t, simulator.PageTasks())
	names := []any{}
	for _, task := range tasks {
		names = append(names, task["task_name"])
	}
	if got, want := fmt.Sprint(names), "[smart-connect-1571576841 smart-connect-1 smart-connect-121248117]"; got != want {
		t.Fatalf("tasks are %s, want %s", got, want)
	}
	sink, _ := tasks[1]["sink_task"].(map[string]any)
	if sink["record_delimiter"] != `\n` || sink["deliver_time_interva"] != 300.0 || sink["deliver_time_interval"] != nil {
		t.Errorf(`the OBS sink is %v, want a delimiter of backslash and n, and the misspelled deliver_time_interva`, sink)
	}
}

func TestReadInstance(t *testing.T) {
	for name, test := range map[string]struct {
		input string
		want  int
	}{
		"array":           {`[{"id":"a"}, {"id":"b"}]`, 2},
		"response":        {` {"total_number": 2, "tasks": [{"id":"a"}, {}]} `, 2},
		"no tasks":        {`{"tasks":[]}`, 0},
		"byte order mark": {"\xef\xbb\xbf[{}]", 1},
	} {
		instance, err := simulator.ReadInstance(strings.NewReader(test.input))
		if err != nil || len(instance.Tasks) != test.want || instance.Tasks == nil {
			t.Errorf("%s: %d tasks, error %v; want %d", name, len(instance.Tasks), err, test.want)
		}
	}
}

func TestReadInstance_invalid(t *testing.T) {
	for name, test := range map[string]struct{ input, want string }{
		"empty":           {" \n", "empty"},
		"no JSON":         {"tasks:\n- id: a", "not valid JSON, line 1"},
		"truncated":       {"[\n{\"id\":\n", "line 2"},
		"no tasks":        {`{"projects":[]}`, "neither a JSON array"},
		"null tasks":      {`{"tasks":null}`, "neither a JSON array"},
		"null":            {`null`, "neither a JSON array"},
		"task no object":  {`[{}, "x"]`, `task 2 of 2 is not a JSON object: "x"`},
		"task null":       {`{"tasks":[null]}`, `task 1 of 1 is not a JSON object: null`},
		"long not object": {`["` + strings.Repeat("x", 99) + `"]`, strings.Repeat("x", 39)},
	} {
		_, err := simulator.ReadInstance(strings.NewReader(test.input))
		if err == nil || !strings.Contains(err.Error(), test.want) || len(err.Error()) > 150 {
			t.Errorf("%s: error %v, want a short one with %q", name, err, test.want)
		}
	}
}
