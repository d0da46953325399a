// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package smartconnect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

// documentedFields returns the types of the fields in the tables of the API reference, by path. The file is
// written from them, and the structs, the schema and the official SDK are compared with it.
func documentedFields(t *testing.T) map[string]string {
	t.Helper()
	table, err := os.ReadFile("testdata/fields.txt")
	if err != nil {
		t.Fatal(err)
	}
	fields := map[string]string{}
	for line := range strings.Lines(string(table)) {
		if path, typ, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			fields[path] = typ
		}
	}
	return fields
}

func TestFields(t *testing.T) {
	got := map[string]string{}
	var add func(prefix string, typ reflect.Type)
	add = func(prefix string, typ reflect.Type) {
		for f := range typ.Fields() {
			name := f.Tag.Get("json")
			if name != "" && name != "-" && !strings.EqualFold(f.Name, strings.ReplaceAll(name, "_", "")) {
				t.Errorf("field %s is %s in JSON", f.Name, name)
			}
			switch f.Type.String() {
			case "string", "*string":
				got[prefix+name] = "String"
			case "*int64":
				got[prefix+name] = "Integer"
			case "*bool":
				got[prefix+name] = "Boolean"
			case "[]smartconnect.Task", "*smartconnect.SourceTask", "*smartconnect.SinkTask":
				add(prefix+name+".", f.Type.Elem())
			}
			if name == "" || name == "-" {
				delete(got, prefix+name)
			}
		}
	}
	add("", reflect.TypeFor[page]())
	want := documentedFields(t)
	want["tasks.create_time"] = "Integer" // Long in the table
	if !maps.Equal(got, want) {
		t.Errorf("the structs have %v,\nthe page has %v", got, want)
	}
}

// mustDecode decodes a page and returns the fields as text, by path.
func mustDecode(t *testing.T, body string) (*page, map[string]string) {
	t.Helper()
	p, err := decodePage(t.Context(), []byte(body), pageLimit)
	if err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	fields := map[string]string{}
	for _, task := range p.Tasks {
		encoded, err := json.Marshal(task)
		if err != nil {
			t.Fatal(err)
		}
		flatten(t, fields, "tasks.", encoded)
	}
	for name, figure := range map[string]*int64{"total_number": p.TotalNumber, "max_tasks": p.MaxTasks, "quota_tasks": p.QuotaTasks} {
		if figure != nil {
			fields[name] = fmt.Sprint(*figure)
		}
	}
	return p, fields
}

func TestDecodePage_allFields(t *testing.T) {
	parts, want := map[string][]string{}, map[string]string{}
	for path, typ := range documentedFields(t) {
		value := map[string]string{"String": `"a"`, "Integer": "7", "Long": "7", "Boolean": "true"}[typ]
		dot := strings.LastIndexByte(path, '.')
		parts[path[:dot+1]] = append(parts[path[:dot+1]], fmt.Sprintf("%q:%s", path[dot+1:], value))
		want[path] = strings.Trim(value, `"`)
	}
	task := fmt.Sprintf(`%s,"source_task":{%s},"sink_task":{%s}`, strings.Join(parts["tasks."], ","),
		strings.Join(parts["tasks.source_task."], ","), strings.Join(parts["tasks.sink_task."], ","))
	body := fmt.Sprintf(`{"tasks":[{%s}],%s}`, task, strings.Join(parts[""], ","))
	if _, got := mustDecode(t, body); !maps.Equal(got, want) {
		t.Errorf("%s is\n%v, want\n%v", body, got, want)
	}
	nulls := strings.NewReplacer(`:"a"`, ":null", ":7", ":null", ":true", ":null", `"id":"a"`, `"id":"x"`).Replace(body)
	for _, body := range []string{nulls, `{"tasks":[{"id":"x"}]}`} {
		p, _ := mustDecode(t, body)
		p.Tasks[0].SourceTask, p.Tasks[0].SinkTask = nil, nil // of nulls here, not none
		if !reflect.DeepEqual(p.Tasks[0], Task{ID: "x"}) || p.TotalNumber != nil || p.MaxTasks != nil || p.QuotaTasks != nil {
			t.Errorf("%s is %+v, want an ID alone", body, p)
		}
	}
}

