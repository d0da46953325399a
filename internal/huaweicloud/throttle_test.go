// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

const dmsHost = "dms.cn-north-4.myhuaweicloud.com"

func TestThrottle_pausesOtherRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScriptedTransport(page, reply(429, "", "Retry-After", "10"), page)
		c := newTestClient(t, s, withRetries(1))
		_, err := getTasks(t.Context(), c) // verifies the credential
		requireNoError(t, err)
		var wait sync.WaitGroup
		wait.Go(func() { _, err := getTasks(t.Context(), c); requireNoError(t, err) })
		synctest.Wait()
		start := time.Now()
		requireNoError(t, concurrently(9, func(int) error { _, err := getTasks(t.Context(), c); return err })...)
		wait.Wait()
		if elapsed := time.Since(start); elapsed < 10*time.Second || elapsed > 13*time.Second {
			t.Errorf("the others ended after %s, want 10s to 12.5s", elapsed)
		}
		if n := s.count(); n != 1+2+9 { // only one was throttled
			t.Errorf("%d requests, want 12", n)
		}
	})
}

func TestThrottle_contextEnds(t *testing.T) {
	const exceeds = "...: throttled; requests to this host are paused for 5m0s, which is longer than the time left for this read"
	for _, tt := range []struct {
		name                  string
		timeout, cancel, ends time.Duration
		want                  string
	}{
		{"deadline within the pause", time.Minute, time.Hour, 0, exceeds},
		{"deadline at its end", 5 * time.Minute, time.Hour, 0, exceeds},
		{"canceled", time.Hour, time.Second, time.Second, "...context canceled"},
	} {
		synctest.Test(t, func(t *testing.T) {
			c := newTestClient(t, newScriptedTransport(page))
			c.throttle.pause(dmsHost, 5*time.Minute, errors.New("throttled"))
			ctx, cancel := context.WithTimeout(t.Context(), tt.timeout)
			time.AfterFunc(tt.cancel, cancel)
			start := time.Now()
			attempts, err := getTasks(ctx, c)
			requireErrorText(t, err, tt.want)
			if elapsed := time.Since(start); elapsed != tt.ends || attempts != 1 {
				t.Errorf("%s: after %s and %d attempts, want %s and 1", tt.name, elapsed, attempts, tt.ends)
			}
			cancel()
		})
	}
}

// A pause holds one host, for at most 5 minutes, and those who wait end it one after the other.
func TestThrottle_wait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newThrottle()
		s.pause("iam", 24*time.Hour, errors.New("throttled"))
		start := time.Now()
		requireNoError(t, s.wait(t.Context(), "dms"))
		if elapsed := time.Since(start); elapsed != 0 {
			t.Errorf("another host waited for %s", elapsed)
		}
		const waiters = 50
		ends := make([]time.Duration, waiters)
		requireNoError(t, concurrently(waiters, func(i int) error {
			err := s.wait(t.Context(), "iam")
			ends[i] = time.Since(start)
			return err
		})...)
		distinct := map[time.Duration]bool{}
		for _, end := range ends {
			distinct[end] = true
			if end < maxPause || end > maxPause*5/4 {
				t.Errorf("one waited for %s, want %s and up to a quarter more", end, maxPause)
			}
		}
		if len(distinct) < waiters/2 {
			t.Errorf("%d of %d ended at the same time as others", waiters-len(distinct), waiters)
		}
	})
}
