// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"
)

// Agency is a role in an account (a domain) that has delegated it. It gives temporary keys.
type Agency struct {
	Base                 CredentialSource // who assumes it; another Agency makes a chain
	Name                 string
	DomainID, DomainName string        // of the account that delegated it
	Duration             time.Duration // of the keys' life, 15 minutes to 24 hours; 0: the service's default
}

func (Agency) traits() sourceTraits { return sourceTraits{} }

// retrieve implements POST /v3.0/OS-CREDENTIAL/securitytokens of IAM (CreateTemporaryAccessKeyByAgency).
func (a Agency) retrieve(ctx context.Context, c *Client, _ scope) (Credential, error) {
	in := c.defaultScope()
	caller, err := a.Base.retrieve(ctx, c, in)
	if err != nil {
		return Credential{}, err
	}
	role := map[string]any{"agency_name": a.Name}
	if a.DomainID != "" {
		role["domain_id"] = a.DomainID
	} else {
		role["domain_name"] = a.DomainName
	}
	if a.Duration > 0 {
		role["duration_seconds"] = int(a.Duration.Seconds())
	}
	var keys Credential
	_, err = c.do(ctx, apiCall{
		Request:    Request{Service: IAM, Region: in.region, Path: "/v3.0/OS-CREDENTIAL/securitytokens"},
		method:     http.MethodPost,
		credential: &caller,
		body: map[string]any{"auth": map[string]any{
			"identity": map[string]any{"methods": []string{"assume_role"}, "assume_role": role},
		}},
		decode: func(answer response) (err error) {
			keys, err = decodeKeys(answer.body)
			return err
		},
	})
	if err != nil {
		return Credential{}, &AuthError{Method: AuthAgency, Principal: a.Name, Err: err}
	}
	return keys, nil
}

// decodeKeys reads temporary keys as IAM and the metadata of a machine give them.
func decodeKeys(body []byte) (Credential, error) {
	var form struct {
		Credential struct {
			Access        string    `json:"access"`
			Secret        string    `json:"secret"`
			SecurityToken string    `json:"securitytoken"`
			ExpiresAt     time.Time `json:"expires_at"`
		} `json:"credential"`
	}
	if err := json.Unmarshal(body, &form); err != nil {
		return Credential{}, redactJSONError(err)
	}
	keys := form.Credential
	return newTemporaryCredential(keys.Access, keys.Secret, keys.SecurityToken, keys.ExpiresAt)
}

func newTemporaryCredential(access, secret, token string, expires time.Time) (Credential, error) {
	if access == "" || secret == "" || token == "" {
		return Credential{}, errors.New("it holds no temporary keys")
	}
	return Credential{AccessKey: access, SecretKey: NewSecret(secret), SecurityToken: NewSecret(token), Expires: expires}, nil
}
