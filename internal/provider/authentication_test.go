// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/huaweicloud"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/smartconnect"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/terraform"
)

// Accounts that delegate an agency, with a project each, and a project of the caller's account in another region.
const (
	firstDomain, firstProject   = "11111111111111111111111111111111", "1111111111111111aaaaaaaaaaaaaaaa"
	secondDomain, secondProject = "22222222222222222222222222222222", "2222222222222222aaaaaaaaaaaaaaaa"
	otherRegion, otherProject   = "eu-west-101", "fedcba9876543210fedcba9876543210"
)

// Requests that obtain credentials and projects, and the reads of an instance of each account.
const (
	findProject   = "GET /v3/projects?name=cn-north-4"
	findOther     = "GET /v3/projects?name=" + otherRegion
	createToken   = "POST /v3/auth/tokens"
	exchangeID    = "POST /v3.0/OS-AUTH/id-token/tokens"
	exchangeToken = "POST /v3.0/OS-CREDENTIAL/securitytokens token"
	assumeByName  = "POST /v3.0/OS-CREDENTIAL/securitytokens assume_role"
	assumeByID    = "POST /v5/agencies/assume"
	metadataToken = "PUT /meta-data/latest/api/token"
	metadataKeys  = "GET /openstack/latest/securitykey"
	podKeys       = "POST /keys"
	instanceTasks = "/instances/" + simulator.InstanceID + "/connector/tasks?limit=50&offset=0"
	listTasks     = "GET /v2/" + simulator.ProjectID + instanceTasks
	listFirst     = "GET /v2/" + firstProject + instanceTasks
	listSecond    = "GET /v2/" + secondProject + instanceTasks
	listOther     = "GET /v2/" + otherProject + instanceTasks
)

// Secrets with the characters that logs, JSON, HTML and URLs escape, between words that nothing escapes.
const (
	secretKey      = `canary/secret$+"key\==<of>?the&user%canary`
	temporaryKey   = `canary/temporary$+"key\==<of>?the&user%canary`
	securityToken  = `canary/security$+"token\==<of>?the&user%canary`
	userPassword   = `canary/pass "$\<>&é% word+of?the&user%canary`
	idToken        = `canary.id$+"token/\of==<the>?user&%canary`
	podToken       = `canary.pod$+"token/\of==<the>?user&%canary`
	accessKey      = "CANARYACCESSKEY00000"
	otherAccessKey = "CANARYTEMPORARYKEY00"
)

// newAccounts starts a cloud that has the secrets above, and three accounts: the caller's, and two that
// delegate an agency, the second one to the first.
func newAccounts(t *testing.T) *testCloud {
	t.Helper()
	project := func(id, name, domain string) simulator.Project {
		return simulator.Project{ID: id, Name: name, DomainID: domain, Instances: []simulator.Instance{{ID: simulator.InstanceID, Tasks: simulator.PageTasks()}}}
	}
	return newSimulator(t, simulator.Options{
		Keys:              []simulator.Key{{AccessKey: accessKey, SecretKey: secretKey}, {AccessKey: otherAccessKey, SecretKey: temporaryKey, SecurityToken: securityToken}},
		Users:             []simulator.User{{ID: simulator.UserID, Name: simulator.UserName, Password: userPassword, DomainName: simulator.DomainName}},
		IdentityProviders: []simulator.IdentityProvider{{ID: simulator.IdpID, IDTokens: []string{idToken}}},
		Agencies: []simulator.Agency{
			{Name: "first", DomainID: firstDomain, DomainName: "first-account"},
			{Name: "second", DomainID: secondDomain, DomainName: "second-account", Via: "first"},
		},
		Projects: []simulator.Project{
			project(simulator.ProjectID, simulator.Region, ""), project(otherProject, otherRegion, ""),
			project(firstProject, simulator.Region, firstDomain), project(secondProject, simulator.Region, secondDomain),
		},
	})
}

// servePodIdentity serves the pod identity, and returns the environment of the pod.
func (c *testCloud) servePodIdentity(t *testing.T) environment {
	t.Helper()
	server := httptest.NewServer(c.PodIdentity(simulator.PodIdentityOptions{Token: podToken}))
	t.Cleanup(server.Close)
	return environment{huaweicloud.PodURIVariable: server.URL + "/keys", huaweicloud.PodTokenFileVariable: writeFile(t, "token", podToken)}
}

