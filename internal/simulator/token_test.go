// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package simulator_test

import (
	"testing"
	"time"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

const tokensURL = "/v3/auth/tokens"

// password returns a body that requests a token. The parts are JSON; "" leaves the scope out.
func password(user, scope string) string {
	if scope != "" {
		scope = `,"scope":` + scope
	}
	return `{"auth":{"identity":{"methods":["password"],"password":{"user":` + user + `}}` + scope + `}}`
}

const defaultUser = `{"id":"` + simulator.UserID + `","password":"` + simulator.Password + `"}`

func TestToken_request(t *testing.T) {
	const (
		wrong    = "401 The username or password is wrong."
		bad      = "400 Request body is invalid."
		id       = `{"id":"u1","password":"p"}`
		projectA = `{"project":{"id":"a"}}`
	)
	s := simulator.New(simulator.Options{
		Users: []simulator.User{
			{ID: "u1", Name: "same", Password: "p", DomainID: "d1", DomainName: "one"},
			{ID: "u2", Name: "same", Password: "other", DomainID: "d2", DomainName: "two"},
		},
		Projects: []simulator.Project{
			{ID: "a", Name: "unique", DomainID: "d1"},
			{ID: "b", Name: "double", DomainID: "d1"},
			{ID: "c", Name: "double", DomainID: "d1"},
			{ID: "d", Name: "unique", DomainID: "d2"},
		},
	})
	for name, test := range map[string]struct{ user, scope, want, project string }{
		"user by name and domain's name": {`{"name":"same","password":"p","domain":{"name":"one"}}`, projectA, "201", "a"},
		"user by name and domain's ID":   {`{"name":"same","password":"p","domain":{"id":"d1"}}`, projectA, "201", "a"},
		"user of another domain":         {`{"name":"same","password":"p","domain":{"name":"two"}}`, projectA, wrong, ""},
		"ID and domain that disagree":    {`{"id":"u1","password":"p","domain":{"name":"two"}}`, projectA, wrong, ""},
		"unknown user":                   {`{"id":"x","password":"p"}`, projectA, wrong, ""},
		"wrong password":                 {`{"id":"u1","password":"P"}`, projectA, wrong, ""},
		"name without a domain":          {`{"name":"same","password":"p"}`, projectA, bad, ""},
		"no password":                    {`{"id":"u1"}`, projectA, bad, ""},

		"no scope":                  {id, "", "201", ""},
		"domain":                    {id, `{"domain":{"id":"d1"}}`, "201", ""},
		"project by name":           {id, `{"project":{"name":"unique"}}`, "201", "a"},
		"project by ID of a double": {id, `{"project":{"id":"c"}}`, "201", "c"},
		"project of another domain": {id, `{"project":{"id":"d"}}`, "404 Could not find project: d.", ""},
		"another domain":            {id, `{"domain":{"id":"d2"}}`, "404 Could not find domain: d2.", ""},
		"unknown project":           {id, `{"project":{"name":"x"}}`, "404 Could not find project: x.", ""},
		"ambiguous project":         {id, `{"project":{"name":"double"}}`, "409 Multiple projects are named double.", ""},
		"empty project":             {id, `{"project":{}}`, bad, ""},
		"project of another type":   {id, `{"project":"a"}`, bad, ""},
	} {
		do(t, s, unsigned("POST", tokensURL, password(id, ""), "")) // ends the count of wrong passwords
		status, body := do(t, s, unsigned("POST", tokensURL, password(test.user, test.scope), ""))
		if got := result(status, body); got != test.want || (body.SubjectToken != "") != (got == "201") {
			t.Errorf("%s: %q with token %q, want %q", name, got, body.SubjectToken, test.want)
		}
		project := ""
		if body.Token != nil && body.Token.Project != nil {
			project = body.Token.Project.ID
		}
		if project != test.project {
			t.Errorf("%s: project %q, want %q", name, project, test.project)
		}
	}
	for _, body := range []string{"", "null", "{", password(id, "") + "{}", `{"auth":{"identity":{"methods":["token"],"password":{"user":` + id + `}}}}`} {
		if got := result(do(t, s, unsigned("POST", tokensURL, body, ""))); got != bad {
			t.Errorf("%s: %s, want %s", body, got, bad)
		}
	}
}

func TestToken_otherProject(t *testing.T) {
	s := simulator.New(simulator.Options{Projects: []simulator.Project{
		{ID: "north", Name: "cn-north-4", Instances: []simulator.Instance{{ID: "i"}}},
		{ID: "sub", Name: "cn-north-4_sub", Instances: []simulator.Instance{{ID: "i"}}},
		{ID: "south", Name: "cn-south-1", Instances: []simulator.Instance{{ID: "i"}}},
	}})
	north, none := s.IssueToken("north"), s.IssueToken("")
	for _, test := range []struct{ token, project, header, want string }{
		{north, "north", "", "200"},
		{north, "north", "north", "200"},
		{north, "north", "sub", "401 DMS.10240104"},
		{north, "sub", "", "401 DMS.10240104"},
		{north, "south", "", "401 APIGW.0307"},
		{north, "unknown", "", "401 DMS.10240104"},
		{none, "north", "", "401 DMS.10240104"},
		{"x", "north", "", "401 APIGW.0307"},
	} {
		r := unsigned("GET", "/v2/"+test.project+"/instances/i/connector/tasks", "", test.token)
		if test.header != "" {
			r.Header.Set("X-Project-Id", test.header)
		}
		if got := result(do(t, s, r)); got != test.want {
			t.Errorf("%.5s, project %s, header %q: %s, want %s", test.token, test.project, test.header, got, test.want)
		}
	}
}

// A token takes precedence over a signature, also one that is not valid.
func TestToken_withSignature(t *testing.T) {
	s := simulator.New(simulator.Options{})
	valid := s.IssueToken(simulator.ProjectID)
	for _, test := range []struct {
		tokens []string
		want   string
	}{
		{[]string{valid}, "200"},
		{[]string{"x"}, "401 APIGW.0307"},
		{[]string{""}, "401 APIGW.0307"},
		{[]string{valid, valid}, "401 APIGW.0307"},
	} {
		r := call{target: tasksURL}.request()
		r.Header["X-Auth-Token"] = test.tokens
		if got := result(do(t, s, r)); got != test.want {
			t.Errorf("%.10q: %s, want %s", test.tokens, got, test.want)
		}
	}
}

func TestToken_expires(t *testing.T) {
	for lifetime, want := range map[time.Duration]time.Duration{0: 24 * time.Hour, time.Minute: time.Minute} {
		c := newClock()
		s := simulator.New(simulator.Options{Now: c.Now, TokenLifetime: lifetime})
		_, body := do(t, s, unsigned("POST", tokensURL, password(defaultUser, `{"project":{"name":"cn-north-4"}}`), ""))
		expires := body.Token.ExpiresAt
		if got := expires.Sub(c.now.Truncate(time.Millisecond)); got != want {
			t.Errorf("it expires in %s, want %s", got, want)
		}
		for now, want := range map[time.Time]string{expires.Add(-1): "200", expires: "401 APIGW.0307"} {
			c.now = now
			if got := result(do(t, s, unsigned("GET", tasksURL, "", body.SubjectToken))); got != want {
				t.Errorf("at %s: %s, want %s", now, got, want)
			}
		}
	}
}
