// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode"
)

func TestNewError(t *testing.T) {
	for _, tt := range []struct {
		name   string
		header http.Header
		body   string
		want   Error
	}{
		{"service", http.Header{"X-Request-Id": {"id-1"}}, `{"error_code":"DMS.1","error_msg":"No instance."}`, Error{Status: 404, Code: "DMS.1", Message: "No instance.", RequestID: "id-1"}},
		{"gateway, request ID in the body", nil, `{"error_code":"APIGW.0301","error_msg":"ak A not exist","request_id":"id-2"}`, Error{Status: 401, Code: "APIGW.0301", Message: "ak A not exist", RequestID: "id-2"}},
		{"gateway, two request IDs", http.Header{"X-Request-Id": {"header"}}, `{"error_code":"APIGW.0308","error_msg":"Throttled.","request_id":"body"}`, Error{Status: 429, Code: "APIGW.0308", Message: "Throttled.", RequestID: "header"}},
		{"IAM v3, numeric code", http.Header{"X-Iam-Trace-Id": {"trace-1"}}, `{"error":{"code":401,"message":"Wrong.","title":"Unauthorized"}}`, Error{Status: 401, Code: "401", Message: "Wrong.", RequestID: "trace-1"}},
		{"IAM v3.0, two headers", http.Header{"X-Iam-Trace-Id": {"trace-2"}, "X-Request-Id": {"id-3"}}, `{"error_code":"IAM.0006","error_msg":"No."}`, Error{Status: 403, Code: "IAM.0006", Message: "No.", RequestID: "id-3"}},
		{"empty", nil, "", Error{Status: 502}},
		{"HTML", nil, "<html><body>canary</body></html>", Error{Status: 503}},
		{"a string", nil, `"text"`, Error{Status: 599}},
		{"array", nil, `[{"error_code":"A"}]`, Error{Status: 500}},
		{"truncated", nil, `{"error_code":"DMS.1","error_msg":"te`, Error{Status: 500}},
		{"other types", nil, `{"error_code":7,"error_msg":["x"],"request_id":{},"error":"text"}`, Error{Status: 500, Code: "7"}},
		{"null", nil, `{"error_code":null,"error_msg":null,"request_id":null,"error":{"code":null,"message":"IAM"}}`, Error{Status: 500, Message: "IAM"}},
		{"redirect", http.Header{"Location": {"https://canary.example.com/"}}, "<html>", Error{Status: 302, Message: "a redirect, which is not followed"}},
		{"Location without a redirect", http.Header{"Location": {"https://example.com"}}, "", Error{Status: 503}},
		{"echo of a signed request", nil, `{"error_msg":"verify aksk signature fail, canonicalRequest:GET|/v2/|limit=50|canary"}`, Error{Status: 401, Message: "verify aksk signature fail"}},
		{"control characters in a header", http.Header{"X-Request-Id": {"a\x1b[31mb\x00"}}, "", Error{Status: 400, RequestID: "a[31mb"}},
		{"control characters in the code", nil, `{"error_code":"A\u001b[0m\nB"}`, Error{Status: 400, Code: "A[0m B"}},
		{"control characters", nil, `{"error_msg":" two\r\n\tlines,\u0000 \u202ebidi\u00a0and ` + "\xff" + ` "}`, Error{Status: 400, Message: "two lines, bidi and \ufffd"}},
		{"too long", nil, `{"error_msg":"` + strings.Repeat("ä", 401) + `"}`, Error{Status: 400, Message: strings.Repeat("ä", 400) + "..."}},
		{"longest", nil, `{"error_msg":"` + strings.Repeat("x", 400) + `"}`, Error{Status: 400, Message: strings.Repeat("x", 400)}},
	} {
		got := newError(response{status: tt.want.Status, header: tt.header, body: []byte(tt.body)})
		got.foreign = false
		if *got != tt.want {
			t.Errorf("%s: it is\n%+v\nwant\n%+v", tt.name, *got, tt.want)
		}
	}
}

