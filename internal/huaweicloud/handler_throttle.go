// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"context"

	"golang.org/x/sync/semaphore"
)

// maxInFlight bounds the concurrent requests of the process. Terraform runs ten reads at a time,
// which must not wait for each other.
const maxInFlight = 16

// throttleHandler holds a request until its host accepts requests and a slot is free.
type throttleHandler struct {
	next     handler
	throttle *throttle
	slots    *semaphore.Weighted
}

func (h *throttleHandler) do(ctx context.Context, call *apiCall) (response, error) {
	if err := h.throttle.wait(ctx, call.url.Host); err != nil {
		return response{}, err
	}
	if err := h.slots.Acquire(ctx, 1); err != nil {
		return response{}, err
	}
	defer h.slots.Release(1)
	return h.next.do(ctx, call)
}
