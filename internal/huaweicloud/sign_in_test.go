// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

// mustBeJSON compares two JSON texts by what they mean.
func mustBeJSON(t *testing.T, got []byte, want string) {
	t.Helper()
	var a, b any
	if err := errors.Join(json.Unmarshal(got, &a), json.Unmarshal([]byte(want), &b)); err != nil {
		t.Fatalf("%v: %s, %s", err, got, want)
	}
	if !reflect.DeepEqual(a, b) {
		t.Errorf("sent was\n%s\nwant\n%s", got, want)
	}
}

func TestSigningInSendsWhatTheAPIAsksFor(t *testing.T) {
	t.Parallel()
	const (
		password = `{"auth":{"identity":{"methods":["password"],"password":{"user":USER}},"scope":{"project":PROJECT}}}`
		byName   = `{"name":"simulator-user","password":"simulator-password-that-opens-nothing","domain":{"name":"simulator-domain"}}`
		oidc     = `{"auth":{"id_token":{"id":"simulator.id-token.that-opens-nothing"},"scope":{"project":PROJECT}}}`
		agency   = `{"auth":{"identity":{"methods":["assume_role"],"assume_role":ROLE}}}`
		byID     = `{"id":"` + simulator.ProjectID + `"}`
		region   = `{"name":"cn-north-4"}`
	)
	body := func(form string, pairs ...string) string { return strings.NewReplacer(pairs...).Replace(form) }
	withProjectID := func(c *Config) { c.ProjectID = simulator.ProjectID }
	for _, test := range []struct {
		name   string
		source CredentialSource
		config func(*Config)
		path   string
		body   string
	}{
		{"user, project by region", validPassword(), nil, "/v3/auth/tokens", body(password, "USER", byName, "PROJECT", region)},
		{"user, project by ID", validPassword(), withProjectID, "/v3/auth/tokens", body(password, "USER", byName, "PROJECT", byID)},
		{
			"user, project by name", validPassword(), func(c *Config) { c.ProjectName = "cn-north-4_x" },
			"/v3/auth/tokens", body(password, "USER", byName, "PROJECT", `{"name":"cn-north-4_x"}`),
		},
		{
			"user with the account's ID",
			Password{UserName: simulator.UserName, Password: NewSecret(simulator.Password), DomainID: simulator.DomainID, DomainName: "unused"},
			nil,
			"/v3/auth/tokens", body(password, "USER", strings.Replace(byName, `"name":"simulator-domain"`, `"id":"`+simulator.DomainID+`"`, 1), "PROJECT", region),
		},
		{
			"user by ID",
			Password{UserID: simulator.UserID, Password: NewSecret(simulator.Password)},
			nil,
			"/v3/auth/tokens", body(password, "USER", `{"id":"`+simulator.UserID+`","password":"`+simulator.Password+`"}`, "PROJECT", region),
		},
		{
			"OIDC",
			OIDC{ProviderID: simulator.IdpID, IDToken: NewSecret(simulator.IDToken)},
			nil,
			"/v3.0/OS-AUTH/id-token/tokens", body(oidc, "PROJECT", region),
		},
		{
			"OIDC of a file",
			OIDC{ProviderID: simulator.IdpID, IDTokenFile: writeFile(t, "\n"+simulator.IDToken+"\r\n")},
			withProjectID,
			"/v3.0/OS-AUTH/id-token/tokens", body(oidc, "PROJECT", byID),
		},
		{
			"agency", validAgency(), nil,
			"/v3.0/OS-CREDENTIAL/securitytokens", body(agency, "ROLE", `{"agency_name":"simulator-agency","domain_name":"simulator-domain"}`),
		},
		{
			"agency by ID, for a time",
			Agency{Base: validKeys(), Name: simulator.AgencyName, DomainID: simulator.DomainID, DomainName: "unused", Duration: 2 * time.Hour},
			nil,
			"/v3.0/OS-CREDENTIAL/securitytokens", body(agency, "ROLE", `{"agency_name":"simulator-agency","domain_id":"`+simulator.DomainID+`","duration_seconds":7200}`),
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			cloud := simulator.New(simulator.Options{Projects: []simulator.Project{
				{ID: simulator.ProjectID, Name: simulator.Region, Instances: []simulator.Instance{{ID: simulator.InstanceID}}},
				{ID: "sub", Name: simulator.Region + "_x"},
			}})
			changes := []func(*Config){withSource(test.source)}
			if test.config != nil {
				changes = append(changes, test.config)
			}
			c := newTestClient(t, served(cloud), changes...)
			_, err := c.credentialFor(t.Context(), c.defaultScope())
			requireNoError(t, err)
			r := cloud.Requests()[0]
			if r.Method != http.MethodPost || r.Path != test.path || r.Header.Get("Content-Type") != "application/json" || len(r.Query) != 0 {
				t.Errorf("sent was %s with %v", r, r.Header)
			}
			mustBeJSON(t, r.Body, test.body)
			if _, ok := test.source.(OIDC); ok && r.Header.Get("X-Idp-Id") != simulator.IdpID {
				t.Errorf("the header is %v", r.Header)
			}
			if r.Header.Get(headerProjectID) != "" {
				t.Error("X-Project-Id is sent")
			}
		})
	}
}

