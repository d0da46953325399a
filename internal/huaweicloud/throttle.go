// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// throttle is what all requests of the process share, so that a service in trouble is not made to
// suffer more: a pause after it has throttled one of them, and a budget of retries.
type throttle struct {
	mu          sync.Mutex
	pausedUntil time.Time // no request before
	reason      error     // the answer that asked for it
	retries     float64   // left
	max         float64
}

const (
	// budgetOfReads is how many calls may use up their retries before all others do without.
	retryBudgetCalls = 4
	// refund is what of a retry a success gives back: a few faults in a hundred are never too many.
	refundPerSuccess = 0.2
)

func newThrottle(maxRetries int) *throttle {
	most := float64(retryBudgetCalls * maxRetries)
	return &throttle{retries: most, max: most}
}

// pause makes all requests pause.
func (s *throttle) pause(pause time.Duration, reason error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if until := time.Now().Add(pause); until.After(s.pausedUntil) {
		s.pausedUntil, s.reason = until, reason
	}
}

// wait ends with the pause, a little later for each who waits, or at once if ctx will not last as long.
func (s *throttle) wait(ctx context.Context) error {
	for {
		s.mu.Lock()
		pause, reason := time.Until(s.pausedUntil), s.reason
		s.mu.Unlock()
		if pause <= 0 {
			return nil
		}
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= pause {
			return &throttledError{fmt.Errorf("%w; all requests have to pause for %s, which is longer than is left of the time for this read",
				reason, pause.Round(time.Millisecond))}
		}
		timer := time.NewTimer(pause + rand.N(pause/4+1)) //nolint:gosec // spreads load, guards nothing
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return context.Cause(ctx)
		}
	}
}

// throttledError is why a request was not sent. Another caller may have the time to wait.
type throttledError struct{ error }

func (e *throttledError) Unwrap() error { return e.error }

// take takes a retry from the budget, if there is one.
func (s *throttle) take() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.retries < 1 {
		return false
	}
	s.retries--
	return true
}

// refund fills the budget up a little.
func (s *throttle) refund() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.retries = min(s.max, s.retries+refundPerSuccess)
}
