// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package simulator_test

import (
	"net/http"
	"regexp"
	"slices"
	"sync"
	"testing"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

// issueAll has one secret of each kind issued, and gives them with those configured.
func issueAll(t *testing.T, s *simulator.Simulator, c *clock) []string {
	t.Helper()
	secrets := []string{
		simulator.SecretKey, simulator.Password, simulator.IDToken, simulator.PodToken, s.IssueToken(simulator.ProjectID),
	}
	_, a := do(t, s, unsigned("POST", tokensURL, password(userByName, scopeNamed), ""))
	secrets = append(secrets, a.SubjectToken)
	_, a = assume(t, s, c, simulator.Key{}, role(ourRole))
	secrets = append(secrets, a.Credential.Secret, a.Credential.SecurityToken)
	s.PodIdentity(simulator.PodIdentityOptions{})
	return append(secrets, machine{t, s.Metadata(simulator.MetadataOptions{})}.session())
}

func TestSecretsAreListed(t *testing.T) {
	c := newClock()
	s := simulator.New(simulator.Options{Now: c.Now})
	want := issueAll(t, s, c)
	got := s.Secrets()
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
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

func TestSecretsAreTheSameAgainButNeverTwice(t *testing.T) {
	c := newClock()
	one, other := simulator.New(simulator.Options{Now: c.Now}), simulator.New(simulator.Options{Now: c.Now})
	if !slices.Equal(issueAll(t, one, c), issueAll(t, other, c)) {
		t.Error("the same calls give other secrets")
	}
	seen := make(map[string]bool)
	for range 100 {
		token := one.IssueToken("")
		_, a := assume(t, one, c, simulator.Key{}, role(ourRole))
		for text, form := range map[string]string{
			token:                      `^MII[A-Za-z0-9+/]{507}==$`,
			a.Credential.Access:        `^HST[A-Z0-9]{17}$`,
			a.Credential.Secret:        `^[A-Za-z0-9]{40}$`,
			a.Credential.SecurityToken: `^hQp[A-Za-z0-9+/]{251}==$`,
		} {
			if seen[text] || !regexp.MustCompile(form).MatchString(text) {
				t.Errorf("%s is there twice, or not as %s", text, form)
			}
			seen[text] = true
		}
	}
}

func TestWhatWasIssuedOutlivesAReset(t *testing.T) {
	s := simulator.New(simulator.Options{})
	token := s.IssueToken(simulator.ProjectID)
	s.Reset()
	if got := result(do(t, s, unsigned("GET", tasksURL, "", token))); got != "200" {
		t.Errorf("got %s, want 200", got)
	}
	if next := s.IssueToken(simulator.ProjectID); next == token {
		t.Error("the same token is issued again")
	}
}

func TestManyAskAtOnce(t *testing.T) {
	c := newClock()
	s := simulator.New(simulator.Options{Now: c.Now})
	service, agent := s.Metadata(simulator.MetadataOptions{}), s.PodIdentity(simulator.PodIdentityOptions{})
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			_, a := do(t, s, unsigned("POST", tokensURL, password(userByName, scopeNamed), ""))
			do(t, s, unsigned("GET", tasksURL, "", a.SubjectToken))
			do(t, s, call{target: tasksURL, key: simulator.Key{AccessKey: simulator.AccessKey, SecretKey: "x"}, date: c.now}.request())
			machine{t, service}.keys(machine{t, service}.session())
			if status, text := pod(agent, "POST", "/", "{}", simulator.PodToken); status != http.StatusOK {
				t.Errorf("pod: %d %s, want 200", status, text)
			}
			s.ExpireTokens()
			s.Secrets()
			s.UnauthorizedCount()
		})
	}
	group.Wait()
	// 20 tokens, 20 session tokens, 20 times keys from each place; and 4 that are given.
	if got := len(s.Secrets()); got != 4+20+20+2*2*20 {
		t.Errorf("%d secrets, want %d", got, 4+20+20+2*2*20)
	}
}
