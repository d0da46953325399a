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
// change; a fresh one takes its place.
type Credential struct {
	AccessKey     string
	SecretKey     Secret
	SecurityToken Secret // goes with temporary keys; empty for permanent ones

	Token     Secret // instead of keys
	ProjectID string // the project that Token is for; empty: not known

	Expires   time.Time // zero: not known
	refreshAt time.Time // when to obtain another one; zero: never

	ssoProfile string // of the SSO session whose keys it has; empty: none
}

const maxRefreshMargin = 5 * time.Minute

// withRefresh plans the renewal of a credential that was issued now: some time before it expires,
// so that a request with its retries ends before that.
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

// authenticate makes req one of the credential's owner.
func (c Credential) authenticate(req *http.Request, body []byte, now time.Time) {
	if c.Token.IsEmpty() {
		Sign(req, body, c, now)
	} else {
		req.Header.Set(headerAuthToken, c.Token.Reveal())
	}
}

// secrets returns what of c and of a request with it must not be repeated to anybody.
func (c Credential) secrets(req *http.Request) []string {
	authorization := req.Header.Get(headerAuthorization)
	_, signature, _ := strings.Cut(authorization, "Signature=")
	return []string{c.SecretKey.Reveal(), c.SecurityToken.Reveal(), c.Token.Reveal(), signature}
}

// A Source is a method of authentication: where credentials come from.
type CredentialSource interface {
	// credential gets a new one from where it comes, for requests in scope.
	retrieve(ctx context.Context, c *Client, in scope) (Credential, error)
	// traits says how its credentials are to be used.
	traits() sourceTraits
}

// scope is a region and the project in it that requests are for, which has a name, an ID or both. Without
// a project, it is the caller's account.
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
	AuthAgency      AuthMethod = "agency"       // at IAM; takes the role Agent Operator
	AuthTrustAgency AuthMethod = "trust agency" // at STS; takes the permission sts:agencies:assume
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

type sourceTraits struct {
	projectScoped bool // a credential is for one project only
	regionBound   bool // a credential is for the configured region only
	renewable     bool // a credential that is refused may have expired, and another may not be
}

// AccessKeys are access keys that the user has, permanent or temporary.
type AccessKeys struct {
	AccessKey     string
	SecretKey     Secret
	SecurityToken Secret // of temporary keys
	SSOProfile    string // profile that the keys were read from, if they are those of an SSO session
}

func (AccessKeys) traits() sourceTraits { return sourceTraits{} }

func (k AccessKeys) retrieve(context.Context, *Client, scope) (Credential, error) {
	return Credential{AccessKey: k.AccessKey, SecretKey: k.SecretKey, SecurityToken: k.SecurityToken, ssoProfile: k.SSOProfile}, nil
}

// SSOError is a rejection of the keys of an SSO session, which end after some hours. Only the command
// hcloud configure sso obtains new ones.
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

// StaticToken is a token that the user has, for one project.
type StaticToken struct{ Token Secret }

func (StaticToken) traits() sourceTraits { return sourceTraits{regionBound: true} }

func (t StaticToken) retrieve(context.Context, *Client, scope) (Credential, error) {
	return Credential{Token: t.Token}, nil
}

// CheckKey reports whether text can be a key or a token: printable ASCII without white space, and not in quotes.
func CheckKey(text string) error {
	if strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return errors.New("must not contain white space or non-ASCII characters")
	}
	if len(text) > 1 && strings.ContainsRune("\"'`", rune(text[0])) && text[0] == text[len(text)-1] {
		return errors.New("must not be enclosed in quotes")
	}
	return nil
}

// CheckTrimmed reports whether text, such as a name or a password, has no white space at its ends.
func CheckTrimmed(text string) error {
	if strings.TrimSpace(text) != text {
		return errors.New("must not begin or end with white space")
	}
	return nil
}
