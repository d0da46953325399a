// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package smartconnect

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Task is a Smart Connect task: SmartConnectTaskEntity of the API, and two texts of it unpacked.
// It is the only list of a task's fields: the json tag is the name on the wire, the tfsdk tag the
// attribute's. What the API did not say is nil.
type Task struct {
	ID          string      `json:"id" tfsdk:"id"`
	TaskName    *string     `json:"task_name" tfsdk:"task_name"`
	Status      *string     `json:"status" tfsdk:"status"`
	CreateTime  *int64      `json:"create_time" tfsdk:"create_time"` // Unix time in ms
	CreatedAt   *string     `json:"-" tfsdk:"created_at"`            // CreateTime in RFC 3339
	Topics      *string     `json:"topics" tfsdk:"topics"`           // a,b
	TopicList   []string    `json:"-" tfsdk:"topic_list"`            // of Topics
	TopicsRegex *string     `json:"topics_regex" tfsdk:"topics_regex"`
	SourceType  *string     `json:"source_type" tfsdk:"source_type"`
	SourceTask  *SourceTask `json:"source_task" tfsdk:"source_task"`
	SinkType    *string     `json:"sink_type" tfsdk:"sink_type"`
	SinkTask    *SinkTask   `json:"sink_task" tfsdk:"sink_task"`
}

// SourceTask is where a task reads from: Redis (the first seven fields) or the other Kafka
// instance of a pair (the rest).
type SourceTask struct {
	RedisAddress     *string `json:"redis_address" tfsdk:"redis_address"`
	RedisType        *string `json:"redis_type" tfsdk:"redis_type"`
	DCSInstanceID    *string `json:"dcs_instance_id" tfsdk:"dcs_instance_id"`
	SyncMode         *string `json:"sync_mode" tfsdk:"sync_mode"`
	FullSyncWaitMs   *int64  `json:"full_sync_wait_ms" tfsdk:"full_sync_wait_ms"`
	FullSyncMaxRetry *int64  `json:"full_sync_max_retry" tfsdk:"full_sync_max_retry"`
	RateLimit        *int64  `json:"ratelimit" tfsdk:"ratelimit"` // KB/s; -1: none

	CurrentClusterName         *string           `json:"current_cluster_name" tfsdk:"current_cluster_name"`
	ClusterName                *string           `json:"cluster_name" tfsdk:"cluster_name"`
	UserName                   *string           `json:"user_name" tfsdk:"user_name"`
	SASLMechanism              *string           `json:"sasl_mechanism" tfsdk:"sasl_mechanism"`
	InstanceID                 *string           `json:"instance_id" tfsdk:"instance_id"`
	BootstrapServers           *string           `json:"bootstrap_servers" tfsdk:"bootstrap_servers"` // host:port,host:port
	BootstrapServerList        []string          `json:"-" tfsdk:"bootstrap_server_list"`             // of BootstrapServers
	SecurityProtocol           *string           `json:"security_protocol" tfsdk:"security_protocol"`
	Direction                  *string           `json:"direction" tfsdk:"direction"`
	SyncConsumerOffsetsEnabled *bool             `json:"sync_consumer_offsets_enabled" tfsdk:"sync_consumer_offsets_enabled"`
	ReplicationFactor          *int64            `json:"replication_factor" tfsdk:"replication_factor"`
	TaskNum                    *int64            `json:"task_num" tfsdk:"task_num"`
	RenameTopicEnabled         *bool             `json:"rename_topic_enabled" tfsdk:"rename_topic_enabled"`
	ProvenanceHeaderEnabled    *bool             `json:"provenance_header_enabled" tfsdk:"provenance_header_enabled"`
	ConsumerStrategy           *string           `json:"consumer_strategy" tfsdk:"consumer_strategy"`
	CompressionType            *string           `json:"compression_type" tfsdk:"compression_type"`
	TopicsMapping              *string           `json:"topics_mapping" tfsdk:"topics_mapping"` // src:dst,src2:dst2
	TopicMap                   map[string]string `json:"-" tfsdk:"topic_map"`                   // of TopicsMapping
}

