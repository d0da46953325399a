// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"cmp"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

const (
	otherDomainID   = "11111111111111111111111111111111"
	otherDomainName = "other-domain"
)

// twoAccounts is a cloud with the default account and one that has delegated two agencies, the second to the
// first.
func twoAccounts(o simulator.Options) *simulator.Simulator {
	o.Agencies = []simulator.Agency{
		{Name: "first", DomainID: otherDomainID, DomainName: otherDomainName},
		{Name: "second", DomainID: otherDomainID, DomainName: otherDomainName, Via: "first"},
	}
	instances := []simulator.Instance{{ID: simulator.InstanceID}}
	o.Projects = []simulator.Project{
		{ID: simulator.ProjectID, Name: simulator.Region, Instances: instances},
		{ID: "sub", Name: simulator.Region + "_sub", Instances: instances},
		{ID: "other", Name: simulator.Region, DomainID: otherDomainID, Instances: instances},
	}
	return simulator.New(o)
}

func TestCredentialSource_requests(t *testing.T) {
	t.Parallel()
	const (
		user         = `{"domain":{"name":"simulator-domain"},"name":"simulator-user","password":"` + simulator.Password + `"}`
		userByID     = `{"id":"` + simulator.UserID + `","password":"` + simulator.Password + `"}`
		domainScope  = `{"domain":{"name":"simulator-domain"}}`
		idTokenBody  = `{"auth":{"id_token":{"id":"` + simulator.IDToken + `"}}}`
		exchangeBody = `{"auth":{"identity":{"methods":["token"],"token":{"id":"ISSUED"}}}}`
		oidcKeysBody = `{"auth":{"identity":{"methods":["token"],"token":{"duration_seconds":21600,"id":"ISSUED"}}}}`
		assumeBody   = `{"auth":{"identity":{"assume_role":{"agency_name":"first","domain_name":"other-domain"},"methods":["assume_role"]}}}`
		assumeFor2h  = `{"auth":{"identity":{"assume_role":{"agency_name":"first","domain_name":"other-domain","duration_seconds":7200},"methods":["assume_role"]}}}`
		assumeSecond = `{"auth":{"identity":{"assume_role":{"agency_name":"second","domain_name":"other-domain"},"methods":["assume_role"]}}}`
		stsBody      = `{"agency_session_name":"first","agency_urn":"iam::` + otherDomainID + `:agency:first"}`
		stsFor12h    = `{"agency_session_name":"first","agency_urn":"iam::` + otherDomainID + `:agency:first","duration_seconds":43200}`
		stsSecond    = `{"agency_session_name":"second","agency_urn":"iam::` + otherDomainID + `:agency:second"}`
	)
	passwordBody := func(user, scope string) string {
		if scope != "" {
			scope = `,"scope":` + scope
		}
		return `{"auth":{"identity":{"methods":["password"],"password":{"user":` + user + `}}` + scope + `}}`
	}
	byName := func(base CredentialSource) Agency {
		return Agency{Base: base, Name: "first", DomainName: otherDomainName}
	}
	byID := func(base CredentialSource) Agency { return Agency{Base: base, Name: "first", DomainID: otherDomainID} }
	withUserID := Password{UserID: simulator.UserID, Password: NewSecret(simulator.Password)}
	withDomainID := validPassword()
	withDomainID.DomainID = simulator.DomainID
	longByName, longByID := byName(validKeys()), byID(validKeys())
	longByName.Duration, longByID.Duration = 2*time.Hour, 12*time.Hour
	both := byID(validKeys())
	both.DomainName = "unused"
	oidc := OIDC{ProviderID: simulator.IdpID, IDToken: NewSecret(simulator.IDToken)}
	type requests [][2]string // path and body
	for _, test := range []struct {
		name   string
		source CredentialSource
		config func(*Config)
		want   requests
	}{
		{"password", validPassword(), nil, requests{{postToken, passwordBody(user, `{"project":{"name":"cn-north-4"}}`)}}},
		{"password, project by ID", validPassword(), func(c *Config) { c.ProjectID = simulator.ProjectID }, requests{{postToken, passwordBody(user, `{"project":{"id":"`+simulator.ProjectID+`"}}`)}}},
		{"password, project by name", validPassword(), func(c *Config) { c.ProjectName = "cn-north-4_sub" }, requests{{postToken, passwordBody(user, `{"project":{"name":"cn-north-4_sub"}}`)}}},
		{"password with the domain's ID", withDomainID, nil, requests{{postToken, passwordBody(strings.Replace(user, `"name":"simulator-domain"`, `"id":"`+simulator.DomainID+`"`, 1), `{"project":{"name":"cn-north-4"}}`)}}},
		{"password of a user by ID", withUserID, nil, requests{{postToken, passwordBody(userByID, `{"project":{"name":"cn-north-4"}}`)}}},
		{"OIDC", oidc, nil, requests{{postOIDC, idTokenBody}, {postKeys, oidcKeysBody}}},
		{"OIDC of a file", OIDC{ProviderID: simulator.IdpID, IDTokenFile: writeFile(t, "\xef\xbb\xbf\n"+simulator.IDToken+"\r\n")}, nil, requests{{postOIDC, idTokenBody}, {postKeys, oidcKeysBody}}},
		{"agency by domain name", byName(validKeys()), nil, requests{{postKeys, assumeBody}}},
		{"agency by domain name, for 2 h", longByName, nil, requests{{postKeys, assumeFor2h}}},
		{"agency by domain ID", byID(validKeys()), nil, requests{{postSTS, stsBody}}},
		{"agency by domain ID, for 12 h", longByID, nil, requests{{postSTS, stsFor12h}}},
		{"agency by both", both, nil, requests{{postSTS, stsBody}}},
		{"password, agency by domain name, project of its account", byName(validPassword()), func(c *Config) { c.ProjectID = "other" }, requests{{postToken, passwordBody(user, domainScope)}, {postKeys, assumeBody}}},
		{"password, agency by domain ID, project of its account", byID(validPassword()), func(c *Config) { c.ProjectID = "other" }, requests{{postToken, passwordBody(user, domainScope)}, {postKeys, exchangeBody}, {postSTS, stsBody}}},
		{"password of a user by ID, agency", byName(withUserID), nil, requests{{postToken, passwordBody(userByID, "")}, {postKeys, assumeBody}}},
		{"OIDC, agency by domain ID", byID(oidc), nil, requests{{postOIDC, idTokenBody}, {postKeys, oidcKeysBody}, {postSTS, stsBody}}},
		{"chain, name and ID", Agency{Base: byName(validKeys()), Name: "second", DomainID: otherDomainID}, nil, requests{{postKeys, assumeBody}, {postSTS, stsSecond}}},
		{"chain, ID and name", Agency{Base: byID(validKeys()), Name: "second", DomainName: otherDomainName}, nil, requests{{postSTS, stsBody}, {postKeys, assumeSecond}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			cloud := twoAccounts(simulator.Options{})
			configured := len(cloud.Secrets())
			changes := []func(*Config){withSource(test.source)}
			if test.config != nil {
				changes = append(changes, test.config)
			}
			c := newTestClient(t, served(cloud), changes...)
			_, err := c.credentialFor(t.Context(), scope{c.config.Region, cmp.Or(c.config.ProjectName, c.config.Region), c.config.ProjectID})
			requireNoError(t, err)
			sent := cloud.Requests()
			if len(sent) != len(test.want) {
				t.Fatalf("%d requests: %v", len(sent), sent)
			}
			for i, r := range sent {
				if r.String() != test.want[i][0] || r.Header.Get("Content-Type") != "application/json" || r.Header.Get(headerProjectID) != "" {
					t.Errorf("got %s with %v, want %s", r, r.Header, test.want[i][0])
				}
				if r.String() == postOIDC && r.Header.Get("X-Idp-Id") != simulator.IdpID {
					t.Errorf("the header is %v", r.Header)
				}
				body := string(r.Body)
				for _, issued := range cloud.Secrets()[configured:] {
					body = strings.Replace(body, issued, "ISSUED", 1)
				}
				if body != test.want[i][1] {
					t.Errorf("got\n%s\nwant\n%s", body, test.want[i][1])
				}
			}
		})
	}
}

