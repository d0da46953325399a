// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/huaweicloud"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/smartconnect"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/terraform"
)

// diagnostic is one of `terraform plan -json` or `terraform validate -json`.
type diagnostic struct {
	Severity string `json:"severity"`
	Summary  string `json:"summary"`
	Detail   string `json:"detail"`
	Address  string `json:"address"`
	Range    struct {
		Filename string `json:"filename"`
	} `json:"range"`
	Snippet struct {
		Code string `json:"code"`
	} `json:"snippet"`
}

// String returns what a user sees, without the box around it.
func (d diagnostic) String() string {
	return fmt.Sprintf("%s: %s\n\n  on: %s\n\n%s\n", strings.ToUpper(d.Severity[:1])+d.Severity[1:], d.Summary,
		strings.TrimSpace(d.Snippet.Code), d.Detail)
}

// errorsIn returns the error diagnostics in the output of a command with -json.
func errorsIn(t *testing.T, out string) (errs []diagnostic) {
	t.Helper()
	for line := range strings.Lines(out) {
		var message struct {
			Diagnostic *diagnostic `json:"diagnostic"`
		}
		if err := json.Unmarshal([]byte(line), &message); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if d := message.Diagnostic; d != nil && d.Severity == "error" {
			errs = append(errs, *d)
		}
	}
	return errs
}

// planErrors returns the error diagnostics of each file, of which so many are invalid. Terraform stops after the
// stage that fails: the files without errors are planned again.
func planErrors(t *testing.T, w *terraform.Workspace, invalid int) map[string]string {
	t.Helper()
	found := map[string]string{}
	for len(found) < invalid {
		var out, stderr bytes.Buffer
		if err := w.Run(t.Context(), &out, &stderr, "plan", "-json"); err == nil {
			t.Fatalf("%d files are invalid, want %d\n%s", len(found), invalid, out.String())
		}
		stage := map[string][]string{}
		for _, d := range errorsIn(t, out.String()) {
			stage[d.Range.Filename] = append(stage[d.Range.Filename], d.String())
		}
		if len(stage) == 0 {
			t.Fatalf("no errors\n%s%s", out.String(), stderr.String())
		}
		for file, texts := range stage {
			found[file] = strings.Join(texts, "\n")
			if err := os.Remove(filepath.Join(w.Dir, file)); err != nil {
				t.Fatalf("%v: %s", err, found[file])
			}
		}
	}
	return found
}

