// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/huaweicloud"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

// Accounts that delegate an agency, with a project each.
const (
	firstDomain, firstProject   = "11111111111111111111111111111111", "1111111111111111aaaaaaaaaaaaaaaa"
	secondDomain, secondProject = "22222222222222222222222222222222", "2222222222222222aaaaaaaaaaaaaaaa"
)

// Requests that obtain credentials and projects, and the reads of an instance of each account.
const (
	findProject    = "GET /v3/projects?name=cn-north-4"
	createToken    = "POST /v3/auth/tokens"
	exchangeID     = "POST /v3.0/OS-AUTH/id-token/tokens"
	exchangeToken  = "POST /v3.0/OS-CREDENTIAL/securitytokens token"
	assumeByName   = "POST /v3.0/OS-CREDENTIAL/securitytokens assume_role"
	assumeByID     = "POST /v5/agencies/assume"
	metadataToken  = "PUT /meta-data/latest/api/token"
	metadataKeys   = "GET /openstack/latest/securitykey"
	instanceTasks  = "/instances/" + simulator.InstanceID + "/connector/tasks?limit=50&offset=0"
	listTasks      = "GET /v2/" + simulator.ProjectID + instanceTasks
	listFirst      = "GET /v2/" + firstProject + instanceTasks
	listSecond     = "GET /v2/" + secondProject + instanceTasks
	agencyByName   = "assume_role {\n    agency_name = \"first\"\n    domain_name = \"first-account\"\n  }\n"
	agencyByID     = "assume_role {\n    agency_name = \"first\"\n    domain_id = \"" + firstDomain + "\"\n    duration = 900\n  }\n"
	nextByName     = "  assume_role {\n    agency_name = \"second\"\n    domain_name = \"second-account\"\n  }\n"
	nextByID       = "  assume_role {\n    agency_name = \"second\"\n    domain_id = \"" + secondDomain + "\"\n  }\n"
	otherProjectID = "  project_id = \"" + firstProject + "\"\n"
)

// Secrets that base64 and URLs spell in another way.
const (
	secretKey      = "canary/secret+key==of?the&user"
	temporaryKey   = "canary/temporary+key==of?the&user"
	securityToken  = "canary/security+token==of?the&user"
	userPassword   = "canary/pass word+of?the&user"
	idToken        = "canary.id+token/of==the?user"
	podToken       = "canary.pod+token/of==the?user"
	accessKey      = "CANARYACCESSKEY00000"
	otherAccessKey = "CANARYTEMPORARYKEY00"
)

// newAccounts starts a cloud that has the secrets above, and three accounts: the caller's, and two that
// delegate an agency, the second one to the first.
func newAccounts(t *testing.T) *testCloud {
	t.Helper()
	project := func(id, domain string) simulator.Project {
		return simulator.Project{ID: id, Name: simulator.Region, DomainID: domain, Instances: []simulator.Instance{{ID: simulator.InstanceID, Tasks: simulator.PageTasks()}}}
	}
	c := newSimulator(t, simulator.Options{
		Keys:              []simulator.Key{{AccessKey: accessKey, SecretKey: secretKey}, {AccessKey: otherAccessKey, SecretKey: temporaryKey, SecurityToken: securityToken}},
		Users:             []simulator.User{{ID: simulator.UserID, Name: simulator.UserName, Password: userPassword, DomainName: simulator.DomainName}},
		IdentityProviders: []simulator.IdentityProvider{{ID: simulator.IdpID, IDTokens: []string{idToken}}},
		Agencies: []simulator.Agency{
			{Name: "first", DomainID: firstDomain, DomainName: "first-account"},
			{Name: "second", DomainID: secondDomain, DomainName: "second-account", Via: "first"},
		},
		Projects: []simulator.Project{project(simulator.ProjectID, ""), project(firstProject, firstDomain), project(secondProject, secondDomain)},
	})
	return c
}