// configured returns what the provider passes to its data sources, for a block and an environment. dial can be nil.
func configured(t *testing.T, block arguments, env environment, metadataURL string, dial func(context.Context, string, string) (net.Conn, error)) *providerData {
	t.Helper()
	r := resolve(providerValues(t, block), func(name string) string { return env[name] }, metadataURL)
	checkDiags(t, r.diags, nil)
	r.config.Dial = dial
	cloud, err := huaweicloud.NewClient(r.config)
	if err != nil {
		t.Fatal(err)
	}
	return &providerData{cloud: cloud, api: smartconnect.NewClient(cloud)}
}

// arguments returns those of a provider block without credentials.
func (c *testCloud) arguments() arguments {
	return arguments{"region": simulator.Region, "endpoints": arguments{"dms": c.url, "iam": c.url, "sts": c.url}}
}

// mustRead reads the tasks of the simulator's instance in a region; empty: the provider's.
func mustRead(t *testing.T, d *providerData, region string) []smartconnect.Task {
	t.Helper()
	var diags diag.Diagnostics
	list := d.read(t.Context(), &instanceModel{InstanceID: types.StringValue(simulator.InstanceID), Region: types.StringValue(region)}, &diags)
	if list == nil || len(diags) > 0 {
		t.Fatalf("the read failed: %v", diags)
	}
	return list.Tasks
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

// Each way to authenticate, with all requests of a read. The tests of huaweicloud have each kind of agency and
// chain on top of each credential.
func TestProviderData_authentication(t *testing.T) {
	t.Parallel()
	c := newAccounts(t)
	metadata := httptest.NewServer(c.Metadata(simulator.MetadataOptions{}))
	t.Cleanup(metadata.Close)
	type env = environment
	var (
		keys         = env{"HW_ACCESS_KEY": accessKey, "HW_SECRET_KEY": secretKey}
		token        = env{"HW_AUTH_TOKEN": c.IssueToken(simulator.ProjectID)}
		password     = env{"HW_USER_NAME": simulator.UserName, "HW_DOMAIN_NAME": simulator.DomainName, "HW_USER_PASSWORD": userPassword}
		userID       = env{"OS_USER_ID": simulator.UserID, "OS_PASSWORD": userPassword}
		oidc         = env{"HW_ASSUME_ROLE_IDP_ID": simulator.IdpID, "HW_ASSUME_ROLE_ID_TOKEN": idToken}
		oidcFile     = env{"HW_ASSUME_ROLE_IDP_ID": simulator.IdpID, "HW_ASSUME_ROLE_ID_TOKEN_FILE": writeFile(t, "token", idToken+"\n")}
		pod          = c.servePodIdentity(t)
		agencyByID   = env{"HW_ASSUME_ROLE_AGENCY_NAME": "first", "HW_ASSUME_ROLE_DOMAIN_ID": firstDomain}
		project      = arguments{"project_id": simulator.ProjectID}
		firstByName  = arguments{"agency_name": "first", "domain_name": "first-account"}
		firstByID    = arguments{"agency_name": "first", "domain_id": firstDomain, "duration": 900}
		secondByName = arguments{"agency_name": "second", "domain_name": "second-account"}
		secondByID   = arguments{"agency_name": "second", "domain_id": secondDomain}
		ssoKeys      = fmt.Sprintf(`"mode":"SSO","ssoAuth":{"stsToken":{"accessKeyId":%q,"secretAccessKey":%q,"securityToken":%q}}`, otherAccessKey, temporaryKey, securityToken)
		staticKeys   = fmt.Sprintf(`"accessKeyId":%q,"secretAccessKey":%q`, accessKey, secretKey)
	)
	const profileByName, profileByID = `,"agencyName":"first","agencyDomainName":"first-account"`, `,"agencyName":"first","agencyDomainId":"` + firstDomain + `"`
	profile := func(fields string) env {
		return env{"HW_SHARED_CONFIG_FILE": writeFile(t, "config.json", `{"current":"p","profiles":[{"name":"p",`+fields+`}]}`)}
	}
	agencies := func(blocks ...arguments) arguments { return arguments{"assume_role": blocks} }
	for _, tt := range []struct {
		name     string
		block    arguments
		env      env
		requests []string
	}{
		{"keys", nil, keys, []string{findProject, listTasks}},
		{"keys and a project", project, keys, []string{listTasks}},
		{"temporary keys", nil, env{"HW_ACCESS_KEY": otherAccessKey, "HW_SECRET_KEY": temporaryKey, "HW_SECURITY_TOKEN": securityToken}, []string{findProject, listTasks}},
		{"token", nil, token, []string{findProject, listTasks}},
		{"password", nil, password, []string{createToken, listTasks}},
		{"password, user by ID, and a project", project, userID, []string{createToken, listTasks}},
		{"profile AKSK", nil, profile(`"mode":"AKSK",` + staticKeys), []string{findProject, listTasks}},
		{"profile SSO", nil, profile(ssoKeys), []string{findProject, listTasks}},
		{"profile ecsAgency", nil, profile(`"mode":"ecsAgency"`), []string{metadataToken, metadataKeys, findProject, listTasks}},
		{"OIDC", nil, oidc, []string{exchangeID, exchangeToken, findProject, listTasks}},
		{"OIDC from a file", nil, oidcFile, []string{exchangeID, exchangeToken, findProject, listTasks}},
		{"pod identity", nil, pod, []string{podKeys, findProject, listTasks}},
		{"ECS metadata", nil, nil, []string{metadataToken, metadataKeys, findProject, listTasks}},

		{"profile AKSK, agency by domain name", nil, profile(`"mode":"Agency",` + staticKeys + profileByName), []string{assumeByName, findProject, listFirst}},
		{"profile SSO, agency by domain ID", nil, profile(ssoKeys + profileByID), []string{assumeByID, findProject, listFirst}},
		{"profile ecsAgency, agency by domain ID", nil, profile(`"mode":"ecsAgency"` + profileByID), []string{metadataToken, metadataKeys, assumeByID, findProject, listFirst}},
		{"pod identity, agency by domain ID", agencies(firstByID), pod, []string{podKeys, assumeByID, findProject, listFirst}},
		{"ECS metadata, agency by domain ID", agencies(firstByID), nil, []string{metadataToken, metadataKeys, assumeByID, findProject, listFirst}},
		{"ECS metadata, agency by domain name", agencies(firstByName), nil, []string{metadataToken, metadataKeys, assumeByName, findProject, listFirst}},
		{"token, agency by domain ID", agencies(firstByID), token, []string{exchangeToken, assumeByID, findProject, listFirst}},
		{"password, agency by domain ID, project of its account", merge(agencies(firstByID), arguments{"project_id": firstProject}), password, []string{createToken, exchangeToken, assumeByID, listFirst}},
		{"password, agency by domain name, project of its account", merge(agencies(firstByName), arguments{"project_id": firstProject}), password, []string{createToken, assumeByName, listFirst}},
		{"user by ID, agency by domain name", agencies(firstByName), userID, []string{createToken, assumeByName, findProject, listFirst}},
		{"OIDC with the agency in its block", arguments{"assume_role_with_oidc": firstByID}, oidc, []string{exchangeID, exchangeToken, assumeByID, findProject, listFirst}},
		{"keys, agency of the environment", nil, merge(keys, agencyByID), []string{assumeByID, findProject, listFirst}},
		{"keys, agency by domain name", agencies(firstByName), keys, []string{assumeByName, findProject, listFirst}},
		{"keys, chain, name and ID", agencies(firstByName, secondByID), keys, []string{assumeByName, assumeByID, findProject, listSecond}},
		{"password, chain, ID and name", agencies(firstByID, secondByName), password, []string{createToken, exchangeToken, assumeByID, assumeByName, findProject, listSecond}},
		{"OIDC, chain, name and ID", agencies(firstByName, secondByID), oidc, []string{exchangeID, exchangeToken, assumeByName, assumeByID, findProject, listSecond}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c.Reset()
			mustRead(t, configured(t, merge(c.arguments(), tt.block), tt.env, metadata.URL, nil), "")
			checkRequests(t, c, tt.requests)
		})
	}
}

