// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package simulator_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

var temporary = simulator.Key{AccessKey: "SIMULATORTEMPORARY00", SecretKey: "temporary-secret", SecurityToken: "temporary+token/=="}

func TestSignature_accepted(t *testing.T) {
	s := simulator.New(simulator.Options{Keys: []simulator.Key{
		{AccessKey: simulator.AccessKey, SecretKey: simulator.SecretKey}, temporary,
	}})
	for name, c := range map[string]call{
		"query sorted by value":     {target: tasksURL + "?z=b&z=a&a=1", query: "a=1&z=a&z=b"},
		"query escaped":             {target: tasksURL + "?b=a+b%7e*%2f&%c3%a9", query: "b=a%20b~%2A%2F&%C3%A9="},
		"query sorted unescaped":    {target: tasksURL + "?a%7B=1&aa=2", query: "aa=2&a%7B=1"},
		"header with spaces":        {target: tasksURL, headers: map[string]string{"Content-Type": " text/plain  "}},
		"body":                      {target: tasksURL, body: "{}"},
		"temporary keys":            {target: tasksURL, key: temporary},
		"clock 15 minutes slow":     {target: tasksURL, date: time.Now().Add(-14*time.Minute - 50*time.Second)},
		"clock 15 minutes fast":     {target: tasksURL, date: time.Now().Add(14*time.Minute + 50*time.Second)},
		"path segments are decoded": {target: strings.Replace(tasksURL, "/1111", "/%31111", 1), path: tasksURL + "/"},
	} {
		if status, body := do(t, s, c.request()); status != http.StatusOK {
			t.Errorf("%s: status %d, want 200: %s", name, status, body.Message)
		}
	}
}

func TestSignature_rejected(t *testing.T) {
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
	signedProject := call{target: tasksURL, headers: map[string]string{project: simulator.ProjectID}}
	for name, test := range map[string]struct {
		call   call
		change func(*http.Request)
		want   string // in the message
	}{
		"no authorization":   {plain, func(r *http.Request) { r.Header.Del("Authorization") }, "missing"},
		"two authorizations": {plain, func(r *http.Request) { r.Header.Add("Authorization", "x") }, "malformed"},
		"other algorithm":    {plain, replace("Authorization", "SDK", "AWS"), "malformed"},
		"unknown access key": {call{target: tasksURL, key: keys("UNKNOWN", "x", "")}, nil, "ak UNKNOWN not exist"},
		// The gateway repeats the canonical request, with the security token.
		"wrong secret key":                 {call{target: tasksURL, key: keys(temporary.AccessKey, "x", temporary.SecurityToken)}, nil, "verify aksk signature fail, canonicalRequest:GET|" + tasksURL + "/||x-sdk-date:"},
		"wrong secret key, security token": {call{target: tasksURL, key: keys(temporary.AccessKey, "x", temporary.SecurityToken)}, nil, "|x-security-token:" + temporary.SecurityToken + "|"},
		"date too old":                     {call{target: tasksURL, date: time.Now().Add(-16 * time.Minute)}, nil, "expired"},
		"date too new":                     {call{target: tasksURL, date: time.Now().Add(16 * time.Minute)}, nil, "expired"},
		"date changed": {plain, func(r *http.Request) {
			r.Header.Set("X-Sdk-Date", time.Now().Add(time.Minute).UTC().Format("20060102T150405Z"))
		}, "fail"},
		"date missing":        {plain, func(r *http.Request) { r.Header.Del("X-Sdk-Date") }, "X-Sdk-Date"},
		"date not signed":     {plain, replace("Authorization", "x-sdk-date", "x-project-id"), "X-Sdk-Date is not signed"},
		"date in other form":  {plain, replace("X-Sdk-Date", "T", " "), "X-Sdk-Date"},
		"body changed":        {plain, func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader("x")) }, "fail"},
		"query changed":       {plain, func(r *http.Request) { r.URL.RawQuery = "limit=2" }, "fail"},
		"query malformed":     {plain, func(r *http.Request) { r.URL.RawQuery += ";" }, "malformed query"},
		"path without slash":  {call{target: tasksURL, path: tasksURL}, nil, "fail"},
		"project changed":     {signedProject, func(r *http.Request) { r.Header.Set(project, "x") }, "fail"},
		"project sent twice":  {signedProject, func(r *http.Request) { r.Header.Add(project, "x") }, "once"},
		"names unsorted":      {signedProject, replace("Authorization", "x-project-id;x-sdk-date", "x-sdk-date;x-project-id"), "sorted"},
		"names in upper case": {plain, replace("Authorization", "x-sdk-date", "X-A;x-sdk-date"), "lower case"},
		"header not sent":     {plain, replace("Authorization", "x-sdk-date", "x-other;x-sdk-date"), "x-other"},
		"token missing":       {call{target: tasksURL, key: keys(temporary.AccessKey, temporary.SecretKey, "")}, nil, "x-security-token"},
		"token wrong":         {call{target: tasksURL, key: keys(temporary.AccessKey, temporary.SecretKey, "x")}, nil, "x-security-token"},
		"token of others":     {call{target: tasksURL, key: keys(simulator.AccessKey, simulator.SecretKey, "x")}, nil, "x-security-token"},
	} {
		r := test.call.request()
		if test.change != nil {
			test.change(r)
		}
		s := simulator.New(simulator.Options{Keys: []simulator.Key{keys(simulator.AccessKey, simulator.SecretKey, ""), temporary}})
		status, body := do(t, s, r)
		if got := result(status, body); got != "401 APIGW.0301" ||
			!strings.HasPrefix(body.Message, "Incorrect IAM authentication information: ") || !strings.Contains(body.Message, test.want) {
			t.Errorf("%s: %s, %q; want 401 APIGW.0301 with %q", name, got, body.Message, test.want)
		}
	}
}
