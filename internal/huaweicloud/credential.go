// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

const headerAuthToken = "X-Auth-Token"

// Credential authenticates a request: keys that sign it, or a token that it carries. It does not
// change; renewal replaces it.
type Credential struct {
	AccessKey     string
	SecretKey     Secret
	SecurityToken Secret // goes with temporary keys; empty for permanent ones

	Token     Secret // instead of keys
	ProjectID string // of Token; empty: unknown

	Expires   time.Time // zero: unknown
	refreshAt time.Time // when to renew it; zero: never

	ssoProfile string // of the SSO session that issued the keys; empty: none
}

const maxRefreshMargin = 5 * time.Minute

// withRefresh sets when to renew a credential that was issued now: some time before it expires, so that a
// request and its retries end before.
func (c Credential) withRefresh(now time.Time) Credential {
	if !c.Expires.IsZero() {
		c.refreshAt = c.Expires.Add(-min(maxRefreshMargin, max(0, c.Expires.Sub(now)/10)))
	}
	return c
}

func (c Credential) fingerprint() fingerprint {
	return fingerprintOf(c.AccessKey, c.SecretKey.Reveal(), c.SecurityToken.Reveal(), c.Token.Reveal())
}

func (c Credential) equal(other Credential) bool { return c.fingerprint() == other.fingerprint() }

// authenticate signs req or sets its token.
func (c Credential) authenticate(req *http.Request, body []byte, now time.Time) {
	if c.Token.IsEmpty() {
		Sign(req, body, c, now)
	} else {
		req.Header.Set(headerAuthToken, c.Token.Reveal())
	}
}

// secrets returns the values to redact from errors and logs: those of c and of req, which it authenticates.
func (c Credential) secrets(req *http.Request) []string {
	authorization := req.Header.Get(headerAuthorization)
	_, signature, _ := strings.Cut(authorization, "Signature=")
	return []string{c.SecretKey.Reveal(), c.SecurityToken.Reveal(), c.Token.Reveal(), signature}
}

// CredentialSource is a method of authentication.
type CredentialSource interface {
	// retrieve obtains a new credential for requests in a scope.
	retrieve(ctx context.Context, c *Client, in scope) (Credential, error)
	// traits describes its credentials.
	traits() sourceTraits
}

// scope is the region and project of requests. The project has a name, an ID or both; without one, the scope is
// the caller's account.
type scope struct {
	region, projectName, projectID string
}

func (s scope) hasProject() bool { return s.projectID != "" || s.projectName != "" }

// AuthError is a failure to obtain a credential.
type AuthError struct {
	Method    AuthMethod
	Principal string // user, agency or identity provider
	AgencyURN string // of a trust agency, as in iam::{domain_id}:agency:{name}
	Err       error
}

// AuthMethod is how a credential is obtained.
type AuthMethod string

// The methods.
const (
	AuthPassword    AuthMethod = "password"
	AuthOIDC        AuthMethod = "OIDC"
	AuthToken       AuthMethod = "token"        // a token is exchanged for temporary keys
	AuthAgency      AuthMethod = "agency"       // at IAM; requires the Agent Operator role
	AuthTrustAgency AuthMethod = "trust agency" // at STS; requires the permission sts:agencies:assume
)

// Error implements error.
func (e *AuthError) Error() string {
	if e.Principal == "" {
		return fmt.Sprintf("authentication by %s: %v", e.Method, e.Err)
	}
	return fmt.Sprintf("authentication by %s (%s): %v", e.Method, e.Principal, e.Err)
}

// Unwrap returns Err.
func (e *AuthError) Unwrap() error { return e.Err }

// sourceTraits describes the credentials of a source.
type sourceTraits struct {
	projectScoped bool // a credential is for one project only
	regionBound   bool // a credential is for the configured region only
	renewable     bool // a rejected credential may have expired: a new one is obtained
}

// AccessKeys are configured access keys, permanent or temporary.
type AccessKeys struct {
	AccessKey     string
	SecretKey     Secret
	SecurityToken Secret // of temporary keys
	SSOProfile    string // profile of the SSO session that issued the keys; empty: none
}

func (AccessKeys) traits() sourceTraits { return sourceTraits{} }

func (k AccessKeys) retrieve(context.Context, *Client, scope) (Credential, error) {
	return Credential{AccessKey: k.AccessKey, SecretKey: k.SecretKey, SecurityToken: k.SecurityToken, ssoProfile: k.SSOProfile}, nil
}

// SSOError is a rejection of the keys of an SSO session, which expire after some hours. Only the command
// hcloud configure sso renews them.
type SSOError struct {
	Profile string
	Err     error
}

// Error implements error.
func (e *SSOError) Error() string {
	return fmt.Sprintf("the SSO session of profile %q was rejected: %v", e.Profile, e.Err)
}

// Unwrap returns Err.
func (e *SSOError) Unwrap() error { return e.Err }

// StaticToken is a configured token, for one project.
type StaticToken struct{ Token Secret }

func (StaticToken) traits() sourceTraits { return sourceTraits{regionBound: true} }

func (t StaticToken) retrieve(context.Context, *Client, scope) (Credential, error) {
	return Credential{Token: t.Token}, nil
}

// CheckKey checks a key or token: printable ASCII without white space, not enclosed in quotes.
func CheckKey(text string) error {
	if strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return errors.New("must not contain white space or non-ASCII characters")
	}
	if len(text) > 1 && strings.ContainsRune("\"'`", rune(text[0])) && text[0] == text[len(text)-1] {
		return errors.New("must not be enclosed in quotes")
	}
	return nil
}

// CheckTrimmed checks that text, such as a name or password, has no white space at its ends.
func CheckTrimmed(text string) error {
	if strings.TrimSpace(text) != text {
		return errors.New("must not begin or end with white space")
	}
	return nil
}
