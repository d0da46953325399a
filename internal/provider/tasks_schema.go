// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// taskAttributes describes smartconnect.Task.
func taskAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":           computedString("ID of the task."),
		"task_name":    computedString("Name of the task."),
		"status":       computedString("Status of the task. Known: `RUNNING`, `PAUSED`, `WAITING`, `RESTARTING`, `CREATING`."),
		"create_time":  computedInt64("When the task was created, in Unix time in milliseconds."),
		"created_at":   computedString("`create_time` in RFC 3339, in UTC and with milliseconds, such as `2024-02-20T11:15:53.133Z`."),
		"topics":       computedString("Topics that are copied, separated by commas. Null if `topics_regex` selects them."),
		"topic_list":   computedStrings("`topics` as a list. Empty if `topics` is empty or null."),
		"topics_regex": computedString("Regular expression that selects the topics that are copied. Null if `topics` names them."),
		"source_type":  computedString("What the task reads from, if it is not a topic of this instance. Known: `KAFKA_REPLICATOR_SOURCE`, `REDIS_REPLICATOR_SOURCE`, and `NONE` for this instance's topics."),
		"source_task": schema.SingleNestedAttribute{
			Computed:            true,
			MarkdownDescription: "The source. Null if the task has none (`source_type` is `NONE`). What belongs to another kind of source is null in it.",
			Attributes:          sourceTaskAttributes(),
		},
		"sink_type": computedString("What the task writes to, if it is not a topic of a Kafka instance. Known: `OBS_SINK`, `REDIS_REPLICATOR_SINK`, and `NONE` for topics."),
		"sink_task": schema.SingleNestedAttribute{
			Computed:            true,
			MarkdownDescription: "The sink. Null if the task has none (`sink_type` is `NONE`). What belongs to another kind of sink is null in it.",
			Attributes:          sinkTaskAttributes(),
		},
	}
}

// What a sentence of a description begins with: the kind of source or sink that sets the attribute.
const (
	redisSource = "Redis source: "
	kafkaSource = "Kafka source: "
	redisSink   = "Redis sink: "
	obsSink     = "OBS sink: "
)

// sourceTaskAttributes describes smartconnect.SourceTask.
func sourceTaskAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"redis_address":       computedString(redisSource + "address of the Redis instance as `host:port`, of a cluster several, separated by commas."),
		"redis_address_list":  computedAddresses(redisSource + "`redis_address` as a list."),
		"redis_type":          computedString(redisSource + "kind of the Redis instance. Known: `standalone`, `cluster`."),
		"dcs_instance_id":     computedString(redisSource + "ID of the instance in Distributed Cache Service (DCS)."),
		"sync_mode":           computedString(redisSource + "what is copied. Known: `RDB_ONLY` (everything, once), `CUSTOM_OFFSET` (everything, then each change)."),
		"full_sync_wait_ms":   computedInt64(redisSource + "pause between two attempts at a full copy, in milliseconds."),
		"full_sync_max_retry": computedInt64(redisSource + "how often a full copy that failed is tried again."),
		"ratelimit":           computedInt64(redisSource + "limit of the rate, in KB/s. `-1`: no limit."),

		"current_cluster_name":          computedString(kafkaSource + "name that the task has for this Kafka instance."),
		"cluster_name":                  computedString(kafkaSource + "name that the task has for the other Kafka instance."),
		"user_name":                     computedString(kafkaSource + "user at the other Kafka instance. Empty if it asks for none."),
		"sasl_mechanism":                computedString(kafkaSource + "how the task authenticates at the other Kafka instance. Known: `PLAIN`, `SCRAM-SHA-512`."),
		"instance_id":                   computedString(kafkaSource + "ID of the other Kafka instance."),
		"bootstrap_servers":             computedString(kafkaSource + "addresses of the other Kafka instance as `host:port`, separated by commas."),
		"bootstrap_server_list":         computedAddresses(kafkaSource + "`bootstrap_servers` as a list."),
		"security_protocol":             computedString(kafkaSource + "how the connection to the other Kafka instance is secured. Known: `PLAINTEXT`, `SASL_SSL`, `SASL_PLAINTEXT`."),
		"direction":                     computedString(kafkaSource + "direction of the copy, seen from this instance. Known: `pull`, `push`, `two-way`."),
		"sync_consumer_offsets_enabled": computedBool(kafkaSource + "whether the consumers' progress is copied too."),
		"replication_factor":            computedInt64(kafkaSource + "number of replicas of a topic that the task creates."),
		"task_num":                      computedInt64(kafkaSource + "number of parallel workers of the task."),
		"rename_topic_enabled":          computedBool(kafkaSource + "whether a copied topic gets the name of its source instance in front of its own."),
		"provenance_header_enabled":     computedBool(kafkaSource + "whether each message gets a header that names where it came from."),
		"consumer_strategy":             computedString(kafkaSource + "where the copy starts. Known: `latest` (new messages only), `earliest` (all that are there)."),
		"compression_type":              computedString(kafkaSource + "how messages are compressed. Known: `none`, `gzip`, `snappy`, `lz4`, `zstd`."),
		"topics_mapping":                computedString(kafkaSource + "names of topics at the target where they differ, as `source:target`, separated by commas. Empty if none does."),
		"topic_map": schema.MapAttribute{
			Computed: true, ElementType: types.StringType,
			MarkdownDescription: kafkaSource + "`topics_mapping` as a map from source topic to target topic. Empty if `topics_mapping` is empty or null.",
		},
	}
}

