// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/semaphore"
)

// lockoutGuard serializes requests until one has authenticated, so that a wrong credential costs one
// failed attempt: five in a row lock it. A nil guard lets all requests pass.
type lockoutGuard struct {
	sem      *semaphore.Weighted
	verified atomic.Bool

	mu       sync.Mutex
	rejected map[scope]error // the zero scope: all
}

func newLockoutGuard() *lockoutGuard {
	return &lockoutGuard{sem: semaphore.NewWeighted(1), rejected: map[scope]error{}}
}

// do makes an attempt at a request in a scope, or returns why there is no point in it.
func (p *lockoutGuard) do(ctx context.Context, in scope, attempt func() error) error {
	if p == nil {
		return attempt()
	}
	if !p.verified.Load() {
		if err := p.sem.Acquire(ctx, 1); err != nil {
			return err
		}
		if !p.verified.Load() {
			defer p.sem.Release(1)
			return p.attempt(scope{}, attempt) // what refuses the first refuses all
		}
		p.sem.Release(1)
	}
	return p.attempt(in, attempt)
}

func (p *lockoutGuard) attempt(in scope, attempt func() error) error {
	p.mu.Lock()
	refused := p.rejected[in]
	p.mu.Unlock()
	if refused != nil {
		return fmt.Errorf("not sent, since it was refused before: %w", refused)
	}
	err := attempt()
	var answer *Error
	switch {
	case isUnauthorized(err):
		p.mu.Lock()
		p.rejected[in] = err
		p.mu.Unlock()
	case err == nil, errors.As(err, &answer) && answer.fromService():
		p.verified.Store(true)
	}
	return err
}
