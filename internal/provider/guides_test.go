// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/terraform"
)

// guide is what the configuration of a guide needs, and what has to come of it.
type guide struct {
	since     string            // lowest version of the CLI, such as 1.7; empty: any that the provider works with
	cloud     simulator.Options // zero: the default cloud
	variables map[string]string // of the configuration, written as in the environment
	plan      []string          // what it says
	outputs   string            // all of them as JSON, value by name
	then      func(t *testing.T, g *guideRun)
}

// guideRun is a guide that was applied.
type guideRun struct {
	*terraform.Workspace
	cloud  *target
	folder string // of the guide, below examples/guides
}

// guides has an entry for each folder of examples/guides.
var guides = map[string]guide{
	"adopt-existing-tasks": {
		since:     "1.7",
		variables: map[string]string{"instance_id": simulator.InstanceID},
		plan:      []string{"Plan: 2 to import, 0 to add, 0 to change, 0 to destroy."},
		outputs: `{"blocks": "import {\n  to = huaweicloud_dms_kafkav2_smart_connect_task.task_smart-connect-1\n` +
			`  id = \"11111111-2222-4333-8444-555555555555/3c0ac4d1-82f6-4e0d-8b1a-27c95e4df063\"\n}\n\n` +
			`import {\n  to = huaweicloud_dms_kafkav2_smart_connect_task.task_smart-connect-1571576841\n` +
			`  id = \"11111111-2222-4333-8444-555555555555/194917d0-3b5e-4c1f-9a47-6d0e8f2b1c35\"\n}\n"}`,
		then: adoptExistingTasks,
	},
	"buckets-peers-and-topics": {
		cloud: simulator.Options{Projects: []simulator.Project{
			{ID: simulator.ProjectID, Name: simulator.Region, Instances: []simulator.Instance{
				{ID: simulator.InstanceID, Tasks: simulator.PageTasks()},
				{ID: "22222222-2222-4222-8222-222222222222", Tasks: simulator.GenerateTasks(0)},
			}},
			{ID: "fedcba9876543210fedcba9876543210", Name: "eu-west-101", Instances: []simulator.Instance{
				{ID: "66666666-7777-4888-8999-000000000000", Tasks: archiveTasks()},
			}},
		}},
		variables: map[string]string{
			"writer": "domain/" + simulator.DomainID + ":user/" + simulator.UserID,
			"instances": `{
				orders   = { region = "cn-north-4", id = "` + simulator.InstanceID + `", security_group_id = "orders-group" }
				idle     = { region = "cn-north-4", id = "22222222-2222-4222-8222-222222222222", security_group_id = "idle-group" }
				archive  = { region = "eu-west-101", id = "66666666-7777-4888-8999-000000000000", security_group_id = "archive-group" }
			}`,
		},
		plan: []string{"Plan: 12 to add, 0 to change, 0 to destroy."},
		outputs: `{
			"buckets": {"abcabc": ["abcabc/obsTransfer-1810125534/*"], "bucket-1": ["bucket-1/path/1/*"], "bucket-4": ["bucket-4/*"]},
			"peers": {
				"archive": ["192.0.2.31:6379", "192.0.2.11:9092", "kafka.example.com:9092", "192.0.2.13:9092"],
				"idle": [],
				"orders": ["192.168.45.58:9092", "192.168.44.1:9092", "192.168.41.230:9092", "192.168.43.112:9092",
					"192.168.91.179:6379", "192.168.119.51:6379"]
			},
			"topics": {
				"archive": {"names": ["topic-0-a", "topic-0-b", "topic-2-a", "topic-2-b", "topic-4-a", "topic-4-b"], "patterns": ["topic-1-.*", "topic-3-.*"]},
				"idle": {"names": [], "patterns": []},
				"orders": {"names": ["topic-1643449744", "topic-sc"], "patterns": ["topic-obs*"]}
			}
		}`,
		then: bucketsPeersAndTopics,
	},
	"gate-on-health": {
		variables: map[string]string{"instance_id": simulator.InstanceID, "task_name": "smart-connect-1571576841"},
		outputs:   `{"topics": ["topic-1643449744"]}`,
		then:      gateOnHealth,
	},
	"watch-the-quota": {
		variables: map[string]string{"instance_id": simulator.InstanceID, "tasks": `["smart-connect-1", "orders-to-obs"]`},
		outputs:   `{"quota": {"total": 3, "limits": [18, 18], "new": ["orders-to-obs"], "left": 14}}`,
		then:      watchTheQuota,
	},
}

