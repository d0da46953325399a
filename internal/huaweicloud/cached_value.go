// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"context"
	"sync/atomic"

	"golang.org/x/sync/semaphore"
)

// cachedValue is a value that one caller finds for all. Callers wait under their own contexts, and one
// that gives up leaves the work to the next. A failure goes to all who waited for it, and to those
// who come later too if it would be the same again: a key that was refused is not tried twice.
type cachedValue[T any] struct {
	sem   *semaphore.Weighted
	loads atomic.Int64
	// Whether a value has to be found anew, and whether it will do if that fails; nil: never.
	needsRefresh, stillValid func(T) bool

	// Under turn:
	loaded bool
	value  T
	err    error
}

func newCachedValue[T any]() *cachedValue[T] {
	return &cachedValue[T]{sem: semaphore.NewWeighted(1)}
}

func (l *cachedValue[T]) get(ctx context.Context, find func(context.Context) (T, error)) (T, error) {
	before := l.loads.Load()
	if err := l.sem.Acquire(ctx, 1); err != nil {
		var none T
		return none, err
	}
	defer l.sem.Release(1)
	if l.loaded && (l.needsRefresh == nil || !l.needsRefresh(l.value)) {
		return l.value, nil
	}
	if l.err == nil || l.loads.Load() == before && classify(l.err) != permanent {
		value, err := find(ctx)
		if err != nil && ctx.Err() != nil {
			return value, err // says nothing about the next caller's chances
		}
		l.loads.Add(1)
		l.err = err
		if err == nil {
			l.value, l.loaded = value, true
			return value, nil
		}
	}
	if l.loaded && l.stillValid != nil && l.stillValid(l.value) {
		return l.value, nil
	}
	var none T
	return none, l.err
}

// invalidate makes the next caller find the value anew, if it is still one that is not to be used.
func (l *cachedValue[T]) invalidate(ctx context.Context, unusable func(T) bool) error {
	if err := l.sem.Acquire(ctx, 1); err != nil {
		return err
	}
	defer l.sem.Release(1)
	l.loaded = l.loaded && !unusable(l.value)
	return nil
}
