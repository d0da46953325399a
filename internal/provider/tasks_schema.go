// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// taskType is the type of a task, which the framework would derive from the attributes and convert for
// Terraform several times a read.
type taskType struct {
	basetypes.ObjectType

	terraformType tftypes.Type
}

var newTaskType = sync.OnceValue(func() taskType {
	object := types.ObjectType{AttrTypes: map[string]attr.Type{}}
	for name, attribute := range taskAttributes() {
		object.AttrTypes[name] = attribute.GetType()
	}
	return taskType{object, object.TerraformType(context.Background())}
})

// TerraformType implements [attr.Type].
func (t taskType) TerraformType(context.Context) tftypes.Type { return t.terraformType }

// Equal implements [attr.Type]. The values of a taskType are of the type ObjectType.
func (t taskType) Equal(other attr.Type) bool {
	if o, ok := other.(taskType); ok {
		other = o.ObjectType
	}
	return t.ObjectType.Equal(other)
}

// taskAttributes describes smartconnect.Task.
func taskAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":        computedString("ID of the task."),
		"task_name": computedString("Name of the task. Not necessarily unique."),
		"status": computedString("Status of the task. Possible values: `RUNNING` (copying, the only healthy status), `PAUSED` (paused by a user, progress is kept), " +
			"`WAITING` (created to start later, not started yet), `RESTARTING` (restarting from the beginning, progress is lost), `CREATING` (being created)."),
		"create_time":  computedInt64("Creation time as Unix time in milliseconds."),
		"created_at":   computedString("`create_time` in RFC 3339, in UTC with milliseconds, such as `2024-02-20T11:15:53.133Z`."),
		"topics":       computedString("Comma-separated names of the topics to copy. Null if `topics_regex` selects them."),
		"topic_list":   computedStrings("`topics` as a list."),
		"topics_regex": computedString("Regular expression that selects the topics to copy. Null if `topics` names them."),
		"source_type":  computedString("Source type. Possible values: `KAFKA_REPLICATOR_SOURCE` (another Kafka instance), `REDIS_REPLICATOR_SOURCE` (a Redis instance), `NONE` (topics of this instance)."),
		"source_task": schema.SingleNestedAttribute{
			Computed:            true,
			MarkdownDescription: "Source configuration. Null if `source_type` is `NONE`. Attributes of the other source type, Kafka or Redis, are null.",
			Attributes:          sourceTaskAttributes(),
		},
		"sink_type": computedString("Sink type. Possible values: `OBS_SINK` (an OBS bucket), `REDIS_REPLICATOR_SINK` (a Redis instance), `NONE` (topics of a Kafka instance)."),
		"sink_task": schema.SingleNestedAttribute{
			Computed:            true,
			MarkdownDescription: "Sink configuration. Null if `sink_type` is `NONE`. Attributes of the other sink type, OBS or Redis, are null.",
			Attributes:          sinkTaskAttributes(),
		},
	}
}

// The generator sorts attributes by name, so each description begins with the type of source or sink
// that has the attribute.
const (
	redis = "(Redis) "
	kafka = "(Kafka) "
	obs   = "(OBS) "
)