// Each guide is planned and applied as a reader would, and a second plan is empty.
func TestEveryGuideIsPlannedAndApplied(t *testing.T) {
	t.Parallel()
	root, err := terraform.Root()
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(filepath.Join(root, "examples", "guides"))
	if err != nil {
		t.Fatal(err)
	}
	folders := map[string]bool{}
	for _, entry := range entries {
		name := entry.Name()
		folders[name] = true
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g, ok := guides[name]
			if !ok {
				t.Fatalf("the folder has no entry in the table of guides")
			}
			applyGuide(t, g, filepath.Join(root, "examples", "guides", name))
		})
	}
	for name := range guides {
		if !folders[name] {
			t.Errorf("there is no folder examples/guides/%s", name)
		}
	}
}

func applyGuide(t *testing.T, g guide, folder string) {
	t.Helper()
	c := newSimulator(t, g.cloud)
	needs(t, g.since)
	w := workspace(t, map[string]string{
		"override.tf": fmt.Sprintf("provider \"smartconnect\" {\n  endpoints = { dms = %q, iam = %q }\n}\n", c.url, c.url),
	})
	if err := os.CopyFS(w.Dir, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	w.Env = fakeEnvironment(t)
	w.Env["HW_ACCESS_KEY"], w.Env["HW_SECRET_KEY"] = simulator.AccessKey, simulator.SecretKey
	for name, value := range g.variables {
		w.Env["TF_VAR_"+name] = value
	}
	plan := mustRun(t, w, "plan")
	for _, want := range g.plan {
		if !strings.Contains(plan, want) {
			t.Errorf("%s is not in\n%s", want, plan)
		}
	}
	mustRun(t, w, "apply", "-auto-approve")
	if got, want := outputs(t, w), decoded(t, g.outputs); !reflect.DeepEqual(got, want) {
		t.Errorf("outputs\n%v, expected\n%v", got, want)
	}
	if shown := filepath.Join(folder, "outputs.txt"); exists(shown) {
		goldenFile(t, shown, mustRun(t, w, "output"))
	}
	mustRun(t, w, "plan", "-detailed-exitcode") // fails if there is a change
	if g.then != nil {
		g.then(t, &guideRun{Workspace: w, cloud: c, folder: folder})
	}
}

// archiveTasks write to and read from all kinds of things, a host with a name and a bucket without a path among them.
func archiveTasks() []json.RawMessage {
	tasks := simulator.GenerateTasks(5)
	for i := range tasks {
		text := strings.ReplaceAll(string(tasks[i]), "192.0.2.12:", "kafka.example.com:")
		tasks[i] = json.RawMessage(strings.Replace(text, "path/4", "", 1))
	}
	return tasks
}

// What the other provider gets are policies and rules as its pages have them.
func bucketsPeersAndTopics(t *testing.T, g *guideRun) {
	policy := func(objects string) string {
		return `{"Statement":[{"Action":["PutObject"],"Effect":"Allow","Principal":{"ID":["domain/` + simulator.DomainID + `:user/` +
			simulator.UserID + `"]},"Resource":["` + objects + `"],"Sid":"smart-connect"}]}`
	}
	rule := func(group, host, port string) map[string]any {
		region := map[string]string{"orders-group": "cn-north-4", "archive-group": "eu-west-101"}[group]
		return map[string]any{
			"region": region, "security_group_id": group, "direction": "egress", "ethertype": "IPv4", "protocol": "tcp",
			"port_range_min": port, "port_range_max": port, "remote_ip_prefix": host + "/32",
		}
	}
	want := map[string]any{
		`obs_bucket_policy.tasks["cn-north-4/abcabc"]`: map[string]any{
			"region": "cn-north-4", "bucket": "abcabc", "policy": policy("abcabc/obsTransfer-1810125534/*"),
		},
		`obs_bucket_policy.tasks["eu-west-101/bucket-1"]`: map[string]any{
			"region": "eu-west-101", "bucket": "bucket-1", "policy": policy("bucket-1/path/1/*"),
		},
		`obs_bucket_policy.tasks["eu-west-101/bucket-4"]`: map[string]any{
			"region": "eu-west-101", "bucket": "bucket-4", "policy": policy("bucket-4/*"),
		},
	}
	for group, peers := range map[string][]string{
		"archive-group": {"192.0.2.31:6379", "192.0.2.11:9092", "192.0.2.13:9092"},
		"orders-group": {
			"192.168.45.58:9092", "192.168.44.1:9092", "192.168.41.230:9092", "192.168.43.112:9092",
			"192.168.91.179:6379", "192.168.119.51:6379",
		},
	} {
		for _, peer := range peers {
			host, port, _ := strings.Cut(peer, ":")
			address := fmt.Sprintf("networking_secgroup_rule.tasks[%q]", strings.TrimSuffix(group, "-group")+" "+peer)
			want[address] = rule(group, host, port)
		}
	}
	if got := fakeResources(t, g.Workspace); !reflect.DeepEqual(got, want) {
		t.Errorf("resources\n%v, expected\n%v", got, want)
	}
}

// The configuration that is generated changes nothing, as the one resource for all does not.
func adoptExistingTasks(t *testing.T, g *guideRun) {
	blocks := mustRun(t, g.Workspace, "output", "-raw", "blocks")
	if err := g.Write("generated/imports.tf", []byte(blocks)); err != nil {
		t.Fatal(err)
	}
	mustRun(t, g.Workspace, "-chdir=generated", "plan", "-generate-config-out=tasks.tf")
	out := mustRun(t, g.Workspace, "-chdir=generated", "apply", "-auto-approve")
	if want := "Resources: 2 imported, 0 added, 0 changed, 0 destroyed."; !strings.Contains(out, want) {
		t.Errorf("%s is not in\n%s", want, out)
	}
	mustRun(t, g.Workspace, "-chdir=generated", "plan", "-detailed-exitcode")

	// Without the resource, the blocks with for_each generate nothing.
	content, err := os.ReadFile(filepath.Join(g.folder, "import.tf"))
	if err != nil {
		t.Fatal(err)
	}
	block, _, _ := strings.Cut(string(content), "\nresource ")
	if err := g.Write("import.tf", []byte(block)); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(g.Dir, "terraform.tfstate")); err != nil {
		t.Fatal(err)
	}
	if out, err := run(t, g.Workspace, "plan", "-generate-config-out=tasks.tf"); err == nil || !strings.Contains(out, "for_each") {
		t.Errorf("a block with for_each generates configuration:\n%s", out)
	}
}