// A token or key of one account is not valid in the other.
func TestAgency_everyBase(t *testing.T) {
	temporary := simulator.Key{AccessKey: "TEMPORARY", SecretKey: "s", SecurityToken: "t"}
	options := simulator.Options{Keys: []simulator.Key{{AccessKey: simulator.AccessKey, SecretKey: simulator.SecretKey, AgencyOnly: true}, temporary}}
	cloud := twoAccounts(options)
	through := atMachine(cloud, cloud.Metadata(simulator.MetadataOptions{SessionRequired: true}))
	for name, base := range map[string]CredentialSource{
		"keys":           validKeys(),
		"temporary keys": AccessKeys{AccessKey: "TEMPORARY", SecretKey: NewSecret("s"), SecurityToken: NewSecret("t")},
		"password":       validPassword(),
		"metadata":       InstanceIdentity{},
		"OIDC":           OIDC{ProviderID: simulator.IdpID, IDToken: NewSecret(simulator.IDToken)},
		"token":          StaticToken{NewSecret(cloud.IssueToken(""))},
	} {
		first := Agency{Base: base, Name: "first", DomainID: otherDomainID}
		second := Agency{Base: first, Name: "second", DomainName: otherDomainName}
		id, err := newTestClient(t, through, withSource(second)).ProjectID(t.Context(), simulator.Region)
		if id != "other" || err != nil || cloud.UnauthorizedCount() != 0 {
			t.Errorf("%s: the project is %q, %v; %d requests were rejected", name, id, err, cloud.UnauthorizedCount())
		}
	}
}

