// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Password is a user who obtains a token for each project. The user is identified by ID, or by name with the ID
// or name of the account (the domain).
type Password struct {
	UserID, UserName     string
	Password             Secret
	DomainID, DomainName string
}

func (Password) traits() sourceTraits { return sourceTraits{projectScoped: true, renewable: true} }

// retrieve implements POST /v3/auth/tokens of IAM (KeystoneCreateUserTokenByPassword).
func (p Password) retrieve(ctx context.Context, c *Client, in scope) (Credential, error) {
	user := map[string]any{"password": p.Password.Reveal()}
	if p.UserID != "" {
		user["id"] = p.UserID
	} else {
		user["name"] = p.UserName
		user["domain"] = idOrName(p.DomainID, p.DomainName)
	}
	auth := map[string]any{
		"identity": map[string]any{"methods": []string{"password"}, "password": map[string]any{"user": user}},
	}
	switch {
	case in.hasProject():
		auth["scope"] = map[string]any{"project": idOrName(in.projectID, in.projectName)}
	case p.DomainID != "" || p.DomainName != "":
		auth["scope"] = map[string]any{"domain": idOrName(p.DomainID, p.DomainName)}
	}
	return c.requestToken(ctx, in, AuthPassword, p.UserName+p.UserID, apiCall{
		Request: Request{Service: IAM, Region: in.region, Path: "/v3/auth/tokens"},
		body:    map[string]any{"auth": auth},
		secrets: []string{p.Password.Reveal()},
	})
}

func idOrName(id, name string) map[string]any {
	if id != "" {
		return map[string]any{"id": id}
	}
	return map[string]any{"name": name}
}

// requestToken sends a call whose response contains a token, for the project of in if it has one.
func (c *Client) requestToken(ctx context.Context, in scope, method AuthMethod, principal string, call apiCall) (Credential, error) {
	var token Credential
	call.method, call.tokenScope, call.issuesCredential = http.MethodPost, in, true
	call.decode = func(resp response) error {
		var form struct {
			Token struct {
				ExpiresAt time.Time `json:"expires_at"`
				Project   struct {
					ID string `json:"id"`
				} `json:"project"`
			} `json:"token"`
		}
		if err := json.Unmarshal(resp.body, &form); err != nil {
			return redactJSONError(err)
		}
		token = Credential{
			Token:     NewSecret(resp.header.Get("X-Subject-Token")),
			ProjectID: form.Token.Project.ID,
			Expires:   form.Token.ExpiresAt,
		}
		switch {
		case token.Token.IsEmpty():
			return errors.New("it contains no token")
		case in.hasProject() && CheckIdentifier(token.ProjectID) != nil:
			return errors.New("it contains no token for a project")
		}
		return nil
	}
	if _, err := c.do(ctx, call); err != nil {
		return Credential{}, &AuthError{Method: method, Principal: principal, Err: err}
	}
	return token, nil
}

// exchangeToken implements POST /v3.0/OS-CREDENTIAL/securitytokens of IAM (CreateTemporaryAccessKeyByToken).
// A duration of 0 is the service's default.
func (c *Client) exchangeToken(ctx context.Context, in scope, token Secret, duration time.Duration) (Credential, error) {
	body := map[string]any{"id": token.Reveal()}
	if duration > 0 {
		body["duration_seconds"] = int(duration.Seconds())
	}
	keys, err := c.requestKeys(ctx, apiCall{
		Request: Request{Service: IAM, Region: in.region, Path: securityTokensPath},
		body: map[string]any{"auth": map[string]any{
			"identity": map[string]any{"methods": []string{"token"}, "token": body},
		}},
		secrets: []string{token.Reveal()},
	})
	if err != nil {
		return Credential{}, &AuthError{Method: AuthToken, Err: err}
	}
	return keys, nil
}

// redactJSONError removes input values from the errors of encoding/json and time.
func redactJSONError(err error) error {
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("it is not JSON (at byte %d)", syntax.Offset)
	}
	return errors.New("it is JSON in another format")
}