// Only the tasks that a gate looks at close it, and it says what the guide shows.
func gateOnHealth(t *testing.T, g *guideRun) {
	pause := func(names ...string) {
		g.cloud.SetTasks(simulator.InstanceID, paused(t, names...))
	}
	// Data is not read again for a plan that was saved.
	mustRun(t, g.Workspace, "plan", "-replace=terraform_data.rollout", "-out=saved.tfplan")
	pause("smart-connect-1571576841")
	if out := mustRun(t, g.Workspace, "apply", "saved.tfplan"); strings.Contains(out, "PAUSED") {
		t.Errorf("the plan that was saved is checked again:\n%s", out)
	}
	out, err := run(t, g.Workspace, "plan")
	if err == nil {
		t.Error("the plan succeeded")
	}
	goldenFile(t, filepath.Join(g.folder, "errors.txt"), fromCheck(t, out))

	pause("smart-connect-121248117")
	goldenFile(t, filepath.Join(g.folder, "warning.txt"), fromCheck(t, mustRun(t, g.Workspace, "plan")))
	goldenFile(t, filepath.Join(g.folder, "warning.txt"), fromCheck(t, mustRun(t, g.Workspace, "apply", "-auto-approve")))
}

// The check warns and then the precondition fails, unless the API gives no figures.
func watchTheQuota(t *testing.T, g *guideRun) {
	generate := func(n int) { g.cloud.SetTasks(simulator.InstanceID, simulator.GenerateTasks(n)) }
	generate(14)
	if out := mustRun(t, g.Workspace, "plan"); strings.Contains(out, "quota is") {
		t.Errorf("there are 3 left:\n%s", out)
	}
	generate(15)
	goldenFile(t, filepath.Join(g.folder, "warning.txt"), fromCheck(t, mustRun(t, g.Workspace, "plan")))
	generate(18)
	out, err := run(t, g.Workspace, "plan")
	if err == nil {
		t.Error("the plan succeeded")
	}
	goldenFile(t, filepath.Join(g.folder, "errors.txt"), fromCheck(t, out))

	g.cloud.Reset()
	g.cloud.SetFaults(map[int]simulator.Fault{2: withoutFigures, 3: withoutFigures})
	mustRun(t, g.Workspace, "apply", "-auto-approve")
	want := decoded(t, `{"quota": {"total": 18, "limits": [], "new": ["orders-to-obs"], "left": null}}`)
	if got := outputs(t, g.Workspace); !reflect.DeepEqual(got, want) {
		t.Errorf("outputs\n%v, expected\n%v", got, want)
	}
}

