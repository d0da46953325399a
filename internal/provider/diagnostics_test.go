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
)

// diagnostic is one of `terraform plan -json` or `terraform validate -json`.
type diagnostic struct {
	Severity string `json:"severity"`
	Summary  string `json:"summary"`
	Detail   string `json:"detail"`
	Address  string `json:"address"`
	Range    struct {
		Start struct {
			Line int `json:"line"`
		} `json:"start"`
	} `json:"range"`
	Snippet struct {
		Code string `json:"code"`
	} `json:"snippet"`
}

// String shows what a user sees, without the box around it.
func (d diagnostic) String() string {
	return fmt.Sprintf("%s: %s\n\n  on: %s\n\n%s\n", strings.ToUpper(d.Severity[:1])+d.Severity[1:], d.Summary,
		strings.TrimSpace(d.Snippet.Code), d.Detail)
}

// diagnose plans a configuration and returns its error diagnostics as text.
func diagnose(t *testing.T, config string, env map[string]string) string {
	t.Helper()
	w := workspace(t, map[string]string{"main.tf": userSource + config})
	w.Env = env
	var out, trouble bytes.Buffer
	err := w.Run(t.Context(), &out, &trouble, "plan", "-json")
	var found []string
	for line := range strings.Lines(out.String()) {
		var message struct {
			Diagnostic *diagnostic `json:"diagnostic"`
		}
		if err := json.Unmarshal([]byte(line), &message); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if d := message.Diagnostic; d != nil && d.Severity == "error" {
			found = append(found, d.String())
		}
	}
	if err == nil || len(found) == 0 {
		t.Fatalf("the plan succeeded\n%s%s", out.String(), trouble.String())
	}
	return strings.Join(found, "\n")
}

