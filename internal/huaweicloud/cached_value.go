// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"context"
	"errors"
	"sync/atomic"

	"golang.org/x/sync/semaphore"
)

// cachedValue is a singleflight cache whose callers honor their own contexts: if the one that loads is canceled
// or out of time, the next one loads. An error is returned to all who waited for it and, if it is permanent, to
// later callers. A rejected credential is not permanent here: lockoutGuard keeps the rejection, and the
// next caller may have another credential.
type cachedValue[T any] struct {
	sem   *semaphore.Weighted
	loads atomic.Int64
	// Whether to load the value again, and whether to keep it if that fails; nil: never.
	needsRefresh, stillValid func(T) bool

	// Guarded by sem:
	loaded bool
	value  T
	err    error
}

func newCachedValue[T any]() *cachedValue[T] {
	return &cachedValue[T]{sem: semaphore.NewWeighted(1)}
}

func (v *cachedValue[T]) get(ctx context.Context, load func(context.Context) (T, error)) (T, error) {
	var none T
	before := v.loads.Load()
	if err := v.sem.Acquire(ctx, 1); err != nil {
		return none, err
	}
	defer v.sem.Release(1)
	if v.loaded && (v.needsRefresh == nil || !v.needsRefresh(v.value)) {
		return v.value, nil
	}
	err := v.err
	if err == nil || v.loads.Load() == before && !isLasting(err) {
		var value T
		value, err = load(ctx)
		_, outOfTime := errors.AsType[*outOfTimeError](err)
		switch {
		case err == nil:
			v.value, v.loaded, v.err = value, true, nil
			v.loads.Add(1)
			return value, nil
		case ctx.Err() == nil && !outOfTime: // otherwise it does not concern the next caller
			v.err = err
			v.loads.Add(1)
		}
	}
	if v.loaded && v.stillValid != nil && v.stillValid(v.value) {
		return v.value, nil
	}
	return none, err
}

// isLasting reports whether an error would be the same for a later caller.
func isLasting(err error) bool { return classify(err) == permanent && !isUnauthorized(err) }

// invalidate makes the next caller load the value again if it is unusable.
func (v *cachedValue[T]) invalidate(ctx context.Context, unusable func(T) bool) error {
	if err := v.sem.Acquire(ctx, 1); err != nil {
		return err
	}
	defer v.sem.Release(1)
	v.loaded = v.loaded && !unusable(v.value)
	return nil
}
