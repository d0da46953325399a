// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// The arguments of policies and rules are those that the pages of the huaweicloud provider document.
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
			"region": "eu-west-101", "bucket": "bucket-4", "policy": policy("bucket-4/path/4/*"),
		},
	}
	for group, peers := range map[string][]string{
		"archive-group": {"192.0.2.31:6379", "192.0.2.11:9092", "192.0.2.12:9092", "192.0.2.13:9092"},
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