// The service has changed the types of fields between releases, and spells one in two ways.
func TestDecodePage_values(t *testing.T) {
	for _, tt := range []struct{ task, want string }{
		{`"sink_task":{"target_db":0}`, "0"},
		{`"sink_task":{"target_db":-0}`, "0"},
		{`"sink_task":{"target_db":-1}`, "-1"},
		{`"sink_task":{"target_db":3.0}`, "3"},
		{`"sink_task":{"target_db":1.7e12}`, "1700000000000"},
		{`"sink_task":{"target_db":17E11}`, "1700000000000"},
		{`"sink_task":{"target_db":1200e-2}`, "12"},
		{`"sink_task":{"target_db":"-1"}`, "-1"},
		{`"sink_task":{"target_db":"3.0"}`, "3"},
		{`"sink_task":{"target_db":9223372036854775807}`, "9223372036854775807"},
		{`"sink_task":{"target_db":"-9223372036854775808"}`, "-9223372036854775808"},
		{`"sink_task":{"target_db":9007199254740992.0}`, "9007199254740992"},
		{`"sink_task":{"target_db":""}`, "null"},
		{`"sink_task":{"target_db":null}`, "null"},
		{`"sink_task":{"store_keys":true}`, "true"},
		{`"sink_task":{"store_keys":"False"}`, "false"},
		{`"sink_task":{"store_keys":"TRUE"}`, "true"},
		{`"sink_task":{"store_keys":""}`, "null"},
		{`"sink_task":{"obs_path":""}`, ""},
		{`"sink_task":{"obs_path":" "}`, " "},
		{`"sink_task":{"obs_path":"\u00e9"}`, "é"},
		{`"sink_task":{"obs_path":"a\"]},b"}`, `a\"]},b`},
		{`"sink_task":{"record_delimiter":"\\n"}`, `\\n`}, // in JSON; the value is a backslash and n
		{`"sink_task":{"obs_path":1.50}`, "1.50"},
		{`"sink_task":{"obs_path":12345678901234567890123}`, "12345678901234567890123"},
		{`"sink_task":{"obs_path":false}`, "false"},
		{`"sink_task":{"deliver_time_interval":300}`, "300"},
		{`"sink_task":{"deliver_time_interva":300}`, "300"},
		{`"sink_task":{"deliver_time_interva":1,"deliver_time_interval":2}`, "2"},
		{`"sink_task":{"deliver_time_interval":2,"deliver_time_interva":1}`, "2"},
		{`"sink_task":{"deliver_time_interval":0,"deliver_time_interva":1}`, "0"},
		{`"sink_task":{"deliver_time_interval":null,"deliver_time_interva":300}`, "300"},
		{`"sink_task":{"deliver_time_interva":300,"deliver_time_interval":null}`, "300"},
		{`"sink_task":{"deliver_time_interval":"","deliver_time_interva":300}`, "300"},
		// Unknown fields and other cases of names are ignored.
		{`"ID":"y","Status":"no","new":[1,{"sink_task":{"id":3}},"]"],"":[],"-":[],"sink_task":{"flush_size":1,"":[],"-":[],"FLUSH_SIZE":2,"new":{"flush_size":3}}`, "1"},
		{"\"sink_task\" :\t{ \"flush_size\"\r\n: 1 , \"new\" : [ ] } ", "1"},
		{`"\u0073ink_task":{"flush_siz\u0065":1}`, "1"},
	} {
		p, fields := mustDecode(t, `{"tasks":[{"id":17,`+tt.task+`}]}`)
		delete(fields, "tasks.id")
		got := "null"
		for _, value := range fields {
			got = value
		}
		if len(fields) > 1 || got != tt.want || p.Tasks[0].ID != "17" {
			t.Errorf("%s gives %v, want %s", tt.task, fields, tt.want)
		}
	}
	for _, value := range []string{`null`, `{}`, `{ }`, "{\n}", `[]`, `[ ]`, `""`} {
		p, _ := mustDecode(t, `{"tasks":[{"id":"x","source_task":`+value+`,"sink_task":`+value+`}]}`)
		if p.Tasks[0].SourceTask != nil || p.Tasks[0].SinkTask != nil {
			t.Errorf("%s is a source or sink, want none", value)
		}
	}
	p, _ := mustDecode(t, `{"tasks":[{"id":"x","source_task":{"user_name":null},"sink_task":{"new":1}}]}`)
	if p.Tasks[0].SourceTask == nil || p.Tasks[0].SinkTask == nil {
		t.Error("a source or sink with any field is nil")
	}
}

