// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package sdkcompat

import (
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/kafka/v2/model"
)

// unknownToSDK are the documented fields that the SDK lacks: it is generated from a newer edition of the API
// reference, which has no Redis.
var unknownToSDK = []string{
	"tasks.sink_task.dcs_instance_id",
	"tasks.sink_task.redis_address",
	"tasks.sink_task.redis_type",
	"tasks.sink_task.target_db",
	"tasks.source_task.dcs_instance_id",
	"tasks.source_task.full_sync_max_retry",
	"tasks.source_task.full_sync_wait_ms",
	"tasks.source_task.ratelimit",
	"tasks.source_task.redis_address",
	"tasks.source_task.redis_type",
	"tasks.source_task.sync_mode",
}

// misspelled is a field of the API reference's example only.
const misspelled = "tasks.sink_task.deliver_time_interva"

// documentedFields returns the types of the fields in the tables of the API reference, by path.
func documentedFields(t *testing.T) map[string]string {
	t.Helper()
	table, err := os.ReadFile("../smartconnect/testdata/fields.txt")
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

// sdkFields returns the types of the fields of the SDK's model, by path.
func sdkFields() map[string]string {
	fields := map[string]string{}
	addFields(fields, "", reflect.TypeFor[model.ListConnectorTasksResponse]())
	return fields
}

func addFields(fields map[string]string, path string, t reflect.Type) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice:
		addFields(fields, path, t.Elem())
	case reflect.Struct:
		for field := range t.Fields() {
			if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name != "-" {
				addFields(fields, strings.TrimPrefix(path+"."+name, "."), field.Type)
			}
		}
	case reflect.String:
		fields[path] = "String"
	case reflect.Bool:
		fields[path] = "Boolean"
	case reflect.Int32:
		fields[path] = "Integer"
	case reflect.Int64:
		fields[path] = "Long"
	default:
		fields[path] = t.String()
	}
}

// It fails when an update of the SDK adds, removes or changes fields.
func TestSDK_documentedFields(t *testing.T) {
	t.Parallel()
	want := documentedFields(t)
	for _, path := range unknownToSDK {
		if want[path] == "" {
			t.Errorf("%s is not documented", path)
		}
		delete(want, path)
	}
	got := sdkFields()
	for _, path := range slices.Sorted(maps.Keys(want)) {
		if got[path] != want[path] {
			t.Errorf("%s is documented as %s, the SDK has %q", path, want[path], got[path])
		}
	}
	for _, path := range slices.Sorted(maps.Keys(got)) {
		if want[path] == "" {
			t.Errorf("the SDK has %s of type %s, which is not documented", path, got[path])
		}
	}
}