// block returns a provider block with lines.
func (c *testCloud) block(lines string) string {
	return fmt.Sprintf("provider \"smartconnect\" {\n  region = \"cn-north-4\"\n  %s\n  endpoints = { dms = %[2]q, iam = %[2]q, sts = %[2]q }\n}\n", lines, c.url)
}

// authTest is a way to authenticate, with all requests of a read.
type authTest struct {
	name     string
	lines    string // of the provider block
	env      func(t *testing.T, c *testCloud) map[string]string
	requests []string
}

func env(pairs ...string) func(*testing.T, *testCloud) map[string]string {
	variables := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		variables[pairs[i]] = pairs[i+1]
	}
	return func(*testing.T, *testCloud) map[string]string { return maps.Clone(variables) }
}

// profileEnv is an environment that names a file with one profile.
func profileEnv(fields string) func(*testing.T, *testCloud) map[string]string {
	return func(t *testing.T, _ *testCloud) map[string]string {
		t.Helper()
		return map[string]string{"HW_SHARED_CONFIG_FILE": writeFile(t, "config.json", `{"current":"p","profiles":[{"name":"p",`+fields+`}]}`)}
	}
}

var (
	keysEnv      = env("HW_ACCESS_KEY", accessKey, "HW_SECRET_KEY", secretKey)
	passwordEnv  = env("HW_USER_NAME", simulator.UserName, "HW_DOMAIN_NAME", simulator.DomainName, "HW_USER_PASSWORD", userPassword)
	userIDEnv    = env("OS_USER_ID", simulator.UserID, "OS_PASSWORD", userPassword)
	oidcEnv      = env("HW_ASSUME_ROLE_IDP_ID", simulator.IdpID, "HW_ASSUME_ROLE_ID_TOKEN", idToken)
	aksk         = fmt.Sprintf(`"accessKeyId":%q,"secretAccessKey":%q`, accessKey, secretKey)
	ssoKeys      = fmt.Sprintf(`"mode":"SSO","ssoAuth":{"stsToken":{"accessKeyId":%q,"secretAccessKey":%q,"securityToken":%q}}`, otherAccessKey, temporaryKey, securityToken)
	firstByName  = `,"agencyName":"first","agencyDomainName":"first-account"`
	firstByID    = `,"agencyName":"first","agencyDomainId":"` + firstDomain + `"`
	oidcBlock    = "assume_role_with_oidc {\n    idp_id = \"" + simulator.IdpID + "\"\n    id_token = \"" + idToken + "\"\n"
	ownProjectID = `project_id = "` + simulator.ProjectID + `"`
)

func podEnv(t *testing.T, c *testCloud) map[string]string {
	t.Helper()
	server := httptest.NewServer(c.PodIdentity(simulator.PodIdentityOptions{Token: podToken}))
	t.Cleanup(server.Close)
	return map[string]string{
		huaweicloud.PodURIVariable: server.URL + "/keys", huaweicloud.PodTokenFileVariable: writeFile(t, "token", podToken), "HTTP_PROXY": "http://127.0.0.1:1",
	}
}

func tokenEnv(_ *testing.T, c *testCloud) map[string]string {
	return map[string]string{"HW_AUTH_TOKEN": c.IssueToken(simulator.ProjectID)}
}

func idTokenFileEnv(t *testing.T, _ *testCloud) map[string]string {
	t.Helper()
	return map[string]string{"HW_ASSUME_ROLE_IDP_ID": simulator.IdpID, "HW_ASSUME_ROLE_ID_TOKEN_FILE": writeFile(t, "token", idToken+"\n")}
}