func TestAgency_error(t *testing.T) {
	cloud := twoAccounts(simulator.Options{})
	const atIAM = "POST https://iam.cn-north-4.myhuaweicloud.com/v3.0/OS-CREDENTIAL/securitytokens: "
	first := Agency{Base: validKeys(), Name: "first", DomainName: otherDomainName}
	for name, test := range map[string]struct {
		source Agency
		want   string
		auth   AuthError
	}{
		"of IAM":            {Agency{Base: first, Name: "missing", DomainName: otherDomainName}, "agency (missing): " + atIAM + "HTTP 404 Not Found, code IAM.0004: Could not find agency: missing.", AuthError{Method: AuthAgency, Principal: "missing"}},
		"of STS":            {Agency{Base: first, Name: "missing", DomainID: otherDomainID}, "trust agency (missing): POST https://sts.cn-north-4.myhuaweicloud.com/v5/agencies/assume: HTTP 403 Forbidden, code PAP5.0001: User: ", AuthError{Method: AuthTrustAgency, Principal: "missing", AgencyURN: "iam::" + otherDomainID + ":agency:missing"}},
		"of the exchange":   {Agency{Base: StaticToken{NewSecret("wrong")}, Name: "first", DomainID: otherDomainID}, "token: " + atIAM + "HTTP 401 Unauthorized, code APIGW.0307", AuthError{Method: AuthToken}},
		"of the first link": {Agency{Base: Agency{Base: validKeys(), Name: "missing", DomainName: "x"}, Name: "second", DomainID: otherDomainID}, "agency (missing)", AuthError{Method: AuthAgency, Principal: "missing"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := getTasks(t.Context(), newTestClient(t, served(cloud), withSource(test.source), withRetries(5)))
			requireErrorText(t, err, "...authentication by "+test.want+"...")
			got, _ := errors.AsType[*AuthError](err)
			if got == nil {
				t.Fatalf("%T", err)
			}
			test.auth.Err = got.Err
			if *got != test.auth {
				t.Errorf("%+v, want %+v", *got, test.auth)
			}
		})
	}
}

