// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"context"
	"net/url"
	"time"
)

// Attempt describes one HTTP attempt for logging. It contains no secrets.
type Attempt struct {
	Method, Host, Path string
	Query              url.Values
	Number             int // of the call's attempts, from 1
	Status             int // 0: no response
	RequestID          string
	Bytes              int // of the decompressed body
	Duration           time.Duration
	Err                error // nil: success
}

// reportHandler reports each attempt.
type reportHandler struct {
	next   handler
	client *Client
}

func (h *reportHandler) do(ctx context.Context, call *apiCall) (response, error) {
	start := time.Now()
	resp, err := h.next.do(ctx, call)
	h.client.report(ctx, Attempt{
		Method: call.method, Host: call.url.Host, Path: call.url.Path, Query: call.Query, Number: call.attempts,
		Status: resp.status, RequestID: sanitize(requestID(resp.header), resp.secrets, mask), Bytes: len(resp.body),
		Duration: time.Since(start), Err: err,
	})
	return resp, err
}

func (c *Client) report(ctx context.Context, a Attempt) {
	if c.config.OnAttempt != nil {
		c.config.OnAttempt(ctx, a)
	}
}
