// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"
)

// securityTokensPath is where IAM issues temporary keys.
const securityTokensPath = "/v3.0/OS-CREDENTIAL/securitytokens"

// requestKeys sends a call whose response holds temporary keys.
func (c *Client) requestKeys(ctx context.Context, call apiCall) (Credential, error) {
	var keys Credential
	call.method, call.issues = http.MethodPost, true
	call.decode = func(resp response) (err error) {
		keys, err = decodeKeys(resp.body)
		return err
	}
	if _, err := c.do(ctx, call); err != nil {
		return Credential{}, err
	}
	return keys, nil
}

// decodeKeys decodes temporary keys.
func decodeKeys(body []byte) (Credential, error) {
	var form struct {
		// IAM and ECS metadata.
		Credential struct {
			Access        string    `json:"access"`
			Secret        string    `json:"secret"`
			SecurityToken string    `json:"securitytoken"`
			ExpiresAt     time.Time `json:"expires_at"`
		} `json:"credential"`
		// STS, and CCE pod identity.
		Credentials struct {
			STSAccessKeyID     string    `json:"access_key_id"`
			STSSecretAccessKey string    `json:"secret_access_key"`
			STSSecurityToken   string    `json:"security_token"`
			PodAccessKeyID     string    `json:"accessKeyId"`
			PodSecretAccessKey string    `json:"secretAccessKey"`
			PodSecurityToken   string    `json:"securityToken"`
			Expiration         time.Time `json:"expiration"`
		} `json:"credentials"`
	}
	if err := json.Unmarshal(body, &form); err != nil {
		return Credential{}, redactJSONError(err)
	}
	one, other := form.Credential, form.Credentials
	keys := Credential{
		AccessKey:     cmp.Or(one.Access, other.STSAccessKeyID, other.PodAccessKeyID),
		SecretKey:     NewSecret(cmp.Or(one.Secret, other.STSSecretAccessKey, other.PodSecretAccessKey)),
		SecurityToken: NewSecret(cmp.Or(one.SecurityToken, other.STSSecurityToken, other.PodSecurityToken)),
		Expires:       one.ExpiresAt,
	}
	if keys.Expires.IsZero() {
		keys.Expires = other.Expiration
	}
	if keys.AccessKey == "" || keys.SecretKey.IsEmpty() || keys.SecurityToken.IsEmpty() {
		return Credential{}, errors.New("it holds no temporary keys")
	}
	return keys, nil
}
