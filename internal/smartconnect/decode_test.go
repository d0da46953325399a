// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package smartconnect

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"strings"
	"testing"
)

// The tables of the API's page, in their order: name and type. They are written from the page, not
// from the structs, which are held against them.
const (
	pageTable = `
		tasks Array
		total_number Integer
		max_tasks Integer
		quota_tasks Integer`
	taskTable = `
		task_name String
		topics String
		topics_regex String
		source_type String
		source_task Object
		sink_type String
		sink_task Object
		id String
		status String
		create_time Long`
	sourceTable = `
		redis_address String
		redis_type String
		dcs_instance_id String
		sync_mode String
		full_sync_wait_ms Integer
		full_sync_max_retry Integer
		ratelimit Integer
		current_cluster_name String
		cluster_name String
		user_name String
		sasl_mechanism String
		instance_id String
		bootstrap_servers String
		security_protocol String
		direction String
		sync_consumer_offsets_enabled Boolean
		replication_factor Integer
		task_num Integer
		rename_topic_enabled Boolean
		provenance_header_enabled Boolean
		consumer_strategy String
		compression_type String
		topics_mapping String`
	sinkTable = `
		redis_address String
		redis_type String
		dcs_instance_id String
		target_db Integer
		consumer_strategy String
		destination_file_type String
		deliver_time_interval Integer
		obs_bucket_name String
		obs_path String
		partition_format String
		record_delimiter String
		store_keys Boolean
		obs_part_size Integer
		flush_size Integer
		timezone String
		schema_generator_class String
		partitioner_class String
		value_converter String
		key_converter String
		kv_delimiter String`
)

// documentedFields reads a table: types by name.
func documentedFields(table string) map[string]string {
	fields := map[string]string{}
	for line := range strings.Lines(strings.TrimSpace(table)) {
		name, kind, _ := strings.Cut(strings.TrimSpace(line), " ")
		fields[name] = kind
	}
	return fields
}

func TestTheFieldsOnTheWireAreThoseOfTheAPIPage(t *testing.T) {
	kinds := map[string]string{
		"string": "String", "*string": "String", "*int64": "Integer", "*bool": "Boolean",
		"[]smartconnect.Task": "Array", "*smartconnect.SourceTask": "Object", "*smartconnect.SinkTask": "Object",
	}
	for _, test := range []struct {
		of    any
		table string
	}{
		{page{}, pageTable}, {Task{}, taskTable}, {SourceTask{}, sourceTable}, {SinkTask{}, sinkTable},
	} {
		typ := reflect.TypeOf(test.of)
		t.Run(typ.Name(), func(t *testing.T) {
			got := map[string]string{}
			for i := range typ.NumField() {
				f := typ.Field(i)
				if name := f.Tag.Get("json"); name != "-" {
					got[name] = kinds[f.Type.String()]
				}
			}
			want := documentedFields(test.table)
			for name, kind := range want {
				if kind == "Long" {
					want[name] = "Integer"
				}
			}
			if !maps.Equal(got, want) {
				t.Errorf("the struct has %v,\nthe page has %v", got, want)
			}
		})
	}
}

// documentedObject is an object in which each field of a table is set.
func documentedObject(table string, special map[string]string) string {
	var fields []string
	for name, kind := range documentedFields(table) {
		value, ok := special[name]
		if !ok {
			value = map[string]string{"String": `"a"`, "Integer": "7", "Long": "7", "Boolean": "true"}[kind]
		}
		fields = append(fields, fmt.Sprintf("%q:%s", name, value))
	}
	return "{" + strings.Join(fields, ",") + "}"
}

func TestATaskWithEachDocumentedFieldFillsEachFieldOfTheStructs(t *testing.T) {
	source := documentedObject(sourceTable, map[string]string{"topics_mapping": `"a:b"`})
	sink := documentedObject(sinkTable, nil)
	task := documentedObject(taskTable, map[string]string{"source_task": source, "sink_task": sink})
	p := mustDecode(t, documentedObject(pageTable, map[string]string{"tasks": "[" + task + "]"}))
	for _, part := range []any{*p, p.Tasks[0], *p.Tasks[0].SourceTask, *p.Tasks[0].SinkTask} {
		v := reflect.ValueOf(part)
		for i := range v.NumField() {
			if v.Field(i).IsZero() && v.Type().Field(i).Tag.Get("json") != "-" {
				t.Errorf("%s.%s is not set", v.Type(), v.Type().Field(i).Name)
			}
		}
	}
}

