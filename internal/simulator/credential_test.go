// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package simulator_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

const temporaryURL = "/v3.0/OS-CREDENTIAL/securitytokens"

// role is the body that asks for keys of an agency. The fields are JSON.
func role(fields string) string {
	return `{"auth":{"identity":{"methods":["assume_role"],"assume_role":{` + fields + `}}}}`
}

const ourRole = `"agency_name":"simulator-agency","domain_name":"simulator-domain"`

// assume asks for keys, signed with a key.
func assume(t *testing.T, s *simulator.Simulator, c *clock, key simulator.Key, body string) (int, answer) {
	t.Helper()
	return do(t, s, call{method: http.MethodPost, target: temporaryURL, body: body, key: key, date: c.now}.request())
}

func TestAgencyGivesKeysThatExpire(t *testing.T) {
	for name, test := range map[string]struct {
		duration string
		want     time.Duration
	}{
		"by default": {"", 15 * time.Minute},
		"shortest":   {`,"duration_seconds":900`, 15 * time.Minute},
		"longest":    {`,"duration_seconds":86400`, 24 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClock()
			s := simulator.New(simulator.Options{Now: c.Now})
			status, a := assume(t, s, c, simulator.Key{}, role(ourRole+test.duration))
			if status != http.StatusCreated || a.Credential == nil {
				t.Fatalf("got %s, want 201 and a credential", result(status, a))
			}
			expires, err := time.Parse("2006-01-02T15:04:05.000000Z", a.Credential.ExpiresAt)
			if err != nil || expires.Sub(c.now.Truncate(time.Millisecond)) != test.want {
				t.Fatalf("expires_at is %s, %v; want %s from now", a.Credential.ExpiresAt, err, test.want)
			}
			key := a.Credential.key()
			c.now = expires.Add(-1)
			for _, target := range []string{tasksURL, "/v3/projects"} {
				if got := result(do(t, s, call{target: target, key: key, date: c.now}.request())); got != "200" {
					t.Errorf("%s: %s, want 200", target, got)
				}
			}
			c.now = expires
			status, a = do(t, s, call{target: tasksURL, key: key, date: c.now}.request())
			if got := result(status, a); got != "401 APIGW.0301" || !strings.Contains(a.Message, "security token of ak "+key.AccessKey+" expired") {
				t.Errorf("at their end: %s %s, want 401 APIGW.0301 that says so", got, a.Message)
			}
			key.SecurityToken = ""
			if got := result(do(t, s, call{target: tasksURL, key: key, date: c.now}.request())); got != "401 APIGW.0301" {
				t.Errorf("without the security token: %s, want 401 APIGW.0301", got)
			}
		})
	}
}

func TestAgencyIsFoundByNameAndDomain(t *testing.T) {
	c := newClock()
	s := simulator.New(simulator.Options{Now: c.Now, Agencies: []simulator.Agency{
		{Name: "a", DomainID: "d1", DomainName: "one"}, {Name: "b", DomainID: "d2", DomainName: "two"},
	}})
	for name, test := range map[string]struct{ body, want string }{
		"domain's name":          {role(`"agency_name":"a","domain_name":"one"`), "201"},
		"domain's ID":            {role(`"agency_name":"a","domain_id":"d1"`), "201"},
		"both":                   {role(`"agency_name":"a","domain_id":"d1","domain_name":"one"`), "201"},
		"unknown field":          {role(`"agency_name":"a","domain_id":"d1","session_user":{"name":"x"}`), "201"},
		"both disagree":          {role(`"agency_name":"a","domain_id":"d1","domain_name":"two"`), "404 IAM.0004"},
		"another domain":         {role(`"agency_name":"a","domain_name":"two"`), "404 IAM.0004"},
		"unknown":                {role(`"agency_name":"x","domain_name":"one"`), "404 IAM.0004"},
		"no agency":              {role(`"domain_name":"one"`), "400 IAM.0011"},
		"no domain":              {role(`"agency_name":"a"`), "400 IAM.0011"},
		"too short":              {role(`"agency_name":"a","domain_id":"d1","duration_seconds":899`), "400 IAM.0007"},
		"too long":               {role(`"agency_name":"a","domain_id":"d1","duration_seconds":86401`), "400 IAM.0007"},
		"zero":                   {role(`"agency_name":"a","domain_id":"d1","duration_seconds":0`), "400 IAM.0007"},
		"duration as text":       {role(`"agency_name":"a","domain_id":"d1","duration_seconds":"900"`), "400 IAM.0011"},
		"duration as a fraction": {role(`"agency_name":"a","domain_id":"d1","duration_seconds":900.5`), "400 IAM.0011"},
		"other method":           {strings.Replace(role(`"agency_name":"a","domain_id":"d1"`), `"assume_role"]`, `"password"]`, 1), "400 IAM.0011"},
		"token without a token":  {`{"auth":{"identity":{"methods":["token"]}}}`, "400 IAM.0011"},
		"empty":                  {``, "400 IAM.0011"},
		"no JSON":                {`{`, "400 IAM.0011"},
	} {
		t.Run(name, func(t *testing.T) {
			status, a := assume(t, s, c, simulator.Key{}, test.body)
			if got := result(status, a); got != test.want || (a.Credential != nil) != (test.want == "201") {
				t.Errorf("got %s with %+v, want %s", got, a.Credential, test.want)
			}
		})
	}
}

