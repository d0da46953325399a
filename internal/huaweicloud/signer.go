// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	signatureAlgorithm = "SDK-HMAC-SHA256"
	timestampLayout    = "20060102T150405Z"

	headerAuthorization = "Authorization"
	headerSdkDate       = "X-Sdk-Date"
	headerSecurityToken = "X-Security-Token"
	headerProjectID     = "X-Project-Id"
	headerHost          = "Host"
)

// Sign signs req at the time now with SDK-HMAC-SHA256: it sets X-Sdk-Date, Authorization and, for temporary
// keys, X-Security-Token. It signs all headers except those that proxies and net/http change. body is that of req.
func Sign(req *http.Request, body []byte, credential Credential, now time.Time) {
	date := now.UTC().Format(timestampLayout)
	req.Header.Set(headerSdkDate, date)
	if !credential.SecurityToken.IsEmpty() {
		req.Header.Set(headerSecurityToken, credential.SecurityToken.Reveal())
	}
	headers, signed := canonicalHeaders(req.Header)
	canonical := strings.Join([]string{
		req.Method, canonicalURI(req.URL.Path), canonicalQuery(req.URL.Query()), headers, signed, hexSHA256(body),
	}, "\n")
	mac := hmac.New(sha256.New, []byte(credential.SecretKey.Reveal()))
	mac.Write([]byte(signatureAlgorithm + "\n" + date + "\n" + hexSHA256([]byte(canonical))))
	req.Header.Set(headerAuthorization, signatureAlgorithm+" Access="+credential.AccessKey+
		", SignedHeaders="+signed+", Signature="+hex.EncodeToString(mac.Sum(nil)))
}

// canonicalURI escapes each segment; the trailing slash is part of the signature only.
func canonicalURI(path string) string {
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		segments[i] = escape(segment)
	}
	return strings.TrimSuffix(strings.Join(segments, "/"), "/") + "/"
}

func canonicalQuery(query url.Values) string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(query)) {
		for _, value := range slices.Sorted(slices.Values(query[name])) {
			pairs = append(pairs, escape(name)+"="+escape(value))
		}
	}
	return strings.Join(pairs, "&")
}

// canonicalHeaders returns the headers to sign, a line each, and their names.
func canonicalHeaders(header http.Header) (lines, names string) {
	var b strings.Builder
	signed := make([]string, 0, len(header))
	lower := make(map[string][]string, len(header))
	for name, values := range header {
		switch name {
		case headerAuthorization, "Content-Type", "User-Agent":
		default:
			lower[strings.ToLower(name)] = values
		}
	}
	for _, name := range slices.Sorted(maps.Keys(lower)) {
		signed = append(signed, name)
		for _, value := range slices.Sorted(slices.Values(lower[name])) {
			b.WriteString(name + ":" + strings.TrimSpace(value) + "\n")
		}
	}
	return b.String(), strings.Join(signed, ";")
}

// escape escapes as in RFC 3986: like url.QueryEscape except for the space.
func escape(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}

func hexSHA256(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