func TestATaskOfAnIDAloneLeavesAllElseNil(t *testing.T) {
	for _, text := range []string{
		`{"id":"x"}`,
		documentedObject(taskTable, nullsFor(taskTable, map[string]string{"id": `"x"`})),
	} {
		got := decodeOne(t, text)
		if want := (Task{ID: "x"}); !reflect.DeepEqual(got, want) {
			t.Errorf("%s is read as %+v, want %+v", text, got, want)
		}
	}
}

func nullsFor(table string, but map[string]string) map[string]string {
	values := map[string]string{}
	for name := range documentedFields(table) {
		values[name] = "null"
	}
	maps.Copy(values, but)
	return values
}

func mustDecode(t *testing.T, body string) *page {
	t.Helper()
	p, err := decodePage([]byte(body), pageLimit)
	if err != nil {
		t.Fatalf("%s\nis refused: %v", body, err)
	}
	return p
}

func decodeOne(t *testing.T, task string) Task {
	t.Helper()
	p := mustDecode(t, `{"tasks":[`+task+`]}`)
	if len(p.Tasks) != 1 {
		t.Fatalf("%d tasks, want 1", len(p.Tasks))
	}
	return p.Tasks[0]
}

func TestTheUnusedSideIsNil(t *testing.T) {
	for _, form := range []string{`"other":1`, `"%s":null`, `"%s":{}`, `"%s": { }`, "\"%s\":{\n\t}"} {
		for _, side := range []string{"source_task", "sink_task"} {
			field := strings.ReplaceAll(form, "%s", side)
			got := decodeOne(t, `{"id":"x",`+field+`}`)
			if got.SourceTask != nil || got.SinkTask != nil {
				t.Errorf("%s: the sides are %v and %v, want none", field, got.SourceTask, got.SinkTask)
			}
		}
	}
}

func TestASideWithAnythingInItIsNotNil(t *testing.T) {
	got := decodeOne(t, `{"id":"x","source_task":{"user_name":""},"sink_task":{"no_field_of_ours":1}}`)
	if got.SourceTask == nil || got.SinkTask == nil {
		t.Errorf("the sides are %v and %v, want both", got.SourceTask, got.SinkTask)
	}
}

func TestBothSpellingsOfDeliverTimeIntervalAreRead(t *testing.T) {
	for _, test := range []struct {
		name, sink string
		want       *int64
	}{
		{"as in the table", `"deliver_time_interval":300`, ptr(int64(300))},
		{"as in the example", `"deliver_time_interva":300`, ptr(int64(300))},
		{"the table's wins", `"deliver_time_interva":1,"deliver_time_interval":2`, ptr(int64(2))},
		{"the table's wins whatever comes first", `"deliver_time_interval":2,"deliver_time_interva":1`, ptr(int64(2))},
		{"the table's wins with 0", `"deliver_time_interval":0,"deliver_time_interva":1`, ptr(int64(0))},
		// Null says nothing, as if it were missing.
		{"the table's is null", `"deliver_time_interval":null,"deliver_time_interva":300`, ptr(int64(300))},
		{"the example's is null", `"deliver_time_interval":300,"deliver_time_interva":null`, ptr(int64(300))},
		{"both are null", `"deliver_time_interval":null,"deliver_time_interva":null`, nil},
		{"neither", `"flush_size":1`, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := decodeOne(t, `{"id":"x","sink_task":{`+test.sink+`}}`).SinkTask.DeliverTimeInterval
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("it is %s, want %s", show(got), show(test.want))
			}
		})
	}
}

func ptr[T any](v T) *T { return &v }

// show prints what a pointer points at.
func show[T any](p *T) string {
	if p == nil {
		return "nil"
	}
	return fmt.Sprintf("%#v", *p)
}

func TestAWholeNumberIsReadInEachFormThatIsExact(t *testing.T) {
	for text, want := range map[string]int64{
		`0`: 0, `-0`: 0, `-1`: -1, `300`: 300,
		`3.0`: 3, `1.7e12`: 1_700_000_000_000, `17E11`: 1_700_000_000_000, `-1.0`: -1, `5e0`: 5, `1200e-2`: 12,
		`"0"`: 0, `"-1"`: -1, `"300"`: 300, `"3.0"`: 3, `"1.7e12"`: 1_700_000_000_000,
		`9223372036854775807`: 9223372036854775807, `-9223372036854775808`: -9223372036854775808,
		`9007199254740992.0`: 1 << 53, `"9223372036854775807"`: 9223372036854775807,
	} {
		got := decodeOne(t, `{"id":"x","sink_task":{"target_db":`+text+`}}`).SinkTask.TargetDB
		if got == nil || *got != want {
			t.Errorf("%s is read as %s, want %d", text, show(got), want)
		}
	}
}