// basicAuthTests are the ways to authenticate without an agency.
var basicAuthTests = []authTest{
	{"keys", "", keysEnv, []string{findProject, listTasks}},
	{"keys and a project", ownProjectID, keysEnv, []string{listTasks}},
	{"temporary keys", "", env("HW_ACCESS_KEY", otherAccessKey, "HW_SECRET_KEY", temporaryKey, "HW_SECURITY_TOKEN", securityToken), []string{findProject, listTasks}},
	{"token", "", tokenEnv, []string{findProject, listTasks}},
	{"password", "", passwordEnv, []string{createToken, listTasks}},
	{"password, user by ID, and a project", ownProjectID, userIDEnv, []string{createToken, listTasks}},
	{"profile AKSK", "", profileEnv(`"mode":"AKSK",` + aksk), []string{findProject, listTasks}},
	{"profile SSO", "", profileEnv(ssoKeys), []string{findProject, listTasks}},
	{"OIDC", "", oidcEnv, []string{exchangeID, exchangeToken, findProject, listTasks}},
	{"OIDC from a file", "", idTokenFileEnv, []string{exchangeID, exchangeToken, findProject, listTasks}},
	{"pod identity", "", podEnv, []string{"POST /keys", findProject, listTasks}},
}

// agencyAuthTests are those with an agency. The tests of huaweicloud have each kind and chain on top of each credential.
var agencyAuthTests = []authTest{
	{"profile AKSK, agency by domain name", "", profileEnv(`"mode":"Agency",` + aksk + firstByName), []string{assumeByName, findProject, listFirst}},
	{"profile SSO, agency by domain ID", "", profileEnv(ssoKeys + firstByID), []string{assumeByID, findProject, listFirst}},
	{"pod identity, agency by domain ID", agencyByID, podEnv, []string{"POST /keys", assumeByID, findProject, listFirst}},
	{"token, agency by domain ID", agencyByID, tokenEnv, []string{exchangeToken, assumeByID, findProject, listFirst}},
	{"password, agency by domain ID, project of its account", agencyByID + otherProjectID, passwordEnv, []string{createToken, exchangeToken, assumeByID, listFirst}},
	{"password, agency by domain name, project of its account", agencyByName + otherProjectID, passwordEnv, []string{createToken, assumeByName, listFirst}},
	{"user by ID, agency by domain name", agencyByName, userIDEnv, []string{createToken, assumeByName, findProject, listFirst}},
	{"OIDC with the agency in its block", oidcBlock + "    agency_name = \"first\"\n    domain_id = \"" + firstDomain + "\"\n  }", env(), []string{exchangeID, exchangeToken, assumeByID, findProject, listFirst}},
	{"keys, agency of the environment", "", env("HW_ACCESS_KEY", accessKey, "HW_SECRET_KEY", secretKey,
		"HW_ASSUME_ROLE_AGENCY_NAME", "first", "HW_ASSUME_ROLE_DOMAIN_ID", firstDomain), []string{assumeByID, findProject, listFirst}},
	{"keys, agency by domain name", agencyByName, keysEnv, []string{assumeByName, findProject, listFirst}},
	{"keys, chain, name and ID", agencyByName + nextByID, keysEnv, []string{assumeByName, assumeByID, findProject, listSecond}},
	{"password, chain, ID and name", agencyByID + nextByName, passwordEnv, []string{createToken, exchangeToken, assumeByID, assumeByName, findProject, listSecond}},
	{"OIDC, chain, name and ID", agencyByName + nextByID, oidcEnv, []string{exchangeID, exchangeToken, assumeByName, assumeByID, findProject, listSecond}},
}

// authTestsNamed returns some of the tests, one of each kind of credential.
func authTestsNamed(t *testing.T, names ...string) []authTest {
	t.Helper()
	all := slices.Concat(basicAuthTests, agencyAuthTests)
	found := slices.DeleteFunc(all, func(tt authTest) bool { return !slices.Contains(names, tt.name) })
	if len(found) != len(names) {
		t.Fatalf("%d of %q are tests", len(found), names)
	}
	return found
}

