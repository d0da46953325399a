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
	errTransient = errors.New("transient")
	errPermanent = permanentError{errors.New("permanent")}
)

// loader counts its loads, which take a second.
type loader struct {
	loads int
	errs  []error // of the first loads
}

func (f *loader) load(ctx context.Context) (int, error) {
	f.loads++ // without a lock: cachedValue runs one load at a time
	number := f.loads
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

func TestCachedValue_waitIsCanceled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, f := newCachedValue[int](), &loader{}
		var wait sync.WaitGroup
		wait.Go(func() { _, _ = l.get(t.Context(), f.load) })
		synctest.Wait()
		for name, wait := range map[string]func(context.Context) error{
			"get":        func(ctx context.Context) error { _, err := l.get(ctx, f.load); return err },
			"invalidate": func(ctx context.Context) error { return l.invalidate(ctx, func(int) bool { return true }) },
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
	})
}

func TestCachedValue_error(t *testing.T) {
	for name, test := range map[string]struct {
		err   error
		loads int // after a later call
	}{
		"transient, not cached": {errTransient, 2},
		"permanent, cached":     {errPermanent, 1},
	} {
		runInBubble(t, name, func(t *testing.T) {
			l := newCachedValue[int]()
			f := &loader{errs: []error{test.err}}
			for _, err := range concurrently(20, func(int) error { _, err := l.get(t.Context(), f.load); return err }) {
				if !errors.Is(err, test.err) {
					t.Errorf("the error is %v", err)
				}
			}
			if f.loads != 1 {
				t.Errorf("%d loads for those who waited", f.loads)
			}
			if _, err := l.get(t.Context(), f.load); f.loads != test.loads || (err == nil) != (test.loads == 2) {
				t.Errorf("%d loads, %v; want %d", f.loads, err, test.loads)
			}
		})
	}
}

// The error of an earlier load is not that of a canceled one.
func TestCachedValue_errorBeforeCanceledLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newCachedValue[int]()
		f := &loader{errs: []error{errTransient}}
		_, _ = l.get(t.Context(), f.load)
		leader, cancel := context.WithCancel(t.Context())
		var wait sync.WaitGroup
		wait.Go(func() { _, _ = l.get(leader, f.load) })
		synctest.Wait()
		wait.Go(func() {
			if value, err := l.get(t.Context(), f.load); value != 3 || err != nil {
				t.Errorf("value %d, %v", value, err)
			}
		})
		synctest.Wait()
		cancel()
		wait.Wait()
	})
}

func TestCachedValue_invalidate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newCachedValue[int]()
		f := &loader{}
		first := func(value int) bool { return value == 1 }
		for _, want := range []int{1, 2, 2} { // the third time, the value is another one
			value, err := l.get(t.Context(), f.load)
			if value != want || err != nil {
				t.Errorf("value %d, %v; want %d", value, err, want)
			}
			requireNoError(t, l.invalidate(t.Context(), first))
		}
	})
}
