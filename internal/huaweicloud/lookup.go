// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"context"
	"sync/atomic"

	"golang.org/x/sync/semaphore"
)

// lookup is a value that one caller finds for all. Callers wait under their own contexts, and one
// that gives up leaves the work to the next. A failure goes to all who waited for it, and to those
// who come later too if it would be the same again: a key that was refused is not tried twice.
type lookup[T any] struct {
	turn *semaphore.Weighted
	runs atomic.Int64
	// Whether a value has to be found anew, and whether it will do if that fails; nil: never.
	stale, usable func(T) bool

	// Under turn:
	found bool
	value T
	err   error
}

func newLookup[T any]() *lookup[T] {
	return &lookup[T]{turn: semaphore.NewWeighted(1)}
}

func (l *lookup[T]) get(ctx context.Context, find func(context.Context) (T, error)) (T, error) {
	before := l.runs.Load()
	if err := l.turn.Acquire(ctx, 1); err != nil {
		var none T
		return none, err
	}
	defer l.turn.Release(1)
	if l.found && (l.stale == nil || !l.stale(l.value)) {
		return l.value, nil
	}
	if l.err == nil || l.runs.Load() == before && outcomeOf(l.err) != final {
		value, err := find(ctx)
		if err != nil && ctx.Err() != nil {
			return value, err // says nothing about the next caller's chances
		}
		l.runs.Add(1)
		l.err = err
		if err == nil {
			l.value, l.found = value, true
			return value, nil
		}
	}
	if l.found && l.usable != nil && l.usable(l.value) {
		return l.value, nil
	}
	var none T
	return none, l.err
}

// forget makes the next caller find the value anew, if it is still one that is not to be used.
func (l *lookup[T]) forget(ctx context.Context, unusable func(T) bool) error {
	if err := l.turn.Acquire(ctx, 1); err != nil {
		return err
	}
	defer l.turn.Release(1)
	l.found = l.found && !unusable(l.value)
	return nil
}
