// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestThrottledRequestHoldsAllOthersForItsPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScriptedTransport(page, reply(429, "", "Retry-After", "10"), page)
		c := newTestClient(t, s, withRetries(1))
		_, err := getTasks(t.Context(), c) // the credential is proven
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
		if n := s.count(); n != 1+2+9 {
			t.Errorf("%d requests were sent, want 12: one was throttled, and no other ran into it", n)
		}
	})
}

func TestPauseOfAllThatIsLongerThanTheReadFailsAtOnceAndSaysWhy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScriptedTransport(page, reply(429, `{"error_code":"APIGW.0308"}`, "Retry-After", "300"), page)
		c := newTestClient(t, s, withRetries(1))
		_, err := getTasks(t.Context(), c)
		requireNoError(t, err)
		var wait sync.WaitGroup
		wait.Go(func() { _, err := getTasks(t.Context(), c); requireNoError(t, err) })
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start := time.Now()
		attempts, err := getTasks(ctx, c)
		const want = "code APIGW.0308; all requests have to pause for 5m0s, which is longer than is left of the time for this read"
		if elapsed := time.Since(start); elapsed != 0 || attempts != 1 || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("after %s and %d attempts: %v", elapsed, attempts, err)
		}
		wait.Wait() // who has the time waits, and succeeds
	})
}

func TestPauseOfAllThatLastsAsLongAsTheReadFailsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newTestClient(t, newScriptedTransport(page))
		c.throttle.pause("dms.cn-north-4.myhuaweicloud.com", time.Minute, errors.New("throttled"))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start := time.Now()
		_, err := getTasks(ctx, c)
		requireErrorText(t, err, "...all requests have to pause for 1m0s, which is longer than is left of the time for this read")
		if elapsed := time.Since(start); elapsed != 0 {
			t.Errorf("it took %s", elapsed)
		}
	})
}

func TestThoseWhoWaitForThePauseOfAllEndItOneAfterTheOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newThrottle()
		s.pause("h", 8*time.Second, errors.New("throttled"))
		start := time.Now()
		ends := make(chan time.Duration, 50)
		for range cap(ends) {
			go func() {
				requireNoError(t, s.wait(t.Context(), "h"))
				ends <- time.Since(start)
			}()
		}
		distinct := map[time.Duration]bool{}
		for range cap(ends) {
			end := <-ends
			distinct[end] = true
			if end < 8*time.Second || end > 10*time.Second {
				t.Errorf("one waited for %s, want 8s to 10s", end)
			}
		}
		if len(distinct) < cap(ends)/2 {
			t.Errorf("of %d, only %d ended at a time of their own", cap(ends), len(distinct))
		}
	})
}

func TestPauseOfAllEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newTestClient(t, newScriptedTransport(page))
		c.throttle.pause("dms.cn-north-4.myhuaweicloud.com", 5*time.Minute, errors.New("throttled"))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		start := time.Now()
		_, err := getTasks(ctx, c)
		if elapsed := time.Since(start); elapsed != time.Second || !errors.Is(err, context.Canceled) {
			t.Errorf("after %s: %v, want 1s and context.Canceled", elapsed, err)
		}
	})
}

// A pause is that of one host, and ends in time for the reads to come.
func TestThrottle_hostsAndBound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newThrottle()
		s.pause("iam", 24*time.Hour, errors.New("throttled"))
		start := time.Now()
		requireNoError(t, s.wait(t.Context(), "dms"))
		if elapsed := time.Since(start); elapsed != 0 {
			t.Errorf("another host waited for %s", elapsed)
		}
		requireNoError(t, s.wait(t.Context(), "iam"))
		if elapsed := time.Since(start); elapsed < maxPause || elapsed > maxPause*5/4 {
			t.Errorf("the host waited for %s, want %s", elapsed, maxPause)
		}
	})
}
