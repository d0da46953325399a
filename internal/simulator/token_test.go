// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package simulator_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

const tokensURL = "/v3/auth/tokens"

// password is the body that asks for a token. The parts are JSON; "" leaves the
// scope out.
func password(user, scope string) string {
	if scope != "" {
		scope = `,"scope":` + scope
	}
	return `{"auth":{"identity":{"methods":["password"],"password":{"user":` + user + `}}` + scope + `}}`
}

const (
	userByName = `{"name":"simulator-user","password":"simulator-password-that-opens-nothing","domain":{"name":"simulator-domain"}}`
	scopeNamed = `{"project":{"name":"cn-north-4"}}`
)

func TestTokenIsIssuedForAPassword(t *testing.T) {
	c := newClock()
	s := simulator.New(simulator.Options{Now: c.Now})
	status, a := do(t, s, unsigned("POST", tokensURL, password(userByName, scopeNamed), ""))
	if status != http.StatusCreated || a.Token == nil || a.SubjectToken == "" {
		t.Fatalf("status %d, %+v; want 201 and a token", status, a)
	}
	b := a.Token
	got := fmt.Sprintf("%s %s %s %s %s", b.IssuedAt, b.ExpiresAt, b.Methods, b.Project.named, b.Project.Domain)
	want := "2030-01-02T03:04:05.678000Z 2030-01-03T03:04:05.678000Z [password]" +
		" {0123456789abcdef0123456789abcdef cn-north-4} {fedcba9876543210fedcba9876543210 simulator-domain}"
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	got = fmt.Sprintf("%s %s %v", b.User.named, b.User.Domain, b.User.Federation)
	if want := "{00112233445566778899aabbccddeeff simulator-user} {fedcba9876543210fedcba9876543210 simulator-domain} <nil>"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, target := range []string{tasksURL, "/v3/projects"} {
		if status, a := do(t, s, unsigned("GET", target, "", a.SubjectToken)); status != http.StatusOK {
			t.Errorf("%s: %s, want 200", target, result(status, a))
		}
	}
}

