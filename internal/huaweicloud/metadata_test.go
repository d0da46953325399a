// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"errors"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

const (
	putSession = "PUT /meta-data/latest/api/token"
	getKeys    = "GET /openstack/latest/securitykey"
)

func TestInstanceIdentity_metadata(t *testing.T) {
	session, noSession, busy := reply(200, "session"), reply(404, ""), reply(503, "canary")
	keys := reply(200, `{"credential":{"access":"a","secret":"s","securitytoken":"t"}}`)
	dial := func(text string) roundTripperFunc {
		return failing(&net.OpError{Op: "dial", Net: "tcp", Err: errors.New(text)})
	}
	const none, failed = "no credentials in A, or B, and this machine has no identity (ECS metadata service: ", "ECS metadata service: "
	for name, test := range map[string]struct {
		steps    []roundTripperFunc
		want     string // error; empty: none
		requests int
		within   time.Duration
	}{
		"keys":                              {[]roundTripperFunc{session, keys}, "", 2, 0},
		"no sessions":                       {[]roundTripperFunc{reply(405, ""), keys}, "", 2, 0},
		"503 twice":                         {[]roundTripperFunc{session, busy, busy, keys}, "", 4, 2 * time.Second},
		"503 twice, sessions as well":       {[]roundTripperFunc{busy, busy, session, keys}, "", 4, time.Second},
		"500 for the session twice":         {[]roundTripperFunc{reply(500, ""), reply(500, ""), session, keys}, "", 4, 2 * time.Second},
		"timeout twice":                     {[]roundTripperFunc{session, hang, hang, keys}, "", 4, 6 * time.Second},
		"truncated twice":                   {[]roundTripperFunc{session, truncatedReply(200, "{"), truncatedReply(200, "{"), keys}, "", 4, 2 * time.Second},
		"connection reset first":            {[]roundTripperFunc{failing(&net.OpError{Op: "read", Err: errors.New("reset")}), session, keys}, "", 3, time.Second},
		"503 three times":                   {[]roundTripperFunc{session, busy}, failed + "keys: HTTP 503 Service Unavailable", 4, 2 * time.Second},
		"timeout three times":               {[]roundTripperFunc{session, hang}, failed + "no response within 2s", 4, 8 * time.Second},
		"slow and unavailable":              {[]roundTripperFunc{delayed(1900*time.Millisecond, busy)}, failed + "keys: HTTP 503 Service Unavailable", 4, 9 * time.Second},
		"session upgraded":                  {[]roundTripperFunc{upgraded}, failed + "session token: HTTP 101 Switching Protocols", 1, 0},
		"session rejected":                  {[]roundTripperFunc{reply(403, "canary")}, failed + "session token: HTTP 403 Forbidden", 1, 0},
		"keys rejected":                     {[]roundTripperFunc{session, reply(403, "canary")}, failed + "keys: HTTP 403 Forbidden", 2, 0},
		"not the service":                   {[]roundTripperFunc{session, reply(200, "<canary>")}, failed + "it is not JSON (at byte 1)", 2, 0},
		"no agency":                         {[]roundTripperFunc{session, reply(401, "canary")}, none + "keys: HTTP 401 Unauthorized)", 2, 0},
		"no agency, 404":                    {[]roundTripperFunc{noSession, reply(404, "canary")}, none + "keys: HTTP 404 Not Found)", 2, 0},
		"no route":                          {[]roundTripperFunc{dial("no route to host")}, none + "connection to 169.254.169.254:80: dial tcp: no route to host)", 1, 0},
		"no response":                       {[]roundTripperFunc{hang}, none + "no response within 2s)", 1, 2 * time.Second},
		"no response for the keys at first": {[]roundTripperFunc{noSession, hang, noSession, reply(401, "")}, none + "keys: HTTP 401 Unauthorized)", 4, 3 * time.Second},
	} {
		runInBubble(t, name, func(t *testing.T) {
			s := newScriptedTransport(test.steps...)
			c := newTestClient(t, s, withSource(InstanceIdentity{Searched: "A, or B"}), withRetries(5))
			start := time.Now()
			_, err := c.credentialFor(t.Context(), scope{})
			_, isNone := errors.AsType[*NoCredentialsError](err)
			_, isFailed := errors.AsType[*InstanceIdentityError](err)
			if test.want == "" {
				requireNoError(t, err)
			} else if requireErrorText(t, err, test.want); isNone == isFailed || isNone != (test.want[:2] == none[:2]) || isNone && classify(err) != permanent {
				t.Errorf("%T", err)
			}
			if elapsed := time.Since(start); s.count() != test.requests || elapsed > test.within {
				t.Errorf("%d requests in %s, want %d in %s", s.count(), elapsed, test.requests, test.within)
			}
		})
	}
}

