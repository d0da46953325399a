// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

// Password is a user, who gets a token for each project. The user is named by ID, or by name with
// the ID or the name of the account (the domain).
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
	return c.requestToken(ctx, in, AuthPassword, p.UserName+p.UserID, apiCall{
		Request: Request{Service: IAM, Region: in.region, Path: "/v3/auth/tokens"},
		body: map[string]any{"auth": map[string]any{
			"identity": map[string]any{"methods": []string{"password"}, "password": map[string]any{"user": user}},
			"scope":    in.requestBody(),
		}},
		secrets: []string{p.Password.Reveal()},
	})
}

// OIDC is a token of an identity provider, which is exchanged for one of the cloud.
type OIDC struct {
	ProviderID  string
	IDToken     Secret
	IDTokenFile string // read each time, in place of IDToken
}

func (OIDC) traits() sourceTraits { return sourceTraits{projectScoped: true, renewable: true} }

// retrieve implements POST /v3.0/OS-AUTH/id-token/tokens of IAM (CreateTokenWithIdToken).
func (o OIDC) retrieve(ctx context.Context, c *Client, in scope) (Credential, error) {
	token := o.IDToken.Reveal()
	if token == "" {
		text, err := readFileLimited(o.IDTokenFile)
		if err != nil {
			return Credential{}, &AuthError{Method: AuthOIDC, Principal: o.ProviderID, Err: permanentError{err}}
		}
		token = strings.TrimSpace(string(text))
	}
	return c.requestToken(ctx, in, AuthOIDC, o.ProviderID, apiCall{
		Request: Request{Service: IAM, Region: in.region, Path: "/v3.0/OS-AUTH/id-token/tokens"},
		header:  http.Header{"X-Idp-Id": {o.ProviderID}},
		body: map[string]any{"auth": map[string]any{
			"id_token": map[string]any{"id": token},
			"scope":    in.requestBody(),
		}},
		secrets: []string{token},
	})
}

// requestBody returns the scope of a token.
func (s scope) requestBody() map[string]any {
	return map[string]any{"project": idOrName(s.projectID, s.projectName)}
}

func idOrName(id, name string) map[string]any {
	if id != "" {
		return map[string]any{"id": id}
	}
	return map[string]any{"name": name}
}

// requestToken sends a call that is answered with a token.
func (c *Client) requestToken(ctx context.Context, in scope, method AuthMethod, who string, request apiCall) (Credential, error) {
	var token Credential
	request.method = http.MethodPost
	request.decode = func(a response) error {
		var form struct {
			Token struct {
				ExpiresAt time.Time `json:"expires_at"`
				Project   struct {
					ID string `json:"id"`
				} `json:"project"`
			} `json:"token"`
		}
		if err := json.Unmarshal(a.body, &form); err != nil {
			return redactJSONError(err)
		}
		token = Credential{
			Token:     NewSecret(a.header.Get("X-Subject-Token")),
			ProjectID: form.Token.Project.ID,
			Expires:   form.Token.ExpiresAt,
		}
		if token.Token.IsEmpty() || CheckIdentifier(token.ProjectID) != nil {
			return errors.New("it holds no token for a project")
		}
		return nil
	}
	request.tokenScope = in
	if _, err := c.do(ctx, request); err != nil {
		return Credential{}, &AuthError{Method: method, Principal: who, Err: err}
	}
	return token, nil
}

// redactJSONError drops what the errors of encoding/json and time repeat of an answer with secrets.
func redactJSONError(err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("it is not JSON (at byte %d)", syntax.Offset)
	}
	return errors.New("it is JSON of another form")
}

// readFileLimited reads a file that holds a token or the like.
func readFileLimited(name string) ([]byte, error) {
	const most = 1 << 20
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	text, err := io.ReadAll(io.LimitReader(file, most+1)) // the size that a device tells is 0
	if len(text) > most {
		return nil, fmt.Errorf("%s is larger than %d bytes", name, most)
	}
	return text, err
}