func TestTokenIsIssuedToWhomAndForWhatIsAskedFor(t *testing.T) {
	const (
		wrong    = "401 Unauthorized: The username or password is wrong."
		bad      = "400 Bad Request: Request body is invalid."
		right    = `"password":"p/+ä"`
		id       = `{"id":"u1",` + right + `}`
		projectA = `{"project":{"id":"a"}}`
	)
	s := simulator.New(simulator.Options{
		Users: []simulator.User{
			{ID: "u1", Name: "same", Password: "p/+ä", DomainID: "d1", DomainName: "one"},
			{ID: "u2", Name: "same", Password: "other", DomainID: "d2", DomainName: "two"},
		},
		Projects: []simulator.Project{
			{ID: "a", Name: "unique", DomainID: "d1"}, {ID: "b", Name: "double", DomainID: "d1"}, {ID: "c", Name: "double", DomainID: "d1"}, {ID: "d", Name: "unique", DomainID: "d2"},
		},
	})
	for name, test := range map[string]struct{ body, want, project string }{
		"user by ID":                      {password(id, projectA), "201", "a"},
		"user by name and domain's name":  {password(`{"name":"same",`+right+`,"domain":{"name":"one"}}`, projectA), "201", "a"},
		"user by name and domain's ID":    {password(`{"name":"same",`+right+`,"domain":{"id":"d1"}}`, projectA), "201", "a"},
		"user by all":                     {password(`{"id":"u1","name":"same",`+right+`,"domain":{"id":"d1","name":"one"}}`, projectA), "201", "a"},
		"user of another domain":          {password(`{"name":"same",`+right+`,"domain":{"name":"two"}}`, projectA), wrong, ""},
		"ID and domain that disagree":     {password(`{"id":"u1",`+right+`,"domain":{"name":"two"}}`, projectA), wrong, ""},
		"ID and name that disagree":       {password(`{"id":"u1","name":"x",`+right+`}`, projectA), wrong, ""},
		"domain's ID and name disagree":   {password(`{"name":"same",`+right+`,"domain":{"id":"d1","name":"two"}}`, projectA), wrong, ""},
		"unknown user":                    {password(`{"id":"x",`+right+`}`, projectA), wrong, ""},
		"wrong password":                  {password(`{"id":"u1","password":"P/+ä"}`, projectA), wrong, ""},
		"wrong password, unknown project": {password(`{"id":"u1","password":"x"}`, `{"project":{"id":"x"}}`), wrong, ""},

		"no scope":                   {password(id, ""), "201", ""},
		"null scope":                 {password(id, "null"), "201", ""},
		"scope of a domain":          {password(id, `{"domain":{"id":"d1"}}`), "201", ""},
		"project by name":            {password(id, `{"project":{"name":"unique"}}`), "201", "a"},
		"project by ID of a double":  {password(id, `{"project":{"id":"c"}}`), "201", "c"},
		"project of another domain":  {password(id, `{"project":{"id":"d"}}`), "404 Not Found: Could not find project: d.", ""},
		"scope of another domain":    {password(id, `{"domain":{"id":"d2"}}`), "404 Not Found: Could not find domain: d2.", ""},
		"project by both":            {password(id, `{"project":{"id":"c","name":"double"}}`), "201", "c"},
		"project's parts disagree":   {password(id, `{"project":{"id":"a","name":"double"}}`), "404 Not Found: Could not find project: double.", ""},
		"unknown project's name":     {password(id, `{"project":{"name":"x"}}`), "404 Not Found: Could not find project: x.", ""},
		"unknown project's ID":       {password(id, `{"project":{"id":"x"}}`), "404 Not Found: Could not find project: x.", ""},
		"ambiguous project's name":   {password(id, `{"project":{"name":"double"}}`), "409 Conflict: Multiple projects are named double.", ""},
		"unknown fields are ignored": {`{"nonce":1,` + password(id, projectA)[1:], "201", "a"},

		"empty project":         {password(id, `{"project":{}}`), bad, ""},
		"project no object":     {password(id, `{"project":"a"}`), bad, ""},
		"name without a domain": {password(`{"name":"same",`+right+`}`, projectA), bad, ""},
		"empty domain":          {password(`{"name":"same",`+right+`,"domain":{}}`, projectA), bad, ""},
		"no user":               {password(`{`+right+`}`, projectA), bad, ""},
		"no password":           {password(`{"id":"u1"}`, projectA), bad, ""},
		"password no text":      {password(`{"id":"u1","password":1}`, projectA), bad, ""},
		"no method":             {`{"auth":{"identity":{"password":{"user":` + id + `}}}}`, bad, ""},
		"other method":          {`{"auth":{"identity":{"methods":["token"],"password":{"user":` + id + `}}}}`, bad, ""},
		"two methods":           {`{"auth":{"identity":{"methods":["password","totp"],"password":{"user":` + id + `}}}}`, bad, ""},
		"methods no list":       {`{"auth":{"identity":{"methods":"password","password":{"user":` + id + `}}}}`, bad, ""},
		"empty":                 {"", bad, ""},
		"no JSON":               {"user=u1", bad, ""},
		"trailing data":         {password(id, projectA) + "{}", bad, ""},
		"array":                 {"[" + password(id, projectA) + "]", bad, ""},
		"null":                  {"null", bad, ""},
	} {
		t.Run(name, func(t *testing.T) {
			// A right password in between, so that wrong ones do not add up.
			do(t, s, unsigned("POST", tokensURL, password(id, ""), ""))
			status, a := do(t, s, unsigned("POST", tokensURL, test.body, ""))
			if got := result(status, a); got != test.want || (a.SubjectToken != "") != (status == http.StatusCreated) {
				t.Errorf("got %q with token %q, want %q", got, a.SubjectToken, test.want)
			}
			if a.Token != nil && (a.Token.Project != nil && a.Token.Project.ID != test.project || a.Token.Project == nil && test.project != "") {
				t.Errorf("project is %+v, want %q", a.Token.Project, test.project)
			}
			if a.Error != nil && a.Error.Code != status {
				t.Errorf("code is %d, want that of status %d", a.Error.Code, status)
			}
		})
	}
}

