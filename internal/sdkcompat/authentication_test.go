// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package sdkcompat

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
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

// The SDK gets new keys for each request if the old ones end within 40 minutes.
const soon = 30 * time.Minute

const (
	tokensPath      = "/v3/auth/tokens"
	idTokensPath    = "/v3.0/OS-AUTH/id-token/tokens"
	keysPath        = "/v3.0/OS-CREDENTIAL/securitytokens"
	stsPath         = "/v5/agencies/assume"
	metadataAddress = "169.254.169.254"
)

// Lines of the record.
const (
	tradesIDToken = "POST " + idTokensPath + " 201"
	createsKeys   = "POST " + keysPath + " 201"
	opensSession  = "PUT /meta-data/latest/api/token 200"
	getsKeys      = "GET /openstack/latest/securitykey 200"
)

func ptr[T any](value T) *T { return &value }

// text is that of a field that may be missing.
func text(field *string) string {
	if field == nil {
		return ""
	}
	return *field
}

// fileOf is a file that holds text, with a line break as editors leave it.
func fileOf(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(name, []byte(text+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// decoded is JSON as it is, null and {} included.
func decoded(t *testing.T, text []byte) any {
	t.Helper()
	var tree any
	if err := json.Unmarshal(text, &tree); err != nil {
		t.Fatalf("%v in %q", err, text)
	}
	return tree
}

// marshalled is what decoded makes of the JSON of the SDK's body.
func marshalled(t *testing.T, body any) any {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return decoded(t, text)
}

// checkHeaders fails unless r has just these of the headers that say who sends it. "*" is any value.
func checkHeaders(t *testing.T, r simulator.Request, want map[string]string) {
	t.Helper()
	for _, name := range []string{
		"Authorization", "X-Auth-Token", "X-Security-Token", "X-Idp-Id", projectHeader, "X-Domain-Id",
		"X-Metadata-Token", "X-Metadata-Token-Ttl-Seconds",
	} {
		sent := r.Header.Values(name)
		if value, ok := want[name]; ok != (len(sent) == 1) || ok && value != "*" && value != sent[0] {
			t.Errorf("%s: %s is %q, expected %q", r, name, sent, value)
		}
	}
}

// listTwice lists the tasks twice, so that the record shows what a second request costs.
func (c *sdkClient) listTwice(t *testing.T) {
	t.Helper()
	for range 2 {
		if answer, _ := c.list(t, 0, 50); len(*answer.Tasks) != 3 {
			t.Errorf("got %s", answer)
		}
	}
}

func TestSDKAuthenticatesByOIDC(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		projectID string
		sent      []string
	}{
		"project known":     {simulator.ProjectID, []string{tradesIDToken, createsKeys, listsTasks, listsTasks}},
		"project looked up": {"", []string{tradesIDToken, createsKeys, findsProject, listsTasks, listsTasks}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			idpID := rand.Text() // the SDK remembers projects by it and the region
			c := serve(t, simulator.PageTasks(), simulator.Options{
				IdentityProviders: []simulator.IdentityProvider{{ID: idpID, IDTokens: []string{simulator.IDToken}}},
			})
			credentials, err := basic.NewCredentialsBuilder().WithIdpId(idpID).WithIdTokenFile(fileOf(t, simulator.IDToken)).
				WithProjectId(test.projectID).WithIamEndpointOverride(c.url).SafeBuild()
			if err != nil {
				t.Fatal(err)
			}
			client, err := c.sdkOf(credentials)
			if err != nil {
				t.Fatal(err)
			}
			client.listTwice(t)
			c.checkSent(t, test.sent...)
			if t.Failed() {
				return
			}

			requests := c.Requests()
			checkHeaders(t, requests[0], map[string]string{"X-Idp-Id": idpID})
			unscoped := model.GetIdTokenRequestBody{Auth: &model.GetIdTokenAuthParams{
				IdToken: &model.GetIdTokenIdTokenBody{Id: simulator.IDToken},
			}}
			if got := decoded(t, requests[0].Body); !reflect.DeepEqual(got, marshalled(t, unscoped)) {
				t.Errorf("the token was asked for with %s", requests[0].Body)
			}

			checkHeaders(t, requests[1], nil) // the token is in the body
			var body model.CreateTemporaryAccessKeyByTokenRequestBody
			if err := json.Unmarshal(requests[1].Body, &body); err != nil {
				t.Fatal(err)
			}
			token := body.Auth.Identity.Token
			if token == nil || token.Id == nil || *token.Id == simulator.IDToken || !slices.Contains(c.Secrets(), *token.Id) {
				t.Fatalf("keys were asked for with %s, which has no token of the simulator's", requests[1].Body)
			}
			six := int32(6 * time.Hour / time.Second)
			want := model.CreateTemporaryAccessKeyByTokenRequestBody{Auth: &model.TokenAuth{Identity: &model.TokenAuthIdentity{
				Methods: []model.TokenAuthIdentityMethods{model.GetTokenAuthIdentityMethodsEnum().TOKEN},
				Token:   &model.IdentityToken{Id: token.Id, DurationSeconds: &six},
			}}}
			if got := decoded(t, requests[1].Body); !reflect.DeepEqual(got, marshalled(t, want)) {
				t.Errorf("keys were asked for with %s", requests[1].Body)
			}

			for _, r := range requests[2:] {
				who := map[string]string{"Authorization": "*", "X-Security-Token": "*"}
				if strings.HasPrefix(r.Path, "/v2/") {
					who[projectHeader] = simulator.ProjectID
				}
				checkHeaders(t, r, who)
			}
		})
	}
}

// link is the default transport of a machine whose metadata service is elsewhere.
type link struct {
	host string
	next http.RoundTripper
}

func (l link) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host == metadataAddress {
		r = r.Clone(r.Context())
		r.Host, r.URL.Host = metadataAddress, l.host
	}
	return l.next.RoundTrip(r)
}