func TestAnAgencyIsAssumedByWhateverItStandsOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		options := simulator.Options{
			Keys: []simulator.Key{
				{AccessKey: simulator.AccessKey, SecretKey: simulator.SecretKey, AgencyOnly: true},
				{AccessKey: "TEMPORARY", SecretKey: "s", SecurityToken: "t"},
			},
			Agencies: []simulator.Agency{
				{Name: "first", DomainName: "a"}, {Name: "second", DomainName: "b", Via: "first"}, {Name: "third", DomainName: "c", Via: "second"},
			},
		}
		chain := func(base CredentialSource) Agency {
			second := Agency{Base: Agency{Base: base, Name: "first", DomainName: "a"}, Name: "second", DomainName: "b"}
			return Agency{Base: second, Name: "third", DomainName: "c"}
		}
		token := simulator.New(options)
		for name, source := range map[string]CredentialSource{
			"keys": chain(validKeys()), "user": chain(validPassword()), "machine": chain(InstanceIdentity{}),
			"temporary keys": chain(AccessKeys{AccessKey: "TEMPORARY", SecretKey: NewSecret("s"), SecurityToken: NewSecret("t")}),
			"OIDC":           chain(OIDC{ProviderID: simulator.IdpID, IDToken: NewSecret(simulator.IDToken)}),
			"token":          chain(StaticToken{NewSecret(token.IssueToken(simulator.ProjectID))}),
		} {
			cloud := token
			if name != "token" {
				cloud = simulator.New(options)
			}
			c := newTestClient(t, atMachine(cloud, cloud.Metadata(simulator.MetadataOptions{})), withSource(source))
			requireNoError(t, readTasks(t.Context(), c))
			n := 0
			for _, r := range cloud.Requests() {
				if r.Method+" "+r.Path == postAgency {
					n++
				}
			}
			if n != 3 || cloud.UnauthorizedCount() != 0 {
				t.Errorf("%s: %d agencies were assumed, %d requests refused", name, n, cloud.UnauthorizedCount())
			}
		}
	})
}

func TestAnErrorOfAChainNamesTheAgencyThatFailed(t *testing.T) {
	t.Parallel()
	cloud := simulator.New(simulator.Options{Agencies: []simulator.Agency{{Name: "first", DomainName: "a"}}})
	source := Agency{Base: Agency{Base: Agency{Base: validKeys(), Name: "first", DomainName: "a"}, Name: "second", DomainName: "b"}, Name: "third", DomainName: "c"}
	_, err := getTasks(t.Context(), newTestClient(t, served(cloud), withSource(source), withRetries(5)))
	requireErrorText(t, err, "...signing in by agency (second): POST https://iam.cn-north-4.myhuaweicloud.com/v3.0/OS-CREDENTIAL/securitytokens: HTTP 404 Not Found, code IAM.0004: Could not find agency: second....")
	requireRequests(t, cloud, "2 x "+postAgency)
}

func TestTheFileOfAnIDTokenIsReadEachTime(t *testing.T) {
	t.Parallel()
	file := writeFile(t, "first")
	synctest.Test(t, func(t *testing.T) {
		cloud := simulator.New(simulator.Options{IdentityProviders: []simulator.IdentityProvider{{ID: "p", IDTokens: []string{"first", "second"}}}})
		c := newTestClient(t, served(cloud), withSource(OIDC{ProviderID: "p", IDTokenFile: file}))
		requireNoError(t, readTasks(t.Context(), c))
		if err := os.WriteFile(file, []byte("second"), 0o600); err != nil {
			t.Fatal(err)
		}
		cloud.ExpireTokens()
		requireNoError(t, readTasks(t.Context(), c))
		requests := cloud.Requests()
		for i, want := range map[int]string{0: `"first"`, 3: `"second"`} {
			if !strings.Contains(string(requests[i].Body), want) {
				t.Errorf("request %d is %s with %s, want %s", i, requests[i], requests[i].Body, want)
			}
		}
	})
}

func TestAFileThatCannotBeReadIsAnErrorWithItsName(t *testing.T) {
	t.Parallel()
	missing := t.TempDir() + "/missing"
	large := writeFile(t, strings.Repeat("canary", 1<<18))
	for file, want := range map[string]string{missing: "...missing: no such file or directory", large: "..." + large + " is larger than 1048576 bytes", t.TempDir(): "...is a directory"} {
		s := newScriptedTransport(page)
		_, err := getTasks(t.Context(), newTestClient(t, s, withSource(OIDC{ProviderID: "p", IDTokenFile: file}), withRetries(5)))
		requireErrorText(t, err, "...signing in by OIDC (p): ...")
		requireErrorText(t, err, want)
		requireNoSecrets(t, err.Error(), "canary")
		_, err = getTasks(t.Context(), newTestClient(t, s, withSource(InstanceIdentity{PodURI: "http://pod.test", PodTokenFile: file})))
		requireErrorText(t, err, "...CCE pod identity: HC_CONTAINER_AUTHORIZATION_TOKEN_FILE: ...")
		requireErrorText(t, err, want)
		if s.count() != 0 || classify(err) != permanent {
			t.Errorf("%d requests, %v", s.count(), err)
		}
	}
}

