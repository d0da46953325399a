// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"context"

	"golang.org/x/sync/semaphore"
)

// handler processes a call and passes it to the next handler. It returns the response, if there was one,
// with an error as well.
type handler interface {
	do(ctx context.Context, call *apiCall) (response, error)
}

// newHandler returns the chain of handlers, listed from the innermost: a call is authenticated, retried,
// serialized by the lockout guard, throttled, reported, checked and sent.
func newHandler(c *Client) handler {
	var h handler
	h = &sendHandler{transport: c.transport, clock: c.clock, userAgent: c.config.UserAgent, secrets: c.proxies.secrets}
	h = &checkHandler{next: h, clock: c.clock}
	if c.config.OnAttempt != nil {
		h = &reportHandler{next: h, client: c}
	}
	h = &throttleHandler{next: h, throttle: c.throttle, slots: semaphore.NewWeighted(maxInFlight)}
	h = &lockoutHandler{next: h, guard: newLockoutGuard()}
	h = &retryHandler{next: h, maxRetries: c.config.MaxRetries, budget: c.budget, throttle: c.throttle}
	h = &authHandler{next: h, client: c}
	return h
}