func TestDecodePage_fieldErrors(t *testing.T) {
	for _, tt := range []struct{ task, want string }{
		{`{"id":"x","task_name":"n","create_time":1.5}`, `task "n": field create_time: must be an integer, got a number`},
		{`{"id":"x","task_name":"n","create_time":9223372036854775808}`, `task "n": field create_time: must be an integer, got a number`},
		{`{"id":"x","task_name":"n","create_time":1e400}`, `task "n": field create_time: must be an integer, got a number`},
		{`{"id":"x","task_name":"n","create_time":1e16}`, `task "n": field create_time: must be an integer, got a number`},
		{`{"id":"x","task_name":"n","create_time":"NaN"}`, `task "n": field create_time: must be an integer, got a string`},
		{`{"id":"x","task_name":"n","create_time":"inf"}`, `task "n": field create_time: must be an integer, got a string`},
		{`{"id":"x","task_name":"n","create_time":"0x1p4"}`, `task "n": field create_time: must be an integer, got a string`},
		{`{"id":"x","task_name":"n","create_time":" 1"}`, `task "n": field create_time: must be an integer, got a string`},
		{`{"id":"x","task_name":"n","create_time":true}`, `task "n": field create_time: must be an integer, got a boolean`},
		{`{"id":"x","task_name":"n","create_time":{}}`, `task "n": field create_time: must be an integer, got an object`},
		{`{"id":"x","task_name":"n","create_time":[]}`, `task "n": field create_time: must be an integer, got an array`},
		{`{"id":"x","task_name":"n","status":["a"]}`, `task "n": field status: must be a string, got an array`},
		{`{"id":"x","task_name":"n","sink_task":0}`, `task "n": field sink_task: must be an object, got a number`},
		{`{"id":"x","task_name":"n","sink_task":false}`, `task "n": field sink_task: must be an object, got a boolean`},
		{`{"id":"x","task_name":"n","sink_task":{"flush_size":"many"}}`, `task "n": field sink_task.flush_size: must be an integer, got a string`},
		{`{"id":"x","task_name":"n","sink_task":{"flush_size":{}}}`, `task "n": field sink_task.flush_size: must be an integer, got an object`},
		{`{"id":"x","task_name":"n","sink_task":{"deliver_time_interva":"often"}}`, `task "n": field sink_task.deliver_time_interva: must be an integer, got a string`},
		{`{"id":"x","task_name":"n","sink_task":{"store_keys":"yes"}}`, `task "n": field sink_task.store_keys: must be true or false, got a string`},
		{`{"id":"x","task_name":"n","sink_task":{"store_keys":1}}`, `task "n": field sink_task.store_keys: must be true or false, got a number`},
		{`{"id":"x","task_name":"n","source_task":{"user_name":{"a":1}}}`, `task "n": field source_task.user_name: must be a string, got an object`},
		{`{"id":"x","task_name":"n","create_time":"1_000"}`, `task "n": field create_time: must be an integer, got a string`},
		{`{"id":"x","task_name":"n","source_task":[1]}`, `task "n": field source_task: must be an object, got an array`},
		{`{"source_task":"hunter2","id":"x"}`, `task "x": field source_task: must be an object, got a string`},
		// The first of several is reported.
		{`{"id":"x","create_time":[],"status":{}}`, `task "x": field create_time: must be an integer, got an array`},
		// Without a name there is the ID, without an ID the position.
		{`{"id":"x","create_time":[]}`, `task "x": field create_time: must be an integer, got an array`},
		{`{"id":"x","task_name":"","create_time":[]}`, `task "x": field create_time: must be an integer, got an array`},
		{`{"id":"x","task_name":[]}`, `task "x": field task_name: must be a string, got an array`},
		{`{"status":[]}`, `task 2 of the page: field status: must be a string, got an array`},
		{`{"id":{}}`, `task 2 of the page: field id: must be a string, got an object`},
		{`"x"`, `task 2 of the page: field tasks: must be an object, got a string`},
		// A name or ID may be anything, and the error must stay fit for a terminal.
		{`{"id":"\u001b[2J","create_time":[]}`, `task "\x1b[2J": field create_time: must be an integer, got an array`},
		{
			`{"id":"x","task_name":"` + strings.Repeat("n", 5000) + `","create_time":[]}`,
			`task "` + strings.Repeat("n", 100) + `": field create_time: must be an integer, got an array`,
		},
	} {
		p, err := decodePage(t.Context(), []byte(`{"tasks":[{"id":"first"},`+tt.task+`]}`), pageLimit)
		field, ok := errors.AsType[*FieldError](err)
		if p != nil || !ok || err.Error() != tt.want || !field.Permanent() || field.Unwrap() == nil {
			t.Errorf("%.80s\n gives %v and %v,\nwant a *FieldError %q", tt.task, p, err, tt.want)
		}
	}
	for _, name := range []string{"total_number", "max_tasks", "quota_tasks"} {
		_, err := decodePage(t.Context(), []byte(`{"tasks":[],"`+name+`":"some"}`), pageLimit)
		if _, ok := errors.AsType[*FieldError](err); !ok || err.Error() != "field "+name+": must be an integer, got a string" {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
}

// What may be due to a proxy or a truncated body is not permanent.
func TestDecodePage_transientErrors(t *testing.T) {
	for _, tt := range []struct{ name, body, want string }{
		{"no body", "", "it is not JSON: unexpected end of JSON input"},
		{"HTML", "<html></html>", "it is not JSON: invalid character '<' looking for beginning of value"},
		{"a list", `[]`, "it is not a JSON object"},
		{"null", `null`, "it is not a JSON object"},
		{"an empty object", `{}`, `it has no list "tasks"`},
		{"an error in disguise", `{"error_code":"DMS.00500000","error_msg":"x"}`, `it has no list "tasks"`},
		{"tasks null", `{"tasks":null}`, `it has no list "tasks"`},
		{"tasks an object", `{"tasks":{"id":"x"}}`, `it has no list "tasks"`},
		{"tasks null of one", `{"tasks":null,"total_number":1}`, `it has no list "tasks"`},
		{"tasks text", `{"tasks":"[]","total_number":0}`, `it has no list "tasks"`},
		{"cut", `{"tasks":[{"id":"x"}`, "it is not JSON: unexpected end of JSON input"},
		{"trailing garbage", `{"tasks":[]}x`, "it is not JSON: invalid character 'x' after top-level value"},
		{"a second page", `{"tasks":[]}{"tasks":[]}`, "it is not JSON: invalid character '{' after top-level value"},
		{"a byte order mark", "\ufeff{\"tasks\":[]}", "it is not JSON: invalid character 'ï' looking for beginning of value"},
		{"not UTF-8", "{\"tasks\":[{\"id\":\"\xff\"}]}", "it is not UTF-8"},
		{"more tasks than requested", `{"tasks":[{"id":"a"},{"id":"b"},{"id":"c"}]}`, "it has more tasks than the 2 that were requested"},
		{"an ID twice", `{"tasks":[{"id":"a"},{"id":"a"}]}`, `task "a" has the ID of another task on the page`},
		{"an ID twice, once a number", `{"tasks":[{"id":"1"},{"id":1}]}`, `task "1" has the ID of another task on the page`},
		{"an empty ID", `{"tasks":[{"id":"a"},{"id":""}]}`, "task 2 of the page has no ID"},
		{"a null ID", `{"tasks":[{"id":null,"task_name":"n"}]}`, `task "n" has no ID`},
		{"no ID", `{"tasks":[{"task_name":"n"}]}`, `task "n" has no ID`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := decodePage(t.Context(), []byte(tt.body), 2)
			if p != nil || err == nil || err.Error() != tt.want {
				t.Fatalf("it gives %v and %v, want %q", p, err, tt.want)
			}
			var permanent interface{ Permanent() bool }
			if errors.As(err, &permanent) {
				t.Errorf("%T is permanent, but a retry may help", err)
			}
		})
	}
}

func TestDecodePage_figures(t *testing.T) {
	body := " {\"tasks\" : [ {\"id\":\"a\"} , {\"id\":\"b\"} ] , \"total_number\":\"2\" , \"max_tasks\":18.0, \"quota_tasks\":\"\" }\n"
	p, err := decodePage(t.Context(), []byte(body), 2)
	want := &page{Tasks: []Task{{ID: "a"}, {ID: "b"}}, TotalNumber: new(int64(2)), MaxTasks: new(int64(18)), bytes: len(body), items: 2}
	if err != nil || !reflect.DeepEqual(p, want) {
		t.Errorf("it is %+v, %v; want %+v", p, err, want)
	}
	for _, body := range []string{`{"tasks":[]}`, `{"tasks":null,"total_number":0}`, `{"total_number":"0","tasks":null}`} {
		if p, err := decodePage(t.Context(), []byte(body), 2); err != nil || len(p.Tasks) != 0 {
			t.Errorf("%s gives %+v, %v; want an empty list", body, p, err)
		}
	}
}

func TestDecodePage_canceled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, body := range []string{`{"tasks":[{"id":"x"}]}`, `{"tasks":[]}`} {
		if p, err := decodePage(ctx, []byte(body), 2); p != nil || !errors.Is(err, context.Canceled) {
			t.Errorf("%s gives %v and %v, want context.Canceled", body, p, err)
		}
	}
}

