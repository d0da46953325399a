// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// retryHandler repeats a call that failed for a transient reason.
type retryHandler struct {
	next       handler
	maxRetries int
	budget     *retryBudget
	throttle   *throttle
}

func (h *retryHandler) do(ctx context.Context, call *apiCall) (response, error) {
	for {
		call.attempts++
		resp, err := h.next.do(ctx, call)
		if err == nil {
			h.budget.refund()
			return resp, nil
		}
		if errors.Is(err, context.Cause(ctx)) {
			return resp, call.afterLastError(err)
		}
		call.lastErr = err
		delay, err := h.backoff(ctx, call)
		if err != nil {
			return resp, err
		}
		if err := sleep(ctx, delay); err != nil {
			return resp, call.afterLastError(err)
		}
	}
}

// afterLastError adds the error of the previous attempt to err.
func (c *apiCall) afterLastError(err error) error {
	if c.lastErr == nil {
		return err
	}
	return fmt.Errorf("%w; before that: %w", err, c.lastErr)
}

// backoff returns the delay before the next attempt, or the error of the last one if there is none.
func (h *retryHandler) backoff(ctx context.Context, call *apiCall) (time.Duration, error) {
	err := call.lastErr
	class := classify(err)
	if class == permanent {
		return 0, err
	}
	if _, ok := errors.AsType[*outOfTimeError](err); ok {
		return 0, err
	}
	delay := class.delay(call.attempts)
	if cloudErr, ok := errors.AsType[*Error](err); ok && cloudErr.retryAfter > 0 {
		delay = cloudErr.retryAfter
	}
	if class == throttled {
		h.throttle.pause(call.url.Host, delay, err)
	}
	if call.attempts > h.maxRetries {
		return 0, err
	}
	if deadline, ok := ctx.Deadline(); ok && delay >= time.Until(deadline) {
		return 0, &outOfTimeError{fmt.Errorf("%w; the next attempt is due in %s, but the read times out in %s",
			err, delay.Round(time.Millisecond), time.Until(deadline).Round(time.Millisecond))}
	}
	if !h.budget.take() {
		return 0, fmt.Errorf("%w; not retried, since too many requests of this run have failed", err)
	}
	return delay, nil
}
