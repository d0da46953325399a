// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
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

// Requests by which credentials and projects are found, and the read of the simulator's instance.
const (
	findProject  = "GET /v3/projects?name=cn-north-4"
	createToken  = "POST /v3/auth/tokens"
	exchangeID   = "POST /v3.0/OS-AUTH/id-token/tokens"
	assumeAgency = "POST /v3.0/OS-CREDENTIAL/securitytokens"
	listTasks    = "GET /v2/" + simulator.ProjectID + "/instances/" + simulator.InstanceID + "/connector/tasks?limit=50&offset=0"
)

// Secrets that stand in base64 and URLs as something else than themselves.
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

// canaryCloud knows the secrets above.
func canaryCloud(t *testing.T) *testCloud {
	t.Helper()
	c := newSimulator(t, simulator.Options{
		Keys:              []simulator.Key{{AccessKey: accessKey, SecretKey: secretKey}, {AccessKey: otherAccessKey, SecretKey: temporaryKey, SecurityToken: securityToken}},
		Users:             []simulator.User{{ID: simulator.UserID, Name: simulator.UserName, Password: userPassword, DomainID: simulator.DomainID, DomainName: simulator.DomainName}},
		IdentityProviders: []simulator.IdentityProvider{{ID: simulator.IdpID, IDTokens: []string{idToken}}},
		Agencies: []simulator.Agency{
			{Name: "first", DomainName: "one", DomainID: "1"},
			{Name: "second", DomainName: "two", DomainID: "2", Via: "first"},
		},
	})
	c.provider = "provider \"smartconnect\" {\n  region = \"cn-north-4\"\n"
	return c
}

// block closes the provider block with further lines.
func (c *testCloud) block(lines string) string {
	return c.provider + "  " + lines + fmt.Sprintf("\n  endpoints = { dms = %q, iam = %q }\n}\n", c.url, c.url)
}

// authentication is a method by which a user signs in, with what it takes to be asked.
type authentication struct {
	name   string
	lines  string // of the provider block
	env    func(t *testing.T, c *testCloud) map[string]string
	before []string // requests before the first for tasks
}

func env(pairs ...string) func(*testing.T, *testCloud) map[string]string {
	variables := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		variables[pairs[i]] = pairs[i+1]
	}
	return func(*testing.T, *testCloud) map[string]string { return maps.Clone(variables) }
}

var keysInEnvironment = env("HW_ACCESS_KEY", accessKey, "HW_SECRET_KEY", secretKey)