// The exact text of each error that users are likely to see is in testdata/diagnostics.
func TestAccDiagnostics(t *testing.T) {
	t.Parallel()
	const keys = `access_key = "` + simulator.AccessKey + `"` + "\n  " + `secret_key = "` + simulator.SecretKey + `"`
	const valid = `region = "cn-north-4"` + "\n  " + keys
	const token = `region = "cn-north-4"` + "\n  " + `token = "canary"`
	oidc := func(name, value string) string {
		return fmt.Sprintf("region = \"cn-north-4\"\n  assume_role_with_oidc {\n    idp_id = %q\n    %s = %q\n  }", simulator.IdpID, name, value)
	}
	// The proxy rejects CONNECT with the status in the host name.
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var status int
		if _, err := fmt.Sscanf(r.Host, "dms-%d", &status); err != nil {
			t.Errorf("the proxy received a request for %s", r.Host)
		}
		w.Header().Set("X-Echo", r.Header.Get("Proxy-Authorization"))
		w.WriteHeader(status)
	}))
	t.Cleanup(proxy.Close)
	proxied := map[string]string{"HTTPS_PROXY": "http://user:canary@" + proxy.Listener.Addr().String(), huaweicloud.PodURIVariable: "none"}
	iam := func(f simulator.Fault) string {
		return newSimulator(t, simulator.Options{Faults: map[int]simulator.Fault{1: f}}).url
	}
	tests := []struct {
		name     string
		provider string            // lines of the provider block; default: valid keys and region
		more     string            // lines in addition
		data     string            // lines of the data source
		instance string            // default: the simulator's
		url      string            // default: the simulator's
		fault    simulator.Fault   // of the list
		env      map[string]string // default: keys, of which none may be used
		before   string            // other blocks
		tasks    []json.RawMessage // default: those of the API reference
		source   string            // default: smartconnect_tasks
	}{
		{name: "region missing", provider: keys},
		{name: "secret key missing", provider: `region = "cn-north-4"` + "\n  " + `access_key = "AK"`},
		{
			name: "everything malformed",
			provider: "region = \"cn north\"\n  access_key = \"AK \"\n  secret_key = \"canary\\n\"\n  project_id = \"a/b\"\n  cloud = \"https://x\"\n" +
				"  auth_url = \"ftp://x\"\n  cacert_file = \"no/such/file\"\n  max_retries = -1",
		},
		{name: "environment malformed", provider: "# none", env: map[string]string{"HW_REGION_NAME": "..", "HW_ACCESS_KEY": "AK\t", "HW_SECRET_KEY": "canary of two", "HW_INSECURE": "maybe", "HW_MAX_RETRIES": "many"}},
		{name: "endpoint malformed", url: `kafka.example.com?x`},
		{name: "endpoint without encryption", url: "http://dms.example.com"},
		{
			name: "provider argument unknown", provider: "region = \"cn-north-4\"\n  access_key = terraform_data.key.output\n  secret_key = \"canary\"",
			before: "resource \"terraform_data\" \"key\" {\n  input = \"AK\"\n}\n",
		},
		{name: "no instance credentials", provider: `region = "cn-north-4"`, env: proxied},
		{name: "wrong password", provider: "region = \"cn-north-4\"\n  user_name = \"" + simulator.UserName + "\"\n  domain_name = \"" + simulator.DomainName + "\"\n  password = \"canary\""},
		{name: "wrong agency", more: "assume_role {\n    agency_name = \"nobody\"\n    domain_name = \"nowhere\"\n  }"},
		{name: "wrong ID token", provider: oidc("id_token", "canary")},
		{name: "ID token file missing", provider: oidc("id_token_file", "/no/such/file")},
		{name: "token for another region", provider: token, data: `region = "eu-west-101"`},
		{name: "max_retries with a fraction", more: `max_retries = 1.5`},
		{name: "profile missing", provider: `shared_config_file = "no/such/file"`},
		{name: "agency incomplete", more: "assume_role {\n    agency_name = \"reader\"\n  }"},
		{name: "wrong secret key", provider: "region = \"cn-north-4\"\n  access_key = \"" + simulator.AccessKey + "\"\n  secret_key = \"canary\""},
		{name: "wrong access key", provider: "region = \"cn-north-4\"\n  project_id = \"" + simulator.ProjectID + "\"\n  access_key = \"AK\"\n  secret_key = \"canary\""},
		{name: "wrong region", provider: "region = \"cn-nowhere-9\"\n  " + keys},
		{name: "wrong region of the data source", data: `region = "cn-nowhere-9"`},
		{name: "wrong project", provider: valid, data: `project_id = "cn-nowhere-9"`},
		{name: "unknown instance", instance: "99999999-9999-4999-8999-999999999999"},
		{name: "instance_id with a path in it", instance: "a/../b"},
		{name: "instance_id empty", instance: "-"},
		{name: "name_regex malformed", data: `name_regex = "(a"`},
		{name: "filter with null", data: `ids = [null]`},
		{name: "name_regex with a look-around", data: `name_regex = "^(?!test-)"`},
		{name: "timeout without a unit", data: `timeouts { read = 30 }`},
		{name: "timeout misspelled", data: "timeouts {\n    Read = \"1m\"\n  }"},
		{name: "timeout malformed", data: `timeouts { read = "soon" }`},
		{name: "timeout not positive", data: `timeouts { read = "0s" }`},
		{name: "connection refused", more: `max_retries = 1`, url: "http://127.0.0.1:1"},
		{name: "host not found", url: "https://dms.invalid"},
		{name: "response too large", fault: simulator.BodyFault(http.StatusOK, "application/json", strings.Repeat(" ", 2<<20))},
		{name: "login page", more: `max_retries = 0`, fault: simulator.BodyFault(http.StatusOK, "text/html", "<html><title>Sign in</title></html>")},
		{name: "web page with status 502", more: `max_retries = 0`, fault: simulator.BodyFault(http.StatusBadGateway, "text/html", "<html>Bad Gateway</html>")},
		{name: "permission missing", fault: simulator.ErrorFault(http.StatusForbidden, "DMS.00403002", "User does not have the permission.")},
		{name: "project lookup denied", url: iam(simulator.BodyFault(http.StatusForbidden, "application/json", `{"error":{"code":403,"message":"You are not authorized.","title":"Forbidden"}}`))},
		{name: "value of undocumented type", fault: simulator.BodyFault(http.StatusOK, "application/json", `{"tasks":[{"id":"1","task_name":"copy","sink_task":{"flush_size":"plenty"}}],"total_number":1}`)},
		{name: "task ID repeated", more: `max_retries = 0`, fault: simulator.BodyFault(http.StatusOK, "application/json", `{"tasks":[{"id":"1"},{"id":"1"}],"total_number":2}`)},
		{name: "project_name unknown", more: `project_name = "cn-north-4_kafka"`},
		{name: "IAM unavailable", more: `max_retries = 0`, url: iam(simulator.BodyFault(http.StatusServiceUnavailable, "text/html", "busy"))},
		{name: "key locked", more: `max_retries = 0`, fault: simulator.ErrorFault(http.StatusUnauthorized, "APIGW.0301", "Incorrect IAM authentication information: AK access failed to reach the limit,forbidden")},
		{name: "token rejected", provider: token},
		{name: "empty block", more: "assume_role {}"},
		{
			name: "throttled beyond the timeout", more: `max_retries = 1`, data: `timeouts { read = "50s" }`,
			fault: func(w http.ResponseWriter, r *http.Request, next http.Handler) {
				w.Header().Set("Retry-After", "300")
				simulator.ErrorFault(http.StatusTooManyRequests, "APIGW.0308", "The throttling threshold has been reached.")(w, r, next)
			},
		},
		{
			name: "redirect",
			fault: func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
				http.Redirect(w, r, "https://example.com/", http.StatusFound)
			},
		},
		{name: "instance not ready", fault: simulator.ErrorFault(http.StatusBadRequest, "DMS.00400026", "This operation is not allowed due to the instance status.")},
		{name: "web filter", fault: simulator.BodyFault(http.StatusForbidden, "text/html", "<html>Blocked by policy</html>")},
		{name: "account frozen", fault: simulator.ErrorFault(http.StatusForbidden, "DMS.10240306", "The account is frozen.")},
		{name: "proxy denies", url: "https://dms-403.example.com", env: proxied},
		{name: "proxy requires authentication", url: "https://dms-407.example.com", env: proxied},
		{name: "proxy cannot connect", more: `max_retries = 0`, url: "https://dms-502.example.com", env: proxied},
		{name: "proxy unreachable", more: `max_retries = 0`, url: "https://dms.example.com", env: map[string]string{"HTTPS_PROXY": "http://user:canary@127.0.0.1:1"}},
		{name: "proxy not found", more: `max_retries = 0`, url: "https://dms.example.com", env: map[string]string{"HTTPS_PROXY": "http://user:canary@proxy.invalid:8080"}},
		{name: "proxy malformed", url: "https://dms.example.com", env: map[string]string{"HTTPS_PROXY": "http://user:canary#1@proxy.example.com:8080"}},
		{name: "neither id nor task_name", source: "smartconnect_task"},
		{name: "both id and task_name", source: "smartconnect_task", data: "id = \"1\"\n  task_name = \"copy\""},
		{name: "task name unknown", source: "smartconnect_task", data: `task_name = "Smart-Connect-1"`},
		{name: "task ID unknown", source: "smartconnect_task", data: `id = "1"`},
		{name: "task name unknown among many", source: "smartconnect_task", data: `task_name = "copy"`, tasks: simulator.GenerateTasks(maxListed + 2)},
		{name: "instance without tasks", source: "smartconnect_task", data: `task_name = "copy"`, tasks: []json.RawMessage{}},
		{name: "task name ambiguous", source: "smartconnect_task", data: `task_name = "copy"`, tasks: []json.RawMessage{[]byte(`{"id":"1","task_name":"copy"}`), []byte(`{"id":"2"}`), []byte(`{"id":"3","task_name":"copy"}`)}},
	}
	// Those with the same environment are planned together, and those with a valid provider block share one, since
	// Terraform starts processes for each. A rejection of the first request counts for all that share a block.
	type group struct {
		*terraform.Workspace
		names []string
	}
	groups := map[string]*group{} // by environment
	c := newSimulator(t, simulator.Options{})
	lists := map[string]*testCloud{} // by instance
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for instance, list := range lists {
			if strings.Contains(r.URL.Path, "/"+instance+"/") {
				list.ServeHTTP(w, r)
				return
			}
		}
		c.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	shared := aliasedProvider("shared", fmt.Sprintf("%s\n  endpoints = { dms = %[2]q, iam = %[2]q }", valid, server.URL))
	for _, tt := range tests {
		if tt.env == nil {
			tt.env = map[string]string{"HW_ACCESS_KEY": simulator.AccessKey, "HW_SECRET_KEY": "canary"}
		}
		g := groups[fmt.Sprint(tt.env)]
		if g == nil {
			g = &group{Workspace: workspace(t, map[string]string{"shared.tf": userSource + shared})}
			g.Env = tt.env
			groups[fmt.Sprint(tt.env)] = g
		}
		name := strings.ReplaceAll(tt.name, " ", "-")
		g.names = append(g.names, name)
		if tt.fault != nil || tt.tasks != nil {
			tt.instance = "instance-" + name
			instance := simulator.Instance{ID: tt.instance, Tasks: tt.tasks}
			lists[tt.instance] = newSimulator(t, simulator.Options{
				Projects: []simulator.Project{{ID: simulator.ProjectID, Name: simulator.Region, Instances: []simulator.Instance{instance}}},
				Faults:   map[int]simulator.Fault{1: tt.fault},
			})
		}
		config, alias := tt.before, "shared"
		if tt.provider != "" || tt.more != "" || tt.url != "" {
			alias = name
			config += aliasedProvider(name, fmt.Sprintf("%s\n  %s\n  endpoints = { dms = %[3]q, iam = %[3]q }", cmp.Or(tt.provider, valid), tt.more, cmp.Or(tt.url, server.URL)))
		}
		config += aliasedData(alias, cmp.Or(tt.source, "smartconnect_tasks"), name, fmt.Sprintf("instance_id = %q\n  %s", strings.TrimPrefix(cmp.Or(tt.instance, c.instance), "-"), tt.data))
		if err := g.Write(name+".tf", []byte(config)); err != nil {
			t.Fatal(err)
		}
	}
	for env, g := range groups {
		t.Run(env, func(t *testing.T) {
			t.Parallel()
			found := planErrors(t, g.Workspace, len(g.names))
			for _, name := range g.names {
				t.Run(name, func(t *testing.T) {
					got := plain(strings.NewReplacer(`"`+name+`" {`, `"test" {`, "instance-"+name, simulator.InstanceID).Replace(found[name+".tf"]))
					if strings.Contains(got, "canary") || strings.Contains(got, simulator.SecretKey) {
						t.Error("a secret is shown")
					}
					golden(t, filepath.Join("diagnostics", name+".txt"), got)
				})
			}
		})
	}
}