// bindMetadata makes server the metadata service that the SDK knows: its address cannot be set, but
// it is asked over the process's default transport. So neither t nor its parents may be parallel.
func bindMetadata(t *testing.T, server *httptest.Server) {
	t.Helper()
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	before := http.DefaultTransport
	http.DefaultTransport = link{u.Host, before}
	t.Cleanup(func() { http.DefaultTransport = before })
}

func TestSDKAuthenticatesByMetadata(t *testing.T) {
	tests := map[string]struct {
		options simulator.MetadataOptions
		sent    []string
		refusal string
	}{
		"session tokens required": {
			simulator.MetadataOptions{SessionRequired: true},
			[]string{opensSession, getsKeys, findsProject, listsTasks, listsTasks},
			"",
		},
		"session tokens": {
			simulator.MetadataOptions{},
			[]string{opensSession, getsKeys, findsProject, listsTasks, listsTasks},
			"",
		},
		"no session tokens, 404": {
			simulator.MetadataOptions{SessionStatus: http.StatusNotFound},
			[]string{"PUT /meta-data/latest/api/token 404", getsKeys, findsProject, listsTasks, listsTasks},
			"",
		},
		"no session tokens, 405": {
			simulator.MetadataOptions{SessionStatus: http.StatusMethodNotAllowed},
			[]string{"PUT /meta-data/latest/api/token 405", getsKeys, findsProject, listsTasks, listsTasks},
			"",
		},
		"no session tokens, 503": {
			simulator.MetadataOptions{SessionStatus: http.StatusServiceUnavailable},
			[]string{"PUT /meta-data/latest/api/token 503", getsKeys, findsProject, listsTasks, listsTasks},
			"",
		},
		"keys that end soon, of one session": {
			simulator.MetadataOptions{SessionRequired: true, KeyLife: soon},
			[]string{opensSession, getsKeys, findsProject, getsKeys, listsTasks, getsKeys, listsTasks},
			"",
		},
		"no agency, 401": {
			simulator.MetadataOptions{AgencyStatus: http.StatusUnauthorized},
			[]string{opensSession, "GET /openstack/latest/securitykey 401"},
			"Please configure Cloud Service Agency first",
		},
		"no agency, 404": {
			simulator.MetadataOptions{AgencyStatus: http.StatusNotFound},
			[]string{opensSession, "GET /openstack/latest/securitykey 404"},
			"Please configure Cloud Service Agency first",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := serve(t, simulator.PageTasks(), simulator.Options{})
			server := httptest.NewServer(c.Metadata(test.options))
			t.Cleanup(server.Close)
			bindMetadata(t, server)
			credentials, err := basic.NewCredentialsBuilder().WithIamEndpointOverride(c.url).SafeBuild()
			if err != nil {
				t.Fatal(err)
			}
			client, err := c.sdkOf(credentials)
			if test.refusal != "" {
				if err == nil || !strings.Contains(err.Error(), test.refusal) {
					t.Errorf("got %v, expected %q", err, test.refusal)
				}
				c.checkSent(t, test.sent...)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			client.listTwice(t)
			c.checkSent(t, test.sent...)

			check := func() {
				t.Helper()
				for _, r := range c.Requests() {
					want := map[string]string{"Authorization": "*", "X-Security-Token": "*"}
					switch {
					case r.Method == http.MethodPut:
						want = map[string]string{"X-Metadata-Token-Ttl-Seconds": "21600"}
					case strings.HasPrefix(r.Path, "/v2/"):
						want[projectHeader] = simulator.ProjectID
					case strings.HasPrefix(r.Path, "/openstack/"):
						want = map[string]string{}
						if test.options.SessionStatus == 0 {
							want["X-Metadata-Token"] = "*"
						}
					}
					checkHeaders(t, r, want)
				}
			}
			check()
			for i, r := range c.Requests() {
				if own := strings.HasPrefix(r.Path, "/v"); own == (r.Host == metadataAddress) {
					t.Errorf("request %d, %s, went to %s", i, r, r.Host)
				}
			}

			// Ours asks the same.
			c.Reset()
			c.ours(t, huaweicloud.InstanceIdentity{}, "", func(c *huaweicloud.Config) { c.MetadataURL = server.URL })
			c.checkSent(t, test.sent[0], getsKeys, findsProject, listsTasks)
			check()
		})
	}
}