func authentications() []authentication {
	const first, second = "assume_role {\n    agency_name = \"first\"\n    domain_name = \"one\"\n    duration = 900\n  }", "\n  assume_role {\n    agency_name = \"second\"\n    domain_id = \"2\"\n  }"
	return []authentication{
		{"keys", "", keysInEnvironment, []string{findProject}},
		{"keys in the block", fmt.Sprintf("access_key = %q\n  secret_key = %q", accessKey, secretKey), env(), []string{findProject}},
		{"keys and a project", `project_id = "` + simulator.ProjectID + `"`, keysInEnvironment, nil},
		{"temporary keys", "", env("HW_ACCESS_KEY", otherAccessKey, "HW_SECRET_KEY", temporaryKey, "HW_SECURITY_TOKEN", securityToken), []string{findProject}},
		{"token", "", func(_ *testing.T, c *testCloud) map[string]string {
			return map[string]string{"HW_AUTH_TOKEN": c.IssueToken(simulator.ProjectID)}
		}, []string{findProject}},
		{"password", "", env("HW_USER_NAME", simulator.UserName, "HW_DOMAIN_NAME", simulator.DomainName, "HW_USER_PASSWORD", userPassword), []string{createToken}},
		{"password, user by ID", "", env("OS_USER_ID", simulator.UserID, "OS_PASSWORD", userPassword), []string{createToken}},
		{"password and a project", `project_id = "` + simulator.ProjectID + `"`, env("OS_USER_ID", simulator.UserID, "OS_PASSWORD", userPassword), []string{createToken}},
		{"profile", `profile = "p"`, func(t *testing.T, _ *testCloud) map[string]string {
			t.Helper()
			return map[string]string{"HW_SHARED_CONFIG_FILE": "not read", "HOME": filepath.Dir(filepath.Dir(profileFile(t, map[string]string{
				"name": "p", "mode": "AKSK", "accessKeyId": accessKey, "secretAccessKey": secretKey,
			})))}
		}, []string{findProject}},
		{"profile with an agency", "", func(t *testing.T, _ *testCloud) map[string]string {
			t.Helper()
			return map[string]string{"HW_SHARED_CONFIG_FILE": profileFile(t, map[string]string{
				"name": "p", "mode": "Agency", "accessKeyId": accessKey, "secretAccessKey": secretKey, "agencyName": "first", "agencyDomainName": "one",
			})}
		}, []string{assumeAgency, findProject}},
		{"agency", first, keysInEnvironment, []string{assumeAgency, findProject}},
		{"agency of the environment", "", env("HW_ACCESS_KEY", accessKey, "HW_SECRET_KEY", secretKey,
			"HW_ASSUME_ROLE_AGENCY_NAME", "first", "HW_ASSUME_ROLE_DOMAIN_ID", "1"), []string{assumeAgency, findProject}},
		{"chain of agencies", first + second, keysInEnvironment, []string{assumeAgency, assumeAgency, findProject}},
		{"agency with a password", first, env("HW_USER_ID", simulator.UserID, "HW_USER_PASSWORD", userPassword), []string{createToken, assumeAgency, findProject}},
		{"OIDC in the block", "assume_role_with_oidc {\n    idp_id = \"" + simulator.IdpID + "\"\n    id_token = \"" + idToken +
			"\"\n    agency_name = \"first\"\n    domain_name = \"one\"\n  }", env(), []string{exchangeID, assumeAgency, findProject}},
		{"OIDC from a file", "", func(t *testing.T, _ *testCloud) map[string]string {
			t.Helper()
			return map[string]string{
				"HW_ASSUME_ROLE_IDP_ID": simulator.IdpID, "HW_ASSUME_ROLE_ID_TOKEN_FILE": writeFile(t, "token", idToken+"\n"),
			}
		}, []string{exchangeID}},
		{"OIDC of the environment", "", env("HW_ASSUME_ROLE_IDP_ID", simulator.IdpID, "HW_ASSUME_ROLE_ID_TOKEN", idToken), []string{exchangeID}},
		{"OIDC with an agency", "", env("HW_ASSUME_ROLE_IDP_ID", simulator.IdpID, "HW_ASSUME_ROLE_ID_TOKEN", idToken,
			"HW_ASSUME_ROLE_AGENCY_NAME", "first", "HW_ASSUME_ROLE_DOMAIN_NAME", "one"), []string{exchangeID, assumeAgency, findProject}},
		{"pod identity", "", func(t *testing.T, c *testCloud) map[string]string {
			t.Helper()
			server := httptest.NewServer(c.PodIdentity(simulator.PodIdentityOptions{Token: podToken}))
			t.Cleanup(server.Close)
			return map[string]string{
				huaweicloud.PodURIVariable: server.URL + "/keys", huaweicloud.PodTokenFileVariable: writeFile(t, "token", podToken), "HTTP_PROXY": "http://127.0.0.1:1",
			}
		}, []string{"POST /keys", findProject}},
	}
}

func requestLines(requests []simulator.Request) []string {
	all := make([]string, len(requests))
	for i, r := range requests {
		all[i] = r.String()
	}
	return all
}

func TestEachMethodSignsInWithNoMoreRequestsThanItTakes(t *testing.T) {
	t.Parallel()
	for _, tt := range authentications() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := canaryCloud(t)
			w := workspace(t, map[string]string{"main.tf": userSource + c.block(tt.lines) + readTasks(c.instance)})
			w.Env = tt.env(t, c)
			if out, err := run(t, w, "plan"); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			if got, want := requestLines(c.Requests()), slices.Concat(tt.before, []string{listTasks}); !slices.Equal(got, want) {
				t.Errorf("the requests were\n%s\nexpected\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		})
	}
}

func TestMetadataOfAnECSSignsIn(t *testing.T) {
	t.Parallel()
	const session, keys = "PUT /meta-data/latest/api/token", "GET /openstack/latest/securitykey"
	for name, o := range map[string]simulator.MetadataOptions{
		"session required": {SessionRequired: true},
		"no sessions, 404": {SessionStatus: http.StatusNotFound},
		"no sessions, 405": {SessionStatus: http.StatusMethodNotAllowed},
		"no sessions, 503": {SessionStatus: http.StatusServiceUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := canaryCloud(t)
			server := httptest.NewServer(c.Metadata(o))
			t.Cleanup(server.Close)
			c.provider = c.block("")
			resource.UnitTest(t, resource.TestCase{
				ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
					typeName: func() (tfprotov6.ProviderServer, error) {
						return newServer(&smartconnectProvider{version: "test", metadataURL: server.URL}), nil
					},
				},
				Steps: []resource.TestStep{{Config: c.config(readTasks(c.instance))}},
			})
			requests := requestLines(c.Requests())
			want := []string{session, keys, findProject, listTasks}
			if len(requests) < len(want) || !slices.Equal(requests[:len(want)], want) {
				t.Errorf("the requests began with\n%s\nexpected\n%s", strings.Join(requests, "\n"), strings.Join(want, "\n"))
			}
		})
	}
}

