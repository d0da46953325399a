// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package sdkcompat

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/basic"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/provider"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/impl"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/sdkerr"
	iam "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/iam/v3"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/iam/v3/model"
	sts "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/sts/v1"
	stsmodel "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/sts/v1/model"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/huaweicloud"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

const (
	tokensPath      = "/v3/auth/tokens"
	idTokensPath    = "/v3.0/OS-AUTH/id-token/tokens"
	keysPath        = "/v3.0/OS-CREDENTIAL/securitytokens"
	stsPath         = "/v5/agencies/assume"
	projectsPath    = "/v3/projects"
	tasksPath       = "/v2/" + simulator.ProjectID + "/instances/" + simulator.InstanceID + "/connector/tasks"
	sessionPath     = "/meta-data/latest/api/token"
	metadataPath    = "/openstack/latest/securitykey"
	podPath         = "/v1/pod/keys"
	metadataAddress = "169.254.169.254"
)

// Requests in the simulator's record.
const (
	getKeys    = "GET " + metadataPath + " 200"
	getPodKeys = "POST " + podPath + " 200"
)

// refreshed is a lifetime of keys at which the SDK obtains new ones for each request: it does within 40 minutes
// of the end.
const refreshed = 30 * time.Minute

// Headers that authenticate a request with temporary keys.
const (
	signedHeaders  = "Authorization X-Security-Token"
	projectHeaders = signedHeaders + " " + projectHeader
)

// checkAuthHeaders compares the names of the headers that authenticate each request, by path.
func (c cloud) checkAuthHeaders(t *testing.T, want map[string]string) {
	t.Helper()
	for _, r := range c.Requests() {
		var names []string
		for _, name := range []string{
			"Authorization", "X-Auth-Token", "X-Security-Token", "X-Idp-Id", projectHeader, "X-Domain-Id",
			"X-Metadata-Token", "X-Metadata-Token-Ttl-Seconds",
		} {
			for range r.Header.Values(name) {
				names = append(names, name)
			}
		}
		if got := strings.Join(names, " "); got != want[r.Path] {
			t.Errorf("%s: headers %q, want %q", r, got, want[r.Path])
		}
	}
}