// sinkTaskAttributes describes smartconnect.SinkTask.
func sinkTaskAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"redis_address":      computedString(redisSink + "address of the Redis instance as `host:port`, of a cluster several, separated by commas."),
		"redis_address_list": computedAddresses(redisSink + "`redis_address` as a list."),
		"redis_type":         computedString(redisSink + "kind of the Redis instance. Known: `standalone`, `cluster`."),
		"dcs_instance_id":    computedString(redisSink + "ID of the instance in Distributed Cache Service (DCS)."),
		"target_db":          computedInt64(redisSink + "number of the database that is written to. `-1` is the service's default."),

		"consumer_strategy":      computedString(obsSink + "where the copy starts. Known: `latest` (new messages only), `earliest` (all that are there)."),
		"destination_file_type":  computedString(obsSink + "format of the files. Known: `TEXT`."),
		"deliver_time_interval":  computedInt64(obsSink + "how often messages are written out, in seconds."),
		"obs_bucket_name":        computedString(obsSink + "name of the bucket."),
		"obs_path":               computedString(obsSink + "folder in the bucket."),
		"partition_format":       computedString(obsSink + "folders by time below `obs_path`. Known: from `yyyy` to `yyyy/MM/dd/HH/mm`."),
		"record_delimiter":       computedString(obsSink + "what separates messages in a file, as the service spells it: a line break can be the two characters backslash and `n`."),
		"store_keys":             computedBool(obsSink + "whether the keys of messages are written too."),
		"obs_part_size":          computedInt64(obsSink + "size at which a file is uploaded, in bytes."),
		"flush_size":             computedInt64(obsSink + "number of messages at which a file is written out."),
		"timezone":               computedString(obsSink + "time zone of the folders by time, such as `Asia/Chongqing`."),
		"schema_generator_class": computedString(obsSink + "Java class that generates the schema."),
		"partitioner_class":      computedString(obsSink + "Java class that picks the folder of a message."),
		"value_converter":        computedString(obsSink + "Java class that converts the values of messages."),
		"key_converter":          computedString(obsSink + "Java class that converts the keys of messages."),
		"kv_delimiter":           computedString(obsSink + "what separates key and value where keys are written."),
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
		MarkdownDescription: description + " Empty if the string is empty or null.",
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"host": computedString("Host name or IP address, for IPv6 without brackets."),
			"port": computedInt64("Port. Null if the address has none."),
		}},
	}
}
