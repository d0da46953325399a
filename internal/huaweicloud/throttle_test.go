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

func TestRetriesOfAProcessAreLimitedAndSuccessesGiveThemBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const retries, reads = 5, 20
		down := newScriptedTransport(reply(503, ""))
		c := newTestClient(t, down, withRetries(retries))
		for i := range reads {
			attempts, err := getTasks(t.Context(), c)
			want := 1 // the budget is used up
			if i < retryBudgetCalls {
				want = 1 + retries
			}
			if err == nil || attempts != want {
				t.Fatalf("read %d: %d attempts, %v; want %d and an error", i, attempts, err, want)
			}
			if said := strings.Contains(err.Error(), "too many requests of this run have failed"); said != (want == 1) {
				t.Errorf("read %d: %v", i, err)
			}
		}
		if n, want := down.count(), retryBudgetCalls*(1+retries)+reads-retryBudgetCalls; n != want {
			t.Errorf("%d requests, want %d", n, want)
		}
		for range 5 {
			c.budget.refund()
		}
		if attempts, _ := getTasks(t.Context(), c); attempts != 2 {
			t.Errorf("%d attempts after five successes, want 2", attempts)
		}
	})
}
