// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package simulator_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

var temporary = simulator.Key{AccessKey: "SIMULATORTEMPORARY00", SecretKey: "temporary-secret", SecurityToken: "temporary+token/=="}

func TestSignedRequestIsAccepted(t *testing.T) {
	s := simulator.New(simulator.Options{Keys: []simulator.Key{
		{AccessKey: simulator.AccessKey, SecretKey: simulator.SecretKey}, temporary,
	}})
	for name, c := range map[string]call{
		"plain":                    {target: tasksURL},
		"query":                    {target: tasksURL + "?limit=50&offset=0"},
		"query sent unsorted":      {target: tasksURL + "?offset=0&limit=50", query: "limit=50&offset=0"},
		"query sorted by value":    {target: tasksURL + "?z=b&z=a&a=1", query: "a=1&z=a&z=b"},
		"query escaped":            {target: tasksURL + "?b=a+b%7e*%2f&%c3%a9", query: "b=a%20b~%2A%2F&%C3%A9="},
		"query sorted unescaped":   {target: tasksURL + "?a%7B=1&aa=2", query: "aa=2&a%7B=1"},
		"project header signed":    {target: tasksURL, headers: map[string]string{"X-Project-Id": simulator.ProjectID}},
		"other header signed":      {target: tasksURL, headers: map[string]string{"Content-Type": " text/plain  "}},
		"body":                     {target: tasksURL, body: "{}"},
		"IAM":                      {target: "/v3/projects?name=x"},
		"temporary keys":           {target: tasksURL, key: temporary},
		"date at the edge, past":   {target: tasksURL, date: time.Now().Add(-14*time.Minute - 50*time.Second)},
		"date at the edge, future": {target: tasksURL, date: time.Now().Add(14*time.Minute + 50*time.Second)},
		"path segments are unescaped": {
			target: "/v2/" + simulator.ProjectID + "/instances/%31" + simulator.InstanceID[1:] + "/connector/tasks",
			path:   tasksURL + "/",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if status, a := do(t, s, c.request()); status != http.StatusOK {
				t.Errorf("status %d, want 200: %s", status, a.Message)
			}
		})
	}
}

