// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode"
)

// headers makes a header of names and values in turn.
func headers(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return h
}

func TestErrorsOfEveryFormAreRead(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		status int
		header http.Header
		body   string
		want   Error
		text   string
	}{
		{
			"of the service",
			404, headers("X-Request-Id", "id-1"),
			`{"error_code":"DMS.00404022","error_msg":"This instance does not exist."}`,
			Error{Status: 404, Code: "DMS.00404022", Message: "This instance does not exist.", RequestID: "id-1"},
			"HTTP 404 Not Found, code DMS.00404022: This instance does not exist. (request ID id-1)",
		},
		{
			"of the gateway, with the request ID in the body",
			401, nil,
			`{"error_code":"APIGW.0301","error_msg":"Incorrect IAM authentication information: ak A not exist","request_id":"id-2"}`,
			Error{Status: 401, Code: "APIGW.0301", Message: "Incorrect IAM authentication information: ak A not exist", RequestID: "id-2"},
			"HTTP 401 Unauthorized, code APIGW.0301: Incorrect IAM authentication information: ak A not exist (request ID id-2)",
		},
		{
			"of the gateway, with two request IDs",
			429, headers("X-Request-Id", "of the header"),
			`{"error_code":"APIGW.0308","error_msg":"Throttled.","request_id":"of the body"}`,
			Error{Status: 429, Code: "APIGW.0308", Message: "Throttled.", RequestID: "of the header"},
			"HTTP 429 Too Many Requests, code APIGW.0308: Throttled. (request ID of the header)",
		},
		{
			"of IAM v3, with a number as code",
			401, headers("X-Iam-Trace-Id", "trace-1"),
			`{"error":{"code":401,"message":"The username or password is wrong.","title":"Unauthorized"}}`,
			Error{Status: 401, Code: "401", Message: "The username or password is wrong.", RequestID: "trace-1"},
			"HTTP 401 Unauthorized, code 401: The username or password is wrong. (request ID trace-1)",
		},
		{
			"of IAM v3.0, with two headers",
			403, headers("X-Iam-Trace-Id", "trace-2", "X-Request-Id", "id-3"),
			`{"error_code":"IAM.0006","error_msg":"No."}`,
			Error{Status: 403, Code: "IAM.0006", Message: "No.", RequestID: "id-3"},
			"HTTP 403 Forbidden, code IAM.0006: No. (request ID id-3)",
		},
		{"of a proxy, empty", 502, nil, "", Error{Status: 502}, "HTTP 502 Bad Gateway"},
		{"of a proxy, HTML", 503, nil, "<html><body>canary</body></html>", Error{Status: 503}, "HTTP 503 Service Unavailable"},
		{"of a proxy, text", 504, nil, "upstream request timeout", Error{Status: 504}, "HTTP 504 Gateway Timeout"},
		{"a status without a name", 599, nil, `"text"`, Error{Status: 599}, "HTTP 599"},
		{"an array", 500, nil, `[{"error_code":"A"}]`, Error{Status: 500}, "HTTP 500 Internal Server Error"},
		{
			"fields of other types",
			500, nil,
			`{"error_code":7,"error_msg":["x"],"request_id":{},"error":"text"}`,
			Error{Status: 500, Code: "7"},
			"HTTP 500 Internal Server Error, code 7",
		},
		{
			"nulls",
			500, nil,
			`{"error_code":null,"error_msg":null,"request_id":null,"error":{"code":null,"message":"IAM"}}`,
			Error{Status: 500, Message: "IAM"},
			"HTTP 500 Internal Server Error: IAM",
		},
		{"cut off", 500, nil, `{"error_code":"DMS.1","error_msg":"te`, Error{Status: 500}, "HTTP 500 Internal Server Error"},
		{
			"a redirect",
			302, headers("Location", "https://elsewhere.example.com/canary"), "<html>",
			Error{Status: 302, Message: "a redirect, which is not followed"},
			"HTTP 302 Found: a redirect, which is not followed",
		},
		{
			"no redirect, for all its Location",
			503, headers("Location", "https://elsewhere.example.com"), "",
			Error{Status: 503},
			"HTTP 503 Service Unavailable",
		},
		{
			"the echo of a signed request",
			401, nil,
			`{"error_code":"APIGW.0301","error_msg":"Incorrect IAM authentication information: verify aksk signature fail, canonicalRequest:GET|/v2/|limit=50|x-sdk-date:20260102T030405Z|canary"}`,
			Error{Status: 401, Code: "APIGW.0301", Message: "Incorrect IAM authentication information: verify aksk signature fail"},
			"HTTP 401 Unauthorized, code APIGW.0301: Incorrect IAM authentication information: verify aksk signature fail",
		},
		{
			"control characters",
			400, headers("X-Request-Id", "a\x1b[31mb\x00"),
			`{"error_code":"A\u001b[0m\nB","error_msg":" two\r\n\tlines,\u0000 \u202ebidi\u00a0and ` + "\xff" + ` "}`,
			Error{Status: 400, Code: "A[0m B", Message: "two lines, bidi and \ufffd", RequestID: "a[31mb"},
			"HTTP 400 Bad Request, code A[0m B: two lines, bidi and \ufffd (request ID a[31mb)",
		},
		{
			"a long message",
			400, nil,
			`{"error_msg":"` + strings.Repeat("ä", 401) + `"}`,
			Error{Status: 400, Message: strings.Repeat("ä", 400) + "..."},
			"HTTP 400 Bad Request: " + strings.Repeat("ä", 400) + "...",
		},
		{
			"a message that is just not too long",
			400, nil,
			`{"error_msg":"` + strings.Repeat("x", 400) + `"}`,
			Error{Status: 400, Message: strings.Repeat("x", 400)},
			"HTTP 400 Bad Request: " + strings.Repeat("x", 400),
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := newError(response{status: test.status, header: test.header, body: []byte(test.body)})
			got.foreign = false
			if *got != test.want {
				t.Errorf("read as\n%+v\nwant\n%+v", *got, test.want)
			}
			requireErrorText(t, got, test.text)
		})
	}
}

