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

// maxPause is the longest known throttling window, and the default timeout of a read: a host that
// demands more must not block later reads.
const maxPause = 5 * time.Minute

// throttle holds back the requests to a host after it has throttled one of them.
type throttle struct {
	mu     sync.Mutex
	paused map[string]pause // by host
}

type pause struct {
	until  time.Time
	reason error // the throttling response
}

func newThrottle() *throttle { return &throttle{paused: map[string]pause{}} }

// pause holds back all requests to host.
func (t *throttle) pause(host string, delay time.Duration, reason error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if until := time.Now().Add(min(delay, maxPause)); until.After(t.paused[host].until) {
		t.paused[host] = pause{until, reason}
	}
}

// wait returns after the pause of host, with jitter, or at once if ctx ends before that.
func (t *throttle) wait(ctx context.Context, host string) error {
	for {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		t.mu.Lock()
		p := t.paused[host]
		t.mu.Unlock()
		left := time.Until(p.until)
		if left <= 0 {
			return nil
		}
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= left {
			return &outOfTimeError{fmt.Errorf("%w; requests to this host are paused for %s, which is longer than the time left for this read",
				p.reason, left.Round(time.Millisecond))}
		}
		_ = sleep(ctx, left+rand.N(left/4+1)) //nolint:gosec // spreads load, guards nothing
	}
}

// outOfTimeError is why a request was not sent before the caller's deadline. Other callers may have time to wait.
type outOfTimeError struct{ error }

func (e *outOfTimeError) Unwrap() error { return e.error }