func TestRequestThatIsNotSignedRightIsRefused(t *testing.T) {
	const project = "X-Project-Id"
	keys := func(access, secret, token string) simulator.Key {
		return simulator.Key{AccessKey: access, SecretKey: secret, SecurityToken: token}
	}
	replace := func(header, was, becomes string) func(*http.Request) {
		return func(r *http.Request) {
			r.Header.Set(header, strings.Replace(r.Header.Get(header), was, becomes, 1))
		}
	}
	plain := call{target: tasksURL + "?limit=1"}
	for name, test := range map[string]struct {
		call   call
		change func(*http.Request)
		want   string // in the message
	}{
		"no authorization":   {plain, func(r *http.Request) { r.Header.Del("Authorization") }, "missing"},
		"two authorizations": {plain, func(r *http.Request) { r.Header.Add("Authorization", "x") }, "malformed"},
		"other algorithm":    {plain, replace("Authorization", "SDK", "AWS"), "malformed"},
		"no space":           {plain, replace("Authorization", ", S", ",S"), "malformed"},
		"upper case hex":     {plain, func(r *http.Request) { r.Header.Set("Authorization", strings.ToUpper(r.Header.Get("Authorization"))) }, "malformed"},
		"unknown access key": {call{target: tasksURL, key: keys("UNKNOWN", "x", "")}, nil, "ak UNKNOWN not exist"},
		"wrong secret key":   {call{target: tasksURL, key: keys(simulator.AccessKey, "x", "")}, nil, "verify aksk signature fail"},
		"date too old":       {call{target: tasksURL, date: time.Now().Add(-16 * time.Minute)}, nil, "expired"},
		"date too new":       {call{target: tasksURL, date: time.Now().Add(16 * time.Minute)}, nil, "expired"},
		"date changed": {plain, func(r *http.Request) {
			r.Header.Set("X-Sdk-Date", time.Now().Add(time.Minute).UTC().Format("20060102T150405Z"))
		}, "fail"},
		"date missing":        {plain, func(r *http.Request) { r.Header.Del("X-Sdk-Date") }, "X-Sdk-Date"},
		"date not signed":     {plain, replace("Authorization", "x-sdk-date", "x-project-id"), "X-Sdk-Date is not signed"},
		"date in other form":  {plain, replace("X-Sdk-Date", "T", " "), "X-Sdk-Date"},
		"body changed":        {plain, func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader("x")) }, "fail"},
		"query changed":       {plain, func(r *http.Request) { r.URL.RawQuery = "limit=2" }, "fail"},
		"query added":         {plain, func(r *http.Request) { r.URL.RawQuery += "&offset=1" }, "fail"},
		"query malformed":     {plain, func(r *http.Request) { r.URL.RawQuery += ";" }, "malformed query"},
		"path without slash":  {call{target: tasksURL, path: tasksURL}, nil, "fail"},
		"project changed":     {call{target: tasksURL, headers: map[string]string{project: simulator.ProjectID}}, func(r *http.Request) { r.Header.Set(project, "x") }, "fail"},
		"project sent twice":  {call{target: tasksURL, headers: map[string]string{project: simulator.ProjectID}}, func(r *http.Request) { r.Header.Add(project, "x") }, "once"},
		"names unsorted":      {call{target: tasksURL, headers: map[string]string{project: simulator.ProjectID}}, replace("Authorization", "x-project-id;x-sdk-date", "x-sdk-date;x-project-id"), "sorted"},
		"names in upper case": {plain, replace("Authorization", "x-sdk-date", "X-A;x-sdk-date"), "lower case"},
		"header not sent":     {plain, replace("Authorization", "x-sdk-date", "x-other;x-sdk-date"), "x-other"},
		"token missing":       {call{target: tasksURL, key: keys(temporary.AccessKey, temporary.SecretKey, "")}, nil, "x-security-token"},
		"token wrong":         {call{target: tasksURL, key: keys(temporary.AccessKey, temporary.SecretKey, "x")}, nil, "x-security-token"},
		"token of others":     {call{target: tasksURL, key: keys(simulator.AccessKey, simulator.SecretKey, "x")}, nil, "x-security-token"},
	} {
		t.Run(name, func(t *testing.T) {
			r := test.call.request()
			if test.change != nil {
				test.change(r)
			}
			s := simulator.New(simulator.Options{Keys: []simulator.Key{keys(simulator.AccessKey, simulator.SecretKey, ""), temporary}})
			status, a := do(t, s, r)
			if status != http.StatusUnauthorized || a.Code != "APIGW.0301" || len(a.RequestID) != 32 {
				t.Errorf("status %d, code %q, request ID %q; want 401 APIGW.0301 and an ID", status, a.Code, a.RequestID)
			}
			if !strings.HasPrefix(a.Message, "Incorrect IAM authentication information: ") || !strings.Contains(a.Message, test.want) {
				t.Errorf("message %q, want one with %q", a.Message, test.want)
			}
		})
	}
}

func TestRefusalRepeatsSignedHeadersAsTheGatewayDoes(t *testing.T) {
	s := simulator.New(simulator.Options{Keys: []simulator.Key{temporary}})
	key := temporary
	key.SecretKey = "x"
	_, a := do(t, s, call{target: tasksURL, key: key}.request())
	if want := "canonicalRequest:GET|" + tasksURL + "/||"; !strings.Contains(a.Message, want) {
		t.Errorf("message %q, want one with %q", a.Message, want)
	}
	if want := "x-security-token:" + temporary.SecurityToken; !strings.Contains(a.Message, want) {
		t.Errorf("message %q, want one with %q", a.Message, want)
	}
}

// The signature was computed outside of Go, with openssl.
func TestSignatureIsTheOneComputedElsewhere(t *testing.T) {
	s := simulator.New(simulator.Options{Now: func() time.Time { return time.Date(2024, 2, 20, 11, 15, 53, 0, time.UTC) }})
	r := httptest.NewRequest(http.MethodGet, tasksURL+"?limit=50&offset=0", nil)
	r.Header.Set("X-Sdk-Date", "20240220T111553Z")
	r.Header.Set("X-Project-Id", simulator.ProjectID)
	r.Header.Set("Authorization", "SDK-HMAC-SHA256 Access="+simulator.AccessKey+", SignedHeaders=x-project-id;x-sdk-date, "+
		"Signature=49d1fbb3aa0810e3ecf907e123a12bc9b28db60a9a04a60dd9f1933e46d7700b")
	if status, a := do(t, s, r); status != http.StatusOK {
		t.Errorf("status %d, want 200: %s", status, a.Message)
	}
}