func TestABooleanIsReadAsTextToo(t *testing.T) {
	for text, want := range map[string]bool{
		`true`: true, `false`: false, `"true"`: true, `"false"`: false, `"True"`: true, `"FALSE"`: false,
	} {
		got := decodeOne(t, `{"id":"x","sink_task":{"store_keys":`+text+`}}`).SinkTask.StoreKeys
		if got == nil || *got != want {
			t.Errorf("%s is read as %s, want %t", text, show(got), want)
		}
	}
}

func TestTextIsReadAsItIsAndFromOtherScalars(t *testing.T) {
	for text, want := range map[string]string{
		`""`: "", `" "`: " ", `"a"`: "a", `"\u00e9\n"`: "é\n",
		`"\\n"`: `\n`, // the example's record_delimiter: a backslash and n
		`"\n"`:  "\n",
		`5`:     "5", `-1`: "-1", `1.50`: "1.50", `true`: "true", `false`: "false",
		`12345678901234567890123`: "12345678901234567890123",
	} {
		got := decodeOne(t, `{"id":"x","sink_task":{"record_delimiter":`+text+`}}`).SinkTask.RecordDelimiter
		if got == nil || *got != want {
			t.Errorf("%s is read as %s, want %q", text, show(got), want)
		}
	}
	if got := decodeOne(t, `{"id":17}`).ID; got != "17" {
		t.Errorf("an ID of 17 is read as %q", got)
	}
}

func TestEmptyTextZeroFalseAndMinusOneStay(t *testing.T) {
	got := decodeOne(t, `{"id":"x","task_name":"","topics_regex":"","create_time":0,
		"source_task":{"user_name":"","ratelimit":-1,"full_sync_max_retry":0,"rename_topic_enabled":false},
		"sink_task":{"target_db":-1,"flush_size":0,"store_keys":false,"obs_path":""}}`)
	want := Task{
		ID: "x", TaskName: ptr(""), TopicsRegex: ptr(""), CreateTime: ptr(int64(0)),
		SourceTask: &SourceTask{UserName: ptr(""), RateLimit: ptr(int64(-1)), FullSyncMaxRetry: ptr(int64(0)), RenameTopicEnabled: ptr(false)},
		SinkTask:   &SinkTask{TargetDB: ptr(int64(-1)), FlushSize: ptr(int64(0)), StoreKeys: ptr(false), OBSPath: ptr("")},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("it is read as %+v,\nwant %+v", got, want)
	}
}

func TestUnknownFieldsAreIgnored(t *testing.T) {
	p := mustDecode(t, `{"new":{"tasks":5},"tasks":[{"id":"x","ID":"y","Status":"no","secret":[1,{"a":null}],
		"sink_task":{"flush_size":1,"FLUSH_SIZE":2,"new":{"id":3}}}],"total":9}`)
	want := &page{Tasks: []Task{{ID: "x", SinkTask: &SinkTask{FlushSize: ptr(int64(1))}}}}
	if !reflect.DeepEqual(p, want) {
		t.Errorf("it is read as %+v, want %+v", p, want)
	}
}