func TestErrors_text(t *testing.T) {
	for want, err := range map[string]*Error{
		"HTTP 404 Not Found, code DMS.1: No instance. (request ID id-1)": {Status: 404, Code: "DMS.1", Message: "No instance.", RequestID: "id-1"},
		"HTTP 500 Internal Server Error: IAM":                            {Status: 500, Message: "IAM"},
		"HTTP 599":                                                       {Status: 599},
	} {
		requireErrorText(t, err, want)
	}
	inner := errors.New("inner")
	for want, err := range map[string]error{
		"GET https://dms.example.com/v2/x: inner":                                          &RequestError{Service: DMS, Method: "GET", URL: "https://dms.example.com/v2/x", Attempts: 1, Elapsed: time.Second, Err: inner},
		"GET https://dms.example.com/v2/x: inner (tried 6 times in 2.346s)":                &RequestError{Service: DMS, Method: "GET", URL: "https://dms.example.com/v2/x", Attempts: 6, Elapsed: 2345678 * time.Microsecond, Err: inner},
		`HTTP 200 with content type "text/html" is not a response from the service: inner`: &InvalidResponseError{Status: 200, ContentType: "text/html", Err: inner},
		"authentication by agency (the-agency): inner":                                     &AuthError{Method: AuthAgency, Principal: "the-agency", Err: inner},
		"no credentials in A or B, and this machine has no identity (inner)":               &NoCredentialsError{Searched: "A or B", Err: inner},
	} {
		requireErrorText(t, err, want)
		if !errors.Is(err, inner) {
			t.Errorf("%T does not unwrap", err)
		}
	}
}

// A 401 for a token says that the token has ended, whatever its code; one for keys or for a password does not.
func TestError_IsTokenRejected(t *testing.T) {
	for name, test := range map[string]struct {
		source CredentialSource
		code   string
		want   bool
	}{
		"token":                 {StaticToken{NewSecret("canary-token")}, "APIGW.0301", true},
		"keys":                  {validKeys(), "APIGW.0301", false},
		"keys, code of a token": {validKeys(), "DMS.10240101", true},
		"password":              {validPassword(), "APIGW.0301", false},
	} {
		runInBubble(t, name, func(t *testing.T) {
			_, err := getTasks(t.Context(), newTestClient(t, serviceError(401, test.code), withSource(test.source)))
			if cloudErr, ok := errors.AsType[*Error](err); !ok || cloudErr.IsTokenRejected() != test.want {
				t.Errorf("%v", err)
			}
		})
	}
}

// Only a rejection that is not JSON: a server error without a body may be the service's.
func TestError_IsForeign(t *testing.T) {
	const html, own = "<html>", `{"message":"No."}`
	for _, test := range []struct {
		status int
		body   string
		want   bool
	}{
		{400, html, true},
		{403, html, true},
		{403, "", true},
		{403, own, false},
		{404, own, false},
		{407, html, true},
		{408, html, false},
		{429, html, false},
		{302, html, false},
		{500, html, false},
		{503, "", false},
	} {
		if got := newError(response{status: test.status, body: []byte(test.body)}).IsForeign(); got != test.want {
			t.Errorf("%d %q: %v", test.status, test.body, got)
		}
	}
}

// The end of an attempt must not look like that of the read.
func TestNetworkErrors_hideContextErrors(t *testing.T) {
	for _, inner := range []error{context.DeadlineExceeded, context.Canceled} {
		for _, err := range []error{&ConnectionError{Err: inner}, &ProxyError{Err: inner}} {
			if errors.Is(err, inner) {
				t.Errorf("%T is %v", err, inner)
			}
		}
	}
}

func FuzzNewError(f *testing.F) {
	for _, body := range []string{
		`{"error_code":"DMS.1","error_msg":"m c4nary-secret","request_id":"r"}`, `{"error":{"code":401,"message":"m"}}`, "<html>", "", `{"error_msg":"\u0000\ud800"}`, "{\"error_code\":\"\xff\"}",
	} {
		f.Add(500, []byte(body), "120", "Sat, 01 Jan 2000 00:00:00 GMT", "id")
		f.Add(302, []byte(body), "Sat, 01 Jan 2000 00:01:00 GMT", "Sat, 01 Jan 2000 00:00:00 GMT", "c4nary-secret")
		f.Add(-1, []byte(body), "-99999999999999999999", "Mon, 00 Foo 0000", "\x1b[0m")
		f.Add(429, []byte(body), "-5", "", "")
		f.Add(503, []byte(body), "Fri, 31 Dec 1999 00:00:00 GMT", "Sat, 01 Jan 2000 00:00:00 GMT", "")
	}
	f.Fuzz(func(t *testing.T, status int, body []byte, retryAfter, date, id string) {
		const secret = "c4nary-secret"
		e := newError(response{
			status: status, body: body, secrets: []string{secret},
			header: http.Header{"Retry-After": {retryAfter}, "Date": {date}, "X-Request-Id": {id}, "Location": {id}},
		})
		text := e.Error()
		if strings.Contains(text, secret) || strings.ContainsFunc(text, unicode.IsControl) || len([]rune(text)) > 3*(maxMessage+3)+100 {
			t.Fatalf("the text is %q", text)
		}
		if e.retryAfter < 0 || e.retryAfter > 24*time.Hour {
			t.Fatalf("Retry-After %q is %s", retryAfter, e.retryAfter)
		}
	})
}