// masks replaces what differs between runs and systems, and the hosts of tests by those that users have.
var masks = []struct {
	pattern *regexp.Regexp
	with    string
}{
	{regexp.MustCompile(`http://127\.0\.0\.1:\d+/v2/`), "https://dms.cn-north-4.myhuaweicloud.com/v2/"},
	{regexp.MustCompile(`http://127\.0\.0\.1:\d+/v3\b`), "https://iam.cn-north-4.myhuaweicloud.com/v3"},
	{regexp.MustCompile(`https://127\.0\.0\.1:\d+/`), "https://iam.example.com/"},
	{regexp.MustCompile(`\bconnection to 127\.0\.0\.1:\d{2,}\b`), "connection to iam.example.com:443"},
	{regexp.MustCompile(`dial tcp 127\.0\.0\.1:1\b`), "dial tcp 192.0.2.1:443"},
	{regexp.MustCompile(`\bproxy 127\.0\.0\.1:\d+\b`), "proxy proxy.example.com:8080"},
	{regexp.MustCompile(`\b127\.0\.0\.1:1\b`), "iam.cn-north-4.myhuaweicloud.com:443"},
	{regexp.MustCompile(`\brequest ID 0{20}[0-9a-f]{12}\b`), "request ID 00000000000000000000000000000001"},
	{regexp.MustCompile(` in \d+(\.\d+)?m?s\)`), " in <time>)"},
	{regexp.MustCompile(`\btimes out in \S+`), "times out in <time>"},
	{regexp.MustCompile(`\blookup (dms|proxy)\.invalid( on \S+)?: .*`), "lookup $1.invalid: no such host"},
	{regexp.MustCompile(`\bdms-\d+\.example\.com\b`), "dms.example.com"},
	{regexp.MustCompile(`\bdms\.invalid\b`), "dms.cn-nowhere-9.myhuaweicloud.com"},
	{regexp.MustCompile(`\bproxy\.invalid\b`), "proxy.example.com"},
}