// The exact text of each error that a user is likely to meet stands in testdata/diagnostics.
func TestAccDiagnostics(t *testing.T) {
	t.Parallel()
	const keys = `access_key = "` + simulator.AccessKey + `"` + "\n  " + `secret_key = "` + simulator.SecretKey + `"`
	reply := func(f simulator.Fault) map[int]simulator.Fault { return map[int]simulator.Fault{2: f} } // 1 is the look-up of the project
	tests := []struct {
		name     string
		settings string // of the provider block
		data     string // lines of the data source
		instance string // default: the simulator's
		url      string // default: the simulator's
		faults   map[int]simulator.Fault
		env      map[string]string
		before   string            // other blocks
		tasks    []json.RawMessage // default: the API page's
		source   string            // default: smartconnect_tasks
		connect  int               // status of a proxy's response to CONNECT
	}{
		{name: "region missing", settings: keys},
		{name: "secret key missing", settings: `region = "cn-north-4"` + "\n  " + `access_key = "AK"`, env: map[string]string{"HW_SECRET_KEY": "canary"}},
		{
			name: "everything malformed",
			settings: "region = \"cn north\"\n  access_key = \"AK \"\n  secret_key = \"canary\\n\"\n  project_id = \"a/b\"\n  cloud = \"https://x\"\n" +
				"  auth_url = \"ftp://x\"\n  cacert_file = \"no/such/file\"\n  max_retries = -1",
		},
		{
			name: "environment malformed",
			env: map[string]string{
				"HW_REGION_NAME": "..", "HW_ACCESS_KEY": "AK\t", "HW_SECRET_KEY": "canary of two", "HW_INSECURE": "maybe", "HW_MAX_RETRIES": "many",
			},
		},
		{name: "endpoint malformed", settings: "region = \"cn-north-4\"\n  " + keys, url: `kafka.example.com?x`},
		{name: "endpoint without encryption", settings: "region = \"cn-north-4\"\n  " + keys, url: "http://dms.example.com"},
		{
			name: "argument not known yet", settings: "region = \"cn-north-4\"\n  access_key = terraform_data.key.output\n  secret_key = \"canary\"",
			before: "resource \"terraform_data\" \"key\" {\n  input = \"AK\"\n}\n", env: map[string]string{"HW_ACCESS_KEY": simulator.AccessKey},
		},
		{name: "no instance credentials", settings: `region = "cn-north-4"`, env: map[string]string{huaweicloud.PodURIVariable: "none"}},
		{
			name: "wrong password", settings: `region = "cn-north-4"`,
			env: map[string]string{"HW_USER_NAME": simulator.UserName, "HW_DOMAIN_NAME": simulator.DomainName, "HW_USER_PASSWORD": "canary"},
		},
		{
			name: "wrong agency", settings: "region = \"cn-north-4\"\n  " + keys + "\n  assume_role {\n    agency_name = \"nobody\"\n    domain_name = \"nowhere\"\n  }",
		},
		{
			name: "wrong ID token", settings: `region = "cn-north-4"`,
			env: map[string]string{"HW_ASSUME_ROLE_IDP_ID": simulator.IdpID, "HW_ASSUME_ROLE_ID_TOKEN": "canary"},
		},
		{
			name: "ID token file missing", settings: `region = "cn-north-4"`,
			env: map[string]string{"HW_ASSUME_ROLE_IDP_ID": simulator.IdpID, "HW_ASSUME_ROLE_ID_TOKEN_FILE": "/no/such/file"},
		},
		{
			name: "token for another region", settings: `region = "cn-north-4"`, data: `region = "eu-west-101"`,
			env: map[string]string{"HW_AUTH_TOKEN": "canary"},
		},
		{name: "max_retries with a fraction", settings: "region = \"cn-north-4\"\n  max_retries = 1.5\n  " + keys},
		{name: "profile missing", settings: `shared_config_file = "no/such/file"`},
		{name: "half an agency", settings: "region = \"cn-north-4\"\n  " + keys + "\n  assume_role {\n    agency_name = \"reader\"\n  }"},
		{name: "wrong secret key", settings: "region = \"cn-north-4\"\n  access_key = \"" + simulator.AccessKey + "\"\n  secret_key = \"canary\""},
		{name: "wrong access key", settings: "region = \"cn-north-4\"\n  project_id = \"" + simulator.ProjectID + "\"\n  access_key = \"AK\"\n  secret_key = \"canary\""},
		{name: "wrong region", settings: "region = \"cn-nowhere-9\"\n  " + keys},
		{name: "wrong region of the data source", settings: "region = \"cn-north-4\"\n  " + keys, data: `region = "cn-nowhere-9"`},
		{name: "wrong project", settings: "region = \"cn-north-4\"\n  " + keys, data: `project_id = "cn-nowhere-9"`},
		{name: "unknown instance", settings: "region = \"cn-north-4\"\n  " + keys, instance: "99999999-9999-4999-8999-999999999999"},
		{name: "instance_id with a path in it", settings: "region = \"cn-north-4\"\n  " + keys, instance: "a/../b"},
		{name: "instance_id empty", settings: "region = \"cn-north-4\"\n  " + keys, instance: "-"},
		{name: "name_regex malformed", settings: "region = \"cn-north-4\"\n  " + keys, data: `name_regex = "(a"`},
		{name: "filter with null", settings: "region = \"cn-north-4\"\n  " + keys, data: `ids = [null]`},
		{name: "name_regex with a look-around", settings: "region = \"cn-north-4\"\n  " + keys, data: `name_regex = "^(?!test-)"`},
		{name: "timeout without a unit", settings: "region = \"cn-north-4\"\n  " + keys, data: `timeouts { read = 30 }`},
		{name: "timeout misspelled", settings: "region = \"cn-north-4\"\n  " + keys, data: "timeouts {\n    Read = \"1m\"\n  }"},
		{name: "timeout malformed", settings: "region = \"cn-north-4\"\n  " + keys, data: `timeouts { read = "soon" }`},
		{name: "timeout not positive", settings: "region = \"cn-north-4\"\n  " + keys, data: `timeouts { read = "0s" }`},
		{name: "connection refused", settings: "region = \"cn-north-4\"\n  max_retries = 1\n  " + keys, url: "http://127.0.0.1:1"},
		{name: "host not found", settings: "region = \"cn-north-4\"\n  " + keys, url: "https://dms.invalid"},
		{
			name: "web page", settings: "region = \"cn-north-4\"\n  max_retries = 0\n  " + keys,
			faults: reply(simulator.BodyFault(http.StatusOK, "text/html", "<html><title>Sign in</title></html>")),
		},
		{
			name: "web page that is an error", settings: "region = \"cn-north-4\"\n  max_retries = 0\n  " + keys,
			faults: reply(simulator.BodyFault(http.StatusBadGateway, "text/html", "<html>Bad Gateway</html>")),
		},
		{
			name: "not allowed", settings: "region = \"cn-north-4\"\n  " + keys,
			faults: reply(simulator.ErrorFault(http.StatusForbidden, "DMS.00403002", "User does not have the permission.")),
		},
		{
			name: "not allowed to look up the project", settings: "region = \"cn-north-4\"\n  " + keys,
			faults: map[int]simulator.Fault{1: simulator.BodyFault(http.StatusForbidden, "application/json", `{"error":{"code":403,"message":"You are not authorized.","title":"Forbidden"}}`)},
		},
		{
			name: "answer not understood", settings: "region = \"cn-north-4\"\n  " + keys,
			faults: reply(simulator.BodyFault(http.StatusOK, "application/json", `{"tasks":[{"id":"1","task_name":"copy","sink_task":{"flush_size":"plenty"}}],"total_number":1}`)),
		},
		{
			name: "two tasks of one ID", settings: "region = \"cn-north-4\"\n  max_retries = 0\n  " + keys,
			faults: reply(simulator.BodyFault(http.StatusOK, "application/json", `{"tasks":[{"id":"1"},{"id":"1"}],"total_number":2}`)),
		},
		{
			name: "project_name unknown", settings: "region = \"cn-north-4\"\n  project_name = \"cn-north-4_kafka\"\n  " + keys,
		},
		{
			name: "IAM busy", settings: "region = \"cn-north-4\"\n  max_retries = 0\n  " + keys,
			faults: map[int]simulator.Fault{1: simulator.BodyFault(http.StatusServiceUnavailable, "text/html", "busy")},
		},
		{
			name: "key locked", settings: "region = \"cn-north-4\"\n  " + keys,
			faults: reply(simulator.ErrorFault(http.StatusUnauthorized, "APIGW.0301", "Incorrect IAM authentication information: AK access failed to reach the limit,forbidden")),
		},
		{name: "token refused", settings: `region = "cn-north-4"`, env: map[string]string{"HW_AUTH_TOKEN": "canary"}},
		{name: "empty block", settings: "region = \"cn-north-4\"\n  " + keys + "\n  assume_role {}"},
		{
			name: "throttled for longer than the read may take", settings: "region = \"cn-north-4\"\n  " + keys, data: `timeouts { read = "50s" }`,
			faults: reply(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
				w.Header().Set("Retry-After", "300")
				simulator.ErrorFault(http.StatusTooManyRequests, "APIGW.0308", "The throttling threshold has been reached.")(w, r, next)
			}),
		},
		{
			name: "redirect", settings: "region = \"cn-north-4\"\n  " + keys,
			faults: reply(func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
				http.Redirect(w, r, "https://example.com/", http.StatusFound)
			}),
		},
		{
			name: "instance not ready", settings: "region = \"cn-north-4\"\n  " + keys,
			faults: reply(simulator.ErrorFault(http.StatusBadRequest, "DMS.00400026", "This operation is not allowed due to the instance status.")),
		},
		{
			name: "web filter", settings: "region = \"cn-north-4\"\n  " + keys,
			faults: reply(simulator.BodyFault(http.StatusForbidden, "text/html", "<html>Blocked by policy</html>")),
		},
		{
			name: "account frozen", settings: "region = \"cn-north-4\"\n  " + keys,
			faults: reply(simulator.ErrorFault(http.StatusForbidden, "DMS.10240306", "The account is frozen.")),
		},
		{name: "proxy denies", settings: "region = \"cn-north-4\"\n  " + keys, connect: http.StatusForbidden},
		{name: "proxy wants a password", settings: "region = \"cn-north-4\"\n  " + keys, connect: http.StatusProxyAuthRequired},
		{name: "proxy cannot connect", settings: "region = \"cn-north-4\"\n  max_retries = 0\n  " + keys, connect: http.StatusBadGateway},
		{
			name: "proxy unreachable", settings: "region = \"cn-north-4\"\n  max_retries = 0\n  " + keys, url: "https://dms.example.com",
			env: map[string]string{"HTTPS_PROXY": "http://user:canary@127.0.0.1:1"},
		},
		{
			name: "proxy not found", settings: "region = \"cn-north-4\"\n  max_retries = 0\n  " + keys, url: "https://dms.example.com",
			env: map[string]string{"HTTPS_PROXY": "http://user:canary@proxy.invalid:8080"},
		},
		{
			name: "proxy malformed", settings: "region = \"cn-north-4\"\n  " + keys, url: "https://dms.example.com",
			env: map[string]string{"HTTPS_PROXY": "http://user:canary#1@proxy.example.com:8080"},
		},
		{name: "neither id nor task_name", settings: "region = \"cn-north-4\"\n  " + keys, source: "smartconnect_task"},
		{name: "both id and task_name", settings: "region = \"cn-north-4\"\n  " + keys, source: "smartconnect_task", data: "id = \"1\"\n  task_name = \"copy\""},
		{name: "no task of this name", settings: "region = \"cn-north-4\"\n  " + keys, source: "smartconnect_task", data: `task_name = "Smart-Connect-1"`},
		{name: "no task of this ID", settings: "region = \"cn-north-4\"\n  " + keys, source: "smartconnect_task", data: `id = "1"`},
		{
			name: "no task of many", settings: "region = \"cn-north-4\"\n  " + keys, source: "smartconnect_task", data: `task_name = "copy"`,
			tasks: simulator.GenerateTasks(maxListed + 2),
		},
		{
			name: "no task at all", settings: "region = \"cn-north-4\"\n  " + keys, source: "smartconnect_task", data: `task_name = "copy"`,
			tasks: []json.RawMessage{},
		},
		{
			name: "several tasks of one name", settings: "region = \"cn-north-4\"\n  " + keys, source: "smartconnect_task", data: `task_name = "copy"`,
			tasks: []json.RawMessage{[]byte(`{"id":"1","task_name":"copy"}`), []byte(`{"id":"2"}`), []byte(`{"id":"3","task_name":"copy"}`)},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newSimulator(t, simulator.Options{Faults: tt.faults})
			url, instance, proxyAddress := c.url, c.instance, "none"
			if tt.url != "" {
				url = tt.url
			}
			if tt.connect != 0 {
				proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("X-Echo", r.Header.Get("Proxy-Authorization"))
					w.WriteHeader(tt.connect)
				}))
				defer proxy.Close()
				url, tt.env = "https://dms.example.com", map[string]string{"HTTPS_PROXY": "http://user:canary@" + proxy.Listener.Addr().String()}
				proxyAddress = proxy.Listener.Addr().String()
			}
			if tt.tasks != nil {
				c.SetTasks(c.instance, tt.tasks)
			}
			if tt.instance != "" {
				instance = strings.TrimPrefix(tt.instance, "-")
			}
			config := fmt.Sprintf("provider \"smartconnect\" {\n  %s\n  endpoints = { dms = \"%s\", iam = \"%s\" }\n}\n%s"+
				"data %q \"test\" {\n  instance_id = %q\n  %s\n}\n", tt.settings, url, url, tt.before, cmp.Or(tt.source, "smartconnect_tasks"), instance, tt.data)
			got := strings.ReplaceAll(plain(diagnose(t, config, tt.env), c.url), proxyAddress, "proxy.example.com:8080")
			if strings.Contains(got, "canary") && !strings.Contains(tt.settings, "canary") || strings.Contains(got, simulator.SecretKey) {
				t.Errorf("a secret is shown")
			}
			golden(t, filepath.Join("diagnostics", strings.ReplaceAll(tt.name, " ", "-")+".txt"), got)
		})
	}
}

