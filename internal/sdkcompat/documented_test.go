// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package sdkcompat

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/kafka/v2/model"
)

// documented are the fields of the tables of "Querying Smart Connect Tasks", but for
// the arrays and objects that hold them.
const documented = `
total_number Integer
max_tasks Integer
quota_tasks Integer

tasks.task_name String
tasks.topics String
tasks.topics_regex String
tasks.source_type String
tasks.sink_type String
tasks.id String
tasks.status String
tasks.create_time Long

tasks.source_task.redis_address String
tasks.source_task.redis_type String
tasks.source_task.dcs_instance_id String
tasks.source_task.sync_mode String
tasks.source_task.full_sync_wait_ms Integer
tasks.source_task.full_sync_max_retry Integer
tasks.source_task.ratelimit Integer
tasks.source_task.current_cluster_name String
tasks.source_task.cluster_name String
tasks.source_task.user_name String
tasks.source_task.sasl_mechanism String
tasks.source_task.instance_id String
tasks.source_task.bootstrap_servers String
tasks.source_task.security_protocol String
tasks.source_task.direction String
tasks.source_task.sync_consumer_offsets_enabled Boolean
tasks.source_task.replication_factor Integer
tasks.source_task.task_num Integer
tasks.source_task.rename_topic_enabled Boolean
tasks.source_task.provenance_header_enabled Boolean
tasks.source_task.consumer_strategy String
tasks.source_task.compression_type String
tasks.source_task.topics_mapping String

tasks.sink_task.redis_address String
tasks.sink_task.redis_type String
tasks.sink_task.dcs_instance_id String
tasks.sink_task.target_db Integer
tasks.sink_task.consumer_strategy String
tasks.sink_task.destination_file_type String
tasks.sink_task.deliver_time_interval Integer
tasks.sink_task.obs_bucket_name String
tasks.sink_task.obs_path String
tasks.sink_task.partition_format String
tasks.sink_task.record_delimiter String
tasks.sink_task.store_keys Boolean
tasks.sink_task.obs_part_size Integer
tasks.sink_task.flush_size Integer
tasks.sink_task.timezone String
tasks.sink_task.schema_generator_class String
tasks.sink_task.partitioner_class String
tasks.sink_task.value_converter String
tasks.sink_task.key_converter String
tasks.sink_task.kv_delimiter String
`

// unknownToSDK are the documented fields that the SDK has no place for: newer
// editions of the page, from which it is made, are without Redis.
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

// misspelled is in the page's example, in no table of it, and not in the SDK.
const misspelled = "tasks.sink_task.deliver_time_interva"

// documentedFields is documented as types by path.
func documentedFields() map[string]string {
	fields := map[string]string{}
	for line := range strings.Lines(documented) {
		if path, kind, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			fields[path] = kind
		}
	}
	return fields
}

// sdkFields are the types that the SDK's model has, by path.
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
		for i := range t.NumField() {
			if name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ","); name != "-" {
				addFields(fields, strings.TrimPrefix(path+"."+name, "."), t.Field(i).Type)
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

// A newer SDK that knows more, less or other shows itself here.
func TestSDKKnowsTheDocumentedFieldsButThoseOfRedis(t *testing.T) {
	t.Parallel()
	want := documentedFields()
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
			t.Errorf("the SDK knows %s, a %s", path, got[path])
		}
	}
}
