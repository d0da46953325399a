// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

func TestReportHandler_onAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen []Attempt
		s := newScriptedTransport(
			delayed(2*time.Second, reply(503, "<html>", "X-Request-Id", "id-1")),
			failing(io.EOF),
			truncatedReply(200, `{"tas`),
			reply(200, "{}", "X-Iam-Trace-Id", "trace-1"),
			page,
		)
		requireTasks(t, newTestClient(t, s, withRetries(5), observed(&seen)))
		want := []struct {
			status, bytes int
			id            string
			took          time.Duration
			failed        string
		}{
			{503, 6, "id-1", 2 * time.Second, "HTTP 503 Service Unavailable (request ID id-1)"},
			{0, 0, "", 0, "connection to dms.cn-north-4.myhuaweicloud.com:443: EOF"},
			{200, 5, "", 0, "connection to dms.cn-north-4.myhuaweicloud.com:443: response truncated after 5 bytes: unexpected EOF"},
			{200, 2, "trace-1", 0, `HTTP 200 with content type "" is not a response from the service: ` + io.ErrNoProgress.Error()},
			{200, 12, "", 0, ""},
		}
		if len(seen) != len(want) {
			t.Fatalf("%d attempts, want %d", len(seen), len(want))
		}
		for i, a := range seen {
			w := want[i]
			if a.Method != http.MethodGet || a.Host != "dms.cn-north-4.myhuaweicloud.com" || a.Path != tasksPath || a.Query.Encode() != "limit=50&offset=0" {
				t.Errorf("attempt %d is %+v", i+1, a)
			}
			if a.Number != i+1 || a.Status != w.status || a.Bytes != w.bytes || a.RequestID != w.id || a.Duration != w.took {
				t.Errorf("attempt %d is %+v, want %+v", i+1, a, w)
			}
			if w.failed != "" {
				requireErrorText(t, a.Err, w.failed)
			} else if a.Err != nil {
				t.Errorf("attempt %d: %v", i+1, a.Err)
			}
		}
	})
}