func TestABadValueIsAnErrorThatNamesTaskAndField(t *testing.T) {
	const notWhole, notBool = ", expected a whole number", ", expected true or false"
	for _, test := range []struct{ task, want string }{
		{`{"id":"x","task_name":"n","create_time":1.5}`, `task "n": field create_time: it is a number` + notWhole},
		{`{"id":"x","task_name":"n","create_time":9223372036854775808}`, `task "n": field create_time: it is a number` + notWhole},
		{`{"id":"x","task_name":"n","create_time":1e400}`, `task "n": field create_time: it is a number` + notWhole},
		{`{"id":"x","task_name":"n","create_time":1e16}`, `task "n": field create_time: it is a number` + notWhole},
		{`{"id":"x","task_name":"n","create_time":""}`, `task "n": field create_time: it is text` + notWhole},
		{`{"id":"x","task_name":"n","create_time":"NaN"}`, `task "n": field create_time: it is text` + notWhole},
		{`{"id":"x","task_name":"n","create_time":"inf"}`, `task "n": field create_time: it is text` + notWhole},
		{`{"id":"x","task_name":"n","create_time":"0x1p4"}`, `task "n": field create_time: it is text` + notWhole},
		{`{"id":"x","task_name":"n","create_time":" 1"}`, `task "n": field create_time: it is text` + notWhole},
		{`{"id":"x","task_name":"n","create_time":true}`, `task "n": field create_time: it is a boolean` + notWhole},
		{`{"id":"x","task_name":"n","create_time":{}}`, `task "n": field create_time: it is an object, expected a single value`},
		{`{"id":"x","task_name":"n","create_time":[]}`, `task "n": field create_time: it is a list, expected a single value`},
		{`{"id":"x","task_name":"n","status":["a"]}`, `task "n": field status: it is a list, expected a single value`},
		{`{"id":"x","task_name":"n","source_task":[]}`, `task "n": field source_task: it is a list, expected an object`},
		{`{"id":"x","task_name":"n","sink_task":""}`, `task "n": field sink_task: it is text, expected an object`},
		{`{"id":"x","task_name":"n","sink_task":0}`, `task "n": field sink_task: it is a number, expected an object`},
		{`{"id":"x","task_name":"n","sink_task":false}`, `task "n": field sink_task: it is a boolean, expected an object`},
		{`{"id":"x","task_name":"n","sink_task":{"flush_size":"many"}}`, `task "n": field sink_task.flush_size: it is text` + notWhole},
		{`{"id":"x","task_name":"n","sink_task":{"flush_size":{}}}`, `task "n": field sink_task.flush_size: it is an object, expected a single value`},
		{`{"id":"x","task_name":"n","sink_task":{"deliver_time_interva":"often"}}`, `task "n": field sink_task.deliver_time_interva: it is text` + notWhole},
		{`{"id":"x","task_name":"n","sink_task":{"store_keys":"yes"}}`, `task "n": field sink_task.store_keys: it is text` + notBool},
		{`{"id":"x","task_name":"n","sink_task":{"store_keys":1}}`, `task "n": field sink_task.store_keys: it is a number` + notBool},
		{`{"id":"x","task_name":"n","sink_task":{"store_keys":""}}`, `task "n": field sink_task.store_keys: it is text` + notBool},
		{`{"id":"x","task_name":"n","source_task":{"user_name":{"a":1}}}`, `task "n": field source_task.user_name: it is an object, expected a single value`},
		// Without a name there is the ID, without an ID the position.
		{`{"id":"x","create_time":[]}`, `task "x": field create_time: it is a list, expected a single value`},
		{`{"id":"x","task_name":"","create_time":[]}`, `task "x": field create_time: it is a list, expected a single value`},
		{`{"id":"x","task_name":[]}`, `task "x": field task_name: it is a list, expected a single value`},
		{`{"status":[]}`, `task number 2 of the page: field status: it is a list, expected a single value`},
		{`{"id":{}}`, `task number 2 of the page: field id: it is an object, expected a single value`},
		{`null`, `task number 2 of the page: field tasks: it is null, expected an object`},
		{`[]`, `task number 2 of the page: field tasks: it is a list, expected an object`},
		{`"x"`, `task number 2 of the page: field tasks: it is text, expected an object`},
		// A name or ID may be anything, and the error must stay fit for a terminal.
		{`{"id":"\u001b[2J","create_time":[]}`, `task "\x1b[2J": field create_time: it is a list, expected a single value`},
		{
			`{"id":"x","task_name":"` + strings.Repeat("n", 5000) + `","create_time":[]}`,
			`task "` + strings.Repeat("n", 100) + `": field create_time: it is a list, expected a single value`,
		},
	} {
		p, err := decodePage([]byte(`{"tasks":[{"id":"first"},`+test.task+`]}`), pageLimit)
		if err == nil || err.Error() != test.want || p != nil {
			t.Errorf("%.80s\n gives %v and %q,\nwant no page and %q", test.task, p, err, test.want)
			continue
		}
		var field *FieldError
		if !errors.As(err, &field) || !field.Permanent() || field.Unwrap() == nil {
			t.Errorf("%q is a %T, want a permanent *FieldError", err, err)
		}
	}
}

