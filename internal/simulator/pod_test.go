// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package simulator_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

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