// tokenFile returns the name of a file with a token and a line break.
func tokenFile(t *testing.T, token string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(name, []byte(token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// decoded returns JSON as Go values.
func decoded(t *testing.T, body []byte) any {
	t.Helper()
	var tree any
	if err := json.Unmarshal(body, &tree); err != nil {
		t.Fatalf("%v in %q", err, body)
	}
	return tree
}

// checkBoth lists the tasks twice with the SDK, which shows whether credentials are cached, and then with our
// client, and checks the requests of both. It returns those of the SDK.
func (c cloud) checkBoth(
	t *testing.T, credentials auth.ICredential, source huaweicloud.CredentialSource, projectID string,
	theirs, ours []string, headers map[string]string, change ...func(*huaweicloud.Config),
) []simulator.Request {
	t.Helper()
	client, err := c.sdkOf(credentials)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if response, _ := client.list(t, 0, 50); len(*response.Tasks) != 3 {
			t.Errorf("got %s", response)
		}
	}
	c.checkSent(t, theirs...)
	c.checkAuthHeaders(t, headers)
	requests := c.Requests()
	c.Reset()
	c.ours(t, source, projectID, change...)
	c.checkSent(t, ours...)
	c.checkAuthHeaders(t, headers)
	if t.Failed() {
		t.FailNow()
	}
	return requests
}

// The SDK obtains a token without a scope, and exchanges it for temporary keys; so does our client.
func TestOIDC(t *testing.T) {
	t.Parallel()
	idpID := rand.Text() // the SDK caches projects by it and the region
	c := serve(t, simulator.PageTasks(), simulator.Options{
		IdentityProviders: []simulator.IdentityProvider{{ID: idpID, IDTokens: []string{simulator.IDToken}}},
	})
	file := tokenFile(t, simulator.IDToken)
	credentials := must(basic.NewCredentialsBuilder().WithIdpId(idpID).WithIdTokenFile(file).WithIamEndpointOverride(c.url).SafeBuild())
	want := []string{"POST " + idTokensPath + " 201", "POST " + keysPath + " 201", findProject, listTasks}
	theirs := c.checkBoth(t, credentials, huaweicloud.OIDC{ProviderID: idpID, IDTokenFile: file}, "", append(slices.Clone(want), listTasks), want,
		map[string]string{idTokensPath: "X-Idp-Id", projectsPath: signedHeaders, tasksPath: projectHeaders})
	ours := c.Requests()
	if got, want := decoded(t, ours[0].Body), decoded(t, theirs[0].Body); !reflect.DeepEqual(got, want) {
		t.Errorf("ours requested the token with\n%v\nthe SDK with\n%v", got, want)
	}
	var exchanges [2]model.CreateTemporaryAccessKeyByTokenRequestBody
	for i, r := range []simulator.Request{ours[1], theirs[1]} {
		if err := json.Unmarshal(r.Body, &exchanges[i]); err != nil {
			t.Fatal(err)
		}
		*exchanges[i].Auth.Identity.Token.Id = "token" // another one each time
	}
	if !reflect.DeepEqual(exchanges[0], exchanges[1]) {
		t.Errorf("ours exchanged the token with\n%v\nthe SDK with\n%v", exchanges[0], exchanges[1])
	}
}

// metadataTransport sends requests to the metadata service to a host of the test.
type metadataTransport struct {
	host string
	next http.RoundTripper
}

func (m metadataTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host == metadataAddress {
		r = r.Clone(r.Context())
		r.Host, r.URL.Host = metadataAddress, m.host
	}
	return m.next.RoundTrip(r)
}

// The SDK uses a fixed address and the default transport of the process, so this test is not parallel.
func TestMetadata(t *testing.T) {
	cached := []string{getKeys, findProject, listTasks, listTasks}
	for name, test := range map[string]struct {
		options       simulator.MetadataOptions
		sessionStatus string
		sent          []string // after the request for a session
	}{
		"sessions required":       {simulator.MetadataOptions{SessionRequired: true}, " 200", cached},
		"no sessions, 404":        {simulator.MetadataOptions{SessionStatus: 404}, " 404", cached},
		"no sessions, 405":        {simulator.MetadataOptions{SessionStatus: 405}, " 405", cached},
		"no sessions, 503":        {simulator.MetadataOptions{SessionStatus: 503}, " 503", cached},
		"keys that are refreshed": {simulator.MetadataOptions{SessionRequired: true, KeyLifetime: refreshed}, " 200", []string{getKeys, findProject, getKeys, listTasks, getKeys, listTasks}},
		"no agency, 401":          {simulator.MetadataOptions{AgencyStatus: 401}, " 200", []string{"GET " + metadataPath + " 401"}},
		"no agency, 404":          {simulator.MetadataOptions{AgencyStatus: 404}, " 200", []string{"GET " + metadataPath + " 404"}},
	} {
		t.Run(name, func(t *testing.T) {
			c := serve(t, simulator.PageTasks(), simulator.Options{})
			server := httptest.NewServer(c.Metadata(test.options))
			t.Cleanup(server.Close)
			before := http.DefaultTransport
			http.DefaultTransport = metadataTransport{strings.TrimPrefix(server.URL, "http://"), before}
			t.Cleanup(func() { http.DefaultTransport = before })
			credentials := must(basic.NewCredentialsBuilder().WithIamEndpointOverride(c.url).SafeBuild())
			session := "PUT " + sessionPath + test.sessionStatus
			sent := append([]string{session}, test.sent...)
			if test.options.AgencyStatus != 0 {
				if _, err := c.sdkOf(credentials); err == nil || !strings.Contains(err.Error(), "Please configure Cloud Service Agency first") {
					t.Error(err)
				}
				c.checkSent(t, sent...)
				return
			}
			headers := map[string]string{
				sessionPath: "X-Metadata-Token-Ttl-Seconds", metadataPath: "X-Metadata-Token", projectsPath: signedHeaders, tasksPath: projectHeaders,
			}
			if test.options.SessionStatus != 0 {
				headers[metadataPath] = ""
			}
			c.checkBoth(t, credentials, huaweicloud.InstanceIdentity{}, "", sent, []string{session, getKeys, findProject, listTasks}, headers,
				func(c *huaweicloud.Config) { c.MetadataURL = server.URL })
		})
	}
}

func TestPodIdentity(t *testing.T) {
	for name, test := range map[string]struct {
		options simulator.PodIdentityOptions
		sent    []string
	}{
		"keys of a day":           {simulator.PodIdentityOptions{}, []string{getPodKeys, listTasks, listTasks}},
		"keys that are refreshed": {simulator.PodIdentityOptions{KeyLifetime: refreshed}, []string{getPodKeys, getPodKeys, listTasks, getPodKeys, listTasks}},
		"rejected":                {simulator.PodIdentityOptions{Token: "other"}, []string{"POST " + podPath + " 401"}},
	} {
		t.Run(name, func(t *testing.T) {
			c := serve(t, simulator.PageTasks(), simulator.Options{})
			server := httptest.NewServer(c.PodIdentity(test.options))
			t.Cleanup(server.Close)
			file := tokenFile(t, simulator.PodToken)
			t.Setenv("HC_CONTAINER_CREDENTIALS_FULL_URI", server.URL+podPath)
			t.Setenv("HC_CONTAINER_AUTHORIZATION_TOKEN_FILE", file)
			credentials, err := provider.BasicCredentialPodIdentityProvider().GetCredentials()
			if test.options.Token != "" {
				if err == nil || !strings.Contains(err.Error(), "401 Unauthorized") {
					t.Error(err)
				}
				c.checkSent(t, test.sent...)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			// The SDK caches projects by access key, and each simulator issues the same ones.
			credentials.(*basic.Credentials).ProjectId = simulator.ProjectID
			c.checkBoth(t, credentials, huaweicloud.InstanceIdentity{PodURI: server.URL + podPath, PodTokenFile: file}, simulator.ProjectID,
				test.sent, []string{getPodKeys, listTasks}, map[string]string{podPath: "Authorization", tasksPath: projectHeaders})
		})
	}
}

// signedBy returns the SDK's credentials of a key.
func signedBy(key simulator.Key) auth.ICredential {
	return must(basic.NewCredentialsBuilder().WithAk(key.AccessKey).WithSk(key.SecretKey).
		WithSecurityToken(key.SecurityToken).WithProjectId(simulator.ProjectID).SafeBuild())
}

// unsigned returns the SDK's credentials of a token, or of no one.
func unsigned(token string) auth.ICredential {
	return iam.NewIamCredentialsBuilder().WithXAuthToken(token).Build()
}

func (c cloud) iam(credentials auth.ICredential) *iam.IamClient {
	return iam.NewIamClient(must(iam.IamClientBuilder().WithCredential(credentials).WithHttpConfig(httpConfig(new([]byte))).WithEndpoint(c.url).SafeBuild()))
}

func (c cloud) sendPassword(user, password string, scope *model.AuthScope) (*model.KeystoneCreateUserTokenByPasswordResponse, error) {
	return c.iam(unsigned("")).KeystoneCreateUserTokenByPassword(&model.KeystoneCreateUserTokenByPasswordRequest{
		Body: &model.KeystoneCreateUserTokenByPasswordRequestBody{Auth: &model.PwdAuth{
			Identity: &model.PwdIdentity{
				Methods: []model.PwdIdentityMethods{model.GetPwdIdentityMethodsEnum().PASSWORD},
				Password: &model.PwdPassword{User: &model.PwdPasswordUser{
					Name: user, Password: password, Domain: &model.PwdPasswordUserDomain{Name: simulator.DomainName},
				}},
			},
			Scope: scope,
		}},
	})
}

func (c cloud) sendAgency(credentials auth.ICredential, name string, seconds *int32) (*model.CreateTemporaryAccessKeyByAgencyResponse, error) {
	return c.iam(credentials).CreateTemporaryAccessKeyByAgency(&model.CreateTemporaryAccessKeyByAgencyRequest{
		Body: &model.CreateTemporaryAccessKeyByAgencyRequestBody{Auth: &model.AgencyAuth{Identity: &model.AgencyAuthIdentity{
			Methods:    []model.AgencyAuthIdentityMethods{model.GetAgencyAuthIdentityMethodsEnum().ASSUME_ROLE},
			AssumeRole: &model.IdentityAssumerole{AgencyName: name, DomainName: new(simulator.DomainName), DurationSeconds: seconds},
		}}},
	})
}

func (c cloud) sendTrustAgency(key simulator.Key, name string, seconds *int32) (*stsmodel.AssumeAgencyResponse, error) {
	core := must(sts.StsClientBuilder().WithCredential(signedBy(key)).WithHttpConfig(httpConfig(new([]byte))).WithEndpoint(c.url).SafeBuild())
	return sts.NewStsClient(core).AssumeAgency(&stsmodel.AssumeAgencyRequest{Body: &stsmodel.AssumeAgencyReqBody{
		AgencyUrn: "iam::" + simulator.DomainID + ":agency:" + name, AgencySessionName: name, DurationSeconds: seconds,
	}})
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func errorOf[T any](_ T, err error) error { return err }

// Our requests for credentials have the bodies that the SDK's have, as JSON, and the SDK reads the responses.
func TestAuthenticationBodies(t *testing.T) {
	t.Parallel()
	const oddName, oddPassword = "someone@example.com", "a <b> & \"c\" \\ 'd' é 漢字 \u2028"
	user := huaweicloud.Password{UserName: simulator.UserName, Password: huaweicloud.NewSecret(simulator.Password), DomainName: simulator.DomainName}
	odd := huaweicloud.Password{UserName: oddName, Password: huaweicloud.NewSecret(oddPassword), DomainName: simulator.DomainName}
	byName := func(base huaweicloud.CredentialSource, duration time.Duration) huaweicloud.CredentialSource {
		return huaweicloud.Agency{Base: base, Name: simulator.AgencyName, DomainName: simulator.DomainName, Duration: duration}
	}
	byID := func(key simulator.Key, duration time.Duration) huaweicloud.CredentialSource {
		return huaweicloud.Agency{Base: sourceOf(key), Name: simulator.AgencyName, DomainID: simulator.DomainID, Duration: duration}
	}
	region := &model.AuthScope{Project: &model.AuthScopeProject{Name: new(simulator.Region)}}
	project := &model.AuthScope{Project: &model.AuthScopeProject{Id: new(simulator.ProjectID)}}
	domain := &model.AuthScope{Domain: &model.AuthScopeDomain{Name: new(simulator.DomainName)}}
	password := func(user, password string, scope *model.AuthScope) func(cloud) error {
		return func(c cloud) error { return errorOf(c.sendPassword(user, password, scope)) }
	}
	agency := func(key simulator.Key, seconds *int32) func(cloud) error {
		return func(c cloud) error { return errorOf(c.sendAgency(signedBy(key), simulator.AgencyName, seconds)) }
	}
	trustAgency := func(key simulator.Key, seconds *int32) func(cloud) error {
		return func(c cloud) error { return errorOf(c.sendTrustAgency(key, simulator.AgencyName, seconds)) }
	}
	for name, test := range map[string]struct {
		path      string
		theirs    func(cloud) error
		ours      huaweicloud.CredentialSource
		projectID string
	}{
		"password, project by name":    {tokensPath, password(simulator.UserName, simulator.Password, region), user, ""},
		"password, project by ID":      {tokensPath, password(simulator.UserName, simulator.Password, project), user, simulator.ProjectID},
		"password under an agency":     {tokensPath, password(simulator.UserName, simulator.Password, domain), byName(user, 0), simulator.ProjectID},
		"password that needs escapes":  {tokensPath, password(oddName, oddPassword, region), odd, ""},
		"agency":                       {keysPath, agency(permanent, nil), byName(sourceOf(permanent), 0), ""},
		"agency, temporary keys":       {keysPath, agency(temporary, nil), byName(sourceOf(temporary), 0), ""},
		"agency, for a day":            {keysPath, agency(permanent, new(int32(86400))), byName(sourceOf(permanent), 24*time.Hour), ""},
		"trust agency":                 {stsPath, trustAgency(permanent, nil), byID(permanent, 0), ""},
		"trust agency, temporary keys": {stsPath, trustAgency(temporary, nil), byID(temporary, 0), ""},
		"trust agency, for 12 hours":   {stsPath, trustAgency(permanent, new(int32(43200))), byID(permanent, 12*time.Hour), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := serve(t, simulator.PageTasks(), simulator.Options{Users: []simulator.User{
				{ID: simulator.UserID, Name: simulator.UserName, Password: simulator.Password, DomainName: simulator.DomainName},
				{ID: "odd", Name: oddName, Password: oddPassword, DomainName: simulator.DomainName},
			}})
			if err := test.theirs(c); err != nil {
				t.Fatal(err)
			}
			theirs := c.Requests()[0]
			c.Reset()
			if listed := c.ours(t, test.ours, test.projectID); listed["tasks[2].id"] == nil {
				t.Errorf("listed %v", listed)
			}
			requests := c.Requests()
			at := slices.IndexFunc(requests, func(r simulator.Request) bool { return r.Path == test.path })
			if at < 0 || theirs.Path != test.path {
				t.Fatalf("ours sent %v, the SDK %s", c.sent(), theirs)
			}
			if got, want := decoded(t, requests[at].Body), decoded(t, theirs.Body); !reflect.DeepEqual(got, want) {
				t.Errorf("ours sent\n%v\nthe SDK sent\n%v", got, want)
			}
		})
	}
}

// The SDK can use what the simulator issues, and reads when it expires.
func TestIssuedCredentials(t *testing.T) {
	t.Parallel()
	now := time.Now().UTC().Truncate(time.Millisecond)
	c := serve(t, simulator.PageTasks(), simulator.Options{Now: func() time.Time { return now }})
	checkExpiry := func(expires string, lifetime time.Duration) {
		t.Helper()
		if at, err := time.Parse(time.RFC3339, expires); err != nil || !at.Equal(now.Add(lifetime)) {
			t.Errorf("it expires at %s (%v), want %s", expires, err, now.Add(lifetime))
		}
	}
	checkKey := func(access, secret, token string) {
		t.Helper()
		if response, _ := c.sdk(simulator.Key{AccessKey: access, SecretKey: secret, SecurityToken: token}).list(t, 0, 50); len(*response.Tasks) != 3 {
			t.Errorf("with the keys, got %s", response)
		}
	}
	token, err := c.sendPassword(simulator.UserName, simulator.Password, &model.AuthScope{Domain: &model.AuthScopeDomain{Name: new(simulator.DomainName)}})
	if err != nil {
		t.Fatal(err)
	}
	checkExpiry(token.Token.ExpiresAt, 24*time.Hour)
	byToken, err := c.sendAgency(unsigned(*token.XSubjectToken), simulator.AgencyName, nil)
	if err != nil {
		t.Fatal(err)
	}
	checkExpiry(byToken.Credential.ExpiresAt, 15*time.Minute)
	checkKey(byToken.Credential.Access, byToken.Credential.Secret, byToken.Credential.Securitytoken)
	bySTS, err := c.sendTrustAgency(permanent, simulator.AgencyName, nil)
	if err != nil || bySTS.AssumedAgency == nil {
		t.Fatal(bySTS, err)
	}
	checkExpiry(time.Time(*bySTS.Credentials.Expiration).Format(time.RFC3339Nano), time.Hour)
	checkKey(bySTS.Credentials.AccessKeyId, bySTS.Credentials.SecretAccessKey, bySTS.Credentials.SecurityToken)
}

func TestSDK_errorsOfAuthentication(t *testing.T) {
	t.Parallel()
	wrongToken := tokenFile(t, "wrong")
	for name, test := range map[string]struct {
		send   func(cloud) error
		status int
		code   string // none in the v3 calls, where it is a number
		text   string
	}{
		"IAM v3":   {func(c cloud) error { return errorOf(c.sendPassword(simulator.UserName, "wrong", nil)) }, 401, "", "The username or password is wrong."},
		"IAM v3.0": {func(c cloud) error { return errorOf(c.sendAgency(signedBy(permanent), "other", nil)) }, 404, "IAM.0004", "other"},
		"STS":      {func(c cloud) error { return errorOf(c.sendTrustAgency(permanent, "other", nil)) }, 403, "PAP5.0001", "sts:agencies:assume"},
		"STS, chained for too long": {func(c cloud) error {
			return errorOf(c.sendTrustAgency(temporary, simulator.AgencyName, new(int32(3601))))
		}, 400, "STS5.0001", "duration_seconds"},
		"OIDC": {func(c cloud) error {
			return must(basic.NewCredentialsBuilder().WithIdpId(simulator.IdpID).WithIdTokenFile(wrongToken).WithIamEndpointOverride(c.url).SafeBuild()).
				ProcessSts(impl.NewDefaultHttpClient(httpConfig(new([]byte))))
		}, 401, "IAM.0001", "X-IAM-Trace-Id="},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := serve(t, nil, simulator.Options{})
			checkRejection(t, c, test.send(c), test.status, test.code, test.text)
		})
	}
}

// checkRejection checks the SDK's error about the first request.
func checkRejection(t *testing.T, c cloud, err error, status int, code, text string) {
	t.Helper()
	rejection, ok := errors.AsType[*sdkerr.ServiceResponseError](err)
	if !ok {
		t.Fatalf("got %v", err)
	}
	if rejection.StatusCode != status || rejection.ErrorCode != code || !strings.Contains(rejection.ErrorMessage, text) || rejection.RequestId != c.Requests()[0].RequestID {
		t.Errorf("got %+v", rejection)
	}
}