func TestSDKAuthenticatesByPodIdentity(t *testing.T) {
	const path = "/v1/pod/keys"
	const asks = "POST " + path + " 200"
	tests := map[string]struct {
		options simulator.PodIdentityOptions
		sent    []string
		refusal string
	}{
		"keys of a day":      {simulator.PodIdentityOptions{}, []string{asks, listsTasks, listsTasks}, ""},
		"keys that end soon": {simulator.PodIdentityOptions{KeyLife: soon}, []string{asks, asks, listsTasks, asks, listsTasks}, ""},
		"another pod's token": {
			simulator.PodIdentityOptions{Token: "other"}, []string{"POST " + path + " 401"}, "401 Unauthorized",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := serve(t, simulator.PageTasks(), simulator.Options{})
			server := httptest.NewServer(c.PodIdentity(test.options))
			t.Cleanup(server.Close)
			file := fileOf(t, simulator.PodToken)
			t.Setenv("HC_CONTAINER_CREDENTIALS_FULL_URI", server.URL+path)
			t.Setenv("HC_CONTAINER_AUTHORIZATION_TOKEN_FILE", file)
			found, err := provider.BasicCredentialPodIdentityProvider().GetCredentials()
			if test.refusal != "" {
				if err == nil || !strings.Contains(err.Error(), test.refusal) {
					t.Errorf("got %v, expected %q", err, test.refusal)
				}
				c.checkSent(t, test.sent...)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			credentials, ok := found.(*basic.Credentials)
			if !ok {
				t.Fatalf("got a %T", found)
			}
			// The SDK would remember it by the access key, and each simulator issues the same ones.
			credentials.ProjectId = simulator.ProjectID
			client, err := c.sdkOf(credentials)
			if err != nil {
				t.Fatal(err)
			}
			client.listTwice(t)
			c.checkSent(t, test.sent...)

			check := func() {
				t.Helper()
				for _, r := range c.Requests() {
					if strings.HasPrefix(r.Path, "/v2/") {
						checkHeaders(t, r, map[string]string{
							"Authorization": "*", "X-Security-Token": "*", projectHeader: simulator.ProjectID,
						})
						continue
					}
					checkHeaders(t, r, map[string]string{"Authorization": simulator.PodToken})
					if string(r.Body) != "{}" || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
						t.Errorf("%s: asked with %q of type %s", r, r.Body, r.Header.Get("Content-Type"))
					}
				}
			}
			check()

			// Ours asks the same.
			c.Reset()
			c.ours(t, huaweicloud.InstanceIdentity{PodURI: server.URL + path, PodTokenFile: file}, simulator.ProjectID)
			c.checkSent(t, asks, listsTasks)
			check()
		})
	}
}

// signedBy are the SDK's credentials with a key.
func signedBy(t *testing.T, key simulator.Key) auth.ICredential {
	t.Helper()
	credentials, err := basic.NewCredentialsBuilder().WithAk(key.AccessKey).WithSk(key.SecretKey).
		WithSecurityToken(key.SecurityToken).WithProjectId(simulator.ProjectID).SafeBuild()
	if err != nil {
		t.Fatal(err)
	}
	return credentials
}

