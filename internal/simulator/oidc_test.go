// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package simulator_test

import (
	"net/http"
	"testing"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

const idTokenURL = "/v3.0/OS-AUTH/id-token/tokens"

func TestTokenIsIssuedForAnIDToken(t *testing.T) {
	s := simulator.New(simulator.Options{
		IdentityProviders: []simulator.IdentityProvider{{ID: "one", IDTokens: []string{"a.b.c", "d.e.f"}}, {ID: "two", IDTokens: []string{"g.h.i"}}},
		Projects: []simulator.Project{
			{ID: "p", Name: "unique", Instances: []simulator.Instance{{ID: "i"}}}, {ID: "q", Name: "double"}, {ID: "r", Name: "double"},
		},
	})
	for name, test := range map[string]struct{ provider, body, want, tasks string }{
		"project by name":     {"one", `{"auth":{"id_token":{"id":"a.b.c"},"scope":{"project":{"name":"unique"}}}}`, "201", "200"},
		"project by ID":       {"one", `{"auth":{"id_token":{"id":"d.e.f"},"scope":{"project":{"id":"p"}}}}`, "201", "200"},
		"other project":       {"two", `{"auth":{"id_token":{"id":"g.h.i"},"scope":{"project":{"id":"q"}}}}`, "201", "401 APIGW.0307"},
		"no scope":            {"two", `{"auth":{"id_token":{"id":"g.h.i"}}}`, "201", "401 DMS.10240104"},
		"scope of a domain":   {"two", `{"auth":{"id_token":{"id":"g.h.i"},"scope":{"domain":{"id":"` + simulator.DomainID + `"}}}}`, "201", "401 DMS.10240104"},
		"wrong ID token":      {"one", `{"auth":{"id_token":{"id":"x"}}}`, "401 IAM.0001", ""},
		"of another provider": {"one", `{"auth":{"id_token":{"id":"g.h.i"}}}`, "401 IAM.0001", ""},
		"unknown provider":    {"x", `{"auth":{"id_token":{"id":"a.b.c"}}}`, "404 IAM.0004", ""},
		"unknown project":     {"one", `{"auth":{"id_token":{"id":"a.b.c"},"scope":{"project":{"name":"x"}}}}`, "404 IAM.0004", ""},
		"ambiguous project":   {"one", `{"auth":{"id_token":{"id":"a.b.c"},"scope":{"project":{"name":"double"}}}}`, "409 IAM.0005", ""},
		"empty project":       {"one", `{"auth":{"id_token":{"id":"a.b.c"},"scope":{"project":{}}}}`, "400 IAM.0011", ""},
		"no provider":         {"", `{"auth":{"id_token":{"id":"a.b.c"}}}`, "400 IAM.0011", ""},
		"no ID token":         {"one", `{"auth":{}}`, "400 IAM.0011", ""},
		"ID token no object":  {"one", `{"auth":{"id_token":"a.b.c"}}`, "400 IAM.0011", ""},
		"no JSON":             {"one", `a.b.c`, "400 IAM.0011", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := unsigned("POST", idTokenURL, test.body, "")
			if test.provider != "" {
				r.Header.Set("X-Idp-Id", test.provider)
			}
			status, a := do(t, s, r)
			if got := result(status, a); got != test.want {
				t.Fatalf("got %s, want %s", got, test.want)
			}
			if status != http.StatusCreated {
				return
			}
			if f := a.Token.User.Federation; f == nil || f.Provider.ID != test.provider || f.Protocol.ID != "oidc" || a.Token.Methods[0] != "mapped" || a.Token.ExpiresAt == "" {
				t.Errorf("token is %+v, want one of a federated user", a.Token)
			}
			if got := result(do(t, s, unsigned("GET", "/v2/p/instances/i/connector/tasks", "", a.SubjectToken))); got != test.tasks {
				t.Errorf("tasks: %s, want %s", got, test.tasks)
			}
		})
	}
}