func TestInstanceIdentity_pod(t *testing.T) {
	file := writeFile(t, "\xef\xbb\xbf"+simulator.PodToken+"\n")
	for _, uri := range []string{"http://127.0.0.1:8080/keys", "http://[::1]/keys", "http://localhost/keys", "http://169.254.70.3/keys", "http://[fe80::1]/keys", "https://pod.test/keys"} {
		cloud := simulator.New(simulator.Options{})
		through := roundTripperFunc(func(r *http.Request) (*http.Response, error) {
			if r.URL.Path == "/keys" {
				return served(cloud.PodIdentity(simulator.PodIdentityOptions{}))(r)
			}
			return served(cloud)(r)
		})
		requireTasks(t, newTestClient(t, through, withSource(InstanceIdentity{PodURI: uri, PodTokenFile: file})))
		requireRequests(t, cloud, getPage, "POST /keys")
		r := cloud.Requests()[0]
		if string(r.Body) != "{}" || r.Header.Get("Authorization") != simulator.PodToken || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("got %s with %v", r.Body, r.Header)
		}
	}
}

func TestInstanceIdentity_podError(t *testing.T) {
	const unencrypted = "HC_CONTAINER_CREDENTIALS_FULL_URI must be https://, or http:// with a loopback or link-local address: the pod's token would be sent unencrypted"
	const notURL = "HC_CONTAINER_CREDENTIALS_FULL_URI must be a URL"
	file := writeFile(t, "canary")
	for _, test := range []struct {
		uri, file string
		steps     []roundTripperFunc
		want      string
	}{
		{"http://pod.test/keys", file, nil, unencrypted},
		{"http://10.0.0.1/keys", file, nil, unencrypted},
		{"http://localhost.test/keys", file, nil, unencrypted},
		{"http://127.0.0.1.test/keys", file, nil, unencrypted},
		{"http://127.0.0.1@pod.test/keys", file, nil, notURL},
		{"pod.test", file, nil, notURL},
		{"ftp://127.0.0.1", file, nil, notURL},
		{"file:///etc/passwd", file, nil, notURL},
		{"https://", file, nil, notURL},
		{"https://pod.test", "", nil, "HC_CONTAINER_AUTHORIZATION_TOKEN_FILE: : no such file or directory"},
		{"https://pod.test", t.TempDir() + "/missing", nil, "...missing: no such file or directory"},
		{"https://pod.test", file, []roundTripperFunc{reply(401, "canary")}, "keys: HTTP 401 Unauthorized"},
		{"https://pod.test", file, []roundTripperFunc{reply(503, "canary"), reply(503, ""), reply(502, "")}, "keys: HTTP 502 Bad Gateway"},
		{"https://pod.test", file, []roundTripperFunc{hang, hang, hang}, "no response within 2s"},
	} {
		runInBubble(t, test.uri+" "+test.want, func(t *testing.T) {
			s := newScriptedTransport(append(test.steps, page)...)
			_, err := getTasks(t.Context(), newTestClient(t, s, withSource(InstanceIdentity{PodURI: test.uri, PodTokenFile: test.file}), withRetries(5)))
			want := "CCE pod identity: " + test.want
			if test.want[0] == '.' {
				want = test.want
			}
			requireErrorText(t, err, want)
			requireNoSecrets(t, err.Error(), "canary")
			if _, ok := errors.AsType[*InstanceIdentityError](err); !ok || s.count() != len(test.steps) {
				t.Errorf("%T, %d requests", err, s.count())
			}
		})
	}
}

func TestInstanceIdentity_usesNoProxy(t *testing.T) {
	c, err := NewClient(Config{Region: simulator.Region, CredentialSource: InstanceIdentity{}})
	if err != nil {
		t.Fatal(err)
	}
	if c.metadataTransport.(*http.Transport).Proxy != nil {
		t.Error("the proxy of the environment is used")
	}
}