func TestAgencyIsForThoseWhoAreKnown(t *testing.T) {
	c := newClock()
	s := simulator.New(simulator.Options{Now: c.Now})
	body := role(ourRole)
	signed := call{method: http.MethodPost, target: temporaryURL, body: body, date: c.now}
	wrong := signed
	wrong.key = simulator.Key{AccessKey: simulator.AccessKey, SecretKey: "x"}
	for name, test := range map[string]struct {
		request *http.Request
		want    string
	}{
		"keys":          {signed.request(), "201"},
		"token":         {unsigned("POST", temporaryURL, body, s.IssueToken("")), "201"},
		"project token": {unsigned("POST", temporaryURL, body, s.IssueToken(simulator.ProjectID)), "403 IAM.0003"},
		"no signature":  {unsigned("POST", temporaryURL, body, ""), "401 APIGW.0301"},
		"wrong secret":  {wrong.request(), "401 APIGW.0301"},
		"unknown token": {unsigned("POST", temporaryURL, body, "x"), "401 APIGW.0307"},
		"no JSON":       {unsigned("POST", temporaryURL, "{", ""), "401 APIGW.0301"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := result(do(t, s, test.request)); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestAgenciesAreAssumedInTheirOrder(t *testing.T) {
	c := newClock()
	s := simulator.New(simulator.Options{Now: c.Now, Agencies: []simulator.Agency{
		{Name: "first", DomainName: "d"}, {Name: "second", DomainName: "d", Via: "first"}, {Name: "third", DomainName: "d", Via: "second"},
	}})
	body := func(agency string) string { return role(`"agency_name":"` + agency + `","domain_name":"d"`) }
	key := simulator.Key{}
	for i, agency := range []string{"first", "second", "third"} {
		for _, later := range []string{"second", "third"}[i:] {
			if later == agency {
				continue
			}
			if got := result(assume(t, s, c, key, body(later))); got != "403 IAM.0003" {
				t.Errorf("%s before %s: %s, want 403 IAM.0003", later, agency, got)
			}
		}
		status, a := assume(t, s, c, key, body(agency))
		if status != http.StatusCreated {
			t.Fatalf("%s: %s, want 201", agency, result(status, a))
		}
		key = a.Credential.key()
	}
	if got := result(do(t, s, call{target: tasksURL, key: key, date: c.now}.request())); got != "200" {
		t.Errorf("the last keys: %s, want 200", got)
	}
	if got := result(assume(t, s, c, key, body("second"))); got != "403 IAM.0003" {
		t.Errorf("second after third: %s, want 403 IAM.0003", got)
	}
}

func TestTokenGivesKeys(t *testing.T) {
	c := newClock()
	s := simulator.New(simulator.Options{Now: c.Now})
	token := s.IssueToken("")
	for name, test := range map[string]struct{ body, header, want string }{
		"in the body":              {`{"id":"` + token + `","duration_seconds":21600}`, "", "201"},
		"in the header":            {`{}`, token, "201"},
		"the header comes first":   {`{"id":"x"}`, token, "201"},
		"unknown in the header":    {`{"id":"` + token + `"}`, "x", "401 APIGW.0307"},
		"unknown in the body":      {`{"id":"x"}`, "", "401 APIGW.0307"},
		"neither":                  {`{}`, "", "401 APIGW.0301"},
		"too short":                {`{"id":"` + token + `","duration_seconds":1}`, "", "400 IAM.0007"},
		"token that is no text":    {`{"id":1}`, token, "400 IAM.0011"},
		"token that is no object":  {`"` + token + `"`, "", "401 APIGW.0301"},
		"assume_role is not token": {`{"id":"` + token + `"},"assume_role":{` + ourRole + `}`, token, "201"},
	} {
		t.Run(name, func(t *testing.T) {
			status, a := do(t, s, unsigned("POST", temporaryURL, `{"auth":{"identity":{"methods":["token"],"token":`+test.body+`}}}`, test.header))
			if got := result(status, a); got != test.want {
				t.Fatalf("got %s, want %s", got, test.want)
			}
			if requests := s.Requests(); requests[len(requests)-1].Header.Get("X-Auth-Token") != test.header {
				t.Error("the record has another token in the header than was sent")
			}
			if a.Credential == nil {
				return
			}
			if got := result(do(t, s, call{target: tasksURL, key: a.Credential.key(), date: c.now}.request())); got != "200" {
				t.Errorf("the keys: %s, want 200", got)
			}
		})
	}
}

func TestKeyWithoutAccessSeesNothingButAgencies(t *testing.T) {
	c := newClock()
	bare := simulator.Key{AccessKey: "BARE", SecretKey: "secret", AgencyOnly: true}
	s := simulator.New(simulator.Options{Now: c.Now, Keys: []simulator.Key{bare}})
	status, a := do(t, s, call{target: "/v3/projects?name=" + simulator.Region, key: bare, date: c.now}.request())
	if status != http.StatusOK || a.Projects == nil || len(a.Projects) != 0 {
		t.Errorf("status %d, projects %v; want 200 and none", status, a.Projects)
	}
	if got := result(do(t, s, call{target: tasksURL, key: bare, date: c.now}.request())); got != "403 DMS.00403002" {
		t.Errorf("tasks: %s, want 403 DMS.00403002", got)
	}
	status, a = assume(t, s, c, bare, role(ourRole))
	if status != http.StatusCreated {
		t.Fatalf("agency: %s, want 201", result(status, a))
	}
	if got := result(do(t, s, call{target: tasksURL, key: a.Credential.key(), date: c.now}.request())); got != "200" {
		t.Errorf("tasks by the agency: %s, want 200", got)
	}
}
