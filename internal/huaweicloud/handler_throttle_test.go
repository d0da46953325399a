// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestThrottleHandler_slots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now, most atomic.Int32
		s := newScriptedTransport(func(r *http.Request) (*http.Response, error) {
			defer now.Add(-1)
			if n := now.Add(1); n > most.Load() {
				most.Store(n)
			}
			return delayed(time.Second, page)(r)
		})
		c := newTestClient(t, s)
		_, err := getTasks(t.Context(), c) // verifies the credential
		requireNoError(t, err)
		start := time.Now()
		requireNoError(t, concurrently(40, func(int) error { _, err := getTasks(t.Context(), c); return err })...)
		if elapsed := time.Since(start); most.Load() != maxInFlight || elapsed != 3*time.Second {
			t.Errorf("%d requests at once, %s for all; want 16, 3s", most.Load(), elapsed)
		}
	})
}

func TestThrottleHandler_backoffHoldsNoSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		busy := reply(503, "", "Retry-After", "60")
		s := newScriptedTransport(append(append([]roundTripperFunc{page}, slices.Repeat([]roundTripperFunc{busy}, maxInFlight)...), page)...)
		c := newTestClient(t, s, withRetries(3))
		requireTasks(t, c)
		var wait sync.WaitGroup
		for range maxInFlight {
			wait.Go(func() { _, _ = getTasks(t.Context(), c) })
		}
		synctest.Wait()
		start := time.Now()
		requireTasks(t, c)
		if elapsed := time.Since(start); elapsed != 0 {
			t.Errorf("a request waited for %s", elapsed)
		}
		wait.Wait()
	})
}

func TestThrottleHandler_waitEndsWithContext(t *testing.T) {
	for name, verified := range map[string]bool{"slot": true, "verification of the credential": false} {
		synctest.Test(t, func(t *testing.T) {
			s := newScriptedTransport(page, hang)
			if !verified {
				s = newScriptedTransport(hang)
			}
			c := newTestClient(t, s)
			if verified {
				requireTasks(t, c)
			}
			all, stop := context.WithCancel(t.Context())
			var wait sync.WaitGroup
			for range maxInFlight {
				wait.Go(func() { _, _ = getTasks(all, c) })
			}
			synctest.Wait()
			before, start := s.count(), time.Now()
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, err := getTasks(ctx, c)
			if elapsed := time.Since(start); !errors.Is(err, context.DeadlineExceeded) || elapsed != time.Second || s.count() != before {
				t.Errorf("%s: %v after %s and %d requests", name, err, elapsed, s.count()-before)
			}
			stop()
			wait.Wait()
		})
	}
}
