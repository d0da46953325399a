// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package smartconnect

import (
	"math"
	"reflect"
	"strings"
	"testing"
)

func TestSplitList(t *testing.T) {
	for _, tt := range []struct {
		joined *string
		want   []string
	}{
		{nil, []string{}},
		{new(""), []string{}},
		{new(" "), []string{}},
		{new(","), []string{}},
		{new("a"), []string{"a"}},
		{new(" a , b "), []string{"a", "b"}},
		{new("a,b,"), []string{"a", "b"}},
		{new("b,a,b"), []string{"b", "a", "b"}},
	} {
		if got := splitList(tt.joined); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("splitList(%s) = %#v, want %#v", show(tt.joined), got, tt.want)
		}
	}
}

func TestSplitMap(t *testing.T) {
	const malformed, conflict = " is not of the form source:target", " maps a topic that an earlier pair maps to another one"
	for _, tt := range []struct {
		joined string
		want   map[string]string
		err    string
	}{
		{"", map[string]string{}, ""},
		{" , ", map[string]string{}, ""},
		{"a:b", map[string]string{"a": "b"}, ""},
		{" a : b , c:d ,", map[string]string{"a": "b", "c": "d"}, ""},
		{"a:c,b:c", map[string]string{"a": "c", "b": "c"}, ""},
		{"a:b,a:b", map[string]string{"a": "b"}, ""},
		{"a:b,a:c", nil, "pair 2" + conflict},
		{"a", nil, "pair 1" + malformed},
		{"a:b,c", nil, "pair 2" + malformed},
		{":b", nil, "pair 1" + malformed},
		{"a:", nil, "pair 1" + malformed},
		{" : ", nil, "pair 1" + malformed},
		{"a:b:c", nil, "pair 1" + malformed},
	} {
		got, err := splitMap(&tt.joined)
		if !reflect.DeepEqual(got, tt.want) || errorText(err) != tt.err {
			t.Errorf("splitMap(%q) = %#v, %v; want %#v, %s", tt.joined, got, err, tt.want, tt.err)
		}
	}
	if got, err := splitMap(nil); got == nil || len(got) != 0 || err != nil {
		t.Errorf("splitMap(nil) = %#v, %v; want an empty map", got, err)
	}
}

func TestSplitAddresses(t *testing.T) {
	port := func(n int64) *int64 { return &n }
	for _, tt := range []struct {
		joined string
		want   []HostPort
		err    string
	}{
		{"", []HostPort{}, ""},
		{" , ", []HostPort{}, ""},
		{"192.0.2.1:9092", []HostPort{{"192.0.2.1", port(9092)}}, ""},
		{" a.example:1 ,, b.example : 65535 ", []HostPort{{"a.example", port(1)}, {"b.example", port(65535)}}, ""},
		{"a,b:,c:http,d:65536,e:-1", []HostPort{{"a", nil}, {"b", nil}, {"c", nil}, {"d", nil}, {"e", nil}}, ""},
		{"[2001:db8::1]:9092,[2001:db8::2]", []HostPort{{"2001:db8::1", port(9092)}, {"2001:db8::2", nil}}, ""},
		{"2001:db8::1", []HostPort{{"2001:db8::1", nil}}, ""}, // the last group is no port
		{"a:1,:9092", nil, "address 2 is not of the form host:port"},
		{"[]:1", nil, "address 1 is not of the form host:port"},
		{"redis://a:1", nil, "address 1 is not of the form host:port"},
		{"user@a:1", nil, "address 1 is not of the form host:port"},
		{"a b:1", nil, "address 1 is not of the form host:port"},
	} {
		got, err := splitAddresses(&tt.joined)
		if !reflect.DeepEqual(got, tt.want) || errorText(err) != tt.err {
			t.Errorf("splitAddresses(%q) = %#v, %v; want %#v, %s", tt.joined, got, err, tt.want, tt.err)
		}
	}
	if got, err := splitAddresses(nil); got == nil || len(got) != 0 || err != nil {
		t.Errorf("splitAddresses(nil) = %#v, %v; want an empty list", got, err)
	}
}

func TestFormatTime(t *testing.T) {
	for ms, want := range map[int64]string{
		1708427753133:   "2024-02-20T11:15:53.133Z",
		1708427753000:   "2024-02-20T11:15:53.000Z",
		0:               "1970-01-01T00:00:00.000Z",
		-1:              "1969-12-31T23:59:59.999Z",
		-62167219200000: "0000-01-01T00:00:00.000Z", // the first and the last that RFC 3339 can name
		253402300799999: "9999-12-31T23:59:59.999Z",
	} {
		if got, err := formatTime(&ms); got == nil || *got != want || err != nil {
			t.Errorf("formatTime(%d) = %s, %v; want %s", ms, show(got), err, want)
		}
	}
	for _, ms := range []int64{-62167219200001, 253402300800000, 9007199254740993, math.MaxInt64, math.MinInt64} {
		if got, err := formatTime(&ms); got != nil || err == nil {
			t.Errorf("formatTime(%d) = %s, %v; want an error", ms, show(got), err)
		}
	}
	if got, err := formatTime(nil); got != nil || err != nil {
		t.Errorf("formatTime(nil) = %s, %v; want nil", show(got), err)
	}
}