// What is different in each run, or on each system.
var (
	elapsed    = regexp.MustCompile(` in \d+(\.\d+)?m?s\)`)
	remaining  = regexp.MustCompile(`only \S+ are left`)
	unresolved = regexp.MustCompile(`lookup (dms|proxy)\.invalid( on \S+)?: .*`)
)

// plain replaces what differs between runs, and test hosts by those that users have.
func plain(text, url string) string {
	text = strings.NewReplacer(
		url+"/v2/", "https://dms.cn-north-4.myhuaweicloud.com/v2/", url+"/v3", "https://iam.cn-north-4.myhuaweicloud.com/v3",
		"http://127.0.0.1:1/v3", "https://iam.cn-north-4.myhuaweicloud.com/v3",
		"dial tcp 127.0.0.1:1:", "dial tcp 192.0.2.1:443:", "proxy 127.0.0.1:1", "proxy proxy.example.com:8080",
		"127.0.0.1:1:", "iam.cn-north-4.myhuaweicloud.com:443:", "127.0.0.1:1.", "iam.cn-north-4.myhuaweicloud.com:443.",
		strings.TrimPrefix(url, "http://"), "simulator",
	).Replace(text)
	text = elapsed.ReplaceAllString(text, " in <time>)")
	text = remaining.ReplaceAllString(text, "only <time> are left")
	text = unresolved.ReplaceAllString(text, "lookup $1.invalid: no such host")
	return strings.NewReplacer("dms.invalid", "dms.cn-nowhere-9.myhuaweicloud.com", "proxy.invalid", "proxy.example.com").Replace(text)
}

// What the metadata service of a machine answers is not the same everywhere.
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

// golden compares text with a file below testdata, or writes the file if the flag asks for it.
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