func TestAgency_CheckDuration(t *testing.T) {
	temporary := AccessKeys{SecurityToken: NewSecret("t")}
	for name, test := range map[string]struct {
		agency  Agency
		longest time.Duration
	}{
		"IAM":                      {Agency{Base: validKeys(), DomainName: "d"}, 24 * time.Hour},
		"IAM, temporary keys":      {Agency{Base: temporary, DomainName: "d"}, 24 * time.Hour},
		"STS":                      {Agency{Base: validKeys(), DomainID: "d"}, 12 * time.Hour},
		"STS, temporary keys":      {Agency{Base: temporary, DomainID: "d"}, time.Hour},
		"STS, password":            {Agency{Base: validPassword(), DomainID: "d"}, time.Hour},
		"STS, of an agency's keys": {Agency{Base: Agency{Base: validKeys(), DomainName: "d"}, DomainID: "d"}, time.Hour},
		"STS, metadata":            {Agency{Base: InstanceIdentity{}, DomainID: "d"}, time.Hour},
	} {
		for duration, valid := range map[time.Duration]bool{
			0: true, 15*time.Minute - time.Second: false, 15 * time.Minute: true, test.longest: true, test.longest + time.Second: false,
		} {
			test.agency.Duration = duration
			if err := test.agency.CheckDuration(); (err == nil) != valid {
				t.Errorf("%s, %s: %v", name, duration, err)
			}
		}
	}
}