func TestTextsOfErrorsAreTheseAndUnwrap(t *testing.T) {
	t.Parallel()
	inner := errors.New("inner")
	for want, err := range map[string]error{
		"GET https://dms.example.com/v2/x: inner":                                       &RequestError{Service: DMS, Method: "GET", URL: "https://dms.example.com/v2/x", Attempts: 1, Elapsed: time.Second, Err: inner},
		"GET https://dms.example.com/v2/x: inner (tried 6 times in 2.346s)":             &RequestError{Service: DMS, Method: "GET", URL: "https://dms.example.com/v2/x", Attempts: 6, Elapsed: 2345678 * time.Microsecond, Err: inner},
		`HTTP 200 with content type "text/html" is not an answer of the service: inner`: &InvalidResponseError{Status: 200, ContentType: "text/html", Err: inner},
		"authentication by agency (the-agency): inner":                                  &AuthError{Method: AuthAgency, Principal: "the-agency", Err: inner},
		"no credentials in A or B, and this machine has no identity (inner)":            &NoCredentialsError{Searched: "A or B", Err: inner},
	} {
		requireErrorText(t, err, want)
		if !errors.Is(err, inner) {
			t.Errorf("%T does not unwrap", err)
		}
	}
	for want, err := range map[string]error{
		"a given token is for region a, and cannot serve region b":                                    &RegionError{Region: "a", Other: "b"},
		`no project named "n" exists, or the credentials have no access to it`:                        &ProjectError{Region: "r", Name: "n"},
		`2 projects are named "n": 1, 2`:                                                              &ProjectError{Region: "r", Name: "n", IDs: []string{"1", "2"}},
		"no credentials in A, and this machine has no identity (" + io.ErrUnexpectedEOF.Error() + ")": &NoCredentialsError{Searched: "A", Err: io.ErrUnexpectedEOF},
		"the response is larger than 1 MiB":                                                           errResponseTooLarge,
	} {
		requireErrorText(t, err, want)
		if !isPermanent(err) || classify(err) != permanent {
			t.Errorf("%T is not permanent", err)
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
