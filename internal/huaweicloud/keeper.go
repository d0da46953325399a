// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
)

// RegionError is a credential that serves one region only, where another was asked for.
type RegionError struct {
	Region, Other string
}

// Error implements error.
func (e *RegionError) Error() string {
	return fmt.Sprintf("a given token is for region %s, and cannot serve region %s", e.Region, e.Other)
}

// Permanent is true.
func (*RegionError) Permanent() bool { return true }

// credentialFor returns the credential for requests in a scope. It is got once for all who need it,
// and again before it expires.
func (c *Client) credentialFor(ctx context.Context, in scope) (Credential, error) {
	source := c.config.Source
	if source.traits().oneRegion && in.region != c.config.Region {
		return Credential{}, &RegionError{Region: c.config.Region, Other: in.region}
	}
	credential, err := c.keeper(in).get(ctx, func(ctx context.Context) (Credential, error) {
		credential, err := source.credential(ctx, c, in)
		return credential.withRenewal(c.now()), err
	})
	if err == nil && in.projectID == "" && source.traits().perProject {
		c.alias(in, scope{region: in.region, projectID: credential.ProjectID})
	}
	return credential, err
}

// keeper returns the look-up of the credential for a scope.
func (c *Client) keeper(in scope) *lookup[Credential] {
	in = c.keyOf(in)
	c.mu.Lock()
	defer c.mu.Unlock()
	l, ok := c.credentials[in]
	if !ok {
		l = newLookup[Credential]()
		l.stale = func(credential Credential) bool {
			return !credential.renewal.IsZero() && !c.now().Before(credential.renewal)
		}
		l.usable = func(credential Credential) bool { return c.now().Before(credential.Expires) }
		c.credentials[in] = l
	}
	return l
}

// keyOf returns what tells credentials apart: nothing, or the project by ID, or by name.
func (c *Client) keyOf(in scope) scope {
	switch {
	case !c.config.Source.traits().perProject:
		return scope{}
	case in.projectID != "":
		return scope{region: in.region, projectID: in.projectID}
	}
	return in
}

// alias makes the credential that was got by a project's name the one for its ID.
func (c *Client) alias(byName, byID scope) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.credentials[byID]; !ok {
		c.credentials[byID] = c.credentials[byName]
	}
}

// forget makes the next request get another credential than the one that was refused.
func (c *Client) forget(ctx context.Context, in scope, refused Credential) error {
	return c.keeper(in).forget(ctx, refused.is)
}

// now is the cloud's time, as far as it is known.
func (c *Client) now() time.Time { return time.Now().Add(time.Duration(c.skew.Load())) }

// proof keeps a wrong key from being tried more than once: five refusals in a row lock it. Until an
// answer has shown that the cloud takes the credential, one request is under way at a time. A nil
// proof lets all pass.
type proof struct {
	turn   *semaphore.Weighted
	proven atomic.Bool

	mu      sync.Mutex
	refused map[scope]error // the zero scope: all
}

func newProof() *proof {
	return &proof{turn: semaphore.NewWeighted(1), refused: map[scope]error{}}
}

// do makes an attempt at a request in a scope, or returns why there is no point in it.
func (p *proof) do(ctx context.Context, in scope, attempt func() error) error {
	if p == nil {
		return attempt()
	}
	if !p.proven.Load() {
		if err := p.turn.Acquire(ctx, 1); err != nil {
			return err
		}
		if !p.proven.Load() {
			defer p.turn.Release(1)
			return p.try(scope{}, attempt) // what refuses the first refuses all
		}
		p.turn.Release(1)
	}
	return p.try(in, attempt)
}

func (p *proof) try(in scope, attempt func() error) error {
	p.mu.Lock()
	refused := p.refused[in]
	p.mu.Unlock()
	if refused != nil {
		return fmt.Errorf("not sent, since it was refused before: %w", refused)
	}
	err := attempt()
	var answer *Error
	switch {
	case isUnauthorized(err):
		p.mu.Lock()
		p.refused[in] = err
		p.mu.Unlock()
	case err == nil, errors.As(err, &answer) && answer.isService():
		p.proven.Store(true)
	}
	return err
}
