// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"net/http"
	"testing"
	"time"
)

func BenchmarkSign(b *testing.B) {
	req, err := http.NewRequestWithContext(b.Context(), http.MethodGet,
		"https://dms.cn-north-4.myhuaweicloud.com/v2/p/instances/i/connector/tasks?limit=50&offset=0", http.NoBody)
	if err != nil {
		b.Fatal(err)
	}
	req.Header.Set(headerProjectID, "p")
	keys := Credential{AccessKey: "AK", SecretKey: NewSecret("SK")}
	now := time.Unix(0, 0)
	b.ReportAllocs()
	for b.Loop() {
		Sign(req, nil, keys, now)
	}
}
