// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/huaweicloud"
)

// logAttempt logs an HTTP request. Its fields are an allow-list, without headers and bodies.
func logAttempt(ctx context.Context, a huaweicloud.Attempt) {
	fields := map[string]any{
		"method":      a.Method,
		"host":        a.Host,
		"path":        a.Path,
		"attempt":     a.Number,
		"status":      a.Status,
		"request_id":  a.RequestID,
		"bytes":       a.Bytes,
		"duration_ms": a.Duration.Milliseconds(),
	}
	for _, name := range []string{"offset", "limit"} {
		if value := a.Query.Get(name); value != "" {
			fields[name] = value
		}
	}
	if a.Err != nil {
		fields["error"] = a.Err.Error()
	}
	tflog.Debug(ctx, "HTTP request", fields)
}
