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

	"github.com/smartconnect/terraform-provider-smartconnect/internal/huaweicloud"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

// The SDK gets new keys for each request if the old ones end within 40 minutes.
const soon = 30 * time.Minute

const (
	tokensPath      = "/v3/auth/tokens"
	idTokensPath    = "/v3.0/OS-AUTH/id-token/tokens"
	keysPath        = "/v3.0/OS-CREDENTIAL/securitytokens"
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

// iamClient is the SDK's client of IAM, with the last answer as it came.
type iamClient struct {
	*iam.IamClient
	wire []byte
}

func (c cloud) iam(t *testing.T, credentials auth.ICredential) *iamClient {
	t.Helper()
	client := &iamClient{}
	core, err := iam.IamClientBuilder().WithCredential(credentials).WithHttpConfig(httpConfig(&client.wire)).
		WithEndpoint(c.url).SafeBuild()
	if err != nil {
		t.Fatal(err)
	}
	client.IamClient = iam.NewIamClient(core)
	return client
}

// anyone are the SDK's credentials of who has none, or a token.
func anyone(token string) auth.ICredential {
	return iam.NewIamCredentialsBuilder().WithXAuthToken(token).Build()
}

// caller is who sends a request to IAM: nobody known, keys or a token.
type caller string

const (
	nobody     caller = "nobody"
	byKeys     caller = "keys"
	byTempKeys caller = "temporary keys"
	byToken    caller = "a token"
)

// credentials are the SDK's.
func (who caller) credentials(t *testing.T, c cloud) auth.ICredential {
	t.Helper()
	var key simulator.Key
	switch who {
	case byToken:
		return anyone(c.IssueToken(simulator.ProjectID))
	case byKeys:
		key = permanent
	case byTempKeys:
		key = temporary
	default:
		return anyone("")
	}
	credentials, err := basic.NewCredentialsBuilder().WithAk(key.AccessKey).WithSk(key.SecretKey).
		WithSecurityToken(key.SecurityToken).SafeBuild()
	if err != nil {
		t.Fatal(err)
	}
	return credentials
}

// headers are those that say who the caller is.
func (who caller) headers() map[string]string {
	switch who {
	case byToken:
		return map[string]string{"X-Auth-Token": "*"}
	case byKeys:
		return map[string]string{"Authorization": "*"}
	case byTempKeys:
		return map[string]string{"Authorization": "*", "X-Security-Token": temporary.SecurityToken}
	default:
		return map[string]string{}
	}
}

// signIn is a way to sign in, in the SDK's words and in ours.
type signIn struct {
	path      string
	who       caller
	body      any                          // the SDK's
	source    huaweicloud.CredentialSource // ours
	projectID string                       // that ours knows
	life      time.Duration                // of what is got
}

const (
	oddName     = "someone@example.com"
	oddPassword = "a <b> & \"c\" \\ 'd' é 漢字 \u2028"
)

func passwordBody(user, password, domain string, project model.AuthScopeProject) any {
	return model.KeystoneCreateUserTokenByPasswordRequestBody{Auth: &model.PwdAuth{
		Identity: &model.PwdIdentity{
			Methods: []model.PwdIdentityMethods{model.GetPwdIdentityMethodsEnum().PASSWORD},
			Password: &model.PwdPassword{User: &model.PwdPasswordUser{
				Name: user, Password: password, Domain: &model.PwdPasswordUserDomain{Name: domain},
			}},
		},
		Scope: &model.AuthScope{Project: &project},
	}}
}

func agencyBody(role model.IdentityAssumerole) any {
	return model.CreateTemporaryAccessKeyByAgencyRequestBody{Auth: &model.AgencyAuth{Identity: &model.AgencyAuthIdentity{
		Methods:    []model.AgencyAuthIdentityMethods{model.GetAgencyAuthIdentityMethodsEnum().ASSUME_ROLE},
		AssumeRole: &role,
	}}}
}

func idTokenBody(idToken string, project model.GetIdTokenScopeDomainOrProjectBody) any {
	return model.GetIdTokenRequestBody{Auth: &model.GetIdTokenAuthParams{
		IdToken: &model.GetIdTokenIdTokenBody{Id: idToken},
		Scope:   &model.GetIdTokenIdScopeBody{Project: &project},
	}}
}

// signIns are all that the SDK has a place for: of users and their domains, only names.
func signIns(t *testing.T) map[string]signIn {
	t.Helper()
	const day = 24 * time.Hour
	user := huaweicloud.Password{
		UserName: simulator.UserName, Password: huaweicloud.NewSecret(simulator.Password), DomainName: simulator.DomainName,
	}
	odd := huaweicloud.Password{
		UserName: oddName, Password: huaweicloud.NewSecret(oddPassword), DomainName: simulator.DomainName,
	}
	agency := huaweicloud.Agency{Base: sourceOf(permanent), Name: simulator.AgencyName, DomainName: simulator.DomainName}
	ofDomain := model.IdentityAssumerole{AgencyName: simulator.AgencyName, DomainName: ptr(simulator.DomainName)}
	oidc := huaweicloud.OIDC{ProviderID: simulator.IdpID, IDToken: huaweicloud.NewSecret(simulator.IDToken)}
	oidcFile := huaweicloud.OIDC{ProviderID: simulator.IdpID, IDTokenFile: fileOf(t, simulator.IDToken)}
	named, known := model.AuthScopeProject{Name: ptr(simulator.Region)}, model.AuthScopeProject{Id: ptr(simulator.ProjectID)}
	namedOIDC := model.GetIdTokenScopeDomainOrProjectBody{Name: ptr(simulator.Region)}
	knownOIDC := model.GetIdTokenScopeDomainOrProjectBody{Id: ptr(simulator.ProjectID)}

	withBase := func(base huaweicloud.CredentialSource) huaweicloud.Agency { a := agency; a.Base = base; return a }
	long := agency
	long.Duration = day
	ofLong := ofDomain
	ofLong.DurationSeconds = ptr(int32(86400))
	byID := agency
	byID.DomainName, byID.DomainID = "", simulator.DomainID
	ofID := model.IdentityAssumerole{AgencyName: simulator.AgencyName, DomainId: ptr(simulator.DomainID)}

	return map[string]signIn{
		"password, project by name": {
			tokensPath, nobody, passwordBody(simulator.UserName, simulator.Password, simulator.DomainName, named), user, "", day,
		},
		"password, project by ID": {
			tokensPath, nobody, passwordBody(simulator.UserName, simulator.Password, simulator.DomainName, known),
			user, simulator.ProjectID, day,
		},
		"password that needs escapes": {
			tokensPath, nobody, passwordBody(oddName, oddPassword, simulator.DomainName, named), odd, "", day,
		},
		"ID token, project by name":      {idTokensPath, nobody, idTokenBody(simulator.IDToken, namedOIDC), oidc, "", day},
		"ID token, project by ID":        {idTokensPath, nobody, idTokenBody(simulator.IDToken, knownOIDC), oidc, simulator.ProjectID, day},
		"ID token of a file":             {idTokensPath, nobody, idTokenBody(simulator.IDToken, namedOIDC), oidcFile, "", day},
		"agency, by keys":                {keysPath, byKeys, agencyBody(ofDomain), agency, "", 15 * time.Minute},
		"agency, by temporary keys":      {keysPath, byTempKeys, agencyBody(ofDomain), withBase(sourceOf(temporary)), "", 15 * time.Minute},
		"agency, by a token":             {keysPath, byToken, agencyBody(ofDomain), withBase(user), "", 15 * time.Minute},
		"agency of a domain's ID":        {keysPath, byKeys, agencyBody(ofID), byID, "", 15 * time.Minute},
		"agency, with a duration":        {keysPath, byKeys, agencyBody(ofLong), long, "", day},
		"agency, project by ID":          {keysPath, byKeys, agencyBody(ofDomain), agency, simulator.ProjectID, 15 * time.Minute},
		"agency, by an ID token's token": {keysPath, byToken, agencyBody(ofDomain), withBase(oidc), "", 15 * time.Minute},
	}
}

// serveIAM starts a cloud with a clock that stands still.
func serveIAM(t *testing.T, now time.Time) cloud {
	t.Helper()
	user := simulator.User{
		ID: simulator.UserID, Name: simulator.UserName, Password: simulator.Password,
		DomainID: simulator.DomainID, DomainName: simulator.DomainName,
	}
	odd := user
	odd.ID, odd.Name, odd.Password = "odd", oddName, oddPassword
	return serve(t, simulator.PageTasks(), simulator.Options{
		Users: []simulator.User{user, odd}, Now: func() time.Time { return now },
	})
}

// got is what an answer of IAM is asked for.
type got struct {
	token     string
	projectID string
	key       simulator.Key
	expires   string
	compared  comparison // of the answer with what the SDK read
	missing   []string   // texts that the SDK's model always has, and the answer does not
}

// send signs in by the SDK.
func (c *iamClient) send(t *testing.T, body any) (got, error) {
	t.Helper()
	var g got
	var whole any
	switch body := body.(type) {
	case model.KeystoneCreateUserTokenByPasswordRequestBody:
		answer, err := c.KeystoneCreateUserTokenByPassword(&model.KeystoneCreateUserTokenByPasswordRequest{Body: &body})
		if err != nil {
			return got{}, err
		}
		g = got{token: text(answer.XSubjectToken), projectID: answer.Token.Project.Id, expires: answer.Token.ExpiresAt}
		g.missing = []string{"token.user.password_expires_at"}
		answer.XSubjectToken = nil // it is no part of the body
		whole = answer
	case model.GetIdTokenRequestBody:
		answer, err := c.CreateTokenWithIdToken(&model.CreateTokenWithIdTokenRequest{XIdpId: simulator.IdpID, Body: &body})
		if err != nil {
			return got{}, err
		}
		g = got{token: text(answer.XSubjectToken), projectID: text(answer.Token.Project.Id), expires: answer.Token.ExpiresAt}
		answer.XSubjectToken = nil
		whole = answer
	case model.CreateTemporaryAccessKeyByAgencyRequestBody:
		answer, err := c.CreateTemporaryAccessKeyByAgency(&model.CreateTemporaryAccessKeyByAgencyRequest{Body: &body})
		if err != nil {
			return got{}, err
		}
		g = gotKeys(answer.Credential)
		whole = answer
	case model.CreateTemporaryAccessKeyByTokenRequestBody:
		answer, err := c.CreateTemporaryAccessKeyByToken(&model.CreateTemporaryAccessKeyByTokenRequest{Body: &body})
		if err != nil {
			return got{}, err
		}
		g = gotKeys(answer.Credential)
		whole = answer
	default:
		t.Fatalf("a body of %T", body)
	}
	g.compared = compare(read(t, c.wire), readBack(t, whole))
	return g, nil
}

func gotKeys(c *model.Credential) got {
	return got{
		key:     simulator.Key{AccessKey: c.Access, SecretKey: c.Secret, SecurityToken: c.Securitytoken},
		expires: c.ExpiresAt,
	}
}

// check fails unless g opens c until life has passed since now.
func (g *got) check(t *testing.T, c cloud, now time.Time, life time.Duration) {
	t.Helper()
	expires, err := time.Parse(time.RFC3339, g.expires)
	if err != nil || !expires.Equal(now.Add(life)) {
		t.Errorf("it expires at %s (%v), expected %s", g.expires, err, now.Add(life))
	}
	checkRead(t, g.compared, g.missing...)
	if g.token == "" && g.key.AccessKey == "" {
		t.Fatal("there is neither a token nor a key")
	}
	if g.token == "" {
		if answer, _ := c.mustSDK(t, g.key).list(t, 0, 50); len(*answer.Tasks) != 3 {
			t.Errorf("with the keys, got %s", answer)
		}
		return
	}
	if g.projectID != simulator.ProjectID {
		t.Errorf("the token is for project %s", g.projectID)
	}
	client := c.iam(t, anyone(g.token))
	answer, err := client.KeystoneListProjects(&model.KeystoneListProjectsRequest{Name: ptr(simulator.Region)})
	if err != nil {
		t.Fatal(err)
	}
	if projects := *answer.Projects; len(projects) != 1 || projects[0].Id != simulator.ProjectID {
		t.Errorf("with the token, got %s", answer)
	}
	checkRead(t, compare(read(t, client.wire), readBack(t, answer)),
		"links.next", "links.previous", "projects[0].links.next", "projects[0].links.previous")
}

// checkRead fails unless the SDK has read all there was. missing are the places of texts that its
// model always has, and that the answer leaves out or null.
func checkRead(t *testing.T, c comparison, missing ...string) {
	t.Helper()
	want := make([]string, 0, len(missing))
	for _, place := range missing {
		want = append(want, place+`: nothing was read as ""`)
	}
	if !slices.Equal(c.differences, want) {
		t.Errorf("the SDK read otherwise\n%s\nexpected was\n%s", strings.Join(c.differences, "\n"), strings.Join(want, "\n"))
	}
	c.differences = nil
	c.check(t)
}

func TestSDKSignsInAtIAM(t *testing.T) {
	t.Parallel()
	now := time.Now().UTC().Truncate(time.Millisecond)
	tests := signIns(t)
	tests["keys of a token in the header"] = signIn{
		path: keysPath, who: byToken, life: 15 * time.Minute,
		body: model.CreateTemporaryAccessKeyByTokenRequestBody{Auth: &model.TokenAuth{Identity: &model.TokenAuthIdentity{
			Methods: []model.TokenAuthIdentityMethods{model.GetTokenAuthIdentityMethodsEnum().TOKEN},
		}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := serveIAM(t, now)
			answer, err := c.iam(t, test.who.credentials(t, c)).send(t, test.body)
			if err != nil {
				t.Fatal(err)
			}
			c.checkSent(t, "POST "+test.path+" 201")
			answer.check(t, c, now, test.life)
		})
	}
}

func TestOurClientSignsInAsTheSDKDoes(t *testing.T) {
	t.Parallel()
	now := time.Now().UTC().Truncate(time.Millisecond)
	for name, test := range signIns(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := serveIAM(t, now)
			if _, err := c.iam(t, test.who.credentials(t, c)).send(t, test.body); err != nil {
				t.Fatal(err)
			}
			theirs := c.Requests()[0]
			c.Reset()
			if listed := c.ours(t, test.source, test.projectID); listed["tasks[2].id"] == nil {
				t.Errorf("listed %v", listed)
			}
			requests := c.Requests()
			at := slices.IndexFunc(requests, func(r simulator.Request) bool { return r.Path == test.path })
			if at < 0 {
				t.Fatalf("sent only %v", c.sent())
			}
			ours := requests[at]
			if got, want := decoded(t, ours.Body), marshalled(t, test.body); !reflect.DeepEqual(got, want) {
				t.Errorf("ours sent\n%v\nthe SDK's model is\n%v", got, want)
			}
			if got, want := decoded(t, ours.Body), decoded(t, theirs.Body); !reflect.DeepEqual(got, want) {
				t.Errorf("ours sent\n%v\nthe SDK sent\n%v", got, want)
			}
			want := test.who.headers()
			if test.path == idTokensPath {
				want["X-Idp-Id"] = simulator.IdpID
			}
			for _, r := range []simulator.Request{ours, theirs} {
				checkHeaders(t, r, want)
				if r.Method != http.MethodPost || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
					t.Errorf("%s with a body of type %s", r, r.Header.Get("Content-Type"))
				}
			}
		})
	}
}