// In another region, a credential for one project costs one more, and any other the lookup of the project.
func TestProviderData_otherRegion(t *testing.T) {
	t.Parallel()
	c := newAccounts(t)
	for _, tt := range []struct {
		name     string
		block    arguments
		requests []string
	}{
		{"keys", arguments{"access_key": accessKey, "secret_key": secretKey}, []string{findProject, listTasks, findOther, listOther}},
		{"password", arguments{"user_id": simulator.UserID, "password": userPassword}, []string{createToken, listTasks, createToken, listOther}},
		{
			"OIDC",
			arguments{"assume_role_with_oidc": arguments{"idp_id": simulator.IdpID, "id_token": idToken}},
			[]string{exchangeID, exchangeToken, findProject, listTasks, findOther, listOther},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c.Reset()
			d := configured(t, merge(c.arguments(), tt.block), nil, "", nil)
			mustRead(t, d, "")
			mustRead(t, d, otherRegion)
			checkRequests(t, c, tt.requests)
		})
	}
}

// method is a way to authenticate in the provider block, in a cloud of its own.
type method struct {
	*testCloud
	name     string
	lines    string   // of the provider block
	requests []string // all before the tasks are listed
	list     string
}

// methods returns one of each kind of credential, and the environment for that of a pod.
func methods(t *testing.T) ([]method, map[string]string) {
	t.Helper()
	var all []method
	add := func(name, lines, list string, requests ...string) *testCloud {
		c := newAccounts(t)
		all = append(all, method{c, name, lines, requests, list})
		return c
	}
	lines := fmt.Sprintf
	const userLines, chain = "user_id = %q\n  password = %q", "\n  assume_role {\n    agency_name = \"first\"\n    domain_id = %q\n  }\n" +
		"  assume_role {\n    agency_name = \"second\"\n    domain_name = \"second-account\"\n  }"
	sso := fmt.Sprintf(`{"profiles":[{"name":"p","mode":"SSO","ssoAuth":{"stsToken":{"accessKeyId":%q,"secretAccessKey":%q,"securityToken":%q}}}]}`, otherAccessKey, temporaryKey, securityToken)
	add("keys", lines("access_key = %q\n  secret_key = %q\n  security_token = %q", otherAccessKey, temporaryKey, securityToken), listTasks, findProject)
	token := add("token", "", listTasks, findProject)
	all[len(all)-1].lines = lines("token = %q", token.IssueToken(simulator.ProjectID))
	add("profile", lines("profile = \"p\"\n  shared_config_file = %q", writeFile(t, "config.json", sso)), listTasks, findProject)
	add("oidc", lines("assume_role_with_oidc {\n    idp_id = %q\n    id_token = %q\n  }", simulator.IdpID, idToken), listTasks, exchangeID, exchangeToken, findProject)
	add("password", lines(userLines+chain, simulator.UserID, userPassword, firstDomain), listSecond, createToken, exchangeToken, assumeByID, assumeByName, findProject)
	env := add("pod", "", listTasks, podKeys, findProject).servePodIdentity(t)
	env["HTTP_PROXY"] = "http://127.0.0.1:1"
	return all, env
}

