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

// restraint is what all requests of the process share, so that a service in trouble is not made to
// suffer more: a pause after it has throttled one of them, and a budget of retries.
type restraint struct {
	mu      sync.Mutex
	until   time.Time // no request before
	reason  error     // the answer that asked for it
	retries float64   // left
	most    float64
}

const (
	// budgetOfReads is how many calls may use up their retries before all others do without.
	budgetOfReads = 4
	// refund is what of a retry a success gives back: a few faults in a hundred are never too many.
	refund = 0.2
)

func newRestraint(maxRetries int) *restraint {
	most := float64(budgetOfReads * maxRetries)
	return &restraint{retries: most, most: most}
}

// hold makes all requests pause.
func (s *restraint) hold(pause time.Duration, reason error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if until := time.Now().Add(pause); until.After(s.until) {
		s.until, s.reason = until, reason
	}
}

// wait ends with the pause, a little later for each who waits, or at once if ctx will not last as long.
func (s *restraint) wait(ctx context.Context) error {
	for {
		s.mu.Lock()
		pause, reason := time.Until(s.until), s.reason
		s.mu.Unlock()
		if pause <= 0 {
			return nil
		}
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= pause {
			return &heldError{fmt.Errorf("%w; all requests have to pause for %s, which is longer than is left of the time for this read",
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

// heldError is why a request was not sent. Another caller may have the time to wait.
type heldError struct{ error }

func (e *heldError) Unwrap() error { return e.error }

// retry takes a retry from the budget, if there is one.
func (s *restraint) retry() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.retries < 1 {
		return false
	}
	s.retries--
	return true
}

// succeeded fills the budget up a little.
func (s *restraint) succeeded() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.retries = min(s.most, s.retries+refund)
}
