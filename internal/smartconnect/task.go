// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package smartconnect

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// Task is a Smart Connect task: SmartConnectTaskEntity of the API, with typed views of its delimited
// strings. It is the only list of a task's fields: the json tag is the name in the API response, the
// tfsdk tag that of the Terraform attribute. Fields that the response omits are nil.
type Task struct {
	ID          string      `json:"id" tfsdk:"id"`
	TaskName    *string     `json:"task_name" tfsdk:"task_name"`
	Status      *string     `json:"status" tfsdk:"status"`
	CreateTime  *int64      `json:"create_time" tfsdk:"create_time"` // Unix time in ms
	CreatedAt   *string     `json:"-" tfsdk:"created_at"`            // CreateTime in RFC 3339; derived
	Topics      *string     `json:"topics" tfsdk:"topics"`           // a,b
	TopicList   []string    `json:"-" tfsdk:"topic_list"`            // derived
	TopicsRegex *string     `json:"topics_regex" tfsdk:"topics_regex"`
	SourceType  *string     `json:"source_type" tfsdk:"source_type"`
	SourceTask  *SourceTask `json:"source_task" tfsdk:"source_task"`
	SinkType    *string     `json:"sink_type" tfsdk:"sink_type"`
	SinkTask    *SinkTask   `json:"sink_task" tfsdk:"sink_task"`
}

// HostPort is an entry of a delimited list of addresses.
type HostPort struct {
	Host string `tfsdk:"host"` // IPv6 addresses are without brackets
	Port *int64 `tfsdk:"port"` // nil: missing or not a port number
}

// SourceTask is the source of a task: Redis (down to RateLimit) or another Kafka instance.
type SourceTask struct {
	RedisAddress     *string    `json:"redis_address" tfsdk:"redis_address"` // host:port,host:port
	RedisAddressList []HostPort `json:"-" tfsdk:"redis_address_list"`        // derived
	RedisType        *string    `json:"redis_type" tfsdk:"redis_type"`
	DCSInstanceID    *string    `json:"dcs_instance_id" tfsdk:"dcs_instance_id"`
	SyncMode         *string    `json:"sync_mode" tfsdk:"sync_mode"`
	FullSyncWaitMs   *int64     `json:"full_sync_wait_ms" tfsdk:"full_sync_wait_ms"`
	FullSyncMaxRetry *int64     `json:"full_sync_max_retry" tfsdk:"full_sync_max_retry"`
	RateLimit        *int64     `json:"ratelimit" tfsdk:"ratelimit"` // KB/s; -1: unlimited

	CurrentClusterName         *string           `json:"current_cluster_name" tfsdk:"current_cluster_name"`
	ClusterName                *string           `json:"cluster_name" tfsdk:"cluster_name"`
	UserName                   *string           `json:"user_name" tfsdk:"user_name"`
	SASLMechanism              *string           `json:"sasl_mechanism" tfsdk:"sasl_mechanism"`
	InstanceID                 *string           `json:"instance_id" tfsdk:"instance_id"`
	BootstrapServers           *string           `json:"bootstrap_servers" tfsdk:"bootstrap_servers"` // host:port,host:port
	BootstrapServerList        []HostPort        `json:"-" tfsdk:"bootstrap_server_list"`             // derived
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
	TopicMap                   map[string]string `json:"-" tfsdk:"topic_map"`                   // derived
}

