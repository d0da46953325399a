// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package simulator_test

import (
	"slices"
	"testing"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

// The tests that look for secrets rely on the list.
func TestSecrets(t *testing.T) {
	c := newClock()
	s := simulator.New(simulator.Options{Now: c.Now})
	want := []string{simulator.SecretKey, simulator.Password, simulator.IDToken, simulator.PodToken, s.IssueToken(simulator.ProjectID)}
	_, body := do(t, s, unsigned("POST", tokensURL, password(defaultUser, ""), ""))
	want = append(want, body.SubjectToken)
	_, body = assume(t, s, c, simulator.Key{}, role(defaultRole))
	want = append(want, body.Credential.Secret, body.Credential.SecurityToken)
	s.PodIdentity(simulator.PodIdentityOptions{})
	_, session := plain(s.Metadata(simulator.MetadataOptions{}), "PUT", sessionURL, "", ttlHeader, "60")
	want = append(want, session)
	if got := s.Secrets(); !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))) {
		t.Errorf("secrets are %q, want %q", got, want)
	}

	given := simulator.New(simulator.Options{
		Keys:              []simulator.Key{{AccessKey: "A", SecretKey: "b", SecurityToken: "c"}, {AccessKey: "D", SecretKey: "b"}},
		Users:             []simulator.User{{ID: "e", Password: "f"}},
		IdentityProviders: []simulator.IdentityProvider{{ID: "g", IDTokens: []string{"h", "i"}}},
	})
	given.PodIdentity(simulator.PodIdentityOptions{Token: "j"})
	if got := given.Secrets(); !slices.Equal(got, []string{"b", "c", "f", "h", "i", "j"}) {
		t.Errorf("secrets are %q, want those given, each once", got)
	}
}
