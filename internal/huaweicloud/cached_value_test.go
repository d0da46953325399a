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

var (
	errPassing = errors.New("passing")
	errLasting = permanentError{errors.New("lasting")}
)

// finder counts how often it is asked for its value, which takes it a second.
type finder struct {
	asked int
	errs  []error // of the first times
}

func (f *finder) find(ctx context.Context) (int, error) {
	f.asked++ // under the turn of the look-up, or the race detector tells
	number := f.asked
	select {
	case <-time.After(time.Second):
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	if number <= len(f.errs) {
		return 0, f.errs[number-1]
	}
	return number, nil
}

func TestOneCallerFindsForAllWhoWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newCachedValue[int]()
		f := &finder{}
		start := time.Now()
		requireNoError(t, concurrently(20, func(int) error { _, err := l.get(t.Context(), f.find); return err })...)
		value, err := l.get(t.Context(), f.find)
		if elapsed := time.Since(start); f.asked != 1 || value != 1 || err != nil || elapsed != time.Second {
			t.Errorf("asked %d times, found %d, %v, after %s", f.asked, value, err, elapsed)
		}
	})
}

func TestTheNextCallerTakesOverFromOneWhoGivesUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newCachedValue[int]()
		f := &finder{}
		start := time.Now()
		leader, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		var wait sync.WaitGroup
		wait.Go(func() {
			if _, err := l.get(leader, f.find); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the leader's error is %v", err)
			}
		})
		synctest.Wait()
		requireNoError(t, concurrently(19, func(int) error { _, err := l.get(t.Context(), f.find); return err })...)
		wait.Wait()
		if elapsed := time.Since(start); f.asked != 2 || elapsed != 1500*time.Millisecond {
			t.Errorf("asked %d times, %s", f.asked, elapsed)
		}
	})
}

func TestACallerWaitsUnderItsOwnContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newCachedValue[int]()
		f := &finder{}
		var wait sync.WaitGroup
		wait.Go(func() { _, _ = l.get(t.Context(), f.find) })
		synctest.Wait()
		for name, wait := range map[string]func(context.Context) error{
			"get":    func(ctx context.Context) error { _, err := l.get(ctx, f.find); return err },
			"forget": func(ctx context.Context) error { return l.invalidate(ctx, func(int) bool { return true }) },
		} {
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			start := time.Now()
			err := wait(ctx)
			cancel()
			if elapsed := time.Since(start); !errors.Is(err, context.DeadlineExceeded) || elapsed != 100*time.Millisecond {
				t.Errorf("%s: %v after %s", name, err, elapsed)
			}
		}
		wait.Wait()
		if _, err := l.get(t.Context(), f.find); f.asked != 1 || err != nil {
			t.Errorf("asked %d times, %v", f.asked, err)
		}
	})
}

func TestAFailureIsSharedWithThoseWhoWaitedForIt(t *testing.T) {
	for name, test := range map[string]struct {
		err   error
		asked int // when a later caller has come
	}{
		"passing, not kept": {errPassing, 2},
		"lasting, kept":     {errLasting, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := newCachedValue[int]()
				f := &finder{errs: []error{test.err}}
				for _, err := range concurrently(20, func(int) error { _, err := l.get(t.Context(), f.find); return err }) {
					if !errors.Is(err, test.err) {
						t.Errorf("the error is %v", err)
					}
				}
				if f.asked != 1 {
					t.Errorf("asked %d times by those who waited", f.asked)
				}
				if _, err := l.get(t.Context(), f.find); f.asked != test.asked || (err == nil) != (test.asked == 2) {
					t.Errorf("asked %d times, %v; want %d", f.asked, err, test.asked)
				}
			})
		})
	}
}

// The failure of before is not that of the one who was waited for.
func TestAnOldFailureIsNotThatOfALeaderWhoGaveUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newCachedValue[int]()
		f := &finder{errs: []error{errPassing}}
		_, _ = l.get(t.Context(), f.find)
		leader, cancel := context.WithCancel(t.Context())
		var wait sync.WaitGroup
		wait.Go(func() { _, _ = l.get(leader, f.find) })
		synctest.Wait()
		wait.Go(func() {
			if value, err := l.get(t.Context(), f.find); value != 3 || err != nil {
				t.Errorf("found was %d, %v", value, err)
			}
		})
		synctest.Wait()
		cancel()
		wait.Wait()
	})
}

func TestAStaleValueIsFoundAnewByOneCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newCachedValue[int]()
		f, stale := &finder{}, 0
		l.needsRefresh = func(value int) bool { return value <= stale }
		get := func(int) error { _, err := l.get(t.Context(), f.find); return err }
		requireNoError(t, concurrently(20, get)...)
		stale = 1
		requireNoError(t, concurrently(20, get)...)
		if value, err := l.get(t.Context(), f.find); value != 2 || err != nil || f.asked != 2 {
			t.Errorf("found was %d, %v, after %d questions", value, err, f.asked)
		}
		stale, f.errs = 2, []error{nil, nil, errPassing}
		if value, err := l.get(t.Context(), f.find); !errors.Is(err, errPassing) || value != 0 {
			t.Errorf("a stale value is given out: %d, %v", value, err)
		}
		if value, err := l.get(t.Context(), f.find); value != 4 || err != nil {
			t.Errorf("found was %d, %v", value, err)
		}
	})
}

func TestOnlyTheUnusableIsForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newCachedValue[int]()
		f := &finder{}
		first := func(value int) bool { return value == 1 }
		for _, want := range []int{1, 2, 2} { // the third time, another value has taken the place of the unusable
			value, err := l.get(t.Context(), f.find)
			if value != want || err != nil {
				t.Errorf("found was %d, %v; want %d", value, err, want)
			}
			requireNoError(t, l.invalidate(t.Context(), first))
		}
	})
}