func TestTokenOpensItsProjectOnly(t *testing.T) {
	s := simulator.New(simulator.Options{Projects: []simulator.Project{
		{ID: "north", Name: "cn-north-4", Instances: []simulator.Instance{{ID: "i"}}},
		{ID: "sub", Name: "cn-north-4_sub", Instances: []simulator.Instance{{ID: "i"}}},
		{ID: "south", Name: "cn-south-1", Instances: []simulator.Instance{{ID: "i"}}},
	}})
	north, none := s.IssueToken("north"), s.IssueToken("")
	for _, test := range []struct{ token, target, header, want string }{
		{north, "/v2/north/instances/i/connector/tasks", "", "200"},
		{north, "/v2/north/instances/i/connector/tasks", "north", "200"},
		{north, "/v2/north/instances/i/connector/tasks", "sub", "401 DMS.10240104"},
		{north, "/v2/north/instances/x/connector/tasks", "", "404 DMS.00404022"},
		{north, "/v2/sub/instances/i/connector/tasks", "", "401 DMS.10240104"},
		{north, "/v2/south/instances/i/connector/tasks", "", "401 APIGW.0307"},
		{north, "/v2/unknown/instances/i/connector/tasks", "", "401 DMS.10240104"},
		{none, "/v2/north/instances/i/connector/tasks", "", "401 DMS.10240104"},
		{north, "/v3/projects", "", "200"},
		{none, "/v3/projects", "", "200"},
		{north + "x", "/v3/projects", "", "401 APIGW.0307"},
		{"x", "/v2/north/instances/i/connector/tasks", "", "401 APIGW.0307"},
	} {
		t.Run(fmt.Sprintf("%t %s %s", test.token == north, test.target, test.header), func(t *testing.T) {
			r := unsigned("GET", test.target, "", test.token)
			if test.header != "" {
				r.Header.Set("X-Project-Id", test.header)
			}
			if got := result(do(t, s, r)); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestTokenIsPreferredToASignature(t *testing.T) {
	s := simulator.New(simulator.Options{})
	alive := s.IssueToken(simulator.ProjectID)
	for name, test := range map[string]struct {
		tokens []string
		want   string
	}{
		"alive":   {[]string{alive}, "200"},
		"unknown": {[]string{"x"}, "401 APIGW.0307"},
		"empty":   {[]string{""}, "401 APIGW.0307"},
		"two":     {[]string{alive, alive}, "401 APIGW.0307"},
	} {
		t.Run(name, func(t *testing.T) {
			r := call{target: tasksURL}.request()
			r.Header["X-Auth-Token"] = test.tokens
			status, a := do(t, s, r)
			if got := result(status, a); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			if status != http.StatusOK && (a.Message != "The token must be updated." || len(a.RequestID) != 32) {
				t.Errorf("got %+v, want the gateway's message and ID", a)
			}
		})
	}
}

func TestTokenExpires(t *testing.T) {
	for life, want := range map[time.Duration]time.Duration{0: 24 * time.Hour, time.Minute: time.Minute} {
		t.Run(life.String(), func(t *testing.T) {
			c := newClock()
			s := simulator.New(simulator.Options{Now: c.Now, TokenLife: life})
			_, a := do(t, s, unsigned("POST", tokensURL, password(userByName, scopeNamed), ""))
			expires, err := time.Parse(time.RFC3339, a.Token.ExpiresAt)
			if err != nil || expires.Sub(c.now.Truncate(time.Millisecond)) != want {
				t.Fatalf("expires_at is %s, %v; want %s from now", a.Token.ExpiresAt, err, want)
			}
			c.now = expires.Add(-1)
			if got := result(do(t, s, unsigned("GET", tasksURL, "", a.SubjectToken))); got != "200" {
				t.Errorf("just before: %s, want 200", got)
			}
			c.now = expires
			if got := result(do(t, s, unsigned("GET", tasksURL, "", a.SubjectToken))); got != "401 APIGW.0307" {
				t.Errorf("at its end: %s, want 401 APIGW.0307", got)
			}
		})
	}
}

func TestTokensExpireWhenATestSaysSo(t *testing.T) {
	s := simulator.New(simulator.Options{})
	first, second := s.IssueToken(simulator.ProjectID), s.IssueToken(simulator.ProjectID)
	s.ExpireTokens()
	third := s.IssueToken(simulator.ProjectID)
	for token, want := range map[string]string{first: "401 APIGW.0307", second: "401 APIGW.0307", third: "200"} {
		if got := result(do(t, s, unsigned("GET", tasksURL, "", token))); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestTokensExpireBeforeARequest(t *testing.T) {
	s := simulator.New(simulator.Options{})
	s.SetFaults(map[int]simulator.Fault{2: s.ExpireTokensFault(), 4: s.ExpireTokensFault()})
	token := s.IssueToken(simulator.ProjectID)
	for i, want := range []string{"200", "401 APIGW.0307", "401 APIGW.0307"} {
		if got := result(do(t, s, unsigned("GET", tasksURL, "", token))); got != want {
			t.Errorf("request %d: %s, want %s", i+1, got, want)
		}
	}
	// Request 4 asks for a token, which is not one of those that were issued before.
	_, a := do(t, s, unsigned("POST", tokensURL, password(userByName, scopeNamed), ""))
	if got := result(do(t, s, unsigned("GET", tasksURL, "", a.SubjectToken))); got != "200" {
		t.Errorf("a new token: %s, want 200", got)
	}
	if got := s.UnauthorizedCount(); got != 2 {
		t.Errorf("%d refused requests, want 2", got)
	}
}

func TestIssueTokenPanicsForAnUnknownProject(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("there was no panic")
		}
	}()
	simulator.New(simulator.Options{}).IssueToken("x")
}