func TestAFileOfTheLargestSizeIsRead(t *testing.T) {
	t.Parallel()
	text, err := readFileLimited(writeFile(t, strings.Repeat("x", 1<<20)))
	requireNoError(t, err)
	if len(text) != 1<<20 {
		t.Errorf("%d bytes were read", len(text))
	}
}

// A device has no size, and no end.
func TestAFileWithoutAnEndIsNotReadToIt(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/dev/zero"); err != nil {
		t.Skip(err)
	}
	_, err := readFileLimited("/dev/zero")
	requireErrorText(t, err, "/dev/zero is larger than 1048576 bytes")
}

func TestMalformedAnswersToASignInAreErrorsThatRepeatNothing(t *testing.T) {
	t.Parallel()
	const (
		notJSON   = "it is not JSON (at byte 1)"
		otherForm = "it is JSON of another form"
		noToken   = "it holds no token for a project"
		noKeys    = "it holds no temporary keys"
		tokenBody = `{"token":{"expires_at":"2040-01-01T00:00:00.000000Z","project":{"id":"p"}}}`
	)
	pod := InstanceIdentity{PodURI: "http://pod.test/keys", PodTokenFile: writeFile(t, "t")}
	withToken := []string{"X-Subject-Token", "canary"}
	for _, test := range []struct {
		name    string
		sources []CredentialSource
		body    string
		header  []string
		want    string
	}{
		{"HTML", []CredentialSource{validPassword(), validAgency(), pod, InstanceIdentity{}}, "<canary>", withToken, notJSON},
		{"an array", []CredentialSource{validPassword(), validAgency(), pod, InstanceIdentity{}}, `["canary"]`, withToken, otherForm},
		{"cut off", []CredentialSource{validAgency(), pod, InstanceIdentity{}}, `{"credential":{"secret":"canary`, nil, "it is not JSON (at byte 31)"},
		{"garbage behind", []CredentialSource{validAgency()}, `{"credential":{"access":"a","secret":"canary","securitytoken":"canary"}}canary`, nil, "it is not JSON (at byte 73)"},
		{"no header", []CredentialSource{validPassword()}, tokenBody, nil, noToken},
		{"no project", []CredentialSource{validPassword()}, `{"token":{}}`, withToken, noToken},
		{"a project that is none", []CredentialSource{validPassword()}, `{"token":{"project":{"id":"../canary"}}}`, withToken, noToken},
		{"a number for the project", []CredentialSource{validPassword()}, `{"token":{"project":{"id":7}}}`, withToken, otherForm},
		{"a time that is none", []CredentialSource{validPassword()}, `{"token":{"expires_at":"canary","project":{"id":"p"}}}`, withToken, otherForm},
		{"no keys", []CredentialSource{validAgency(), pod, InstanceIdentity{}}, `{}`, nil, noKeys},
		{"no secret", []CredentialSource{validAgency(), InstanceIdentity{}}, `{"credential":{"access":"a","securitytoken":"canary"}}`, nil, noKeys},
		{"no access key", []CredentialSource{validAgency(), InstanceIdentity{}}, `{"credential":{"secret":"canary","securitytoken":"canary"}}`, nil, noKeys},
		{"no security token", []CredentialSource{validAgency(), InstanceIdentity{}}, `{"credential":{"access":"a","secret":"canary"}}`, nil, noKeys},
		{"no security token, pod", []CredentialSource{pod}, `{"credentials":{"accessKeyId":"a","secretAccessKey":"canary"}}`, nil, noKeys},
		{"an end that is none", []CredentialSource{validAgency(), InstanceIdentity{}}, `{"credential":{"expires_at":"canary"}}`, nil, otherForm},
		{"an end that is none, pod", []CredentialSource{pod}, `{"credentials":{"expiration":"canary"}}`, nil, otherForm},
	} {
		for _, source := range test.sources {
			s := newScriptedTransport(reply(200, test.body, test.header...))
			_, err := getTasks(t.Context(), newTestClient(t, s, withSource(source)))
			requireErrorText(t, err, "...: "+test.want)
			requireNoSecrets(t, err.Error(), "canary")
			if _, ok := source.(InstanceIdentity); !ok {
				var invalid *InvalidResponseError
				if !errors.As(err, &invalid) || classify(err) != transient {
					t.Errorf("%s: %v", test.name, err)
				}
			}
		}
	}
}
