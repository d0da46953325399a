// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/smartconnect"
)

// warningText is each warning's path, summary and detail.
func warningText(diags diag.Diagnostics) string {
	var b strings.Builder
	for _, d := range diags {
		if p, ok := d.(diag.DiagnosticWithPath); ok {
			fmt.Fprintf(&b, "%s: ", p.Path())
		}
		fmt.Fprintf(&b, "%s: %s: %s\n", d.Severity(), d.Summary(), d.Detail())
	}
	return b.String()
}

func TestTasksFilterModelWarnings(t *testing.T) {
	t.Parallel()
	var tasks []smartconnect.Task
	for i := range 12 {
		tasks = append(tasks, smartconnect.Task{ID: fmt.Sprint(i), TaskName: new(fmt.Sprintf("n\x1b%02d", i)), Status: new("RUNNING"), SinkType: new("NEW_SINK")})
	}
	tasks[1].Status = nil
	const summary = "Warning: Filter Value Matches No Task: No task of the instance matches "
	for name, tt := range map[string]struct {
		filters tasksFilterModel
		tasks   []smartconnect.Task
		want    string
	}{
		"no filters":                 {tasksFilterModel{}, tasks, ""},
		"empty filters":              {tasksFilterModel{IDs: []string{}, Statuses: []string{}}, tasks, ""},
		"documented, without a task": {tasksFilterModel{Statuses: []string{"PAUSED"}, SourceTypes: []string{"NONE"}, SinkTypes: []string{"OBS_SINK"}}, nil, ""},
		"undocumented, with a task":  {tasksFilterModel{SinkTypes: []string{"NEW_SINK"}, IDs: []string{"3"}}, tasks, ""},
		"case and prefix": {
			tasksFilterModel{Statuses: []string{"running", "RUN", "RUNNING"}},
			tasks,
			"statuses: " + summary + `"RUN", "running", compared exactly. Documented values: "RUNNING", "PAUSED", "WAITING", "RESTARTING", "CREATING". Existing values: "RUNNING".` + "\n",
		},
		"several arguments": {
			tasksFilterModel{SourceTypes: []string{"KAFKA"}, SinkTypes: []string{"OBS"}},
			tasks,
			"source_types: " + summary + `"KAFKA", compared exactly. Documented values: "NONE", "KAFKA_REPLICATOR_SOURCE", "REDIS_REPLICATOR_SOURCE". No task has a value.` + "\n" +
				"sink_types: " + summary + `"OBS", compared exactly. Documented values: "NONE", "OBS_SINK", "REDIS_REPLICATOR_SINK". Existing values: "NEW_SINK".` + "\n",
		},
		"names": {
			tasksFilterModel{TaskNames: []string{strings.Repeat("x", 200)}},
			tasks,
			"task_names: " + summary + `"` + strings.Repeat("x", 100) + `", compared exactly. Existing values: "n\x1b00", "n\x1b01", "n\x1b02", "n\x1b03", "n\x1b04", "n\x1b05", "n\x1b06", "n\x1b07", "n\x1b08", "n\x1b09" and 2 more.` + "\n",
		},
		"as many as are listed": {
			tasksFilterModel{IDs: []string{"x"}},
			tasks[:maxWarned],
			"ids: " + summary + `"x", compared exactly. Existing values: "0", "1", "2", "3", "4", "5", "6", "7", "8", "9".` + "\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := warningText(tt.filters.warnings(tt.tasks)); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

func TestTaskWarnings(t *testing.T) {
	t.Parallel()
	var tasks []smartconnect.Task
	var warnings []smartconnect.Warning
	for i := range 12 {
		id := fmt.Sprint(i)
		tasks = append(tasks, smartconnect.Task{ID: id, TaskName: new("\u202eevil\n" + id)})
		for _, field := range []string{"created_at", "source_task.topic_map"} {
			warnings = append(warnings, smartconnect.Warning{TaskID: id, Task: "task " + id, Field: field, Err: errors.New("why")})
		}
	}
	for name, tt := range map[string]struct {
		tasks []smartconnect.Task
		want  string
	}{
		"none": {nil, ""},
		"returned tasks only": {tasks[3:4], `Warning: Derived Attributes Not Available: The API returned values in an undocumented form. The attributes derived from them are null; the values themselves are exported unchanged:

  task 3: created_at: why
  task 3: source_task.topic_map: why
Warning: Control Characters in Task Names: Terraform prints control characters in values unescaped, which can alter or hide output on a terminal. Check who created these tasks:

  "\u202eevil\n3" (id "3")
`},
		"visible names": {[]smartconnect.Task{{ID: "a"}, {ID: "b", TaskName: new("\u540d\u3000 \U0001F600\u00e9")}}, ""},
		"ID":            {[]smartconnect.Task{{ID: "a\x1b[2J"}}, "Warning: Control Characters in Task Names: Terraform prints control characters in values unescaped, which can alter or hide output on a terminal. Check who created these tasks:\n\n  no name (id \"a\\x1b[2J\")\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := warningText(taskWarnings(warnings, tt.tasks)); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
	t.Run("ten tasks, then their number", func(t *testing.T) {
		t.Parallel()
		for _, d := range taskWarnings(warnings, tasks) {
			if !strings.HasSuffix(d.Detail(), "\n  and 2 more") || !strings.Contains(d.Detail(), "9") || strings.Contains(d.Detail(), "10") {
				t.Errorf("%s:\n%s", d.Summary(), d.Detail())
			}
		}
	})
}

// A read with warnings succeeds, and its plan shows one warning of each kind.
func TestAccTasksDataSource_warnings(t *testing.T) {
	t.Parallel()
	odd := []string{
		`{"id":"1","task_name":"odd\u001b[2J","create_time":9007199254740993,"source_task":{"topics_mapping":"a:b:c","bootstrap_servers":"@"}}`,
		`{"id":"2","task_name":"odd\u001b[2J\n","create_time":9007199254740993}`,
	}
	faults := map[int]simulator.Fault{}
	for i := range 20 {
		faults[i+1] = func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			offset, err := strconv.Atoi(r.URL.Query().Get("offset"))
			if err != nil { // the lookup of the project
				next.ServeHTTP(w, r)
				return
			}
			_, _ = fmt.Fprintf(w, `{"tasks":[%s],"total_number":1}`, strings.Join(odd[offset:], ","))
		}
	}
	c := newSimulator(t, simulator.Options{Faults: faults})
	w := workspace(t, map[string]string{"main.tf": userSource + c.provider + readTasks(c.instance, `statuses = null`) +
		"data \"smartconnect_tasks\" \"gate\" {\n  instance_id = \"" + c.instance + "\"\n  statuses = [\"running\"]\n}\n"})
	var out, stderr bytes.Buffer
	if err := w.Run(t.Context(), &out, &stderr, "plan", "-json"); err != nil {
		t.Fatalf("%v\n%s%s", err, out.String(), stderr.String())
	}
	got := map[string]int{}
	for line := range strings.Lines(out.String()) {
		var message struct {
			Diagnostic *diagnostic `json:"diagnostic"`
		}
		if err := json.Unmarshal([]byte(line), &message); err != nil {
			t.Fatal(err)
		}
		if d := message.Diagnostic; d != nil && d.Address != "" {
			got[d.Address+": "+d.Summary]++
			if strings.ContainsRune(d.Detail, '\x1b') {
				t.Errorf("control characters in %q", d.Detail)
			}
		}
	}
	for _, want := range []string{
		"data.smartconnect_tasks.test: Inconsistent Number of Tasks",
		"data.smartconnect_tasks.test: Derived Attributes Not Available",
		"data.smartconnect_tasks.test: Control Characters in Task Names",
		"data.smartconnect_tasks.gate: Inconsistent Number of Tasks",
		"data.smartconnect_tasks.gate: Filter Value Matches No Task",
	} {
		if got[want] != 1 {
			t.Errorf("warnings are %v, want one %s", got, want)
		}
		delete(got, want)
	}
	if len(got) > 0 {
		t.Errorf("unexpected warnings %v", got)
	}
}