func plain(text string) string {
	for _, m := range masks {
		text = m.pattern.ReplaceAllString(text, m.with)
	}
	return text
}

// The response of the metadata service depends on the machine.
func TestReadError_noCredentials(t *testing.T) {
	t.Parallel()
	r := resolve(providerValues(t, arguments{"region": "cn-north-4"}), func(string) string { return "" }, "")
	err := &huaweicloud.NoCredentialsError{
		Searched: r.config.CredentialSource.(huaweicloud.InstanceIdentity).Searched,
		Err:      errors.New("ECS metadata service: no response within 2s"),
	}
	d := readError(err, smartconnect.Instance{}, time.Minute)
	golden(t, "diagnostics/no-credentials.txt", "Error: "+d.Summary()+"\n\n  on: data \"smartconnect_tasks\" \"test\" {\n\n"+d.Detail()+"\n")
}

func TestReadError_authentication(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"Unable to Read ID Token": &huaweicloud.FileError{Name: "/token", Err: errors.New("is a directory")},
		"Connection Failed":       &huaweicloud.ConnectionError{Address: "iam:443", Err: errors.New("reset")},
		"Authentication Failed":   errors.New("the request could not be sent"),
	} {
		err = &huaweicloud.AuthError{Method: huaweicloud.AuthOIDC, Principal: "idp", Err: err}
		if got := readError(err, smartconnect.Instance{}, time.Minute).Summary(); got != want {
			t.Errorf("%v: summary is %q, want %q", err, got, want)
		}
	}
}

// golden compares text with a file in testdata, or writes the file if -update is set.
func golden(t *testing.T, name, text string) {
	t.Helper()
	goldenFile(t, filepath.Join("testdata", name), text)
}

// goldenFile is golden for a file anywhere.
func goldenFile(t *testing.T, file, text string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (-update writes it)", err)
	}
	if text != string(want) {
		t.Errorf("%s differs (-update writes it)\n--- got\n%s\n--- want\n%s", file, text, want)
	}
}