func TestABadFigureOfThePageIsAnErrorThatNamesIt(t *testing.T) {
	for _, name := range []string{"total_number", "max_tasks", "quota_tasks"} {
		_, err := decodePage([]byte(`{"tasks":[],"`+name+`":"some"}`), pageLimit)
		var field *FieldError
		if !errors.As(err, &field) || err.Error() != "field "+name+": it is text, expected a whole number" {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
}

func TestAnErrorDoesNotRepeatTheValue(t *testing.T) {
	const secret = "hunter2"
	for _, task := range []string{
		`{"id":"x","create_time":"hunter2"}`,
		`{"id":"x","create_time":{"a":"hunter2"}}`,
		`{"id":"x","status":["hunter2"]}`,
		`{"id":"x","source_task":"hunter2"}`,
		`{"id":"x","sink_task":{"store_keys":"hunter2"}}`,
		`"hunter2"`,
	} {
		_, err := decodePage([]byte(`{"tasks":[`+task+`]}`), pageLimit)
		if err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("%s gives %v, want an error without %q", task, err, secret)
		}
	}
}

func TestAnAnswerThatIsNoPageIsAnErrorThatMayPass(t *testing.T) {
	for _, test := range []struct{ name, body, want string }{
		{"no body", "", "it is empty"},
		{"white space", " \r\n\t", "it is empty"},
		{"HTML", "<html></html>", "it is not a JSON object: invalid character '<' looking for beginning of value"},
		{"a list", `[]`, "it is not a JSON object: json: cannot unmarshal array into Go value of type map[string]json.RawMessage"},
		{"null", `null`, `it has no list "tasks"`},
		{"an empty object", `{}`, `it has no list "tasks"`},
		{"an error in disguise", `{"error_code":"DMS.00500000","error_msg":"x"}`, `it has no list "tasks"`},
		{"tasks null", `{"tasks":null}`, `it has no list "tasks"`},
		{"tasks an object", `{"tasks":{"id":"x"}}`, `it has no list "tasks"`},
		{"tasks text", `{"tasks":"[]"}`, `it has no list "tasks"`},
		{"tasks in capitals", `{"Tasks":[]}`, `it has no list "tasks"`},
		{"cut", `{"tasks":[{"id":"x"}`, "it is not a JSON object: unexpected end of JSON input"},
		{"trailing garbage", `{"tasks":[]}x`, "it is not a JSON object: invalid character 'x' after top-level value"},
		{"a second page", `{"tasks":[]}{"tasks":[]}`, "it is not a JSON object: invalid character '{' after top-level value"},
		{"a byte order mark", "\ufeff{\"tasks\":[]}", "it is not a JSON object: invalid character 'ï' looking for beginning of value"},
		{"not UTF-8", "{\"tasks\":[{\"id\":\"\xff\"}]}", "it is not UTF-8"},
		{"more tasks than asked for", `{"tasks":[{"id":"a"},{"id":"b"},{"id":"c"}]}`, "it holds 3 tasks where at most 2 were asked for"},
		{"an ID twice", `{"tasks":[{"id":"a"},{"id":"a"}]}`, `task "a": its ID is missing, or another task's on the same page`},
		{"an ID twice, once a number", `{"tasks":[{"id":"1"},{"id":1}]}`, `task "1": its ID is missing, or another task's on the same page`},
		{"an empty ID", `{"tasks":[{"id":"a"},{"id":""}]}`, "task number 2 of the page: its ID is missing, or another task's on the same page"},
		{"a null ID", `{"tasks":[{"id":null,"task_name":"n"}]}`, `task "n": its ID is missing, or another task's on the same page`},
		{"no ID", `{"tasks":[{"task_name":"n"}]}`, `task "n": its ID is missing, or another task's on the same page`},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, err := decodePage([]byte(test.body), 2)
			if p != nil || err == nil || err.Error() != test.want {
				t.Fatalf("it gives %v and %q, want %q", p, err, test.want)
			}
			var permanent interface{ Permanent() bool }
			if errors.As(err, &permanent) {
				t.Errorf("%T says that it is permanent, but a further attempt may help", err)
			}
		})
	}
}

