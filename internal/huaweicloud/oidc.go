// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"context"
	"net/http"
	"strings"
	"time"
)

// oidcKeysDuration is the lifetime of the keys of an identity provider's user. It is long, since the ID token
// may have expired when they are renewed.
const oidcKeysDuration = 6 * time.Hour

// OIDC is a user of an OpenID Connect identity provider, whose ID token is exchanged for temporary keys. They are
// valid in all regions and projects.
type OIDC struct {
	ProviderID  string
	IDToken     Secret
	IDTokenFile string // read at each renewal if IDToken is empty
}

func (OIDC) traits() sourceTraits { return sourceTraits{} }

// retrieve implements POST /v3.0/OS-AUTH/id-token/tokens of IAM (CreateTokenWithIdToken).
func (o OIDC) retrieve(ctx context.Context, c *Client, in scope) (Credential, error) {
	idToken := o.IDToken.Reveal()
	if idToken == "" {
		text, err := readFile(o.IDTokenFile)
		if err != nil {
			return Credential{}, &AuthError{Method: AuthOIDC, Principal: o.ProviderID, Err: permanentError{err}}
		}
		idToken = strings.TrimSpace(string(text))
	}
	account := scope{region: in.region}
	token, err := c.requestToken(ctx, account, AuthOIDC, o.ProviderID, apiCall{
		Request: Request{Service: IAM, Region: in.region, Path: "/v3.0/OS-AUTH/id-token/tokens"},
		header:  http.Header{"X-Idp-Id": {o.ProviderID}},
		body:    map[string]any{"auth": map[string]any{"id_token": map[string]any{"id": idToken}}},
		secrets: []string{idToken},
	})
	if err != nil {
		return Credential{}, err
	}
	return c.exchangeToken(ctx, account, token.Token, oidcKeysDuration)
}
