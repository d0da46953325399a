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

// requestKeys sends a call whose response contains temporary keys.
func (c *Client) requestKeys(ctx context.Context, call apiCall) (Credential, error) {
	var keys Credential
	call.method, call.issuesCredential = http.MethodPost, true
	call.decode = func(resp response) (err error) {
		keys, err = decodeKeys(resp.body)
		return err
	}
	if _, err := c.do(ctx, call); err != nil {
		return Credential{}, err
	}
	return keys, nil
}

// decodeKeys decodes temporary keys in the format of any service that issues them.
func decodeKeys(body []byte) (Credential, error) {
	var form struct {
		// IAM, and the ECS metadata service.
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
	iam, sts := form.Credential, form.Credentials
	keys := Credential{
		AccessKey:     cmp.Or(iam.Access, sts.STSAccessKeyID, sts.PodAccessKeyID),
		SecretKey:     NewSecret(cmp.Or(iam.Secret, sts.STSSecretAccessKey, sts.PodSecretAccessKey)),
		SecurityToken: NewSecret(cmp.Or(iam.SecurityToken, sts.STSSecurityToken, sts.PodSecurityToken)),
		Expires:       iam.ExpiresAt,
	}
	if keys.Expires.IsZero() {
		keys.Expires = sts.Expiration
	}
	if keys.AccessKey == "" || keys.SecretKey.IsEmpty() || keys.SecurityToken.IsEmpty() {
		return Credential{}, errors.New("it contains no temporary keys")
	}
	return keys, nil
}