// SinkTask is where a task writes to: Redis (the first four fields) or an OBS bucket (the rest).
type SinkTask struct {
	RedisAddress  *string `json:"redis_address" tfsdk:"redis_address"`
	RedisType     *string `json:"redis_type" tfsdk:"redis_type"`
	DCSInstanceID *string `json:"dcs_instance_id" tfsdk:"dcs_instance_id"`
	TargetDB      *int64  `json:"target_db" tfsdk:"target_db"` // -1: the same as in the source

	ConsumerStrategy     *string `json:"consumer_strategy" tfsdk:"consumer_strategy"`
	DestinationFileType  *string `json:"destination_file_type" tfsdk:"destination_file_type"`
	DeliverTimeInterval  *int64  `json:"deliver_time_interval" misspelt:"deliver_time_interva" tfsdk:"deliver_time_interval"` // s
	OBSBucketName        *string `json:"obs_bucket_name" tfsdk:"obs_bucket_name"`
	OBSPath              *string `json:"obs_path" tfsdk:"obs_path"`
	PartitionFormat      *string `json:"partition_format" tfsdk:"partition_format"`
	RecordDelimiter      *string `json:"record_delimiter" tfsdk:"record_delimiter"` // a backslash and n are two characters
	StoreKeys            *bool   `json:"store_keys" tfsdk:"store_keys"`
	OBSPartSize          *int64  `json:"obs_part_size" tfsdk:"obs_part_size"` // bytes
	FlushSize            *int64  `json:"flush_size" tfsdk:"flush_size"`       // messages
	Timezone             *string `json:"timezone" tfsdk:"timezone"`
	SchemaGeneratorClass *string `json:"schema_generator_class" tfsdk:"schema_generator_class"`
	PartitionerClass     *string `json:"partitioner_class" tfsdk:"partitioner_class"`
	ValueConverter       *string `json:"value_converter" tfsdk:"value_converter"`
	KeyConverter         *string `json:"key_converter" tfsdk:"key_converter"`
	KVDelimiter          *string `json:"kv_delimiter" tfsdk:"kv_delimiter"`
}

// deriveFields fills in what the API says in packed texts only.
func (t *Task) deriveFields() error {
	t.TopicList = splitList(t.Topics)
	if t.CreateTime != nil {
		at := time.UnixMilli(*t.CreateTime).UTC()
		if at.Year() < 0 || at.Year() > 9999 {
			return &FieldError{Field: "create_time", Err: errors.New("it is beyond the years 0 to 9999, expected Unix time in milliseconds")}
		}
		text := at.Format("2006-01-02T15:04:05.000Z07:00")
		t.CreatedAt = &text
	}
	if s := t.SourceTask; s != nil {
		s.BootstrapServerList = splitList(s.BootstrapServers)
		var err error
		if s.TopicMap, err = splitMap(s.TopicsMapping); err != nil {
			return &FieldError{Field: "source_task.topics_mapping", Err: err}
		}
	}
	return nil
}

// splitList unpacks "a,b": nil for nil, and an empty list for "".
func splitList(joined *string) []string {
	if joined == nil {
		return nil
	}
	items := []string{}
	for item := range strings.SplitSeq(*joined, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}

// splitMap unpacks "src:dst,src2:dst2". Names of topics hold neither ":" nor ",".
func splitMap(joined *string) (map[string]string, error) {
	if joined == nil {
		return nil, nil
	}
	pairs := map[string]string{}
	for i, item := range splitList(joined) {
		source, target, ok := strings.Cut(item, ":")
		source, target = strings.TrimSpace(source), strings.TrimSpace(target)
		if !ok || source == "" || target == "" || strings.Contains(target, ":") {
			return nil, fmt.Errorf("pair %d is not of the form source:target", i+1)
		}
		if other, ok := pairs[source]; ok && other != target {
			return nil, fmt.Errorf("pair %d maps a topic that another pair maps elsewhere", i+1)
		}
		pairs[source] = target
	}
	return pairs, nil
}
