// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"context"

	"golang.org/x/sync/semaphore"
)

// handler takes a call one step on, and leaves the rest of the way to the next handler. Like a
// round trip it returns what response there was, also beside an error.
type handler interface {
	do(ctx context.Context, call *apiCall) (response, error)
}

// newHandler returns the way of every call: read from the bottom up, it is authenticated, retried,
// held by the lock-out guard and the throttle, sent, and its response checked.
func newHandler(c *Client) handler {
	var h handler
	h = &sendHandler{transport: c.transport, clock: c.clock, userAgent: c.config.UserAgent, secrets: c.proxies.secrets}
	h = &checkHandler{next: h, clock: c.clock}
	h = &reportHandler{next: h, client: c}
	h = &throttleHandler{next: h, throttle: c.throttle, slots: semaphore.NewWeighted(maxInFlight)}
	h = &lockoutHandler{next: h, guard: newLockoutGuard()}
	h = &retryHandler{next: h, maxRetries: c.config.MaxRetries, budget: c.budget, throttle: c.throttle}
	h = &authHandler{next: h, client: c}
	return h
}
