// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package simulator_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

// The fields of the API page's tables, by the kind of task that has them.
var (
	taskFields = strings.Fields("task_name source_type source_task sink_type sink_task id status create_time")

	sourceFields = map[string][]string{
		"NONE": nil,
		"KAFKA_REPLICATOR_SOURCE": strings.Fields(`current_cluster_name cluster_name user_name sasl_mechanism
			instance_id bootstrap_servers security_protocol direction sync_consumer_offsets_enabled
			replication_factor task_num rename_topic_enabled provenance_header_enabled consumer_strategy
			compression_type topics_mapping`),
		"REDIS_REPLICATOR_SOURCE": strings.Fields(`redis_address redis_type dcs_instance_id sync_mode
			full_sync_wait_ms full_sync_max_retry ratelimit`),
	}
	sinkFields = map[string][]string{
		"NONE": nil,
		"OBS_SINK": strings.Fields(`consumer_strategy destination_file_type deliver_time_interval
			obs_bucket_name obs_path partition_format record_delimiter store_keys obs_part_size flush_size
			timezone schema_generator_class partitioner_class value_converter key_converter kv_delimiter`),
		"REDIS_REPLICATOR_SINK": strings.Fields("redis_address redis_type dcs_instance_id target_db"),
	}
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

// sameFields wants exactly the fields; nil stands for a side that is null.
func sameFields(t *testing.T, what string, value any, fields []string) {
	t.Helper()
	object, _ := value.(map[string]any)
	if len(object) != len(fields) || (object == nil) != (fields == nil) {
		t.Errorf("%s has %d fields, want %d: %v", what, len(object), len(fields), value)
	}
	for _, field := range fields {
		if object[field] == nil {
			t.Errorf("%s has no %s", what, field)
		}
	}
}

func TestGeneratedTasksCoverEveryCombinationAndField(t *testing.T) {
	tasks := decode(t, simulator.GenerateTasks(90))
	seen := make(map[string]int)
	unique := make(map[any]bool)
	filled := make(map[string]bool) // not just "", 0 or false
	fill := func(kind string, object any) {
		fields, _ := object.(map[string]any)
		for field, value := range fields {
			if !reflect.ValueOf(value).IsZero() {
				filled[kind+" "+field] = true
			}
		}
	}
	for _, task := range tasks {
		source, sink, status := task["source_type"].(string), task["sink_type"].(string), task["status"].(string)
		seen[source+" "+sink]++
		seen[source+" "+sink+" "+status]++
		sameFields(t, "source "+source, task["source_task"], sourceFields[source])
		sameFields(t, "sink "+sink, task["sink_task"], sinkFields[sink])
		fill(source, task["source_task"])
		fill(sink, task["sink_task"])

		_, topics := task["topics"]
		_, regex := task["topics_regex"]
		if topics == regex {
			t.Errorf("task %s: topics %t, topics_regex %t; want one of them", task["task_name"], topics, regex)
		}
		if len(task) != len(taskFields)+1 {
			t.Errorf("task has %d fields, want %d: %v", len(task), len(taskFields)+1, task)
		}
		for _, field := range taskFields {
			if _, present := task[field]; !present {
				t.Errorf("task %s has no %s", task["task_name"], field)
			}
		}
		for _, field := range []string{"id", "task_name", "create_time", "topics", "topics_regex"} {
			if value := task[field]; value != nil && unique[value] {
				t.Errorf("%s %v is there twice", field, value)
			} else {
				unique[value] = true
			}
		}
	}
	for source, fields := range sourceFields {
		for _, field := range fields {
			if !filled[source+" "+field] {
				t.Errorf("%s of %s is never filled", field, source)
			}
		}
		for sink := range sinkFields {
			if seen[source+" "+sink] != 10 {
				t.Errorf("%s to %s: %d tasks, want 10", source, sink, seen[source+" "+sink])
			}
			for _, status := range []string{"RUNNING", "PAUSED", "WAITING", "RESTARTING", "CREATING"} {
				if seen[source+" "+sink+" "+status] == 0 {
					t.Errorf("%s to %s is never %s", source, sink, status)
				}
			}
		}
	}
	for sink, fields := range sinkFields {
		for _, field := range fields {
			if field != "store_keys" && !filled[sink+" "+field] {
				t.Errorf("%s of %s is never filled", field, sink)
			}
		}
	}
}

func TestNineGeneratedTasksCoverEveryCombination(t *testing.T) {
	seen := make(map[string]bool)
	for _, task := range decode(t, simulator.GenerateTasks(9)) {
		seen[task["source_type"].(string)+" "+task["sink_type"].(string)] = true
	}
	if len(seen) != 9 {
		t.Errorf("%d combinations, want 9: %v", len(seen), seen)
	}
}

func TestGeneratedTasksAreAlwaysTheSame(t *testing.T) {
	long, short := simulator.GenerateTasks(50), simulator.GenerateTasks(20)
	if !reflect.DeepEqual(long[:20], short) {
		t.Error("the first 20 of 50 tasks are not the 20 tasks")
	}
	for _, n := range []int{0, -1} {
		if tasks := simulator.GenerateTasks(n); len(tasks) != 0 {
			t.Errorf("%d tasks for %d", len(tasks), n)
		}
	}
}

func TestPageTasksAreThoseOfThePage(t *testing.T) {
	tasks := decode(t, simulator.PageTasks())
	if len(tasks) != 3 {
		t.Fatalf("%d tasks, want 3", len(tasks))
	}
	for i, want := range []map[string]any{
		{"task_name": "smart-connect-1571576841", "id": "194917d0-3b5e-4c1f-9a47-6d0e8f2b1c35", "create_time": 1708427753133.0, "topics": "topic-1643449744", "sink_task": nil},
		{"task_name": "smart-connect-1", "id": "3c0ac4d1-82f6-4e0d-8b1a-27c95e4df063", "create_time": 1708565483911.0, "topics_regex": "topic-obs*", "source_task": nil},
		{"task_name": "smart-connect-121248117", "id": "8a205bbd-c914-4f7b-a3e2-5190d6b8ce4a", "create_time": 1708427753133.0, "topics": "topic-sc"},
	} {
		for field, value := range want {
			if got, present := tasks[i][field]; got != value || !present {
				t.Errorf("task %d: %s is %v, want %v", i, field, got, value)
			}
		}
	}
	kafka, _ := tasks[0]["source_task"].(map[string]any)
	sameFields(t, "the Kafka source", kafka, sourceFields["KAFKA_REPLICATOR_SOURCE"])
	redis, _ := tasks[2]["source_task"].(map[string]any)
	sameFields(t, "the Redis source", redis, sourceFields["REDIS_REPLICATOR_SOURCE"])
	sameFields(t, "the Redis sink", tasks[2]["sink_task"], sinkFields["REDIS_REPLICATOR_SINK"])
	obs, _ := tasks[1]["sink_task"].(map[string]any)
	if obs["record_delimiter"] != `\n` {
		t.Errorf("record_delimiter is %q, want a backslash and an n", obs["record_delimiter"])
	}
	if obs["deliver_time_interva"] != 300.0 || obs["deliver_time_interval"] != nil {
		t.Errorf("the OBS sink is %v, want the page's misspelt deliver_time_interva", obs)
	}
}

func TestPageTasksAreTheCallersOwn(t *testing.T) {
	simulator.PageTasks()[0][0] = 'x'
	if task := simulator.PageTasks()[0]; task[0] != '{' {
		t.Errorf("a change of one answer is in the next: %s", task)
	}
}

func TestReadInstance(t *testing.T) {
	for name, test := range map[string]struct {
		input string
		want  int
	}{
		"array":           {`[{"id":"a"}, {"id":"b"}]`, 2},
		"answer":          {` {"total_number": 2, "tasks": [{"id":"a"}, {}]} `, 2},
		"no tasks":        {`{"tasks":[]}`, 0},
		"byte order mark": {"\xef\xbb\xbf[{}]", 1},
	} {
		t.Run(name, func(t *testing.T) {
			instance, err := simulator.ReadInstance(strings.NewReader(test.input))
			if err != nil || len(instance.Tasks) != test.want || instance.Tasks == nil {
				t.Errorf("%d tasks, error %v; want %d", len(instance.Tasks), err, test.want)
			}
		})
	}
}

func TestReadInstance_invalid(t *testing.T) {
	for name, test := range map[string]struct{ input, want string }{
		"empty":           {" \n", "empty"},
		"no JSON":         {"tasks:\n- id: a", "not valid JSON, line 1"},
		"cut":             {"[\n{\"id\":\n", "line 2"},
		"two values":      {"[]\n[]", "line 2"},
		"no tasks":        {`{"projects":[]}`, "neither a JSON array"},
		"null tasks":      {`{"tasks":null}`, "neither a JSON array"},
		"tasks no array":  {`{"tasks":{}}`, "neither a JSON array"},
		"a number":        {`7`, "neither a JSON array"},
		"null":            {`null`, "neither a JSON array"},
		"task no object":  {`[{}, "x"]`, `task 2 of 2 is not a JSON object: "x"`},
		"task null":       {`{"tasks":[null]}`, `task 1 of 1 is not a JSON object: null`},
		"long not object": {`["` + strings.Repeat("x", 99) + `"]`, strings.Repeat("x", 39)},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := simulator.ReadInstance(strings.NewReader(test.input))
			if err == nil || !strings.Contains(err.Error(), test.want) || len(err.Error()) > 150 {
				t.Errorf("error %v, want a short one with %q", err, test.want)
			}
		})
	}
	broken := errors.New("broken")
	if _, err := simulator.ReadInstance(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("error %v, want the reader's", err)
	}
}
