// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/huaweicloud"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

// exampleCloud returns a simulator with the projects, instances and agencies of the examples.
func exampleCloud(t *testing.T) *testCloud {
	t.Helper()
	const production = "11112222333344445555666677778888" // another account
	return newSimulator(t, simulator.Options{
		Keys: []simulator.Key{
			{AccessKey: simulator.AccessKey, SecretKey: simulator.SecretKey},
			{AccessKey: "TEMPORARYACCESSKEY00", SecretKey: "canary-temporary-secret", SecurityToken: "canary-security-token"},
		},
		Projects: append(simulator.DefaultProjects(), simulator.Project{
			ID: "00000000000000000000000000000001", Name: "eu-de_kafka",
			Instances: []simulator.Instance{{ID: simulator.IdleInstanceID, Tasks: simulator.PageTasks()}},
		}, simulator.Project{
			ID: "00000000000000000000000000000002", Name: simulator.Region, DomainID: production,
			Instances: []simulator.Instance{{ID: simulator.InstanceID, Tasks: simulator.PageTasks()}},
		}),
		Agencies:          []simulator.Agency{{Name: "kafka-reader", DomainName: "production", DomainID: production}},
		IdentityProviders: []simulator.IdentityProvider{{ID: "pipelines", IDTokens: []string{simulator.IDToken}}},
	})
}

// writeFile writes a file that only its owner can read into a temporary directory, and returns its path.
func writeFile(t *testing.T, name, content string) string {
	t.Helper()
	return writeFileIn(t, t.TempDir(), name, content)
}

// writeFileIn is writeFile for a file below dir.
func writeFileIn(t *testing.T, dir, name, content string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// profileFile writes a KooCLI configuration file with one profile.
func profileFile(t *testing.T, profile map[string]string) string {
	t.Helper()
	content, err := json.Marshal(map[string]any{"current": profile["name"], "profiles": []any{profile}})
	if err != nil {
		t.Fatal(err)
	}
	return writeFile(t, ".hcloud/config.json", string(content))
}

// Each example is planned; those of data sources together.
func TestAccExamples(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(guideDir(t, ".."), "*", "*.tf"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%q, %v", files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			planExamples(t, file)
		})
	}
	t.Run("data sources", func(t *testing.T) {
		t.Parallel()
		files, err := filepath.Glob(filepath.Join(guideDir(t, ".."), "data-sources", "*", "*.tf"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%q, %v", files, err)
		}
		planExamples(t, slices.DeleteFunc(files, func(file string) bool { return filepath.Base(file) == "null-values.tf" })...) // TestAccExamples_nullValues
	})
}

// planExamples plans files, completed with what they omit: the provider, endpoints, credentials in the
// environment, a data source, values of variables.
func planExamples(t *testing.T, paths ...string) {
	t.Helper()
	c := exampleCloud(t)
	files := map[string]string{}
	var content string
	for i, path := range paths {
		files[fmt.Sprintf("main%d.tf", i)] = readFile(t, path)
		content += readFile(t, path)
	}
	endpoints := fmt.Sprintf("provider \"smartconnect\" {\n  endpoints = { dms = %q, iam = %[1]q, sts = %[1]q }\n}\n", c.url)
	if strings.Contains(content, `provider "smartconnect"`) {
		files["override.tf"] = endpoints
	} else {
		files["provider.tf"] = endpoints
	}
	if !strings.Contains(content, "required_providers") {
		files["versions.tf"] = userSource
	}
	reads := strings.Count(content, `data "smartconnect_task`)
	if reads == 0 {
		instance := simulator.InstanceID
		if strings.Contains(content, "eu-de") {
			instance = simulator.IdleInstanceID
		}
		files["data.tf"] = readTasks(instance)
		reads = 1
	}
	w := workspace(t, files)
	w.Env = exampleEnvironment(t, c, filepath.Base(paths[0]))
	for variable, value := range map[string]string{
		"access_key": simulator.AccessKey, "secret_key": simulator.SecretKey,
		"temporary_access_key": "TEMPORARYACCESSKEY00", "temporary_secret_key": "canary-temporary-secret", "security_token": "canary-security-token",
		"domain_name": simulator.DomainName, "user_name": simulator.UserName, "password": simulator.Password,
		"token": c.IssueToken(simulator.ProjectID), "id_token_file": writeFile(t, "token", simulator.IDToken+"\n"),
		"instance_id": simulator.InstanceID, "endpoint": c.url,
	} {
		if strings.Contains(content, "variable \""+variable+"\"") {
			w.Env["TF_VAR_"+variable] = value
		}
	}
	mustRun(t, w, "plan")
	if got := len(readsOf(t, c.Requests())); got != reads {
		t.Errorf("%d reads of tasks, want %d", got, reads)
	}
}

// exampleEnvironment returns the variables that an example requires.
func exampleEnvironment(t *testing.T, c *testCloud, name string) map[string]string {
	t.Helper()
	keys := map[string]string{"HW_ACCESS_KEY": simulator.AccessKey, "HW_SECRET_KEY": simulator.SecretKey}
	switch name {
	case "instance-identity.tf":
		return podEnvironment(t, c)
	case "profile.tf":
		file := profileFile(t, map[string]string{
			"name": "production", "mode": "AKSK", "region": simulator.Region,
			"accessKeyId": simulator.AccessKey, "secretAccessKey": simulator.SecretKey,
		})
		return map[string]string{"HOME": filepath.Dir(filepath.Dir(file))}
	case "keys.tf", "temporary-keys.tf", "password.tf", "token.tf", "oidc.tf":
		return map[string]string{}
	case "pipeline.tf":
		return map[string]string{"HW_ASSUME_ROLE_IDP_ID": "pipelines", hcpTerraformToken: simulator.IDToken}
	case "agency.tf", "trust-agency.tf", "private-cloud.tf":
		return keys
	default:
		return with(keys, "HW_REGION_NAME", simulator.Region)
	}
}