// SinkTask is the sink of a task: Redis (down to TargetDB) or an OBS bucket.
type SinkTask struct {
	RedisAddress     *string    `json:"redis_address" tfsdk:"redis_address"` // host:port,host:port
	RedisAddressList []HostPort `json:"-" tfsdk:"redis_address_list"`        // derived
	RedisType        *string    `json:"redis_type" tfsdk:"redis_type"`
	DCSInstanceID    *string    `json:"dcs_instance_id" tfsdk:"dcs_instance_id"`
	TargetDB         *int64     `json:"target_db" tfsdk:"target_db"` // -1: the default of the service

	ConsumerStrategy     *string `json:"consumer_strategy" tfsdk:"consumer_strategy"`
	DestinationFileType  *string `json:"destination_file_type" tfsdk:"destination_file_type"`
	DeliverTimeInterval  *int64  `json:"deliver_time_interval" alias:"deliver_time_interva" tfsdk:"deliver_time_interval"` // s
	OBSBucketName        *string `json:"obs_bucket_name" tfsdk:"obs_bucket_name"`
	OBSPath              *string `json:"obs_path" tfsdk:"obs_path"`
	PartitionFormat      *string `json:"partition_format" tfsdk:"partition_format"`
	RecordDelimiter      *string `json:"record_delimiter" tfsdk:"record_delimiter"` // a newline may be the two characters \n
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

// Warning is a derived attribute that is null because its source is not of the documented form.
type Warning struct {
	TaskID string
	Task   string // the quoted name or ID, as in FieldError
	Field  string // as in source_task.topic_map
	Err    error  // why
}

// String returns the warning as one line.
func (w Warning) String() string { return fmt.Sprintf("%s: %s: %v", w.Task, w.Field, w.Err) }

// countItems returns the number of items in the delimited strings, so that a bound is exceeded before
// deriveFields splits them.
func (t *Task) countItems() (sum int, err error) {
	count := func(field string, joined *string) {
		n := strings.Count(deref(joined), ",") + 1
		if sum += n; n > maxItems && err == nil {
			err = &LimitError{Max: maxItems, What: fmt.Sprintf("items in %s of %s", field, t.label())}
		}
	}
	count("topics", t.Topics)
	if s := t.SourceTask; s != nil {
		count("source_task.redis_address", s.RedisAddress)
		count("source_task.bootstrap_servers", s.BootstrapServers)
		count("source_task.topics_mapping", s.TopicsMapping)
	}
	if s := t.SinkTask; s != nil {
		count("sink_task.redis_address", s.RedisAddress)
	}
	return sum, err
}

// deriveFields fills the typed views of the delimited strings and of the creation time. A view that
// cannot be derived stays nil, with a warning: a derived value must not fail a read.
func (t *Task) deriveFields() []Warning {
	var warnings []Warning
	check := func(field string, err error) {
		if err != nil {
			warnings = append(warnings, Warning{TaskID: t.ID, Task: t.label(), Field: field, Err: err})
		}
	}
	var err error
	t.TopicList = splitList(t.Topics)
	t.CreatedAt, err = formatTime(t.CreateTime)
	check("created_at", err)
	if s := t.SourceTask; s != nil {
		s.RedisAddressList, err = splitAddresses(s.RedisAddress)
		check("source_task.redis_address_list", err)
		s.BootstrapServerList, err = splitAddresses(s.BootstrapServers)
		check("source_task.bootstrap_server_list", err)
		s.TopicMap, err = splitMap(s.TopicsMapping)
		check("source_task.topic_map", err)
	}
	if s := t.SinkTask; s != nil {
		s.RedisAddressList, err = splitAddresses(s.RedisAddress)
		check("sink_task.redis_address_list", err)
	}
	return warnings
}

// label names the task in messages. Its name can be of any length and contain any character.
func (t *Task) label() string {
	if t.TaskName != nil && *t.TaskName != "" {
		return fmt.Sprintf("task %.100q", *t.TaskName)
	}
	return fmt.Sprintf("task %.100q", t.ID)
}

// formatTime converts Unix time in milliseconds to RFC 3339.
func formatTime(ms *int64) (*string, error) {
	if ms == nil {
		return nil, nil
	}
	at := time.UnixMilli(*ms).UTC()
	if at.Year() < 0 || at.Year() > 9999 {
		return nil, errors.New("create_time is not Unix time in milliseconds between the years 0 and 9999")
	}
	text := at.Format("2006-01-02T15:04:05.000Z07:00")
	return &text, nil
}

// splitList splits "a,b". It returns an empty list, never nil, so that HCL needs no null check.
func splitList(joined *string) []string {
	items := []string{}
	if joined == nil {
		return items
	}
	for item := range strings.SplitSeq(*joined, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}

// splitMap splits "src:dst,src2:dst2". Topic names contain neither ":" nor ",".
func splitMap(joined *string) (map[string]string, error) {
	pairs := map[string]string{}
	for i, item := range splitList(joined) {
		source, target, ok := strings.Cut(item, ":")
		source, target = strings.TrimSpace(source), strings.TrimSpace(target)
		if !ok || source == "" || target == "" || strings.Contains(target, ":") {
			return nil, fmt.Errorf("pair %d is not of the form source:target", i+1)
		}
		if other, ok := pairs[source]; ok && other != target {
			return nil, fmt.Errorf("pair %d maps a topic that an earlier pair maps to another one", i+1)
		}
		pairs[source] = target
	}
	return pairs, nil
}

// splitAddresses splits "host:port,[2001:db8::1]:port".
func splitAddresses(joined *string) ([]HostPort, error) {
	addresses := []HostPort{}
	for i, item := range splitList(joined) {
		host, port := item, ""
		if _, err := netip.ParseAddr(item); err != nil { // else an IPv6 address without brackets and port
			if colon := strings.LastIndexByte(item, ':'); colon > strings.LastIndexByte(item, ']') {
				host, port = item[:colon], item[colon+1:]
			}
		}
		if inner, ok := strings.CutPrefix(host, "["); ok {
			host = strings.TrimSuffix(inner, "]")
		}
		host = strings.TrimSpace(host)
		if host == "" || strings.ContainsAny(host, "[]/@ \t\r\n") {
			return nil, fmt.Errorf("address %d is not of the form host:port", i+1)
		}
		address := HostPort{Host: host}
		if n, err := strconv.ParseUint(strings.TrimSpace(port), 10, 16); err == nil {
			address.Port = new(int64(n))
		}
		addresses = append(addresses, address)
	}
	return addresses, nil
}