func TestTaskDeriveFields(t *testing.T) {
	task := Task{ID: "x"}
	if got := task.deriveFields(); got != nil || !reflect.DeepEqual(task, Task{ID: "x", TopicList: []string{}}) {
		t.Errorf("a task with nothing to derive from becomes %+v, with %v", task, got)
	}

	task = Task{ID: "x", SourceTask: &SourceTask{}, SinkTask: &SinkTask{}}
	warnings := task.deriveFields()
	want := Task{
		ID: "x", TopicList: []string{},
		SourceTask: &SourceTask{RedisAddressList: []HostPort{}, BootstrapServerList: []HostPort{}, TopicMap: map[string]string{}},
		SinkTask:   &SinkTask{RedisAddressList: []HostPort{}},
	}
	if warnings != nil || !reflect.DeepEqual(task, want) {
		t.Errorf("empty source and sink become %+v, with %v; want empty lists and maps", task, warnings)
	}

	task = Task{SourceTask: &SourceTask{RedisAddress: new("r"), BootstrapServers: new("b")}, SinkTask: &SinkTask{RedisAddress: new("s")}}
	task.deriveFields()
	for from, list := range map[string][]HostPort{"r": task.SourceTask.RedisAddressList, "b": task.SourceTask.BootstrapServerList, "s": task.SinkTask.RedisAddressList} {
		if !reflect.DeepEqual(list, []HostPort{{Host: from}}) {
			t.Errorf("the addresses of %s are %v", from, list)
		}
	}

	bad := new("/")
	task = Task{
		ID: "x", TaskName: new("n\x1b"), CreateTime: new(int64(math.MaxInt64)), Topics: new("a"),
		SourceTask: &SourceTask{RedisAddress: bad, BootstrapServers: bad, TopicsMapping: bad}, SinkTask: &SinkTask{RedisAddress: bad},
	}
	want = task // what cannot be derived stays nil, and the rest is as it was
	want.TopicList = []string{"a"}
	var got strings.Builder
	for _, w := range task.deriveFields() {
		got.WriteString(w.String() + "\n")
	}
	const text = `task "n\x1b": created_at: create_time is not Unix time in milliseconds between the years 0 and 9999
task "n\x1b": source_task.redis_address_list: address 1 is not of the form host:port
task "n\x1b": source_task.bootstrap_server_list: address 1 is not of the form host:port
task "n\x1b": source_task.topic_map: pair 1 is not of the form source:target
task "n\x1b": sink_task.redis_address_list: address 1 is not of the form host:port
`
	if got.String() != text || !reflect.DeepEqual(task, want) {
		t.Errorf("warnings are\n%s, want\n%s", got.String(), text)
	}
}

func TestTaskListDeriveFields(t *testing.T) {
	list := &TaskList{Tasks: []Task{{ID: "good"}, {ID: "bad", SourceTask: &SourceTask{TopicsMapping: new("/"), RedisAddress: new("/")}}, {ID: "good"}}}
	list.deriveFields()
	if len(list.Warnings) != 2 || list.Warnings[0].TaskID != "bad" || list.Warnings[1].TaskID != "bad" {
		t.Errorf("warnings are %v, want two of the task bad", list.Warnings)
	}
}

func TestTaskListTotalMismatch(t *testing.T) {
	for _, tt := range []struct {
		total *int64
		want  bool
	}{
		{nil, false}, {new(int64(1)), false}, {new(int64(0)), true}, {new(int64(2)), true},
	} {
		list := &TaskList{Tasks: []Task{{ID: "x"}}, TotalNumber: tt.total}
		if list.TotalMismatch() != tt.want {
			t.Errorf("a total of %s for one task is a mismatch: %t", show(tt.total), !tt.want)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// checkDerived derives a task's fields and checks that one is nil only where there is a warning.
func checkDerived(t *testing.T, task Task) {
	t.Helper()
	warned := map[string]bool{}
	for _, w := range task.deriveFields() {
		warned[w.Field] = true
	}
	isNil := map[string]bool{"topic_list": task.TopicList == nil, "created_at": task.CreateTime != nil && task.CreatedAt == nil}
	if s := task.SourceTask; s != nil {
		isNil["source_task.redis_address_list"] = s.RedisAddressList == nil
		isNil["source_task.bootstrap_server_list"] = s.BootstrapServerList == nil
		isNil["source_task.topic_map"] = s.TopicMap == nil
	}
	if s := task.SinkTask; s != nil {
		isNil["sink_task.redis_address_list"] = s.RedisAddressList == nil
	}
	for field, isNil := range isNil {
		if isNil != warned[field] {
			t.Errorf("%s is nil: %t, but a warning: %t", field, isNil, warned[field])
		}
	}
}
