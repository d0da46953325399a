// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

// archiveTasks write to and read from all kinds of things, a host with a name and a bucket without a path among them.
func archiveTasks() []json.RawMessage {
	tasks := simulator.GenerateTasks(5)
	for i := range tasks {
		text := strings.ReplaceAll(string(tasks[i]), "192.0.2.12:", "kafka.example.com:")
		tasks[i] = json.RawMessage(strings.Replace(text, "path/4", "", 1))
	}
	return tasks
}

// What the other provider gets are policies and rules as its pages have them.
func bucketsPeersAndTopics(t *testing.T, g *guideRun) {
	t.Helper()
	policy := func(objects string) string {
		return `{"Statement":[{"Action":["PutObject"],"Effect":"Allow","Principal":{"ID":["domain/0123456789abcdef0123456789abcdef:user/` +
			`00112233445566778899aabbccddeeff"]},"Resource":["` + objects + `"],"Sid":"smart-connect"}]}`
	}
	rule := func(group, host, port string) map[string]any {
		region := map[string]string{"orders-group": "cn-north-4", "archive-group": "eu-west-101"}[group]
		return map[string]any{
			"region": region, "security_group_id": group, "direction": "egress", "ethertype": "IPv4", "protocol": "tcp",
			"port_range_min": port, "port_range_max": port, "remote_ip_prefix": host + "/32",
		}
	}
	want := map[string]any{
		`obs_bucket_policy.tasks["cn-north-4/abcabc"]`: map[string]any{
			"region": "cn-north-4", "bucket": "abcabc", "policy": policy("abcabc/obsTransfer-1810125534/*"),
		},
		`obs_bucket_policy.tasks["eu-west-101/bucket-1"]`: map[string]any{
			"region": "eu-west-101", "bucket": "bucket-1", "policy": policy("bucket-1/path/1/*"),
		},
		`obs_bucket_policy.tasks["eu-west-101/bucket-4"]`: map[string]any{
			"region": "eu-west-101", "bucket": "bucket-4", "policy": policy("bucket-4/*"),
		},
	}
	for group, peers := range map[string][]string{
		"archive-group": {"192.0.2.31:6379", "192.0.2.11:9092", "192.0.2.13:9092"},
		"orders-group": {
			"192.168.45.58:9092", "192.168.44.1:9092", "192.168.41.230:9092", "192.168.43.112:9092",
			"192.168.91.179:6379", "192.168.119.51:6379",
		},
	} {
		for _, peer := range peers {
			host, port, _ := strings.Cut(peer, ":")
			address := fmt.Sprintf("networking_secgroup_rule.tasks[%q]", strings.TrimSuffix(group, "-group")+" "+peer)
			want[address] = rule(group, host, port)
		}
	}
	if got := fakeResources(t, g.Workspace); !reflect.DeepEqual(got, want) {
		t.Errorf("resources\n%v, expected\n%v", got, want)
	}
}