func TestDecodePage_limits(t *testing.T) {
	fields := strings.Repeat(`"new":{},`, maxFields)
	levels := strings.Repeat("[", maxDepth) + strings.Repeat("]", maxDepth)
	items := strings.Repeat(",", maxItems)
	for body, want := range map[string]string{
		`{` + fields + `"tasks":[]}`:                                                 "30000 fields on a page",
		`{"tasks":[{` + fields + `"id":"x"}]}`:                                       "30000 fields on a page",
		`{"tasks":` + levels + `}`:                                                   "10000 nested arrays and objects",
		`{"tasks":[{"id":"x","topics":"` + items + `"}]}`:                            `10000 items in topics of task "x"`,
		`{"tasks":[{"id":"x","source_task":{"redis_address":"` + items + `"}}]}`:     `10000 items in source_task.redis_address of task "x"`,
		`{"tasks":[{"id":"x","source_task":{"bootstrap_servers":"` + items + `"}}]}`: `10000 items in source_task.bootstrap_servers of task "x"`,
		`{"tasks":[{"id":"x","source_task":{"topics_mapping":"` + items + `"}}]}`:    `10000 items in source_task.topics_mapping of task "x"`,
		`{"tasks":[{"id":"x","sink_task":{"redis_address":"` + items + `"}}]}`:       `10000 items in sink_task.redis_address of task "x"`,
	} {
		_, err := decodePage(t.Context(), []byte(body), 2)
		if limit, ok := errors.AsType[*LimitError](err); !ok || limit.Error() != "the list of tasks exceeds the limit of "+want {
			t.Errorf("the error is %v, want the limit of %s", err, want)
		}
	}
	most := `{` + fields[len(`"new":{},`)*3:] + `"tasks":[{"id":"x","topics":"` + items[1:] + `"}]}`
	if _, err := decodePage(t.Context(), []byte(most), 2); err != nil {
		t.Errorf("the error is %v for a page at the limits", err)
	}
}