// config returns HCL that reads the instance count times, with a provider of that name. Each read has a data block:
// Terraform 1.16 shows an error that several instances of one have once.
func (m method) config(count int) string {
	hcl := aliasedProvider(m.name, fmt.Sprintf("region = \"cn-north-4\"\n  max_retries = 1\n  %s\n  endpoints = { dms = %[2]q, iam = %[2]q, sts = %[2]q }", m.lines, m.url))
	for i := range count {
		hcl += aliasedData(m.name, "smartconnect_tasks", fmt.Sprint(m.name, i), fmt.Sprintf("instance_id = %q", m.instance))
	}
	return hcl
}

// All data sources of a provider share its credential, and a wrong one is sent once.
func TestAccAuthentication_shared(t *testing.T) {
	t.Parallel()
	const count = 3
	all, env := methods(t)
	files := map[string]string{"versions.tf": userSource}
	wrong := []method{
		{newAccounts(t), "wrong_keys", fmt.Sprintf("access_key = %q\n  secret_key = \"wrong\"", accessKey), []string{findProject}, ""},
		{newAccounts(t), "wrong_password", fmt.Sprintf("user_id = %q\n  password = \"wrong\"", simulator.UserID), []string{createToken}, ""},
	}
	for _, m := range slices.Concat(all, wrong) {
		files[m.name+".tf"] = m.config(count)
	}
	w := workspace(t, files)
	w.Env = env
	out, err := run(t, w, "plan", "-parallelism=50")
	if errors := strings.Count(out, "Error: "); err == nil || errors != len(wrong)*count {
		t.Errorf("%d errors (%v), want one of each read with a wrong credential\n%s", errors, err, out)
	}
	for _, m := range all {
		t.Run(m.name, func(t *testing.T) {
			checkRequests(t, m.testCloud, append(m.requests, slices.Repeat([]string{m.list}, count)...))
		})
	}
	for _, m := range wrong {
		t.Run(m.name, func(t *testing.T) { checkRequests(t, m.testCloud, m.requests) })
	}
}

