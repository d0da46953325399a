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

// role returns a body that requests keys of an agency. The fields are JSON.
func role(fields string) string {
	return `{"auth":{"identity":{"methods":["assume_role"],"assume_role":{` + fields + `}}}}`
}

const defaultRole = `"agency_name":"simulator-agency","domain_name":"simulator-domain"`

// assume requests keys of an agency, signed with a key.
func assume(t *testing.T, s *simulator.Simulator, c *clock, key simulator.Key, body string) (int, response) {
	t.Helper()
	return do(t, s, call{method: http.MethodPost, target: temporaryURL, body: body, key: key, date: c.now}.request())
}

func TestTemporaryKeys_expire(t *testing.T) {
	c := newClock()
	s := simulator.New(simulator.Options{Now: c.Now})
	status, body := assume(t, s, c, simulator.Key{}, role(defaultRole+`,"duration_seconds":900`))
	if status != http.StatusCreated {
		t.Fatal(result(status, body))
	}
	expires, key := body.Credential.ExpiresAt, body.key()
	withoutToken := key
	withoutToken.SecurityToken = ""
	for _, test := range []struct {
		name string
		now  time.Time
		key  simulator.Key
		want string
	}{
		{"before the end", expires.Add(-1), key, "200"},
		{"without the security token", expires.Add(-1), withoutToken, "401 APIGW.0301"},
		{"at the end", expires, key, "401 APIGW.0301"},
	} {
		c.now = test.now
		if got := result(do(t, s, call{target: tasksURL, key: test.key, date: c.now}.request())); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

func TestAgency_rejected(t *testing.T) {
	c := newClock()
	s := simulator.New(simulator.Options{Now: c.Now, Agencies: []simulator.Agency{
		{Name: "a", DomainID: "d1", DomainName: "one"}, {Name: "b", DomainID: "d2", DomainName: "two", Via: "a"},
	}})
	for _, test := range []struct{ body, want string }{
		{role(`"agency_name":"a","domain_name":"one"`), "201"},
		{role(`"agency_name":"a","domain_id":"d1","duration_seconds":86400`), "201"},
		{role(`"agency_name":"a","domain_id":"d1","domain_name":"two"`), "404 IAM.0004"},
		{role(`"agency_name":"a","domain_name":"two"`), "404 IAM.0004"},
		{role(`"agency_name":"b","domain_name":"two"`), "403 IAM.0003"}, // with the keys of a only
		{role(`"domain_name":"one"`), "400 IAM.0011"},
		{role(`"agency_name":"a"`), "400 IAM.0011"},
		{role(`"agency_name":"a","domain_id":"d1","duration_seconds":899`), "400 IAM.0007"},
		{role(`"agency_name":"a","domain_id":"d1","duration_seconds":86401`), "400 IAM.0007"},
		{role(`"agency_name":"a","domain_id":"d1","duration_seconds":"900"`), "400 IAM.0011"},
		{`{"auth":{"identity":{"methods":["token"]}}}`, "400 IAM.0011"},
		{`{`, "400 IAM.0011"},
	} {
		if got := result(assume(t, s, c, simulator.Key{}, test.body)); got != test.want {
			t.Errorf("%s: %s, want %s", test.body, got, test.want)
		}
	}
}

func TestTemporaryKeys_rejectedCaller(t *testing.T) {
	s := simulator.New(simulator.Options{})
	body := role(defaultRole)
	token := func(id, header string) *http.Request {
		return unsigned("POST", temporaryURL, `{"auth":{"identity":{"methods":["token"],"token":{"id":"`+id+`"}}}}`, header)
	}
	issued := s.IssueToken("")
	for name, test := range map[string]struct {
		request *http.Request
		want    string
	}{
		"agency, token":             {unsigned("POST", temporaryURL, body, issued), "201"},
		"agency, token of project":  {unsigned("POST", temporaryURL, body, s.IssueToken(simulator.ProjectID)), "403 IAM.0003"},
		"agency, no signature":      {unsigned("POST", temporaryURL, body, ""), "401 APIGW.0301"},
		"exchange, token in header": {token("x", issued), "201"},
		"exchange, unknown token":   {token("x", ""), "401 APIGW.0307"},
		"exchange, unknown header":  {token(issued, "x"), "401 APIGW.0307"},
		"exchange, no token":        {token("", ""), "401 APIGW.0301"},
	} {
		if got := result(do(t, s, test.request)); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

// Keys see the projects of their account only, and with AgencyOnly none.
func TestKey_otherAccount(t *testing.T) {
	c := newClock()
	foreign := simulator.Key{AccessKey: "FOREIGN", SecretKey: "secret", DomainID: "other"}
	agencyOnly := simulator.Key{AccessKey: "AGENCYONLY", SecretKey: "secret", AgencyOnly: true}
	s := simulator.New(simulator.Options{Now: c.Now, Keys: []simulator.Key{foreign, agencyOnly}})
	for _, test := range []struct {
		key   simulator.Key
		tasks string
	}{
		{foreign, "401 APIGW.0301"},
		{agencyOnly, "403 DMS.00403002"},
	} {
		status, body := do(t, s, call{target: "/v3/projects", key: test.key, date: c.now}.request())
		if status != http.StatusOK || len(body.Projects) != 0 {
			t.Errorf("%s: status %d, projects %v; want none", test.key.AccessKey, status, body.Projects)
		}
		if got := result(do(t, s, call{target: tasksURL, key: test.key, date: c.now}.request())); got != test.tasks {
			t.Errorf("%s: %s, want %s", test.key.AccessKey, got, test.tasks)
		}
	}
	if status, body := assume(t, s, c, agencyOnly, role(defaultRole)); status != http.StatusCreated {
		t.Error(result(status, body))
	}
}

// STS accepts signed requests only, and keys of an agency for an hour.
func TestAssumeAgency_rejected(t *testing.T) {
	c := newClock()
	s := simulator.New(simulator.Options{Now: c.Now})
	body := `{"agency_urn":"iam::` + simulator.DomainID + `:agency:` + simulator.AgencyName + `","agency_session_name":"session","duration_seconds":43200}`
	sts := func(body string) *http.Request {
		return call{method: "POST", target: "/v5/agencies/assume", body: body, date: c.now}.request()
	}
	for name, test := range map[string]struct {
		request *http.Request
		want    string
	}{
		"valid":         {sts(body), "200"},
		"token":         {unsigned("POST", "/v5/agencies/assume", body, s.IssueToken("")), "401 APIGW.0301"},
		"other account": {sts(strings.Replace(body, simulator.DomainID, "other", 1)), "403 PAP5.0001"},
		"too long":      {sts(strings.Replace(body, "43200", "43201", 1)), "400 STS5.0001"},
		"no session":    {sts(strings.Replace(body, `"session"`, `""`, 1)), "400 STS5.0001"},
	} {
		if got := result(do(t, s, test.request)); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}