// sourceTaskAttributes describes smartconnect.SourceTask.
func sourceTaskAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"redis_address":       computedString(redis + "Address as `host:port`; a comma-separated list for a cluster."),
		"redis_address_list":  computedAddresses(redis + "`redis_address` as a list."),
		"redis_type":          computedString(redis + "Type of the Redis instance. Possible values: `standalone`, `cluster`."),
		"dcs_instance_id":     computedString(redis + "ID of the Distributed Cache Service (DCS) instance."),
		"sync_mode":           computedString(redis + "Synchronization mode. Possible values: `RDB_ONLY` (one full copy), `CUSTOM_OFFSET` (a full copy, then all changes)."),
		"full_sync_wait_ms":   computedInt64(redis + "Interval between retries of a full copy, in milliseconds."),
		"full_sync_max_retry": computedInt64(redis + "Maximum number of retries of a full copy."),
		"ratelimit":           computedInt64(redis + "Rate limit in KB/s. `-1` means unlimited."),

		"current_cluster_name":          computedString(kafka + "Alias of this Kafka instance in the task."),
		"cluster_name":                  computedString(kafka + "Alias of the peer Kafka instance in the task."),
		"user_name":                     computedString(kafka + "User name at the peer instance. Empty if the peer does not require authentication."),
		"sasl_mechanism":                computedString(kafka + "SASL mechanism of the peer instance. Possible values: `PLAIN`, `SCRAM-SHA-512`."),
		"instance_id":                   computedString(kafka + "ID of the peer instance."),
		"bootstrap_servers":             computedString(kafka + "Comma-separated addresses of the peer instance as `host:port`."),
		"bootstrap_server_list":         computedAddresses(kafka + "`bootstrap_servers` as a list."),
		"security_protocol":             computedString(kafka + "Security protocol of the peer instance. Possible values: `PLAINTEXT`, `SASL_SSL`, `SASL_PLAINTEXT`."),
		"direction":                     computedString(kafka + "Direction of replication. Possible values: `pull` (from the peer to this instance), `push` (from this instance to the peer), `two-way`."),
		"sync_consumer_offsets_enabled": computedBool(kafka + "Whether consumer offsets are synchronized."),
		"replication_factor":            computedInt64(kafka + "Replication factor of topics that the task creates."),
		"task_num":                      computedInt64(kafka + "Number of parallel workers."),
		"rename_topic_enabled":          computedBool(kafka + "Whether the alias of the source instance is prefixed to the names of copied topics."),
		"provenance_header_enabled":     computedBool(kafka + "Whether a header with the source is added to each message."),
		"consumer_strategy":             computedString(kafka + "Start offset. Possible values: `latest` (new messages only), `earliest` (all messages)."),
		"compression_type":              computedString(kafka + "Compression algorithm. Possible values: `none`, `gzip`, `snappy`, `lz4`, `zstd`."),
		"topics_mapping":                computedString(kafka + "Comma-separated pairs `source:target` of topics that have a different name at the target. Empty if there are none."),
		"topic_map": schema.MapAttribute{
			Computed: true, ElementType: types.StringType,
			MarkdownDescription: kafka + "`topics_mapping` as a map from source topic to target topic.",
		},
	}
}

// sinkTaskAttributes describes smartconnect.SinkTask.
func sinkTaskAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"redis_address":      computedString(redis + "Address as `host:port`; a comma-separated list for a cluster."),
		"redis_address_list": computedAddresses(redis + "`redis_address` as a list."),
		"redis_type":         computedString(redis + "Type of the Redis instance. Possible values: `standalone`, `cluster`."),
		"dcs_instance_id":    computedString(redis + "ID of the Distributed Cache Service (DCS) instance."),
		"target_db":          computedInt64(redis + "Number of the target database. The API's default is `-1`."),

		"consumer_strategy":      computedString(obs + "Start offset. Possible values: `latest` (new messages only), `earliest` (all messages)."),
		"destination_file_type":  computedString(obs + "File format. Possible values: `TEXT`."),
		"deliver_time_interval":  computedInt64(obs + "Interval between uploads, in seconds."),
		"obs_bucket_name":        computedString(obs + "Name of the bucket."),
		"obs_path":               computedString(obs + "Path in the bucket."),
		"partition_format":       computedString(obs + "Format of the time-based directories below `obs_path`, from `yyyy` to `yyyy/MM/dd/HH/mm`."),
		"record_delimiter":       computedString(obs + "Record delimiter as returned by the API; a newline may be the literal `\\n`."),
		"store_keys":             computedBool(obs + "Whether message keys are stored."),
		"obs_part_size":          computedInt64(obs + "Size of an upload part, in bytes."),
		"flush_size":             computedInt64(obs + "Number of messages after which a file is uploaded."),
		"timezone":               computedString(obs + "Time zone of the time-based directories, such as `Asia/Chongqing`."),
		"schema_generator_class": computedString(obs + "Java class of the schema generator."),
		"partitioner_class":      computedString(obs + "Java class of the partitioner."),
		"value_converter":        computedString(obs + "Java class of the converter for message values."),
		"key_converter":          computedString(obs + "Java class of the converter for message keys."),
		"kv_delimiter":           computedString(obs + "Delimiter between key and value when keys are stored."),
	}
}

func computedString(description string) schema.Attribute {
	return schema.StringAttribute{Computed: true, MarkdownDescription: description}
}

func computedInt64(description string) schema.Attribute {
	return schema.Int64Attribute{Computed: true, MarkdownDescription: description}
}

func computedBool(description string) schema.Attribute {
	return schema.BoolAttribute{Computed: true, MarkdownDescription: description}
}

func computedStrings(description string) schema.Attribute {
	return schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: description}
}

func computedAddresses(description string) schema.Attribute {
	return schema.ListNestedAttribute{
		Computed:            true,
		MarkdownDescription: description,
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"host": computedString("Host name or IP address; IPv6 without brackets."),
			"port": computedInt64("Port number. Null if missing or not a number."),
		}},
	}
}