// wrongForms is HCL of what the comments of null-values.tf warn of.
const wrongForms = `
output "wrong_forms" {
  value = {
    distinct    = length([for name in distinct(flatten([for task in local.tasks : task.sink_task[*].obs_bucket_name])) : name if name == null])
    and         = can([for task in local.tasks : task.id if task.source_task != null && task.source_task.direction == "push"])
    try         = try(local.by_id["twice-2"].sink_task.obs_bucket_name, "-")
    not_empty   = alltrue([for task in local.tasks : task.topic_list != []])
    empty       = anytrue([for task in local.tasks : try(task.source_task.topic_map == {}, false)])
    null_name   = can({ for task in local.tasks : task.task_name => task if task.id == "regex" })
    same_name   = can({ for task in local.tasks : task.task_name => task if task.task_name == "twice" })
    conditional = can(length(local.tasks) > 0 ? local.tasks[0] : {})
  }
}
`

// Expressions that handle null give the right results with each CLI, and those that the comments warn of do not.
func TestAccExamples_nullValues(t *testing.T) {
	t.Parallel()
	c := newSimulator(t, simulator.Options{})
	c.SetTasks(simulator.InstanceID, oddTasks())
	w := workspace(t, map[string]string{
		"provider.tf": userSource + c.provider,
		"main.tf":     readFile(t, filepath.Join(guideDir(t, ".."), "data-sources", "smartconnect_tasks", "null-values.tf")),
		"wrong.tf":    wrongForms,
	})
	mustRun(t, w, "apply", "-auto-approve")
	const kafka, obs, redis = "194917d0-3b5e-4c1f-9a47-6d0e8f2b1c35", "3c0ac4d1-82f6-4e0d-8b1a-27c95e4df063", "8a205bbd-c914-4f7b-a3e2-5190d6b8ce4a"
	checkOutputs(t, w, `{
		"null_values": {
			"buckets": ["abcabc", "no-path"],
			"peers":   [{"host": "192.168.45.58", "port": 9092}, {"host": "192.168.44.1", "port": 9092}, {"host": "192.168.41.230", "port": 9092},
				{"host": "192.168.43.112", "port": 9092}, {"host": "192.0.2.1", "port": null}, {"host": "fd00::1", "port": 9092},
				{"host": "kafka.example.com", "port": 9093}],
			"pushing": [],
			"names":   {"`+kafka+`": "-", "`+obs+`": "abcabc", "`+redis+`": "-", "bare": "-", "regex": "no-path", "twice-1": "-", "twice-2": "-", "odd": "-"},
			"topics":  ["`+kafka+`", "`+redis+`", "twice-1", "twice-2"],
			"mapped":  [],
			"by_id":   ["`+kafka+`", "`+obs+`", "`+redis+`", "bare", "odd", "regex", "twice-1", "twice-2"],
			"status":  "MISSING"
		},
		"wrong_forms": {
			"distinct": 1, "and": `+strconv.FormatBool(!olderThan(t, "1.12"))+`, "try": null, "not_empty": true, "empty": false,
			"null_name": false, "same_name": false, "conditional": false
		}
	}`)
	if err := w.Write("wrong.tf", []byte("output \"wrong\" {\n  value = local.tasks[*].sink_task[*].obs_bucket_name\n}\n")); err != nil {
		t.Fatal(err)
	}
	out, err := run(t, w, "plan")
	if crash, invalid := "inconsistent list element types", "Invalid nested splat expressions"; err == nil || !strings.Contains(out, crash) && !strings.Contains(out, invalid) {
		t.Errorf("a nested splat over null does not fail: %v\n%s", err, out)
	}
}

// podEnvironment returns the variables of a CCE pod with an identity.
func podEnvironment(t *testing.T, c *testCloud) map[string]string {
	t.Helper()
	server := httptest.NewServer(c.PodIdentity(simulator.PodIdentityOptions{}))
	t.Cleanup(server.Close)
	return map[string]string{
		huaweicloud.PodURIVariable:       server.URL + "/",
		huaweicloud.PodTokenFileVariable: writeFile(t, "token", simulator.PodToken),
	}
}

// with returns a copy of m with one more entry.
func with(m map[string]string, key, value string) map[string]string {
	m = maps.Clone(m)
	m[key] = value
	return m
}

// The provider reads each variable that the authentication guide, its pipelines and the simulator set.
func TestExamples_variables(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../examples/authentication/*.yml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%q, %v", files, err)
	}
	for _, file := range append(files, "../../templates/guides/authentication.md.tmpl", "../../examples/guides/test-without-an-account/environment.txt") {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range regexp.MustCompile(`\b(HW|SMARTCONNECT)_[A-Z_]+\b`).FindAllString(string(content), -1) {
			if !slices.Contains(documentedNames(), name) {
				t.Errorf("%s sets %s, which is not read", file, name)
			}
		}
	}
}
