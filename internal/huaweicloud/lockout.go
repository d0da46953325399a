// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/semaphore"
)

// lockoutGuard sends a wrong credential once: the cloud locks a key or a user after five rejections in a row.
// Until a response has verified a credential, one request with it is in flight at a time. Rejections are stored by
// credential, so that a renewed one is sent.
type lockoutGuard struct {
	mu    sync.Mutex
	known map[fingerprint]*guardedCredential
}

// guardedCredential is what is known of a credential.
type guardedCredential struct {
	sem      *semaphore.Weighted
	verified atomic.Bool

	mu       sync.Mutex
	rejected map[scope]error // the zero scope: everywhere
}

// fingerprint identifies a credential without holding its secrets.
type fingerprint [sha256.Size]byte

func fingerprintOf(parts ...string) fingerprint {
	return sha256.Sum256(fmt.Appendf(nil, "%q", parts))
}

// abandonedError is the error of a caller whose deadline has passed while its request continues.
type abandonedError struct {
	error
	received <-chan received
	check    func(response) error
}

func (e *abandonedError) Unwrap() error { return e.error }

// wait waits for the response and checks it.
func (e *abandonedError) wait() error {
	r := <-e.received
	if r.err != nil {
		return r.err
	}
	return e.check(r.response)
}

func newLockoutGuard() *lockoutGuard {
	return &lockoutGuard{known: map[fingerprint]*guardedCredential{}}
}

// do makes an attempt with a credential in a scope, or returns the error with which it was rejected before. It
// tells attempt whether the credential is verified.
func (g *lockoutGuard) do(ctx context.Context, id fingerprint, in scope, attempt func(verified bool) error) error {
	c := g.credential(id)
	if !c.verified.Load() {
		if err := c.sem.Acquire(ctx, 1); err != nil {
			return err
		}
		if !c.verified.Load() {
			return c.verify(attempt)
		}
		c.sem.Release(1)
	}
	if err := c.rejection(in); err != nil {
		return err
	}
	err := attempt(true)
	c.record(in, err)
	return err
}

func (g *lockoutGuard) credential(id fingerprint) *guardedCredential {
	g.mu.Lock()
	defer g.mu.Unlock()
	c, ok := g.known[id]
	if !ok {
		c = &guardedCredential{sem: semaphore.NewWeighted(1), rejected: map[scope]error{}}
		g.known[id] = c
	}
	return c
}

// verify makes an exclusive attempt and releases sem. The response counts even if it arrives after the caller's
// deadline.
func (c *guardedCredential) verify(attempt func(verified bool) error) error {
	everywhere := scope{} // a rejection of the first request applies to all
	if err := c.rejection(everywhere); err != nil {
		c.sem.Release(1)
		return err
	}
	err := attempt(false)
	if abandoned, ok := errors.AsType[*abandonedError](err); ok {
		go func() {
			defer c.sem.Release(1)
			c.record(everywhere, abandoned.wait())
		}()
		return abandoned.error
	}
	defer c.sem.Release(1)
	c.record(everywhere, err)
	return err
}

func (c *guardedCredential) rejection(in scope) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.rejected[in]; err != nil {
		return fmt.Errorf("not sent, since it was rejected before: %w", err)
	}
	return nil
}

func (c *guardedCredential) record(in scope, err error) {
	if isUnauthorized(err) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.rejected[in] = err
		return
	}
	if apiErr, ok := errors.AsType[*Error](err); err == nil || ok && apiErr.fromService() {
		c.verified.Store(true)
	}
}
