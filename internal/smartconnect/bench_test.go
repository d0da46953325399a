// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package smartconnect

import (
	"encoding/json"
	"testing"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

func BenchmarkDecodePageOf50(b *testing.B) {
	body, err := json.Marshal(map[string]any{"tasks": simulator.GenerateTasks(pageLimit), "total_number": pageLimit})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := decodePage(body, pageLimit); err != nil {
			b.Fatal(err)
		}
	}
}