// withoutFigures leaves the numbers of tasks out of an answer.
func withoutFigures(w http.ResponseWriter, r *http.Request, next http.Handler) {
	healthy := httptest.NewRecorder()
	next.ServeHTTP(healthy, r)
	tasks, _, _ := strings.Cut(healthy.Body.String(), `,"total_number"`)
	simulator.BodyFault(healthy.Code, "application/json", tasks+"}")(w, r, next)
}

// paused returns the tasks of the page, those with the names paused.
func paused(t *testing.T, names ...string) []json.RawMessage {
	t.Helper()
	tasks := simulator.PageTasks()
	for i, raw := range tasks {
		task := decoded(t, string(raw)).(map[string]any)
		if !slices.Contains(names, task["task_name"].(string)) {
			continue
		}
		task["status"] = "PAUSED"
		var err error
		if tasks[i], err = json.Marshal(task); err != nil {
			t.Fatal(err)
		}
	}
	return tasks
}

// OpenTofu shows how the sides of a comparison differ, too.
var tofuDiff = regexp.MustCompile(`    ├─+\n    │ Diff: *\n(    │ .*\n)+`)

// fromCheck returns what the CLI printed from the warning of a check on.
func fromCheck(t *testing.T, out string) string {
	t.Helper()
	start := strings.Index(out, "Warning: Check block")
	if start < 0 {
		t.Fatalf("no check says anything:\n%s", out)
	}
	out, _, _ = strings.Cut(out[start:], "\nApply complete!")
	return strings.TrimSpace(tofuDiff.ReplaceAllString(out, "")) + "\n"
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// needs skips a test if the CLI is older than a version.
func needs(t *testing.T, since string) {
	t.Helper()
	if since == "" {
		return
	}
	var is struct {
		Version string `json:"terraform_version"` // OpenTofu's own, too
	}
	out := mustRun(t, workspace(t, nil), "version", "-json")
	if err := json.Unmarshal([]byte(out), &is); err != nil {
		t.Fatal(err)
	}
	var major, minor, wantMajor, wantMinor int
	if _, err := fmt.Sscanf(is.Version, "%d.%d", &major, &minor); err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Sscanf(since, "%d.%d", &wantMajor, &wantMinor); err != nil {
		t.Fatal(err)
	}
	if major < wantMajor || major == wantMajor && minor < wantMinor {
		t.Skipf("needs version %s of the CLI, which is %s", since, is.Version)
	}
}

// mustRun runs the CLI and returns its standard output.
func mustRun(t *testing.T, w *terraform.Workspace, args ...string) string {
	t.Helper()
	var out, trouble bytes.Buffer
	if err := w.Run(t.Context(), &out, &trouble, args...); err != nil {
		t.Fatalf("%v\n%s%s", err, &out, &trouble)
	}
	return out.String()
}

// outputs returns the value of each output.
func outputs(t *testing.T, w *terraform.Workspace) map[string]any {
	t.Helper()
	values := map[string]any{}
	all, _ := decoded(t, mustRun(t, w, "output", "-json")).(map[string]any)
	for name, output := range all {
		values[name] = output.(map[string]any)["value"]
	}
	return values
}

func decoded(t *testing.T, text string) any {
	t.Helper()
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return value
}