// Secrets reach neither logs, output, state nor plan, whether reads succeed or not, nor the trace of a crash.
func TestAccAuthentication_writesNoSecrets(t *testing.T) {
	t.Parallel()
	for outcome, tt := range map[string]struct {
		faults  map[int]simulator.Fault
		command []string
	}{
		"success":  {nil, []string{"apply", "-auto-approve"}},
		"rejected": {map[int]simulator.Fault{2: echoFault}, []string{"plan"}},
		"broken": {map[int]simulator.Fault{
			1: simulator.AbortFault(), 2: simulator.TruncateFault(10), 3: simulator.BodyFault(http.StatusOK, "text/html", "<html>"),
		}, []string{"plan"}},
	} {
		t.Run(outcome, func(t *testing.T) {
			t.Parallel()
			all, env := methods(t)
			files := map[string]string{"versions.tf": userSource}
			var secrets []string
			for _, m := range all {
				m.SetFaults(tt.faults)
				files[m.name+".tf"] = m.config(1)
			}
			w := workspace(t, files)
			written, err := traced(t, w, env, tt.command...)
			if (err == nil) != (outcome == "success") {
				t.Fatalf("%v\n%s", err, written["output"])
			}
			for _, m := range all {
				secrets = append(secrets, m.Secrets()...)
			}
			checkNoSecrets(t, written, secrets)
		})
	}
	// A plan file contains the configuration, so that secrets belong in the environment.
	t.Run("plan file", func(t *testing.T) {
		t.Parallel()
		c := newAccounts(t)
		w := workspace(t, map[string]string{"main.tf": userSource + method{testCloud: c, name: "test"}.config(1)})
		for _, command := range [][]string{{"plan", "-out=plan"}, {"apply", "plan"}} {
			written, err := traced(t, w, map[string]string{"HW_ACCESS_KEY": accessKey, "HW_SECRET_KEY": secretKey}, command...)
			if err != nil {
				t.Fatalf("%v\n%s", err, written["output"])
			}
			checkNoSecrets(t, written, c.Secrets())
		}
	})
}

// The trace of a crash shows all goroutines, and no secret.
func TestAccAuthentication_crashShowsNoSecrets(t *testing.T) {
	t.Parallel()
	p := startProvider(t, "GOTRACEBACK=all")
	all, _ := methods(t)
	m := all[slices.IndexFunc(all, func(m method) bool { return m.name == "password" })]
	m.SetFaults(map[int]simulator.Fault{len(m.requests) + 1: func(_ http.ResponseWriter, r *http.Request, _ http.Handler) {
		_ = p.cmd.Process.Signal(syscall.SIGQUIT)
		<-r.Context().Done()
	}})
	w := workspace(t, map[string]string{"main.tf": debugSource + m.config(1)})
	w.Env = p.env
	out, err := run(t, w, "plan")
	_ = p.cmd.Process.Kill() // if it did not crash
	_ = p.cmd.Wait()
	crash := p.stderr.String()
	if err == nil || !strings.Contains(crash, "SIGQUIT: quit") || !strings.Contains(crash, "smartconnect.(*Client).Tasks") {
		t.Errorf("the provider did not crash in a read: %v\n%s\n%s", err, out, crash)
	}
	checkNoSecrets(t, map[string][]byte{"output": []byte(out), "crash": []byte(crash)}, m.Secrets())
}

// traced runs a command with the most detailed log, and returns all that it wrote.
func traced(t *testing.T, w *terraform.Workspace, env map[string]string, args ...string) (map[string][]byte, error) {
	t.Helper()
	log := filepath.Join(w.Dir, "trace.log")
	w.Env = with(with(env, "TF_LOG", "TRACE"), "TF_LOG_PATH", log)
	out, err := run(t, w, args...)
	written := map[string][]byte{"output": []byte(out)}
	written["log"], _ = os.ReadFile(log)
	if !bytes.Contains(written["log"], []byte("request_id")) {
		t.Error("the log contains no request: it is not the provider's")
	}
	for _, name := range []string{"plan", "terraform.tfstate"} {
		written[name] = unzipped(filepath.Join(w.Dir, name))
	}
	return written, err
}

// checkNoSecrets checks that what was written contains no secret in any form. The word canary is in all secrets but those that the cloud issues.
func checkNoSecrets(t *testing.T, written map[string][]byte, secrets []string) {
	t.Helper()
	forms := []string{"canary"}
	for _, s := range secrets {
		b := []byte(s)
		forms = append(forms, s, url.QueryEscape(s), url.PathEscape(s), hex.EncodeToString(b), base64.StdEncoding.EncodeToString(b), base64.RawURLEncoding.EncodeToString(b))
	}
	for where, content := range written {
		for _, form := range forms {
			if at := bytes.Index(content, []byte(form)); at >= 0 {
				t.Errorf("%s contains %q: %q", where, form, content[max(0, at-500):min(len(content), at+200)])
			}
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