// show formats what a pointer points to.
func show[T any](p *T) string {
	if p == nil {
		return "nil"
	}
	return fmt.Sprintf("%#v", *p)
}

// A decoded page, encoded and decoded again, is the same, and its fields can be derived.
func FuzzDecodePage(f *testing.F) {
	page, _ := json.Marshal(map[string]any{"tasks": simulator.PageTasks()})
	f.Add(page)
	f.Add([]byte(`{"tasks":[]}`))
	f.Add([]byte(`{"tasks":null,"total_number":"0"}`))
	f.Add([]byte(`{"tasks":[{"id":"x","create_time":"1.7e12","topics":" a,,b","source_task":{"topics_mapping":"a:b, c:d"},"sink_task":{}}],"total_number":"1"}`))
	f.Add([]byte(`{"tasks":[{"id":5,"sink_task":{"store_keys":"TRUE","deliver_time_interva":3.0,"target_db":""}}],"total_number":null}`))
	f.Add([]byte(`{"tasks":[{"id":"\u0061\"","source_task":[],"sink_task":"","create_time":9007199254740993,"new":[{"a":[]}]}]}`))
	f.Add([]byte(`{"tasks":[{"id":"x","source_task":{"topics_mapping":"a:b,a:c","bootstrap_servers":"[::1]:1,::1,a:,:1","redis_address":"a b"},"sink_task":{"redis_address":"a:1_000"}}]}`))
	f.Add([]byte(`{"tasks":[null,{"id":""},{"id":[]}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := decodePage(t.Context(), body, pageLimit)
		if err != nil {
			if p != nil || len(err.Error()) > 2000 {
				t.Errorf("a page beside an error, or an error of %d bytes: %.200s", len(err.Error()), err)
			}
			return
		}
		seen := map[string]bool{}
		for _, task := range p.Tasks {
			if task.ID == "" || seen[task.ID] {
				t.Errorf("the ID %q is empty or there twice", task.ID)
			}
			seen[task.ID] = true
		}
		encoded, err := json.Marshal(map[string]any{"tasks": p.Tasks, "total_number": p.TotalNumber})
		if err != nil {
			t.Fatal(err)
		}
		again, err := decodePage(t.Context(), encoded, pageLimit)
		if err != nil || !reflect.DeepEqual(again.Tasks, p.Tasks) || !reflect.DeepEqual(again.TotalNumber, p.TotalNumber) {
			t.Errorf("%s\nis decoded as %+v, and that as %+v, %v", body, p, again, err)
		}
		for _, task := range p.Tasks {
			checkDerived(t, task)
		}
	})
}

func BenchmarkDecodePage(b *testing.B) {
	body, err := json.Marshal(map[string]any{"tasks": simulator.GenerateTasks(pageLimit), "total_number": pageLimit})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := decodePage(b.Context(), body, pageLimit); err != nil {
			b.Fatal(err)
		}
	}
}
