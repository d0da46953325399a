// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package simulator_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

// pod asks for keys; no value leaves the header out.
func pod(agent http.Handler, method, target, body string, authorization ...string) (int, string) {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for _, value := range authorization {
		r.Header.Add("Authorization", value)
	}
	w := httptest.NewRecorder()
	agent.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func TestPodIdentityGivesKeysThatTheCloudTakes(t *testing.T) {
	for life, want := range map[time.Duration]time.Duration{0: 24 * time.Hour, 20 * time.Minute: 20 * time.Minute} {
		t.Run(life.String(), func(t *testing.T) {
			c := newClock()
			s := simulator.New(simulator.Options{Now: c.Now, Agencies: []simulator.Agency{{Name: "next", DomainName: "d", Via: "pod"}}})
			agent := s.PodIdentity(simulator.PodIdentityOptions{KeyLife: life, Agency: "pod"})
			status, text := pod(agent, "POST", "/v1/credentials", "{}", simulator.PodToken)
			var body struct {
				Credentials struct {
					AccessKeyID     string    `json:"accessKeyId"`
					SecretAccessKey string    `json:"secretAccessKey"`
					SecurityToken   string    `json:"securityToken"`
					Expiration      time.Time `json:"expiration"`
				} `json:"credentials"`
			}
			if err := json.Unmarshal([]byte(text), &body); err != nil || status != http.StatusOK {
				t.Fatalf("%d %q, %v; want 200 and credentials", status, text, err)
			}
			b := body.Credentials
			if b.Expiration.Sub(c.now.Truncate(time.Millisecond)) != want {
				t.Fatalf("expiration is %s, want %s from now", b.Expiration, want)
			}
			key := simulator.Key{AccessKey: b.AccessKeyID, SecretKey: b.SecretAccessKey, SecurityToken: b.SecurityToken}
			if got := result(do(t, s, call{target: tasksURL, key: key, date: c.now}.request())); got != "200" {
				t.Errorf("tasks: %s, want 200", got)
			}
			if got := result(assume(t, s, c, key, role(`"agency_name":"next","domain_name":"d"`))); got != "201" {
				t.Errorf("the next agency: %s, want 201", got)
			}
			c.now = b.Expiration
			if got := result(do(t, s, call{target: tasksURL, key: key, date: c.now}.request())); got != "401 APIGW.0301" {
				t.Errorf("at their end: %s, want 401 APIGW.0301", got)
			}
		})
	}
}

func TestPodIdentityTakesItsTokenOnly(t *testing.T) {
	s := simulator.New(simulator.Options{})
	agent := s.PodIdentity(simulator.PodIdentityOptions{Token: "a.b.c"})
	for name, test := range map[string]struct {
		method, target, body string
		authorization        []string
		want                 int
	}{
		"right":        {"POST", "/", "{}", []string{"a.b.c"}, 200},
		"other path":   {"POST", "/v1/x?y=z", "{}", []string{"a.b.c"}, 200},
		"with a field": {"POST", "/", `{"x":1}`, []string{"a.b.c"}, 200},
		"wrong":        {"POST", "/", "{}", []string{"a.b.C"}, 401},
		"default":      {"POST", "/", "{}", []string{simulator.PodToken}, 401},
		"line end":     {"POST", "/", "{}", []string{"a.b.c\n"}, 401},
		"bearer":       {"POST", "/", "{}", []string{"Bearer a.b.c"}, 401},
		"none":         {"POST", "/", "{}", nil, 401},
		"two":          {"POST", "/", "{}", []string{"a.b.c", "a.b.c"}, 401},
		"GET":          {"GET", "/", "", []string{"a.b.c"}, 405},
		"no body":      {"POST", "/", "", []string{"a.b.c"}, 400},
		"null":         {"POST", "/", "null", []string{"a.b.c"}, 400},
		"array":        {"POST", "/", "[]", []string{"a.b.c"}, 400},
	} {
		t.Run(name, func(t *testing.T) {
			if status, text := pod(agent, test.method, test.target, test.body, test.authorization...); status != test.want {
				t.Errorf("%d %s, want %d", status, text, test.want)
			}
		})
	}
	if got := len(s.Requests()); got != 13 {
		t.Errorf("%d requests in the record, want 13", got)
	}
}
