// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package simulator_test

import (
	"testing"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

func TestTokenWithIDToken(t *testing.T) {
	s := simulator.New(simulator.Options{
		IdentityProviders: []simulator.IdentityProvider{{ID: "one", IDTokens: []string{"a.b.c", "d.e.f"}}, {ID: "two", IDTokens: []string{"g.h.i"}}},
		Projects:          []simulator.Project{{ID: "p", Name: "name"}},
	})
	for name, test := range map[string]struct{ provider, auth, want string }{
		"no scope":            {"one", `"id_token":{"id":"a.b.c"}`, "201"},
		"project":             {"one", `"id_token":{"id":"d.e.f"},"scope":{"project":{"name":"name"}}`, "201"},
		"unknown project":     {"one", `"id_token":{"id":"a.b.c"},"scope":{"project":{"name":"x"}}`, "404 IAM.0004"},
		"of another provider": {"one", `"id_token":{"id":"g.h.i"}`, "401 IAM.0001"},
		"unknown provider":    {"x", `"id_token":{"id":"a.b.c"}`, "404 IAM.0004"},
		"no provider":         {"", `"id_token":{"id":"a.b.c"}`, "400 IAM.0011"},
		"no ID token":         {"one", ``, "400 IAM.0011"},
	} {
		r := unsigned("POST", "/v3.0/OS-AUTH/id-token/tokens", `{"auth":{`+test.auth+`}}`, "")
		if test.provider != "" {
			r.Header.Set("X-Idp-Id", test.provider)
		}
		status, body := do(t, s, r)
		if got := result(status, body); got != test.want || (body.SubjectToken != "") != (got == "201") {
			t.Errorf("%s: %s with token %q, want %s", name, got, body.SubjectToken, test.want)
		}
	}
}
