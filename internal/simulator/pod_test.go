// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package simulator_test

import (
	"testing"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

func TestPodIdentity(t *testing.T) {
	agent := simulator.New(simulator.Options{}).PodIdentity(simulator.PodIdentityOptions{Token: "a.b.c"})
	for name, test := range map[string]struct {
		method, body  string
		authorization []string
		want          int
	}{
		"valid":         {"POST", "{}", []string{"a.b.c"}, 200},
		"default token": {"POST", "{}", []string{simulator.PodToken}, 401},
		"line end":      {"POST", "{}", []string{"a.b.c\n"}, 401},
		"bearer":        {"POST", "{}", []string{"Bearer a.b.c"}, 401},
		"no token":      {"POST", "{}", nil, 401},
		"two tokens":    {"POST", "{}", []string{"a.b.c", "a.b.c"}, 401},
		"GET":           {"GET", "", []string{"a.b.c"}, 405},
		"no body":       {"POST", "", []string{"a.b.c"}, 400},
		"null":          {"POST", "null", []string{"a.b.c"}, 400},
	} {
		if status, body := plain(agent, test.method, "/keys", test.body, "Authorization", test.authorization...); status != test.want {
			t.Errorf("%s: %d %s, want %d", name, status, body, test.want)
		}
	}
}