func TestAPageHoldsAsManyTasksAsAskedFor(t *testing.T) {
	p, err := decodePage([]byte(" {\"tasks\" : [ {\"id\":\"a\"} , {\"id\":\"b\"} ] , \"total_number\":\"2\" , \"max_tasks\":18.0, \"quota_tasks\":null }\n"), 2)
	want := &page{Tasks: []Task{{ID: "a"}, {ID: "b"}}, TotalNumber: ptr(int64(2)), MaxTasks: ptr(int64(18))}
	if err != nil || !reflect.DeepEqual(p, want) {
		t.Errorf("it is read as %+v, %v; want %+v", p, err, want)
	}
	p, err = decodePage([]byte(`{"tasks":[]}`), 2)
	if err != nil || p.Tasks == nil || len(p.Tasks) != 0 {
		t.Errorf("no tasks are read as %+v, %v", p, err)
	}
}

// examplePage is the example of the API's page, byte for byte.
const examplePage = `{ "tasks" : [ { "task_name" : "smart-connect-1571576841", "topics" : "topic-1643449744", "source_task" : { "current_cluster_name" : "A", "cluster_name" : "B", "direction" : "pull", "bootstrap_servers" : "192.168.45.58:9092,192.168.44.1:9092,192.168.41.230:9092,192.168.43.112:9092", "instance_id" : "59f6d088-****-****-****-********", "consumer_strategy" : "earliest", "sync_consumer_offsets_enabled" : false, "rename_topic_enabled" : false, "provenance_header_enabled" : false, "security_protocol" : "PLAINTEXT", "sasl_mechanism" : "PLAIN", "user_name" : "", "topics_mapping" : "", "compression_type" : "none", "task_num" : 2, "replication_factor" : 3 }, "source_type" : "KAFKA_REPLICATOR_SOURCE", "sink_task" : null, "sink_type" : "NONE", "id" : "194917d0-****-****-****-********", "status" : "RUNNING", "create_time" : 1708427753133 }, { "task_name" : "smart-connect-1", "topics_regex" : "topic-obs*", "source_task" : null, "source_type" : "NONE", "sink_task" : { "consumer_strategy" : "earliest", "destination_file_type" : "TEXT", "obs_bucket_name" : "abcabc", "obs_path" : "obsTransfer-1810125534", "partition_format" : "yyyy/MM/dd/HH/mm", "record_delimiter" : "\\n", "deliver_time_interva" : 300, "obs_part_size" : 5242880, "flush_size" : 1000000, "timezone" : "Asia/Chongqing", "schema_generator_class" : "io.confluent.connect.storage.hive.schema.DefaultSchemaGenerator", "partitioner_class" : "io.confluent.connect.storage.partitioner.TimeBasedPartitioner", "value_converter" : "org.apache.kafka.connect.converters.ByteArrayConverter", "key_converter" : "org.apache.kafka.connect.converters.ByteArrayConverter", "store_keys" : false, "kv_delimiter" : ":" }, "sink_type" : "OBS_SINK", "id" : "3c0ac4d1-****-****-****-********", "status" : "RUNNING", "create_time" : 1708565483911 }, { "task_name" : "smart-connect-121248117", "topics" : "topic-sc", "source_task" : { "redis_address" : "192.168.91.179:6379", "redis_type" : "standalone", "dcs_instance_id" : "949190a2-598a-4afd-99a8-dad3cae1e7cd", "sync_mode" : "RDB_ONLY", "full_sync_wait_ms" : 13000, "full_sync_max_retry" : 4, "ratelimit" : -1 }, "source_type" : "REDIS_REPLICATOR_SOURCE", "sink_task" : { "redis_address" : "192.168.119.51:6379", "redis_type" : "standalone", "dcs_instance_id" : "9b981368-a8e3-416a-87d9-1581a968b41b", "target_db" : -1 }, "sink_type" : "REDIS_REPLICATOR_SINK", "id" : "8a205bbd-****-****-****-********", "status" : "RUNNING", "create_time" : 1708427753133 } ], "total_number" : 3, "max_tasks" : 18, "quota_tasks" : 18 }`