func TestSSOError(t *testing.T) {
	sso := AccessKeys{AccessKey: "A", SecretKey: NewSecret("s"), SecurityToken: NewSecret("t"), SSOProfile: "p"}
	for name, source := range map[string]CredentialSource{"keys": sso, "agency": Agency{Base: sso, Name: "first", DomainID: otherDomainID}} {
		_, err := getTasks(t.Context(), newTestClient(t, served(twoAccounts(simulator.Options{})), withSource(source)))
		requireErrorText(t, err, `...the SSO session of profile "p" was rejected: HTTP 401...`)
		if got, ok := errors.AsType[*SSOError](err); !ok || got.Profile != "p" {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := getTasks(t.Context(), newTestClient(t, serviceError(403, "DMS.00403002"), withSource(sso)))
	if _, ok := errors.AsType[*SSOError](err); ok || err == nil {
		t.Errorf("a missing permission is reported as an expired session: %v", err)
	}
}

func TestCheckKey(t *testing.T) {
	for text, valid := range map[string]bool{
		"AK": true, "a+/=.b~": true, `a"b`: true, "'": true,
		" AK": false, "AK\n": false, "A K": false, "AK\t": false, "Ä": false, "A\x7f": false, "'AK'": false, `"AK"`: false, "`AK`": false,
	} {
		if err := CheckKey(text); (err == nil) != valid {
			t.Errorf("%q: %v", text, err)
		}
	}
	for text, valid := range map[string]bool{"": true, "a b": true, "ä": true, "a ": false, "\na": false, "a\u00a0": false} {
		if err := CheckTrimmed(text); (err == nil) != valid {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestCredentialSource_malformedResponse(t *testing.T) {
	const (
		notJSON   = "it is not JSON (at byte 1)"
		otherForm = "it is JSON in another format"
		noToken   = "it contains no token"
		noProject = "it contains no token for a project"
		noKeys    = "it contains no temporary keys"
		tokenBody = `{"token":{"expires_at":"2040-01-01T00:00:00.000000Z","project":{"id":"p"}}}`
	)
	pod := InstanceIdentity{PodURI: "https://pod.test/keys", PodTokenFile: writeFile(t, "t")}
	sts := Agency{Base: validKeys(), Name: "a", DomainID: "d"}
	all := []CredentialSource{validPassword(), validAgency(), sts, pod, InstanceIdentity{}}
	withToken := []string{"X-Subject-Token", "canary"}
	for _, test := range []struct {
		name    string
		sources []CredentialSource
		body    string
		header  []string
		want    string
	}{
		{"HTML", all, "<canary>", withToken, notJSON},
		{"an array", all, `["canary"]`, withToken, otherForm},
		{"truncated", all[1:], `{"credential":{"secret":"canary`, nil, "it is not JSON (at byte 31)"},
		{"trailing data", all[1:2], `{"credential":{"access":"a","secret":"canary","securitytoken":"canary"}}canary`, nil, "it is not JSON (at byte 73)"},
		{"no header", all[:1], tokenBody, nil, noToken},
		{"no project", all[:1], `{"token":{}}`, withToken, noProject},
		{"an invalid project", all[:1], `{"token":{"project":{"id":"../canary"}}}`, withToken, noProject},
		{"a number for the project", all[:1], `{"token":{"project":{"id":7}}}`, withToken, otherForm},
		{"an invalid time", all[:1], `{"token":{"expires_at":"canary","project":{"id":"p"}}}`, withToken, otherForm},
		{"no keys", all[1:], `{}`, nil, noKeys},
		{"no secret", all[1:], `{"credential":{"access":"a","securitytoken":"canary"}}`, nil, noKeys},
		{"no access key", all[1:], `{"credential":{"secret":"canary","securitytoken":"canary"}}`, nil, noKeys},
		{"no security token", []CredentialSource{sts, pod}, `{"credentials":{"accessKeyId":"a","access_key_id":"a","secretAccessKey":"canary","secret_access_key":"canary"}}`, nil, noKeys},
		{"an invalid expiration", all[1:2], `{"credential":{"expires_at":"canary"}}`, nil, otherForm},
		{"an invalid expiration, STS and pod", []CredentialSource{sts, pod}, `{"credentials":{"expiration":"canary"}}`, nil, otherForm},
		// The messages of a response that issues secrets are not shown.
		{"a token and an error", all[:1], `{"error_code":"canary","error_msg":"canary"}`, withToken, noProject},
		{"keys and an error", all[1:3], `{"error_code":"X.1","error_msg":"canary","credential":{"secret":"canary"},"credentials":{"secret_access_key":"canary"}}`, nil, noKeys},
	} {
		for _, source := range test.sources {
			var attempts []Attempt
			s := newScriptedTransport(reply(200, test.body, append(test.header, "X-Request-Id", "canary", "Content-Type", "canary")...))
			_, err := getTasks(t.Context(), newTestClient(t, s, withSource(source), observed(&attempts)))
			requireErrorText(t, err, "...: "+test.want)
			if strings.Contains(test.body, `"canary"`) || len(test.header) > 0 {
				requireNoSecrets(t, strings.ReplaceAll(err.Error(), `content type "canary"`, ""), "canary")
			}
			if _, ok := source.(InstanceIdentity); !ok {
				if _, ok := errors.AsType[*InvalidResponseError](err); !ok || classify(err) != transient {
					t.Errorf("%s: %v", test.name, err)
				}
			}
		}
	}
}

// Error responses to requests for credentials can contain secrets as well.
func TestCredentialSource_errorResponseWithSecrets(t *testing.T) {
	const issued = "issued-token-or-key"
	for name, test := range map[string]struct {
		source CredentialSource
		body   string
		header []string
	}{
		"token":    {validPassword(), `{"error":{"code":400,"message":"failed after ` + issued + `"}}`, []string{"X-Subject-Token", issued, "X-Request-Id", issued}},
		"IAM keys": {validAgency(), `{"error_code":"IAM.1","error_msg":"` + issued + `","credential":{"secret":"` + issued + `"}}`, nil},
		"STS keys": {Agency{Base: validKeys(), Name: "a", DomainID: "d"}, `{"error_code":"STS.1","error_msg":"` + issued + `","credentials":[{"security_token":"` + issued + `"}]}`, []string{"X-Request-Id", issued}},
	} {
		var attempts []Attempt
		c := newTestClient(t, reply(http.StatusBadRequest, test.body, test.header...), withSource(test.source), observed(&attempts))
		_, err := getTasks(t.Context(), c)
		requireErrorText(t, err, "...HTTP 400 Bad Request...")
		requireNoSecrets(t, err.Error(), issued)
		for _, a := range attempts {
			requireNoSecrets(t, a.RequestID+a.Err.Error(), issued)
		}
		if len(attempts) == 0 {
			t.Errorf("%s: no attempt was reported", name)
		}
	}
}

func TestCredentialSource_malformedHTTP(t *testing.T) {
	malformed := failing(errors.New("net/http: HTTP/1.x transport connection broken: malformed MIME header line: X-Subject-Token canary"))
	for _, source := range []CredentialSource{validPassword(), validAgency(), InstanceIdentity{}} {
		synctest.Test(t, func(t *testing.T) {
			_, err := getTasks(t.Context(), newTestClient(t, malformed, withSource(source)))
			requireErrorText(t, err, "...the response is malformed")
			requireNoSecrets(t, err.Error(), "canary")
		})
	}
}