// requestLines returns the requests; those for temporary keys with the method that they use.
func requestLines(requests []simulator.Request) []string {
	all := make([]string, len(requests))
	for i, r := range requests {
		var body struct {
			Auth struct{ Identity struct{ Methods []string } }
		}
		all[i] = r.String()
		if strings.HasSuffix(r.Path, "/securitytokens") && json.Unmarshal(r.Body, &body) == nil {
			all[i] += " " + strings.Join(body.Auth.Identity.Methods, " ")
		}
	}
	return all
}

func checkRequests(t *testing.T, c *testCloud, want []string) {
	t.Helper()
	if got := requestLines(c.Requests()); !slices.Equal(got, want) {
		t.Errorf("the requests were\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestAccAuthentication_requests(t *testing.T) {
	t.Parallel()
	for _, tt := range slices.Concat(basicAuthTests, agencyAuthTests) {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newAccounts(t)
			w := workspace(t, map[string]string{"main.tf": userSource + c.block(tt.lines) + readTasks(c.instance)})
			w.Env = tt.env(t, c)
			if out, err := run(t, w, "plan"); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
			checkRequests(t, c, tt.requests)
		})
	}
}

// The provider is in this process, since the address of the metadata service cannot be configured.
func TestAccAuthentication_metadata(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		options  simulator.MetadataOptions
		lines    string
		profile  string
		requests []string // the first
	}{
		{"session required", simulator.MetadataOptions{SessionRequired: true}, "", "", []string{metadataToken, metadataKeys, findProject, listTasks}},
		{"no sessions, 404", simulator.MetadataOptions{SessionStatus: http.StatusNotFound}, "", "", []string{metadataToken, metadataKeys, findProject, listTasks}},
		{"agency by domain ID", simulator.MetadataOptions{}, agencyByID, "", []string{metadataToken, metadataKeys, assumeByID, findProject, listFirst}},
		{"agency by domain name", simulator.MetadataOptions{}, agencyByName, "", []string{metadataToken, metadataKeys, assumeByName, findProject, listFirst}},
		{"profile ecsAgency", simulator.MetadataOptions{}, "", `"mode":"ecsAgency"`, []string{metadataToken, metadataKeys, findProject, listTasks}},
		{"profile ecsAgency, agency", simulator.MetadataOptions{}, "", `"mode":"ecsAgency"` + firstByID, []string{metadataToken, metadataKeys, assumeByID, findProject, listFirst}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newAccounts(t)
			server := httptest.NewServer(c.Metadata(tt.options))
			t.Cleanup(server.Close)
			lines := tt.lines
			if tt.profile != "" {
				lines += fmt.Sprintf("shared_config_file = %q", profileEnv(tt.profile)(t, c)["HW_SHARED_CONFIG_FILE"])
			}
			c.provider = c.block(lines)
			resource.UnitTest(t, resource.TestCase{
				ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
					typeName: func() (tfprotov6.ProviderServer, error) {
						return newServer(&smartconnectProvider{version: "test", metadataURL: server.URL}), nil
					},
				},
				Steps: []resource.TestStep{{Config: c.config(readTasks(c.instance))}},
			})
			got := requestLines(c.Requests())
			if got = got[:min(len(got), len(tt.requests))]; !slices.Equal(got, tt.requests) {
				t.Errorf("the requests began with\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.requests, "\n"))
			}
		})
	}
}

func TestAccAuthentication_sharedByDataSources(t *testing.T) {
	t.Parallel()
	const many = "\ndata \"smartconnect_tasks\" \"many\" {\n  count = 20\n  instance_id = \"" + simulator.InstanceID + "\"\n}\n"
	for _, tt := range authTestsNamed(t, "keys", "pod identity", "password, chain, ID and name") {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newAccounts(t)
			w := workspace(t, map[string]string{"main.tf": userSource + c.block(tt.lines) + many})
			w.Env = tt.env(t, c)
			if out, err := run(t, w, "plan", "-parallelism=20"); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			last := len(tt.requests) - 1
			checkRequests(t, c, slices.Concat(tt.requests[:last], slices.Repeat(tt.requests[last:], 20)))
		})
	}
}

