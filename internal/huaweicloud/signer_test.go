// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"
)

// signable is what a signature depends on, and an element of the golden file.
type signable struct {
	Method        string            `json:"method"`
	Path          string            `json:"path"`
	Query         url.Values        `json:"query"`
	Headers       map[string]string `json:"headers"`
	Body          string            `json:"body"`
	AccessKey     string            `json:"access_key"`
	SecretKey     string            `json:"secret_key"`
	SecurityToken string            `json:"security_token"`
	Date          time.Time         `json:"date"`
	Authorization string            `json:"authorization"` // expected
}

// sign returns the headers of a signed request.
func (s *signable) sign(t *testing.T) http.Header {
	t.Helper()
	u := url.URL{Scheme: "https", Host: "dms.example.com", Path: s.Path, RawQuery: s.Query.Encode()}
	req, err := http.NewRequestWithContext(t.Context(), s.Method, u.String(), strings.NewReader(s.Body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range s.Headers {
		req.Header.Set(name, value)
	}
	Sign(req, []byte(s.Body), Credential{
		AccessKey: s.AccessKey, SecretKey: NewSecret(s.SecretKey), SecurityToken: NewSecret(s.SecurityToken),
	}, s.Date)
	return req.Header
}

// tasksRequest returns a request of the provider, with temporary keys.
func tasksRequest() *signable {
	return &signable{
		Method:        http.MethodGet,
		Path:          "/v2/0123456789abcdef0123456789abcdef/instances/11111111-2222-4333-8444-555555555555/connector/tasks",
		Query:         url.Values{"offset": {"0"}, "limit": {"50"}},
		Headers:       map[string]string{headerProjectID: "0123456789abcdef0123456789abcdef"},
		AccessKey:     "ACCESSKEY",
		SecretKey:     "secret-key",
		SecurityToken: "security-token",
		Date:          time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
	}
}

// The vectors are signed by the official SDK: internal/sdkcompat writes them.
func TestSign_vectors(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/signatures.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []signable
	if err := json.Unmarshal(text, &vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors) != 500 {
		t.Errorf("%d vectors, want 500", len(vectors))
	}
	for i, v := range vectors {
		if got := v.sign(t).Get(headerAuthorization); got != v.Authorization {
			t.Errorf("vector %d, %s %q\nis   %s\nwant %s", i, v.Method, v.Path, got, v.Authorization)
		}
	}
}

func TestSign_headers(t *testing.T) {
	signed := tasksRequest().sign(t)
	if !strings.Contains(signed.Get(headerAuthorization), ", SignedHeaders=x-project-id;x-sdk-date;x-security-token, ") ||
		signed.Get(headerSecurityToken) != "security-token" || signed.Get(headerSdkDate) != "20260102T030405Z" {
		t.Errorf("the headers are %v", signed)
	}
	for _, tt := range []struct {
		name   string
		change func(*signable)
		same   bool // signature
	}{
		{"time zone", func(s *signable) { s.Date = s.Date.In(time.FixedZone("", -5*3600-1800)).Add(999 * time.Millisecond) }, true},
		// Proxies and net/http change these headers.
		{"User-Agent", func(s *signable) { s.Headers["User-Agent"] = "agent/1.0" }, true},
		{"Content-Type", func(s *signable) { s.Headers["Content-Type"] = "application/json" }, true},
		{"headers of the attempt before", func(s *signable) {
			s.Headers[headerAuthorization], s.Headers[headerSdkDate], s.Headers[headerSecurityToken] = "old", "20200101T000000Z", "expired"
		}, true},
		{"another token", func(s *signable) { s.SecurityToken = "another" }, false},
	} {
		request := tasksRequest()
		tt.change(request)
		got := request.sign(t).Values(headerAuthorization)
		if len(got) != 1 || (got[0] == signed.Get(headerAuthorization)) != tt.same {
			t.Errorf("%s: the signature is\n%q, without it\n%s", tt.name, got, signed.Get(headerAuthorization))
		}
	}
	request := tasksRequest()
	request.SecurityToken = ""
	signed = request.sign(t)
	if _, ok := signed[headerSecurityToken]; ok || !strings.Contains(signed.Get(headerAuthorization), ", SignedHeaders=x-project-id;x-sdk-date, ") {
		t.Errorf("with permanent keys, the headers are %v", signed)
	}
}