func TestTheExampleOfTheAPIPageIsReadWhole(t *testing.T) {
	p := mustDecode(t, examplePage)
	want := &page{
		TotalNumber: ptr(int64(3)), MaxTasks: ptr(int64(18)), QuotaTasks: ptr(int64(18)),
		Tasks: []Task{
			{
				ID: "194917d0-****-****-****-********", TaskName: ptr("smart-connect-1571576841"), Status: ptr("RUNNING"),
				CreateTime: ptr(int64(1708427753133)),
				Topics:     ptr("topic-1643449744"),
				SourceType: ptr("KAFKA_REPLICATOR_SOURCE"), SinkType: ptr("NONE"),
				SourceTask: &SourceTask{
					CurrentClusterName: ptr("A"), ClusterName: ptr("B"), Direction: ptr("pull"),
					BootstrapServers: ptr("192.168.45.58:9092,192.168.44.1:9092,192.168.41.230:9092,192.168.43.112:9092"),
					InstanceID:       ptr("59f6d088-****-****-****-********"), ConsumerStrategy: ptr("earliest"),
					SyncConsumerOffsetsEnabled: ptr(false), RenameTopicEnabled: ptr(false), ProvenanceHeaderEnabled: ptr(false),
					SecurityProtocol: ptr("PLAINTEXT"), SASLMechanism: ptr("PLAIN"), UserName: ptr(""),
					TopicsMapping: ptr(""), CompressionType: ptr("none"),
					TaskNum: ptr(int64(2)), ReplicationFactor: ptr(int64(3)),
				},
			},
			{
				ID: "3c0ac4d1-****-****-****-********", TaskName: ptr("smart-connect-1"), Status: ptr("RUNNING"),
				CreateTime:  ptr(int64(1708565483911)),
				TopicsRegex: ptr("topic-obs*"), SourceType: ptr("NONE"), SinkType: ptr("OBS_SINK"),
				SinkTask: &SinkTask{
					ConsumerStrategy: ptr("earliest"), DestinationFileType: ptr("TEXT"), OBSBucketName: ptr("abcabc"),
					OBSPath: ptr("obsTransfer-1810125534"), PartitionFormat: ptr("yyyy/MM/dd/HH/mm"), RecordDelimiter: ptr(`\n`),
					DeliverTimeInterval: ptr(int64(300)), OBSPartSize: ptr(int64(5242880)), FlushSize: ptr(int64(1000000)),
					Timezone:             ptr("Asia/Chongqing"),
					SchemaGeneratorClass: ptr("io.confluent.connect.storage.hive.schema.DefaultSchemaGenerator"),
					PartitionerClass:     ptr("io.confluent.connect.storage.partitioner.TimeBasedPartitioner"),
					ValueConverter:       ptr("org.apache.kafka.connect.converters.ByteArrayConverter"),
					KeyConverter:         ptr("org.apache.kafka.connect.converters.ByteArrayConverter"),
					StoreKeys:            ptr(false), KVDelimiter: ptr(":"),
				},
			},
			{
				ID: "8a205bbd-****-****-****-********", TaskName: ptr("smart-connect-121248117"), Status: ptr("RUNNING"),
				CreateTime: ptr(int64(1708427753133)),
				Topics:     ptr("topic-sc"),
				SourceType: ptr("REDIS_REPLICATOR_SOURCE"), SinkType: ptr("REDIS_REPLICATOR_SINK"),
				SourceTask: &SourceTask{
					RedisAddress: ptr("192.168.91.179:6379"), RedisType: ptr("standalone"),
					DCSInstanceID: ptr("949190a2-598a-4afd-99a8-dad3cae1e7cd"), SyncMode: ptr("RDB_ONLY"),
					FullSyncWaitMs: ptr(int64(13000)), FullSyncMaxRetry: ptr(int64(4)), RateLimit: ptr(int64(-1)),
				},
				SinkTask: &SinkTask{
					RedisAddress: ptr("192.168.119.51:6379"), RedisType: ptr("standalone"),
					DCSInstanceID: ptr("9b981368-a8e3-416a-87d9-1581a968b41b"), TargetDB: ptr(int64(-1)),
				},
			},
		},
	}
	if !reflect.DeepEqual(p, want) {
		t.Errorf("it is read as %+v,\nwant %+v", p, want)
	}
}

func FuzzDecodePage(f *testing.F) {
	f.Add([]byte(examplePage))
	f.Add([]byte(`{"tasks":[]}`))
	f.Add([]byte(`{"tasks":[{"id":"x","create_time":"1.7e12","topics":" a,,b","source_task":{"topics_mapping":"a:b, c:d"},"sink_task":{}}],"total_number":"1"}`))
	f.Add([]byte(`{"tasks":[{"id":5,"sink_task":{"store_keys":"TRUE","deliver_time_interva":3.0}}],"total_number":null}`))
	f.Add([]byte(`{"tasks":[null,{"id":""},{"id":[]}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := decodePage(body, pageLimit)
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
			checkDerived(t, task)
		}
		checkWire(t, body, p.Tasks)
	})
}