func TestSDKReadsIAMsRefusals(t *testing.T) {
	t.Parallel()
	named := model.AuthScopeProject{Name: ptr(simulator.Region)}
	role := func(agency string, seconds *int32) any {
		return agencyBody(model.IdentityAssumerole{
			AgencyName: agency, DomainName: ptr(simulator.DomainName), DurationSeconds: seconds,
		})
	}
	tests := map[string]struct {
		who    caller
		body   any
		status int
		code   string // not of v3's forms, where it is a number, for which the SDK has no place
		text   string
	}{
		"wrong password": {
			nobody, passwordBody(simulator.UserName, "wrong", simulator.DomainName, named),
			http.StatusUnauthorized, "", "The username or password is wrong.",
		},
		"project of a password missing": {
			nobody, passwordBody(simulator.UserName, simulator.Password, simulator.DomainName, model.AuthScopeProject{Name: ptr("other")}),
			http.StatusNotFound, "", "other",
		},
		"wrong ID token": {
			nobody, idTokenBody("wrong", model.GetIdTokenScopeDomainOrProjectBody{Name: ptr(simulator.Region)}),
			http.StatusUnauthorized, "IAM.0001", "authentication",
		},
		"agency missing":     {byKeys, role("other", nil), http.StatusNotFound, "IAM.0004", "other"},
		"agency of nobody's": {nobody, role(simulator.AgencyName, nil), http.StatusUnauthorized, "APIGW.0301", "IAM authentication information"},
		"duration too short": {byKeys, role(simulator.AgencyName, ptr(int32(899))), http.StatusBadRequest, "IAM.0007", "duration_seconds"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := serveIAM(t, time.Now())
			_, err := c.iam(t, test.who.credentials(t, c)).send(t, test.body)
			var refusal *sdkerr.ServiceResponseError
			if !errors.As(err, &refusal) {
				t.Fatalf("got %v", err)
			}
			if refusal.StatusCode != test.status || refusal.ErrorCode != test.code ||
				!strings.Contains(refusal.ErrorMessage, test.text) || refusal.RequestId != c.Requests()[0].RequestID {
				t.Errorf("got %+v", refusal)
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