func TestAccAuthentication_wrongCredentialIsSentOnce(t *testing.T) {
	t.Parallel()
	const many = "\ndata \"smartconnect_tasks\" \"many\" {\n  count = 10\n  instance_id = \"" + simulator.InstanceID + "\"\n}\n"
	wrongKeys := env("HW_ACCESS_KEY", accessKey, "HW_SECRET_KEY", "wrong")
	for _, tt := range []authTest{
		{"keys", "", wrongKeys, []string{findProject}},
		{"password", "", env("HW_USER_ID", simulator.UserID, "HW_USER_PASSWORD", "wrong"), []string{createToken}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newAccounts(t)
			w := workspace(t, map[string]string{"main.tf": userSource + c.block(tt.lines) + many})
			w.Env = tt.env(t, c)
			if out, err := run(t, w, "plan"); err == nil {
				t.Errorf("the plan succeeded\n%s", out)
			}
			checkRequests(t, c, tt.requests)
		})
	}
}

func TestAccAuthentication_expiredTokenIsRenewedOnce(t *testing.T) {
	t.Parallel()
	c := newAccounts(t)
	tasks := simulator.GenerateTasks(1000)
	c.SetTasks(c.instance, tasks)
	c.SetFaults(map[int]simulator.Fault{10: c.ExpireTokensFault()})
	w := workspace(t, map[string]string{"main.tf": userSource + c.block("") + readIDs(c.instance)})
	w.Env = passwordEnv(t, c)
	if ids := appliedIDs(t, w); !slices.Equal(ids, idsOf(t, tasks)) {
		t.Errorf("%d tasks were read, want all %d in order", len(ids), len(tasks))
	}
	tokens := slices.DeleteFunc(requestLines(c.Requests()), func(line string) bool { return line != createToken })
	if len(tokens) != 2 {
		t.Errorf("%d tokens were requested, want 2", len(tokens))
	}
}

// A credential for one project costs one more in another region; any other costs the lookup of the project.
func TestAccAuthentication_otherRegion(t *testing.T) {
	t.Parallel()
	const instance, project, findOther = "elsewhere", "fedcba9876543210fedcba9876543210", "GET /v3/projects?name=eu-west-101"
	for _, tt := range []struct {
		authTest
		other []string
	}{
		{authTest{"keys", "", env("HW_ACCESS_KEY", simulator.AccessKey, "HW_SECRET_KEY", simulator.SecretKey), []string{findProject}}, []string{findOther}},
		{authTest{"password", "", env("HW_USER_ID", simulator.UserID, "HW_USER_PASSWORD", simulator.Password), []string{createToken}}, []string{createToken}},
		{authTest{"OIDC", "", env("HW_ASSUME_ROLE_IDP_ID", simulator.IdpID, "HW_ASSUME_ROLE_ID_TOKEN", simulator.IDToken), []string{exchangeID, exchangeToken, findProject}}, []string{findOther}},
		{authTest{"token", "", tokenEnv, nil}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newSimulator(t, simulator.Options{Projects: []simulator.Project{
				{ID: simulator.ProjectID, Name: simulator.Region, Instances: []simulator.Instance{{ID: simulator.InstanceID, Tasks: simulator.PageTasks()}}},
				{ID: project, Name: "eu-west-101", Instances: []simulator.Instance{{ID: instance, Tasks: simulator.PageTasks()}}},
			}})
			w := workspace(t, map[string]string{"main.tf": userSource + c.block(tt.lines) + readTasks(c.instance) +
				"\ndata \"smartconnect_tasks\" \"many\" {\n  count = 5\n  region = \"eu-west-101\"\n  instance_id = \"" + instance + "\"\n}\n"})
			w.Env = tt.env(t, c)
			out, err := run(t, w, "plan")
			if tt.requests == nil {
				if err == nil || !strings.Contains(out, "Token for Another Region") {
					t.Errorf("want the error that a token serves one region, got\n%s", out)
				}
				return
			}
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			got := slices.DeleteFunc(requestLines(c.Requests()), func(line string) bool { return strings.Contains(line, "/connector/tasks") })
			want := slices.Concat(tt.requests, tt.other)
			if slices.Sort(got); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
				t.Errorf("the requests were %q, want %q", got, want)
			}
		})
	}
}

