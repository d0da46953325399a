// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

const (
	algorithm       = "SDK-HMAC-SHA256"
	timestampLayout = "20060102T150405Z"
	maxSkew         = 15 * time.Minute
)

var authorization = regexp.MustCompile(
	`^` + algorithm + ` Access=([^,\s]+), SignedHeaders=([^,\s]+), Signature=([0-9a-f]{64})$`)

// verify checks the signature of r, and returns the keys that signed it. Its errors are the gateway's messages, which echo the
// request.
func (s *Simulator) verify(r *http.Request) (keys, error) {
	parts := authorization.FindStringSubmatch(r.Header.Get("Authorization"))
	if parts == nil || len(r.Header.Values("Authorization")) != 1 {
		return keys{}, errors.New("the Authorization header is missing or malformed")
	}
	access, signed, signature := parts[1], strings.Split(parts[2], ";"), parts[3]

	s.mu.Lock()
	key, known := s.keys[access]
	s.mu.Unlock()
	if !known {
		return keys{}, fmt.Errorf("ak %s not exist", access)
	}
	if !slices.Contains(signed, "x-sdk-date") {
		return keys{}, errors.New("header X-Sdk-Date is not signed")
	}
	date, err := time.Parse(timestampLayout, r.Header.Get("X-Sdk-Date"))
	if err != nil {
		return keys{}, errors.New("the X-Sdk-Date header is missing or malformed")
	}
	now := s.options.Now()
	if now.Sub(date).Abs() > maxSkew {
		return keys{}, fmt.Errorf("signature expired, x-sdk-date:%s", r.Header.Get("X-Sdk-Date"))
	}
	if token := r.Header.Get("X-Security-Token"); token != key.SecurityToken {
		return keys{}, fmt.Errorf("ak %s does not go with x-security-token:%s", access, token)
	}
	if !key.expires.IsZero() && !now.Before(key.expires) {
		return keys{}, fmt.Errorf("security token of ak %s expired", access)
	}

	canonical, err := canonicalRequest(r, signed)
	if err != nil {
		return keys{}, err
	}
	toSign := algorithm + "\n" + r.Header.Get("X-Sdk-Date") + "\n" + hexHash([]byte(canonical))
	mac := hmac.New(sha256.New, []byte(key.SecretKey))
	mac.Write([]byte(toSign))
	valid := hmac.Equal([]byte(hex.EncodeToString(mac.Sum(nil))), []byte(signature))
	if s.authAttempt("key "+access, valid) == locked {
		return keys{}, errors.New("AK access failed to reach the limit,forbidden")
	}
	if !valid {
		return keys{}, fmt.Errorf("verify aksk signature fail, canonicalRequest:%s",
			strings.ReplaceAll(canonical, "\n", "|"))
	}
	return key, nil
}

// canonicalRequest returns the string whose hash is signed.
func canonicalRequest(r *http.Request, signed []string) (string, error) {
	query, err := canonicalQuery(r.URL)
	if err != nil {
		return "", err
	}
	headers, err := canonicalHeaders(r, signed)
	if err != nil {
		return "", err
	}
	body, err := readBody(r)
	if err != nil {
		return "", err
	}
	return strings.Join([]string{
		r.Method, canonicalURI(r.URL), query, headers, strings.Join(signed, ";"), hexHash(body),
	}, "\n"), nil
}

// canonicalURI returns the path with a trailing slash.
func canonicalURI(u *url.URL) string {
	segments := strings.Split(u.EscapedPath(), "/")
	for i, segment := range segments {
		plain, _ := url.PathUnescape(segment) // EscapedPath is always well formed
		segments[i] = escape(plain)
	}
	return strings.TrimSuffix(strings.Join(segments, "/"), "/") + "/"
}

// canonicalQuery returns the query sorted by name, then value, both unescaped.
func canonicalQuery(u *url.URL) (string, error) {
	values, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return "", errors.New("malformed query")
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for _, value := range slices.Sorted(slices.Values(values[name])) {
			parts = append(parts, escape(name)+"="+escape(value))
		}
	}
	return strings.Join(parts, "&"), nil
}

// canonicalHeaders rejects ambiguous headers: names that are unsorted or not in lower case, and headers that
// are missing or repeated.
func canonicalHeaders(r *http.Request, signed []string) (string, error) {
	var text strings.Builder
	for i, name := range signed {
		if name != strings.ToLower(name) || i > 0 && signed[i-1] >= name {
			return "", errors.New("the names in SignedHeaders are not sorted, unique and in lower case")
		}
		values := r.Header.Values(name)
		if name == "host" {
			values = []string{r.Host} // net/http keeps it out of Header
		}
		if len(values) != 1 {
			return "", fmt.Errorf("signed header %s must be sent once", name)
		}
		text.WriteString(name + ":" + strings.TrimSpace(values[0]) + "\n")
	}
	return text.String(), nil
}

// escape escapes all but the unreserved characters of RFC 3986, which no function of net/url does.
func escape(s string) string {
	var text strings.Builder
	for _, b := range []byte(s) {
		switch {
		case 'a' <= b && b <= 'z', 'A' <= b && b <= 'Z', '0' <= b && b <= '9', strings.IndexByte("-._~", b) >= 0:
			text.WriteByte(b)
		default:
			fmt.Fprintf(&text, "%%%02X", b)
		}
	}
	return text.String()
}

func hexHash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