// unsigned are the SDK's credentials of an anonymous caller, or of one with a token.
func unsigned(token string) auth.ICredential {
	return iam.NewIamCredentialsBuilder().WithXAuthToken(token).Build()
}

func (c cloud) iam(t *testing.T, credentials auth.ICredential) *iam.IamClient {
	t.Helper()
	core, err := iam.IamClientBuilder().WithCredential(credentials).WithHttpConfig(httpConfig(new([]byte))).WithEndpoint(c.url).SafeBuild()
	if err != nil {
		t.Fatal(err)
	}
	return iam.NewIamClient(core)
}

func (c cloud) sts(t *testing.T, key simulator.Key) *sts.StsClient {
	t.Helper()
	core, err := sts.StsClientBuilder().WithCredential(signedBy(t, key)).WithHttpConfig(httpConfig(new([]byte))).WithEndpoint(c.url).SafeBuild()
	if err != nil {
		t.Fatal(err)
	}
	return sts.NewStsClient(core)
}

func (c cloud) sendPassword(t *testing.T, user, password string, scope *model.AuthScope) (token, expires string, err error) {
	t.Helper()
	answer, err := c.iam(t, unsigned("")).KeystoneCreateUserTokenByPassword(&model.KeystoneCreateUserTokenByPasswordRequest{
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
	if err != nil {
		return "", "", err
	}
	return text(answer.XSubjectToken), answer.Token.ExpiresAt, nil
}

func (c cloud) sendAgency(t *testing.T, credentials auth.ICredential, role model.IdentityAssumerole) (*model.Credential, error) {
	t.Helper()
	answer, err := c.iam(t, credentials).CreateTemporaryAccessKeyByAgency(&model.CreateTemporaryAccessKeyByAgencyRequest{
		Body: &model.CreateTemporaryAccessKeyByAgencyRequestBody{Auth: &model.AgencyAuth{Identity: &model.AgencyAuthIdentity{
			Methods:    []model.AgencyAuthIdentityMethods{model.GetAgencyAuthIdentityMethodsEnum().ASSUME_ROLE},
			AssumeRole: &role,
		}}},
	})
	if err != nil {
		return nil, err
	}
	return answer.Credential, nil
}

func (c cloud) sendTrustAgency(t *testing.T, key simulator.Key, name string, seconds *int32) (*stsmodel.CredentialsDto, error) {
	t.Helper()
	answer, err := c.sts(t, key).AssumeAgency(&stsmodel.AssumeAgencyRequest{Body: &stsmodel.AssumeAgencyReqBody{
		AgencyUrn: "iam::" + simulator.DomainID + ":agency:" + name, AgencySessionName: name, DurationSeconds: seconds,
	}})
	if err != nil {
		return nil, err
	}
	if answer.AssumedAgency == nil || answer.Credentials == nil {
		t.Fatalf("got %+v", answer)
	}
	return answer.Credentials, nil
}

// Our requests for credentials have the bodies that the SDK's have, as JSON, and the SDK reads the responses.
func TestAuthenticationBodies(t *testing.T) {
	t.Parallel()
	const oddName, oddPassword = "someone@example.com", "a <b> & \"c\" \\ 'd' é 漢字 \u2028"
	user := huaweicloud.Password{UserName: simulator.UserName, Password: huaweicloud.NewSecret(simulator.Password), DomainName: simulator.DomainName}
	odd := huaweicloud.Password{UserName: oddName, Password: huaweicloud.NewSecret(oddPassword), DomainName: simulator.DomainName}
	byName := func(base huaweicloud.CredentialSource, duration time.Duration) huaweicloud.CredentialSource {
		return huaweicloud.Agency{Base: base, Name: simulator.AgencyName, DomainName: simulator.DomainName, Duration: duration}
	}
	byID := func(base huaweicloud.CredentialSource, duration time.Duration) huaweicloud.CredentialSource {
		return huaweicloud.Agency{Base: base, Name: simulator.AgencyName, DomainID: simulator.DomainID, Duration: duration}
	}
	region := &model.AuthScope{Project: &model.AuthScopeProject{Name: ptr(simulator.Region)}}
	project := &model.AuthScope{Project: &model.AuthScopeProject{Id: ptr(simulator.ProjectID)}}
	domain := &model.AuthScope{Domain: &model.AuthScopeDomain{Name: ptr(simulator.DomainName)}}
	role := model.IdentityAssumerole{AgencyName: simulator.AgencyName, DomainName: ptr(simulator.DomainName)}
	longRole := role
	longRole.DurationSeconds = ptr(int32(86400))
	password := func(user, password string, scope *model.AuthScope) func(*testing.T, cloud) error {
		return func(t *testing.T, c cloud) error {
			t.Helper()
			_, _, err := c.sendPassword(t, user, password, scope)
			return err
		}
	}
	agency := func(key simulator.Key, role model.IdentityAssumerole) func(*testing.T, cloud) error {
		return func(t *testing.T, c cloud) error {
			t.Helper()
			_, err := c.sendAgency(t, signedBy(t, key), role)
			return err
		}
	}
	trustAgency := func(key simulator.Key, seconds *int32) func(*testing.T, cloud) error {
		return func(t *testing.T, c cloud) error {
			t.Helper()
			_, err := c.sendTrustAgency(t, key, simulator.AgencyName, seconds)
			return err
		}
	}
	for name, test := range map[string]struct {
		path      string
		theirs    func(*testing.T, cloud) error
		ours      huaweicloud.CredentialSource
		projectID string
	}{
		"password, project by name":    {tokensPath, password(simulator.UserName, simulator.Password, region), user, ""},
		"password, project by ID":      {tokensPath, password(simulator.UserName, simulator.Password, project), user, simulator.ProjectID},
		"password under an agency":     {tokensPath, password(simulator.UserName, simulator.Password, domain), byName(user, 0), simulator.ProjectID},
		"password that needs escapes":  {tokensPath, password(oddName, oddPassword, region), odd, ""},
		"agency":                       {keysPath, agency(permanent, role), byName(sourceOf(permanent), 0), ""},
		"agency, temporary keys":       {keysPath, agency(temporary, role), byName(sourceOf(temporary), 0), ""},
		"agency, for a day":            {keysPath, agency(permanent, longRole), byName(sourceOf(permanent), 24*time.Hour), ""},
		"trust agency":                 {stsPath, trustAgency(permanent, nil), byID(sourceOf(permanent), 0), ""},
		"trust agency, temporary keys": {stsPath, trustAgency(temporary, nil), byID(sourceOf(temporary), 0), ""},
		"trust agency, for 12 hours":   {stsPath, trustAgency(permanent, ptr(int32(43200))), byID(sourceOf(permanent), 12*time.Hour), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := serve(t, simulator.PageTasks(), simulator.Options{Users: []simulator.User{
				{ID: simulator.UserID, Name: simulator.UserName, Password: simulator.Password, DomainName: simulator.DomainName},
				{ID: "odd", Name: oddName, Password: oddPassword, DomainName: simulator.DomainName},
			}})
			if err := test.theirs(t, c); err != nil {
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

// What the simulator issues is valid for the SDK until it says.
func TestIssuedCredentials(t *testing.T) {
	t.Parallel()
	now := time.Now().UTC().Truncate(time.Millisecond)
	c := serve(t, simulator.PageTasks(), simulator.Options{Now: func() time.Time { return now }})
	check := func(key simulator.Key, expires string, life time.Duration) {
		t.Helper()
		if at, err := time.Parse(time.RFC3339, expires); err != nil || !at.Equal(now.Add(life)) {
			t.Errorf("it expires at %s (%v), want %s", expires, err, now.Add(life))
		}
		if answer, _ := c.mustSDK(t, key).list(t, 0, 50); len(*answer.Tasks) != 3 {
			t.Errorf("with the keys, got %s", answer)
		}
	}
	token, expires, err := c.sendPassword(t, simulator.UserName, simulator.Password, &model.AuthScope{Domain: &model.AuthScopeDomain{Name: ptr(simulator.DomainName)}})
	if at, timeErr := time.Parse(time.RFC3339, expires); err != nil || timeErr != nil || !at.Equal(now.Add(24*time.Hour)) {
		t.Fatalf("%v, it expires at %s", err, expires)
	}
	byToken, err := c.sendAgency(t, unsigned(token), model.IdentityAssumerole{AgencyName: simulator.AgencyName, DomainName: ptr(simulator.DomainName)})
	if err != nil {
		t.Fatal(err)
	}
	check(simulator.Key{AccessKey: byToken.Access, SecretKey: byToken.Secret, SecurityToken: byToken.Securitytoken}, byToken.ExpiresAt, 15*time.Minute)
	bySTS, err := c.sendTrustAgency(t, permanent, simulator.AgencyName, nil)
	if err != nil {
		t.Fatal(err)
	}
	check(simulator.Key{AccessKey: bySTS.AccessKeyId, SecretKey: bySTS.SecretAccessKey, SecurityToken: bySTS.SecurityToken}, time.Time(*bySTS.Expiration).Format(time.RFC3339Nano), time.Hour)
}

func TestSDKReadsErrorsOfAuthentication(t *testing.T) {
	t.Parallel()
	role := func(agency string, seconds *int32) model.IdentityAssumerole {
		return model.IdentityAssumerole{AgencyName: agency, DomainName: ptr(simulator.DomainName), DurationSeconds: seconds}
	}
	for name, test := range map[string]struct {
		send   func(cloud) error
		status int
		code   string // none in the v3 calls, where it is a number
		text   string
	}{
		"wrong password": {func(c cloud) error { _, _, err := c.sendPassword(t, simulator.UserName, "wrong", nil); return err }, 401, "", "The username or password is wrong."},
		"project of another account": {func(c cloud) error {
			_, _, err := c.sendPassword(t, simulator.UserName, simulator.Password, &model.AuthScope{Project: &model.AuthScopeProject{Id: ptr("other")}})
			return err
		}, 404, "", "other"},
		"missing agency": {func(c cloud) error { _, err := c.sendAgency(t, signedBy(t, permanent), role("other", nil)); return err }, 404, "IAM.0004", "other"},
		"agency, token of a project": {func(c cloud) error {
			_, err := c.sendAgency(t, unsigned(c.IssueToken(simulator.ProjectID)), role(simulator.AgencyName, nil))
			return err
		}, 403, "IAM.0003", "assume"},
		"too short a duration": {func(c cloud) error {
			_, err := c.sendAgency(t, signedBy(t, permanent), role(simulator.AgencyName, ptr(int32(899))))
			return err
		}, 400, "IAM.0007", "duration_seconds"},
		"missing trust agency": {func(c cloud) error { _, err := c.sendTrustAgency(t, permanent, "other", nil); return err }, 403, "PAP5.0001", "sts:agencies:assume"},
		"chained for too long": {func(c cloud) error {
			_, err := c.sendTrustAgency(t, temporary, simulator.AgencyName, ptr(int32(3601)))
			return err
		}, 400, "STS5.0001", "duration_seconds"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := serve(t, nil, simulator.Options{})
			err := test.send(c)
			rejection, ok := errors.AsType[*sdkerr.ServiceResponseError](err)
			if !ok {
				t.Fatalf("got %v", err)
			}
			if rejection.StatusCode != test.status || rejection.ErrorCode != test.code || !strings.Contains(rejection.ErrorMessage, test.text) || rejection.RequestId != c.Requests()[0].RequestID {
				t.Errorf("got %+v", rejection)
			}
		})
	}
}

// The SDK's own sign-in by an ID token reads refusals with IAM's trace.
func TestSDKReadsRefusalsOfOIDC(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		idpID, idToken string
		status         int
		code           string
	}{
		"wrong ID token":   {simulator.IdpID, "wrong", http.StatusUnauthorized, "IAM.0001"},
		"unknown provider": {"other", simulator.IDToken, http.StatusNotFound, "IAM.0004"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := serve(t, nil, simulator.Options{})
			credentials, err := basic.NewCredentialsBuilder().WithIdpId(test.idpID).WithIdTokenFile(fileOf(t, test.idToken)).
				WithIamEndpointOverride(c.url).SafeBuild()
			if err != nil {
				t.Fatal(err)
			}
			err = credentials.ProcessSts(impl.NewDefaultHttpClient(httpConfig(new([]byte))))
			var refusal *sdkerr.ServiceResponseError
			if !errors.As(err, &refusal) {
				t.Fatalf("got %v", err)
			}
			if id := c.Requests()[0].RequestID; refusal.StatusCode != test.status || refusal.ErrorCode != test.code ||
				refusal.RequestId != id || !strings.HasSuffix(refusal.ErrorMessage, "X-IAM-Trace-Id="+id) {
				t.Errorf("got %+v", refusal)
			}
		})
	}
}
