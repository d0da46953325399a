// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

const (
	putSession = "PUT /meta-data/latest/api/token"
	getKeys    = "GET /openstack/latest/securitykey"
)

func TestAMachineIsAskedInASessionWhereThereAreSessions(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		options simulator.MetadataOptions
		session bool
	}{
		"required":           {simulator.MetadataOptions{SessionRequired: true}, true},
		"possible":           {simulator.MetadataOptions{}, true},
		"unknown":            {simulator.MetadataOptions{SessionStatus: 404}, false},
		"not allowed":        {simulator.MetadataOptions{SessionStatus: 405}, false},
		"not available here": {simulator.MetadataOptions{SessionStatus: 503}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := simulator.New(simulator.Options{})
			c := newTestClient(t, atMachine(cloud, cloud.Metadata(test.options)), withSource(InstanceIdentity{}))
			_, err := getTasks(t.Context(), c)
			requireNoError(t, err)
			requireRequests(t, cloud, getKeys, getPage, putSession)
			session, keys := cloud.Requests()[0], cloud.Requests()[1]
			if got := session.Header.Get("X-Metadata-Token-Ttl-Seconds"); got != "21600" || session.Header.Get("User-Agent") != "test/1" {
				t.Errorf("the session was asked for with %v", session.Header)
			}
			if got := keys.Header.Get("X-Metadata-Token"); (got != "") != test.session {
				t.Errorf("the keys were asked for with %v", keys.Header)
			}
		})
	}
}

func TestAPodShowsTheTextOfItsFile(t *testing.T) {
	t.Parallel()
	for _, scheme := range []string{"http", "https"} {
		cloud := simulator.New(simulator.Options{})
		agent := cloud.PodIdentity(simulator.PodIdentityOptions{})
		through := roundTripperFunc(func(r *http.Request) (*http.Response, error) {
			if r.URL.Scheme == scheme && r.URL.Host == "pod.test:8080" {
				return served(agent)(r)
			}
			return served(cloud)(r)
		})
		// The pod comes first, even where there is a machine.
		source := InstanceIdentity{PodURI: scheme + "://pod.test:8080/keys", PodTokenFile: writeFile(t, simulator.PodToken+"\n")}
		_, err := getTasks(t.Context(), newTestClient(t, through, withSource(source)))
		requireNoError(t, err)
		requireRequests(t, cloud, getPage, "POST /keys")
		r := cloud.Requests()[0]
		if string(r.Body) != "{}" || r.Header.Get("Authorization") != simulator.PodToken || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("sent was %s with %v", r.Body, r.Header)
		}
	}
}

func TestAMachineWithoutCredentialsSaysWhy(t *testing.T) {
	t.Parallel()
	tokenFile := writeFile(t, "t")
	pod := InstanceIdentity{PodURI: "http://pod.test", PodTokenFile: tokenFile}
	session := reply(200, "session")
	for name, test := range map[string]struct {
		source InstanceIdentity
		steps  []roundTripperFunc
		want   string
	}{
		"no agency":              {InstanceIdentity{}, []roundTripperFunc{session, reply(401, "canary")}, "ECS metadata: no agency is bound to this ECS"},
		"keys are refused":       {InstanceIdentity{}, []roundTripperFunc{session, reply(404, "canary")}, "ECS metadata: the keys were refused with HTTP 404"},
		"keys fail":              {InstanceIdentity{}, []roundTripperFunc{session, reply(500, "canary")}, "ECS metadata: the keys were refused with HTTP 500"},
		"a session is refused":   {InstanceIdentity{}, []roundTripperFunc{reply(403, "canary")}, "ECS metadata: a session was refused with HTTP 403"},
		"something else answers": {InstanceIdentity{}, []roundTripperFunc{session, reply(200, "<canary>")}, "ECS metadata: it is not JSON (at byte 1)"},
		"nobody answers":         {InstanceIdentity{}, []roundTripperFunc{failing(errors.New("dial tcp 169.254.169.254:80: connect: no route to host"))}, "ECS metadata: connection to 169.254.169.254:80: dial tcp 169.254.169.254:80: connect: no route to host"},
		"it breaks off":          {InstanceIdentity{}, []roundTripperFunc{session, truncatedReply(200, "{")}, "ECS metadata: connection to 169.254.169.254:80: response truncated after 1 bytes: unexpected EOF"},
		"a pod is refused":       {pod, []roundTripperFunc{reply(401, "canary")}, "CCE pod identity: the keys were refused with HTTP 401"},
		"a pod without a URL":    {InstanceIdentity{PodURI: "pod.test"}, nil, "CCE pod identity: HC_CONTAINER_CREDENTIALS_FULL_URI is not a URL"},
		"a pod by FTP":           {InstanceIdentity{PodURI: "ftp://pod.test"}, nil, "CCE pod identity: HC_CONTAINER_CREDENTIALS_FULL_URI is not a URL"},
		"a pod by file":          {InstanceIdentity{PodURI: "file:///etc/passwd"}, nil, "CCE pod identity: HC_CONTAINER_CREDENTIALS_FULL_URI is not a URL"},
		"a pod without a file":   {InstanceIdentity{PodURI: "http://pod.test"}, nil, "CCE pod identity: HC_CONTAINER_AUTHORIZATION_TOKEN_FILE: open : no such file or directory"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScriptedTransport(append(test.steps, page)...)
			test.source.Searched = "A, or B"
			c := newTestClient(t, s, withSource(test.source), withRetries(5))
			for range 2 { // the second time, it is known
				_, err := getTasks(t.Context(), c)
				requireErrorText(t, err, "none was found: not in A, or B, and this machine has no identity ("+test.want+")")
				var nobody *NoCredentialsError
				if !errors.As(err, &nobody) {
					t.Errorf("%T", err)
				}
			}
			if s.count() != len(test.steps) {
				t.Errorf("%d requests, want %d", s.count(), len(test.steps))
			}
		})
	}
}

func TestAMachineThatDoesNotAnswerCostsTwoSeconds(t *testing.T) {
	t.Parallel()
	pod := InstanceIdentity{PodURI: "http://pod.test", PodTokenFile: writeFile(t, "t")}
	for name, test := range map[string]struct {
		source InstanceIdentity
		s      *scriptedTransport
		want   string
	}{
		"no session":   {InstanceIdentity{}, newScriptedTransport(), "ECS metadata: no answer within 2s"},
		"no keys":      {InstanceIdentity{}, newScriptedTransport(reply(404, "")), "ECS metadata: no answer within 2s"},
		"slow, either": {InstanceIdentity{}, newScriptedTransport(delayed(1500*time.Millisecond, reply(404, ""))), "ECS metadata: no answer within 2s"},
		"pod":          {pod, newScriptedTransport(), "CCE pod identity: no answer within 2s"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				test.s.steps = append(test.s.steps, hang)
				c := newTestClient(t, test.s, withSource(test.source), withRetries(5))
				start := time.Now()
				for _, err := range concurrently(20, func(int) error { _, err := getTasks(t.Context(), c); return err }) {
					requireErrorText(t, err, "none was found: not in , and this machine has no identity ("+test.want+")")
				}
				if elapsed := time.Since(start); elapsed != metadataTimeout {
					t.Errorf("it took %s", elapsed)
				}
			})
		})
	}
}

func TestAMachineIsNeverAskedThroughAProxy(t *testing.T) {
	t.Parallel()
	c, err := NewClient(Config{Region: simulator.Region, CredentialSource: InstanceIdentity{}})
	if err != nil {
		t.Fatal(err)
	}
	if c.metadataTransport.(*http.Transport).Proxy != nil {
		t.Error("it is")
	}
}
