// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"context"
	"fmt"
)

// RegionError reports that a token for one region was requested for another.
type RegionError struct {
	Region string // of the token
	Other  string // as requested
}

// Error implements error.
func (e *RegionError) Error() string {
	return fmt.Sprintf("the token is for region %s and cannot be used in region %s", e.Region, e.Other)
}

// credentialFor returns the credential for requests in a scope. It is obtained once for all callers, and renewed
// before it expires.
func (c *Client) credentialFor(ctx context.Context, in scope) (Credential, error) {
	source := c.config.CredentialSource
	if source.traits().regionBound && c.config.Region != "" && in.region != c.config.Region {
		return Credential{}, &RegionError{Region: c.config.Region, Other: in.region}
	}
	credential, err := c.cachedCredential(in).get(ctx, func(ctx context.Context) (Credential, error) {
		credential, err := source.retrieve(ctx, c, in)
		return credential.withRefresh(c.clock.now()), err
	})
	if err == nil && in.projectID == "" && source.traits().projectScoped {
		c.addAlias(in, scope{region: in.region, projectID: credential.ProjectID})
	}
	return credential, err
}

// cachedCredential returns the cache entry for a scope.
func (c *Client) cachedCredential(in scope) *cachedValue[Credential] {
	in = c.cacheKey(in)
	c.mu.Lock()
	defer c.mu.Unlock()
	entry, ok := c.credentials[in]
	if !ok {
		entry = newCachedValue[Credential]()
		entry.needsRefresh = func(credential Credential) bool {
			return !credential.refreshAt.IsZero() && !c.clock.now().Before(credential.refreshAt)
		}
		entry.stillValid = func(credential Credential) bool { return c.clock.now().Before(credential.Expires) }
		c.credentials[in] = entry
	}
	return entry
}

// cacheKey drops the parts of a scope that do not affect the credential.
func (c *Client) cacheKey(in scope) scope {
	switch {
	case !c.config.CredentialSource.traits().projectScoped:
		return scope{}
	case in.projectID != "":
		return scope{region: in.region, projectID: in.projectID}
	}
	return in
}

// addAlias makes the credential cached for a project's name available for its ID.
func (c *Client) addAlias(byName, byID scope) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.credentials[byID]; !ok {
		c.credentials[byID] = c.credentials[byName]
	}
}

// invalidateCredential makes the next request obtain a new credential in place of the rejected one.
func (c *Client) invalidateCredential(ctx context.Context, in scope, rejected Credential) error {
	return c.cachedCredential(in).invalidate(ctx, rejected.equal)
}