func TestTwentyDataSourcesSideBySideShareOneSignIn(t *testing.T) {
	t.Parallel()
	const many = "\ndata \"smartconnect_tasks\" \"many\" {\n  count = 20\n  instance_id = \"" + simulator.InstanceID + "\"\n}\n"
	for _, tt := range authentications() {
		switch tt.name {
		case "keys", "password", "agency", "OIDC of the environment", "pod identity", "token":
		default:
			continue // the same kinds of source again
		}
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := canaryCloud(t)
			w := workspace(t, map[string]string{"main.tf": userSource + c.block(tt.lines) + many})
			w.Env = tt.env(t, c)
			if out, err := run(t, w, "plan", "-parallelism=20"); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			got := requestLines(c.Requests())
			want := slices.Concat(tt.before, slices.Repeat([]string{listTasks}, 20))
			if !slices.Equal(got, want) {
				t.Errorf("the requests were\n%s\nexpected\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		})
	}
}

func TestWrongCredentialsAreRefusedOnceARun(t *testing.T) {
	t.Parallel()
	const many = "\ndata \"smartconnect_tasks\" \"many\" {\n  count = 10\n  instance_id = \"" + simulator.InstanceID + "\"\n}\n"
	for name, tt := range map[string]struct {
		lines string
		env   map[string]string
	}{
		"secret key":                 {"", map[string]string{"HW_ACCESS_KEY": accessKey, "HW_SECRET_KEY": "wrong"}},
		"secret key, project given":  {`project_id = "` + simulator.ProjectID + `"`, map[string]string{"HW_ACCESS_KEY": accessKey, "HW_SECRET_KEY": "wrong"}},
		"secret key under an agency": {"", map[string]string{"HW_ACCESS_KEY": accessKey, "HW_SECRET_KEY": "wrong", "HW_ASSUME_ROLE_AGENCY_NAME": "first", "HW_ASSUME_ROLE_DOMAIN_NAME": "one"}},
		"password":                   {"", map[string]string{"HW_USER_ID": simulator.UserID, "HW_USER_PASSWORD": "wrong"}},
		"token":                      {"", map[string]string{"HW_AUTH_TOKEN": "wrong"}},
		"ID token":                   {"", map[string]string{"HW_ASSUME_ROLE_IDP_ID": simulator.IdpID, "HW_ASSUME_ROLE_ID_TOKEN": "wrong"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := canaryCloud(t)
			w := workspace(t, map[string]string{"main.tf": userSource + c.block(tt.lines) + many})
			w.Env = tt.env
			out, err := run(t, w, "plan")
			if err == nil {
				t.Fatalf("the plan succeeded\n%s", out)
			}
			if requests := c.Requests(); len(requests) != 1 || requests[0].Status != http.StatusUnauthorized {
				t.Errorf("the requests were\n%s\nexpected one that is refused", strings.Join(requestLines(requests), "\n"))
			}
		})
	}
}

func TestTokenThatExpiresDuringAReadIsRenewedOnce(t *testing.T) {
	t.Parallel()
	c := canaryCloud(t)
	tasks := simulator.GenerateTasks(1000)
	c.SetTasks(c.instance, tasks)
	c.SetFaults(map[int]simulator.Fault{10: c.ExpireTokensFault()})
	w := workspace(t, map[string]string{"main.tf": userSource + c.block("") + readIDs(c.instance)})
	w.Env = map[string]string{"HW_USER_ID": simulator.UserID, "HW_USER_PASSWORD": userPassword}
	ids := appliedIDs(t, w)
	if !slices.Equal(ids, idsOf(t, tasks)) {
		t.Errorf("%d tasks were read, expected all %d in order", len(ids), len(tasks))
	}
	tokens := 0
	for _, r := range c.Requests() {
		if r.String() == createToken {
			tokens++
		}
	}
	if tokens != 2 {
		t.Errorf("%d tokens were asked for, expected one, and one more", tokens)
	}
}

func TestOtherRegionCostsOneLookUpForAllItsReaders(t *testing.T) {
	t.Parallel()
	const instance, project = "elsewhere", "fedcba9876543210fedcba9876543210"
	for _, tt := range authentications() {
		if !slices.Contains([]string{"keys", "password", "agency", "OIDC of the environment", "pod identity", "token"}, tt.name) {
			continue
		}
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newSimulator(t, simulator.Options{
				Keys:              []simulator.Key{{AccessKey: accessKey, SecretKey: secretKey}},
				Users:             []simulator.User{{ID: simulator.UserID, Name: simulator.UserName, Password: userPassword, DomainID: simulator.DomainID, DomainName: simulator.DomainName}},
				IdentityProviders: []simulator.IdentityProvider{{ID: simulator.IdpID, IDTokens: []string{idToken}}},
				Agencies:          []simulator.Agency{{Name: "first", DomainName: "one", DomainID: "1"}},
				Projects: []simulator.Project{
					{ID: simulator.ProjectID, Name: simulator.Region, Instances: []simulator.Instance{{ID: simulator.InstanceID, Tasks: simulator.PageTasks()}}},
					{ID: project, Name: "eu-west-101", Instances: []simulator.Instance{{ID: instance, Tasks: simulator.PageTasks()}}},
				},
			})
			c.provider = "provider \"smartconnect\" {\n  region = \"cn-north-4\"\n"
			w := workspace(t, map[string]string{"main.tf": userSource + c.block(tt.lines) + readTasks(c.instance) +
				"\ndata \"smartconnect_tasks\" \"many\" {\n  count = 5\n  region = \"eu-west-101\"\n  instance_id = \"" + instance + "\"\n}\n"})
			w.Env = tt.env(t, c)
			out, err := run(t, w, "plan")
			if tt.name == "token" {
				if err == nil || !strings.Contains(out, "Token for Another Region") {
					t.Errorf("expected the error that a token serves one region, got\n%s", out)
				}
				return
			}
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			count := map[string]int{}
			for _, r := range c.Requests() {
				if !strings.HasSuffix(r.Path, "/connector/tasks") {
					count[r.String()]++
				}
			}
			// What is for one project is asked for once more, and nothing else is.
			want := map[string]int{}
			for _, r := range tt.before {
				switch r {
				case findProject:
					want[r], want["GET /v3/projects?name=eu-west-101"] = 1, 1
				case createToken, exchangeID:
					want[r] = 2
				default:
					want[r] = 1
				}
			}
			if !maps.Equal(count, want) {
				t.Errorf("the requests were %v, expected %v", count, want)
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

func TestNoSecretOfAnyMethodIsWrittenAnywhere(t *testing.T) {
	t.Parallel()
	failing := map[string]map[int]simulator.Fault{
		"success": nil,
		// The gateway repeats what was sent.
		"refused": {2: echoFault},
		"broken":  {1: simulator.AbortFault(), 2: simulator.TruncateFault(10), 3: simulator.BodyFault(http.StatusOK, "text/html", "<html>")},
	}
	for _, tt := range authentications() {
		if strings.HasSuffix(tt.name, "in the block") {
			continue // Terraform itself keeps the configuration in the plan
		}
		for outcome, faults := range failing {
			t.Run(tt.name+"/"+outcome, func(t *testing.T) {
				t.Parallel()
				c := canaryCloud(t)
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

// echoFault refuses a request in the words of a gateway that repeats its headers.
func echoFault(w http.ResponseWriter, r *http.Request, next http.Handler) {
	var sent bytes.Buffer
	_ = r.Header.Write(&sent)
	body, _ := io.ReadAll(r.Body)
	simulator.ErrorFault(http.StatusUnauthorized, "APIGW.0301", "Incorrect IAM authentication information: "+sent.String()+string(body))(w, r, next)
}

// unzipped returns a file's content, and that of the files in it if it is an archive; nothing if there is none.
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
