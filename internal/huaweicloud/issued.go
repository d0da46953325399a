// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
)

// issuedKeys are the JSON keys of secrets in responses of IAM and STS.
var issuedKeys = []string{"secret", "securitytoken", "secret_access_key", "security_token", "secretAccessKey", "securityToken", "token", "id_token"}

// issuedSecrets returns the secrets of a response that issues a credential.
func issuedSecrets(header http.Header, body []byte) []string {
	secrets := slices.Clone(header.Values("X-Subject-Token"))
	var tree any
	if json.Unmarshal(body, &tree) == nil {
		walkStrings("", tree, func(key, text string) {
			if slices.ContainsFunc(issuedKeys, func(k string) bool { return strings.EqualFold(k, key) }) {
				secrets = append(secrets, text)
			}
		})
	}
	return secrets
}

// walkStrings visits the strings in a JSON value, with the keys nearest to them.
func walkStrings(key string, value any, visit func(key, text string)) {
	switch v := value.(type) {
	case string:
		visit(key, v)
	case []any:
		for _, element := range v {
			walkStrings(key, element, visit)
		}
	case map[string]any:
		for k, element := range v {
			walkStrings(k, element, visit)
		}
	}
}

// issuingError redacts the error of a response that issues a credential: net/http's errors for malformed
// responses contain parts of them.
func issuingError(err error) error {
	connection, ok := errors.AsType[*ConnectionError](err)
	if !ok {
		return err
	}
	_, ofNet := errors.AsType[net.Error](connection.Err)
	if ofNet || errors.Is(connection.Err, io.EOF) || errors.Is(connection.Err, io.ErrUnexpectedEOF) || isTLSError(connection.Err) {
		return err
	}
	return &ConnectionError{Address: connection.Address, Err: errors.New("the response is malformed")}
}
