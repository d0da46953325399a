// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"strings"
	"testing"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

func TestClientGet_request(t *testing.T) {
	s := newScriptedTransport(page)
	c := newTestClient(t, s, withEndpoint("https://example.com:8443/base/"))
	attempts, err := getTasks(t.Context(), c)
	requireNoError(t, err)
	if c.Region() != simulator.Region || attempts != 1 {
		t.Errorf("region %q, %d attempts", c.Region(), attempts)
	}
	r := s.sent[0]
	if got, want := r.Method+" "+r.URL.String(), "GET https://example.com:8443/base"+tasksPath+"?limit=50&offset=0"; got != want || r.ContentLength != 0 {
		t.Errorf("the request is %s with %d bytes, want %s", got, r.ContentLength, want)
	}
	for name, want := range map[string]string{"User-Agent": "test/1", headerProjectID: simulator.ProjectID, "Content-Type": "", headerAuthToken: ""} {
		if got := r.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if !strings.Contains(r.Header.Get(headerAuthorization), ", SignedHeaders=host;x-project-id;x-sdk-date, ") {
		t.Errorf("the signature is %s", r.Header.Get(headerAuthorization))
	}

	request := tasksGet()
	request.ProjectID = ""
	_, err = c.Get(t.Context(), request, tasksAccept)
	requireNoError(t, err)
	if _, ok := s.sent[1].Header[headerProjectID]; ok {
		t.Error("X-Project-Id is sent without a project")
	}

	requireTasks(t, newTestClient(t, s, withSource(StaticToken{NewSecret("the-token")})))
	if h := s.sent[2].Header; h.Get(headerAuthToken) != "the-token" || h.Get(headerAuthorization) != "" || h.Get(headerSdkDate) != "" {
		t.Errorf("with a token, the headers are %v", h)
	}
}

// The simulator verifies the signature of the path as it was sent.
func TestClientGet_escapesPath(t *testing.T) {
	s := newScriptedTransport(served(simulator.New(simulator.Options{})))
	request := tasksGet()
	request.Path = "/v2/a b%2F?c/ü"
	_, err := newTestClient(t, s).Get(t.Context(), request, tasksAccept)
	requireErrorText(t, err, "...HTTP 404 Not Found, code APIGW.0101...")
	if got, want := s.sent[0].URL.EscapedPath(), "/v2/a%20b%252F%3Fc/%C3%BC"; got != want {
		t.Errorf("the path is %s, want %s", got, want)
	}
}