// forms are the ways in which a secret could stand somewhere.
func forms(secret string) []string {
	return []string{
		secret, url.QueryEscape(secret), url.PathEscape(secret),
		base64.StdEncoding.EncodeToString([]byte(secret)), base64.RawURLEncoding.EncodeToString([]byte(secret)),
	}
}

func TestAccAuthentication_writesNoSecrets(t *testing.T) {
	t.Parallel()
	for outcome, faults := range map[string]map[int]simulator.Fault{
		"success":  nil,
		"rejected": {2: echoFault},
		"broken":   {1: simulator.AbortFault(), 2: simulator.TruncateFault(10), 3: simulator.BodyFault(http.StatusOK, "text/html", "<html>")},
	} {
		for _, tt := range authTestsNamed(t, "temporary keys", "token", "profile SSO", "pod identity", "password, chain, ID and name", "OIDC, chain, name and ID") {
			t.Run(tt.name+"/"+outcome, func(t *testing.T) {
				t.Parallel()
				c := newAccounts(t)
				c.SetFaults(faults)
				w := workspace(t, map[string]string{"main.tf": userSource + c.block("max_retries = 1\n  "+tt.lines) + readTasks(c.instance)})
				w.Env = tt.env(t, c)
				log := filepath.Join(t.TempDir(), "trace.log")
				w.Env["TF_LOG"], w.Env["TF_LOG_PATH"] = "TRACE", log
				written := map[string][]byte{}
				commands := [][]string{{"plan", "-out=plan"}}
				if outcome == "success" {
					commands = append(commands, []string{"apply", "plan"}, []string{"show", "-json"})
				}
				for _, args := range commands {
					out, err := run(t, w, args...)
					if outcome == "success" && err != nil {
						t.Fatalf("%v\n%s", err, out)
					}
					written[strings.Join(args, " ")] = []byte(out)
				}
				written["log"], _ = os.ReadFile(log)
				if !bytes.Contains(written["log"], []byte("request_id")) {
					t.Error("the log holds no request: it is not the provider's")
				}
				for _, name := range []string{"plan", "terraform.tfstate"} {
					written[name] = unzipped(filepath.Join(w.Dir, name))
				}
				for where, content := range written {
					for _, secret := range c.Secrets() {
						for _, form := range forms(secret) {
							if bytes.Contains(content, []byte(form)) {
								t.Errorf("%s holds the secret %q", where, secret)
							}
						}
					}
				}
			})
		}
	}
}

// echoFault rejects a request in the words of a gateway that repeats its headers.
func echoFault(w http.ResponseWriter, r *http.Request, next http.Handler) {
	var sent bytes.Buffer
	_ = r.Header.Write(&sent)
	body, _ := io.ReadAll(r.Body)
	simulator.ErrorFault(http.StatusUnauthorized, "APIGW.0301", "Incorrect IAM authentication information: "+sent.String()+string(body))(w, r, next)
}

// unzipped returns the content of a file and, if it is an archive, that of its files; nothing if there is none.
func unzipped(path string) []byte {
	content, _ := os.ReadFile(path)
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return content
	}
	for _, f := range archive.File {
		if r, err := f.Open(); err == nil {
			inner, _ := io.ReadAll(r)
			content = append(content, inner...)
			_ = r.Close()
		}
	}
	return content
}
