// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package smartconnect

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/huaweicloud"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

// serve starts a simulator with tasks, and returns a client of it.
func serve(t *testing.T, o simulator.Options, tasks []json.RawMessage) (*simulator.Simulator, *Client) {
	t.Helper()
	s := simulator.New(o)
	s.SetTasks(simulator.InstanceID, tasks)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	cloud, err := huaweicloud.NewClient(huaweicloud.Config{
		Region:           simulator.Region,
		CredentialSource: huaweicloud.AccessKeys{AccessKey: simulator.AccessKey, SecretKey: huaweicloud.NewSecret(simulator.SecretKey)},
		Endpoints:        map[string]string{"dms": server.URL, "iam": server.URL},
		MaxRetries:       1,
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, NewClient(cloud)
}

var instance = Instance{Region: simulator.Region, ProjectID: simulator.ProjectID, ID: simulator.InstanceID}

// checkRequests checks all that the simulator was asked: the first page, then the others in any order.
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

func TestTasksAreThoseOnTheWireFieldByField(t *testing.T) {
	forms := map[string]simulator.UnusedSide{
		"null": simulator.UnusedNull, "empty": simulator.UnusedEmpty, "missing": simulator.UnusedMissing,
	}
	for name, form := range forms {
		t.Run("unused side "+name, func(t *testing.T) {
			for _, test := range []struct {
				name     string
				wire     []json.RawMessage
				requests []string
			}{
				{"page", simulator.PageTasks(), []string{"limit=50&offset=0"}},
				{"generated", simulator.GenerateTasks(120), []string{"limit=50&offset=0", "limit=50&offset=49", "limit=50&offset=98"}},
			} {
				t.Run(test.name, func(t *testing.T) {
					s, client := serve(t, simulator.Options{UnusedSide: form}, test.wire)
					list, err := client.Tasks(t.Context(), instance)
					if err != nil {
						t.Fatal(err)
					}
					checkRequests(t, s, test.requests...)
					checkWire(t, wirePage(t, test.wire), list.Tasks)
					for _, task := range list.Tasks {
						checkDerived(t, task)
						if *task.SourceType == "NONE" && task.SourceTask != nil || *task.SinkType == "NONE" && task.SinkTask != nil {
							t.Errorf("task %s has a side that it does not use", task.ID)
						}
					}
					got := []any{*list.TotalNumber, *list.MaxTasks, *list.QuotaTasks, list.PageRequests, list.Retries}
					if want := []any{int64(len(test.wire)), int64(18), int64(18), len(test.requests), 0}; !slices.Equal(got, want) {
						t.Errorf("total, most, quota, requests and retries are %v, want %v", got, want)
					}
				})
			}
		})
	}
}

func TestAListThatShrankBelowAPageIsReadAgain(t *testing.T) {
	for name, pastEnd := range map[string]simulator.PastEnd{"empty page": simulator.PastEndEmpty, "refusal": simulator.PastEndError} {
		t.Run(name, func(t *testing.T) {
			wire := simulator.GenerateTasks(60)
			s, client := serve(t, simulator.Options{PastEnd: pastEnd}, wire)
			s.SetFaults(map[int]simulator.Fault{2: func(w http.ResponseWriter, r *http.Request, next http.Handler) {
				s.SetTasks(simulator.InstanceID, wire[:40])
				next.ServeHTTP(w, r)
			}})
			list, err := client.Tasks(t.Context(), instance)
			if err != nil {
				t.Fatal(err)
			}
			checkWire(t, wirePage(t, wire[:40]), list.Tasks)
			checkRequests(t, s, "limit=50&offset=0", "limit=50&offset=49", "limit=50&offset=0")
			if list.PageRequests != 3 || list.Retries != 0 {
				t.Errorf("%d requests and %d retries, want 3 and 0", list.PageRequests, list.Retries)
			}
		})
	}
}

func TestAPageWhoseBodyIsCutIsAskedForAgain(t *testing.T) {
	wire := simulator.GenerateTasks(60)
	s, client := serve(t, simulator.Options{Faults: map[int]simulator.Fault{2: simulator.TruncateFault(1000)}}, wire)
	list, err := client.Tasks(t.Context(), instance)
	if err != nil {
		t.Fatal(err)
	}
	checkWire(t, wirePage(t, wire), list.Tasks)
	checkRequests(t, s, "limit=50&offset=0", "limit=50&offset=49", "limit=50&offset=49")
	if list.PageRequests != 2 || list.Retries != 1 {
		t.Errorf("%d requests and %d retries, want 2 and 1", list.PageRequests, list.Retries)
	}
}

func TestAnAnswerThatIsNotUnderstoodIsNotAskedForAgain(t *testing.T) {
	s, client := serve(t, simulator.Options{}, []json.RawMessage{json.RawMessage(`{"id":"x","sink_task":{"flush_size":"many"}}`)})
	_, err := client.Tasks(t.Context(), instance)
	var field *FieldError
	if !errors.As(err, &field) || field.Field != "sink_task.flush_size" {
		t.Errorf("the error is %v, want one about sink_task.flush_size", err)
	}
	checkRequests(t, s, "limit=50&offset=0")
}

func TestAnUnknownInstanceIsTheServicesError(t *testing.T) {
	_, client := serve(t, simulator.Options{}, nil)
	_, err := client.Tasks(t.Context(), Instance{Region: simulator.Region, ProjectID: simulator.ProjectID, ID: "none"})
	var refused *huaweicloud.Error
	if !errors.As(err, &refused) || refused.Status != http.StatusNotFound || refused.Code != "DMS.00404022" {
		t.Errorf("the error is %v, want 404 DMS.00404022", err)
	}
}

func wirePage(t *testing.T, tasks []json.RawMessage) []byte {
	t.Helper()
	body, err := json.Marshal(map[string]any{"tasks": tasks})
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// checkWire walks the JSON of a page, and checks that the structs say the same: each field on the
// wire that a struct has, and no other. It is written without the decoder that it checks.
func checkWire(t *testing.T, body []byte, got []Task) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var object map[string]any // not a struct, for which "Tasks" would do as well
	if err := decoder.Decode(&object); err != nil {
		t.Fatal(err)
	}
	wire := object["tasks"].([]any)
	if len(got) != len(wire) {
		t.Fatalf("%d tasks, want %d", len(got), len(wire))
	}
	for i, task := range wire {
		for _, difference := range compareWire(task.(map[string]any), reflect.ValueOf(got[i])) {
			t.Errorf("task %d, %.100q: %s", i, got[i].ID, difference)
		}
	}
}

func compareWire(wire map[string]any, v reflect.Value) (differences []string) {
	for i := range v.NumField() {
		name := v.Type().Field(i).Tag.Get("json")
		if name == "-" {
			continue
		}
		want := wire[name]
		if want == nil && name == "deliver_time_interval" {
			want = wire["deliver_time_interva"] // as in the page's example
		}
		if side, ok := want.(map[string]any); ok && len(side) == 0 {
			want = nil
		}
		field := v.Field(i)
		if field.Kind() == reflect.Pointer {
			if field.IsNil() != (want == nil) {
				differences = append(differences, fmt.Sprintf("%s is %v, want %v", name, field, want))
				continue
			} else if want == nil {
				continue
			}
			field = field.Elem()
		}
		if field.Kind() == reflect.Struct {
			for _, difference := range compareWire(want.(map[string]any), field) {
				differences = append(differences, name+"."+difference)
			}
		} else if !sameScalar(fmt.Sprint(want), field.Interface()) {
			differences = append(differences, fmt.Sprintf("%s is %#v, want %v", name, field, want))
		}
	}
	return differences
}

// sameScalar compares the text of a scalar on the wire, whatever its type there.
func sameScalar(wire string, got any) bool {
	switch got := got.(type) {
	case int64:
		f, err := strconv.ParseFloat(wire, 64)
		return wire == strconv.FormatInt(got, 10) || err == nil && int64(f) == got && float64(got) == f
	case bool:
		return strings.EqualFold(wire, strconv.FormatBool(got))
	default:
		return wire == got
	}
}

// TestTheComparisonWithTheWireFindsEachDifference guards the tests above: a comparison that sees
// nothing would pass them all.
func TestTheComparisonWithTheWireFindsEachDifference(t *testing.T) {
	wire := map[string]any{"id": "x", "status": "RUNNING", "create_time": json.Number("5"), "sink_task": map[string]any{"store_keys": true}}
	task := func(change func(*Task)) Task {
		whole := Task{ID: "x", Status: ptr("RUNNING"), CreateTime: ptr(int64(5)), SinkTask: &SinkTask{StoreKeys: ptr(true)}}
		change(&whole)
		return whole
	}
	for name, test := range map[string]struct {
		change func(*Task)
		want   int
	}{
		"none":                 {func(*Task) {}, 0},
		"ID":                   {func(t *Task) { t.ID = "y" }, 1},
		"field missing":        {func(t *Task) { t.Status = nil }, 1},
		"field invented":       {func(t *Task) { t.Topics = ptr("") }, 1},
		"number":               {func(t *Task) { *t.CreateTime = 6 }, 1},
		"side missing":         {func(t *Task) { t.SinkTask = nil }, 1},
		"side invented":        {func(t *Task) { t.SourceTask = &SourceTask{} }, 1},
		"nested boolean":       {func(t *Task) { *t.SinkTask.StoreKeys = false }, 1},
		"nested field missing": {func(t *Task) { t.SinkTask.StoreKeys = nil }, 1},
	} {
		if got := compareWire(wire, reflect.ValueOf(task(test.change))); len(got) != test.want {
			t.Errorf("%s: %d differences %q, want %d", name, len(got), got, test.want)
		}
	}
}
