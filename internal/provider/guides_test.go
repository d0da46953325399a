// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/terraform"
)

// guide is what the configuration of a guide needs, and its expected results.
type guide struct {
	since      string            // lowest version of the CLI, such as 1.7; empty: any that the provider supports
	tasks      string            // file in the directory with the tasks of the default instance
	variables  map[string]string // for a guide without terraform.tfvars, written as in the environment
	shown      bool              // the guide shows all outputs, as in outputs.txt
	outputs    string            // all of them as JSON, value by name, if the guide does not show them; empty: not compared
	then       func(t *testing.T, g *guideRun)
	oddOutputs string                          // after another apply, with oddTasks
	odd        func(t *testing.T, g *guideRun) // likewise
}

// guideRun is an applied guide.
type guideRun struct {
	*terraform.Workspace
	cloud     *testCloud
	sourceDir string // of the guide, below examples/guides
	plan      string // what the first apply printed, which begins with a plan
}

// guides has an entry for each directory of examples/guides.
var guides = map[string]guide{
	"adopt-existing-tasks": {since: "1.7", then: adoptExistingTasks},
	"buckets-peers-and-topics": {
		shown: true,
		then:  bucketsPeersAndTopics,
		oddOutputs: `{
			"buckets": {"abcabc": ["abcabc/obsTransfer-1810125534/*"], "no-path": ["no-path/*"], "bucket-1": ["bucket-1/path/1/*"], "bucket-4": ["bucket-4/path/4/*"]},
			"peers": {
				"archive": ["192.0.2.31:6379", "192.0.2.11:9092", "192.0.2.12:9092", "192.0.2.13:9092"],
				"idle": [],
				"orders": ["192.168.45.58:9092", "192.168.44.1:9092", "192.168.41.230:9092", "192.168.43.112:9092", "192.168.91.179:6379",
					"192.168.119.51:6379", "192.0.2.1", "fd00::1:9092", "kafka.example.com:9093"]
			},
			"topics": {
				"archive": {"names": ["topic-0-a", "topic-0-b", "topic-2-a", "topic-2-b", "topic-4-a", "topic-4-b"], "patterns": ["topic-1-.*", "topic-3-.*"]},
				"idle": {"names": [], "patterns": []},
				"orders": {"names": ["topic-1643449744", "topic-sc", "t"], "patterns": ["topic-obs*", "orders.*"]}
			}
		}`,
	},
	"draw-the-topology": {
		tasks: "tasks.json",
		then:  drawTheTopology,
		odd:   drawTheTopologyOdd,
	},
	"gate-on-health": {
		outputs:    `{"topics": ["topic-1643449744"]}`,
		then:       gateOnHealth,
		oddOutputs: `{"topics": ["topic-1643449744"]}`,
	},
	"migrating-from-huaweicloud": {
		outputs: `{
			"buckets": ["abcabc"],
			"peers": [{"host": "192.168.45.58", "port": 9092}, {"host": "192.168.44.1", "port": 9092}, {"host": "192.168.41.230", "port": 9092}, {"host": "192.168.43.112", "port": 9092}],
			"topics": {
				"3c0ac4d1-82f6-4e0d-8b1a-27c95e4df063": ["topic-obs*"],
				"8a205bbd-c914-4f7b-a3e2-5190d6b8ce4a": ["topic-sc"],
				"194917d0-3b5e-4c1f-9a47-6d0e8f2b1c35": ["topic-1643449744"]
			}
		}`,
		oddOutputs: `{
			"buckets": ["abcabc", "no-path"],
			"peers": [{"host": "192.168.45.58", "port": 9092}, {"host": "192.168.44.1", "port": 9092}, {"host": "192.168.41.230", "port": 9092}, {"host": "192.168.43.112", "port": 9092},
				{"host": "192.0.2.1", "port": null}, {"host": "fd00::1", "port": 9092}, {"host": "kafka.example.com", "port": 9093}],
			"topics": {
				"3c0ac4d1-82f6-4e0d-8b1a-27c95e4df063": ["topic-obs*"], "8a205bbd-c914-4f7b-a3e2-5190d6b8ce4a": ["topic-sc"],
				"194917d0-3b5e-4c1f-9a47-6d0e8f2b1c35": ["topic-1643449744"], "regex": ["orders.*"], "twice-1": ["t"], "twice-2": ["t"], "bare": [], "odd": []
			}
		}`,
	},
	"test-without-an-account": {
		since:     "1.7",
		tasks:     "tests/tasks.json",
		variables: map[string]string{"instance_id": simulator.InstanceID, "task_name": "orders-to-archive"},
		outputs:   `{"bucket": "archive", "topics": ["orders", "refunds", "audit"]}`,
		then:      testWithoutAnAccount,
	},
	"watch-the-quota": {
		shown: true,
		then:  watchTheQuota,
		odd:   watchTheQuotaOdd,
	},
}

// Each guide is planned and applied as written, a second plan is empty, and unusual tasks and quotas neither break the
// configuration nor get lost in it.
func TestAccGuides(t *testing.T) {
	t.Parallel()
	for _, name := range guideNames(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g, ok := guides[name]
			if !ok {
				t.Fatal("the directory is not in the table of guides")
			}
			applyGuide(t, name, g)
		})
	}
	if names := guideNames(t); len(names) != len(guides) {
		t.Errorf("directories %q, but %d guides in the table", names, len(guides))
	}
}

func guideDir(t *testing.T, name string) string {
	t.Helper()
	root, err := terraform.Root()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(root, "examples", "guides", name)
}

func guideNames(t *testing.T) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(guideDir(t, ""))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// callerFile has the provider block of a guide that is a module, and so leaves it to its caller.
const callerFile = "caller.tf"

func applyGuide(t *testing.T, name string, g guide) {
	t.Helper()
	dir := guideDir(t, name)
	c := newSimulator(t, simulator.Options{})
	needs(t, g.since)
	wire := simulator.PageTasks()
	if g.tasks != "" {
		wire = tasksOf(t, filepath.Join(dir, g.tasks))
	}
	c.SetTasks(simulator.InstanceID, wire)
	block, file := fmt.Sprintf("  endpoints = { dms = %q, iam = %q }\n", c.url, c.url), "override.tf"
	if main := readFile(t, filepath.Join(dir, "main.tf")); !strings.Contains(main, "provider \"smartconnect\"") {
		block, file = block+fmt.Sprintf("  region = %q\n", simulator.Region), callerFile
	}
	w := workspace(t, map[string]string{file: "provider \"smartconnect\" {\n" + block + "}\n"})
	if err := os.CopyFS(w.Dir, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	w.Env = fakeEnvironment(t, append(wire, anyTasks(t)...))
	w.Env["HW_ACCESS_KEY"], w.Env["HW_SECRET_KEY"] = simulator.AccessKey, simulator.SecretKey
	for name, value := range g.variables {
		w.Env["TF_VAR_"+name] = value
	}
	plan := mustRun(t, w, "apply", "-auto-approve")
	if g.outputs != "" {
		checkOutputs(t, w, g.outputs)
	}
	if g.shown {
		goldenFile(t, filepath.Join(dir, "outputs.txt"), mustRun(t, w, "output"))
	}
	mustRun(t, w, "plan", "-detailed-exitcode") // fails if there is a change
	applied := &guideRun{Workspace: w, cloud: c, sourceDir: dir, plan: plan}
	if g.then != nil {
		g.then(t, applied)
	}
	if g.odd == nil && g.oddOutputs == "" {
		return
	}
	c.Reset()
	c.SetFaults(nil)
	c.SetTasks(simulator.InstanceID, oddTasks())
	mustRun(t, w, "apply", "-auto-approve")
	if g.odd != nil {
		g.odd(t, applied)
	} else {
		checkOutputs(t, w, g.oddOutputs)
	}
}

// oddTasks have what no documented response has, but real ones may: no name, two of one name, empty and missing
// topics, paths and addresses, addresses without a port, and delimited strings in unknown forms.
func oddTasks() []json.RawMessage {
	tasks := simulator.PageTasks()
	for _, task := range []string{
		`{"id": "regex", "task_name": null, "topics": "", "topics_regex": "orders.*", "source_type": "NONE", "source_task": {},
			"sink_type": "OBS_SINK", "sink_task": {"obs_bucket_name": "no-path", "obs_path": ""}, "status": "RUNNING"}`,
		`{"id": "twice-1", "task_name": "twice", "topics": "t", "source_type": "KAFKA_REPLICATOR_SOURCE",
			"source_task": {"bootstrap_servers": "192.0.2.1, [fd00::1]:9092,kafka.example.com:9093", "topics_mapping": "a"}, "sink_type": "NONE"}`,
		`{"id": "twice-2", "task_name": "twice", "topics": "t", "source_type": "REDIS_REPLICATOR_SOURCE", "source_task": {"redis_type": "cluster"},
			"sink_type": "OBS_SINK", "sink_task": {"consumer_strategy": "latest"}, "status": "PAUSED"}`,
		`{"id": "bare", "task_name": "bare"}`,
		`{"id": "odd", "task_name": "odd", "source_type": "KAFKA_REPLICATOR_SOURCE", "source_task": {"bootstrap_servers": "@"}}`,
	} {
		tasks = append(tasks, json.RawMessage(task))
	}
	return tasks
}

// OpenTofu also prints the difference of the two sides of a comparison.
var tofuDiff = regexp.MustCompile(`    ├─+\n    │ Diff: *\n(    │ .*\n)+`)

// fromCheck returns the output of the CLI from the first warning of a check.
func fromCheck(t *testing.T, out string) string {
	t.Helper()
	start := strings.Index(out, "Warning: Check block")
	if start < 0 {
		t.Fatalf("no check failed:\n%s", out)
	}
	out, _, _ = strings.Cut(out[start:], "\nApply complete!")
	return strings.TrimSpace(tofuDiff.ReplaceAllString(out, "")) + "\n"
}

// version is the major and minor version of the CLI.
var version = sync.OnceValues(func() (version [2]int, err error) {
	out, err := exec.CommandContext(context.Background(), cli, "version").Output()
	if err == nil {
		_, number, _ := strings.Cut(string(out), " v")
		_, err = fmt.Sscanf(number, "%d.%d", &version[0], &version[1])
	}
	return version, err
})

// olderThan reports whether the CLI is older than a version, such as 1.7.
func olderThan(t *testing.T, since string) bool {
	t.Helper()
	is, err := version()
	var want [2]int
	if _, scanErr := fmt.Sscanf(since, "%d.%d", &want[0], &want[1]); err != nil || scanErr != nil {
		t.Fatal(err, scanErr)
	}
	return slices.Compare(is[:], want[:]) < 0
}

// needs skips a test if the CLI is older than a version.
func needs(t *testing.T, since string) {
	t.Helper()
	if since != "" && olderThan(t, since) {
		t.Skipf("needs version %s of the CLI", since)
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

// checkOutputs compares the value of each output.
func checkOutputs(t *testing.T, w *terraform.Workspace, want string) {
	t.Helper()
	got := outputs(t, w)
	if want := decoded(t, want); !reflect.DeepEqual(any(got), want) {
		t.Errorf("outputs\n%v, expected\n%v", got, want)
	}
}

// decoded keeps numbers as they are written.
func decoded(t *testing.T, text string) any {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return value
}

// adoptExistingTasks also takes the tasks over. Whatever the API returns for their unused side, and whatever their
// name is, nothing is replaced.
func adoptExistingTasks(t *testing.T, g *guideRun) {
	t.Helper()
	plan := "Plan: 2 to import, 0 to add, 0 to change, 0 to destroy.\n"
	goldenFile(t, filepath.Join(g.sourceDir, "plan.txt"), plan)
	if !strings.Contains(g.plan, plan) {
		t.Errorf("%q is not in\n%s", plan, g.plan)
	}
	g.cloud.SetTasks(simulator.InstanceID, append(simulator.PageTasks(), anyTasks(t)...))
	if out := mustRun(t, g.Workspace, "apply", "-auto-approve"); !strings.Contains(out, "Plan: 12 to import, 0 to add, 0 to change, 0 to destroy.\n") {
		t.Errorf("not all tasks are only imported:\n%s", out)
	}
	mustRun(t, g.Workspace, "plan", "-detailed-exitcode")

	if err := g.Write("tasks.json", []byte(mustRun(t, g.Workspace, "output", "-json", "tasks"))); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"import.tf", "tasks.tf"} {
		if err := os.Remove(filepath.Join(g.Dir, file)); err != nil {
			t.Fatal(err)
		}
	}
	if err := g.Write("managed.tf", []byte(readFile(t, filepath.Join(g.sourceDir, "take-over", "managed.tf")))); err != nil {
		t.Fatal(err)
	}
	if out := mustRun(t, g.Workspace, "plan"); strings.Contains(out, "Plan:") { // only the output changes
		t.Errorf("the tasks change:\n%s", out)
	}
}

// anyTasks are tasks of Kafka and OBS with each form of the unused side and with names that HCL could misunderstand.
func anyTasks(t *testing.T) (tasks []json.RawMessage) {
	t.Helper()
	for i, name := range []string{"twice", "twice", `a b`, "\"}\n${x} %{y} \\"} {
		for form, side := range map[string]any{"null": nil, "empty": map[string]any{}, "missing": nil} {
			task := decoded(t, string(simulator.PageTasks()[i%2])).(map[string]any)
			task["id"], task["task_name"] = fmt.Sprintf("any-%d-%s", i, form), name
			unused := []string{"sink_task", "source_task"}[i%2]
			if task[unused] = side; form == "missing" {
				delete(task, unused)
			}
			wire, err := json.Marshal(task)
			if err != nil {
				t.Fatal(err)
			}
			tasks = append(tasks, wire)
		}
	}
	return tasks
}

// The arguments of policies and rules are those that the pages of the huaweicloud provider document.
func bucketsPeersAndTopics(t *testing.T, g *guideRun) {
	t.Helper()
	resources, err := json.MarshalIndent(fakeResources(t, g.Workspace), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	goldenFile(t, "testdata/policies-and-rules.json", string(resources)+"\n")
}

// The output is the graph that the guide shows, and assets/topology.svg is drawn from it.
func drawTheTopology(t *testing.T, g *guideRun) {
	t.Helper()
	graph := outputs(t, g.Workspace)["topology"].(string)
	goldenFile(t, filepath.Join(g.sourceDir, "topology.dot"), graph)

	drawn := html.UnescapeString(readFile(t, filepath.Join(g.sourceDir, "../../../assets/topology.svg")))
	_, nodes, _ := strings.Cut(graph, "subgraph")
	for _, quoted := range regexp.MustCompile(`"(?:[^"\\]|\\.)*"`).FindAllString(nodes, -1) {
		text, err := strconv.Unquote(quoted) // Go's quotes are close enough
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.SplitSeq(html.UnescapeString(text), "\n") {
			if !strings.Contains(drawn, ">"+line+"<") {
				t.Errorf("assets/topology.svg lacks %q: redraw it as the guide says", line)
			}
		}
	}
}

func drawTheTopologyOdd(t *testing.T, g *guideRun) {
	t.Helper()
	graph := outputs(t, g.Workspace)["topology"].(string)
	for _, edge := range []string{
		`"orders.*" -> "OBS\nno-path" [label = "regex"]`,
		`"Kafka\n192.0.2.1, [fd00::1]:9092,kafka.example.com:9093" -> "t" [label = "twice\nUNKNOWN", style = dashed]`,
		`"REDIS_REPLICATOR_SOURCE" -> "t" -> "OBS_SINK" [label = "twice\nPAUSED", style = dashed]`,
		`"(no topics)" -> "(no source or sink)" [label = "bare\nUNKNOWN", style = dashed]`,
	} {
		if strings.Count(graph, edge+"\n") != 1 {
			t.Errorf("%s is not in the graph exactly once:\n%s", edge, graph)
		}
	}
}

// Only tasks that a gate selects close it, with the messages that the guide shows.
func gateOnHealth(t *testing.T, g *guideRun) {
	t.Helper()
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
	goldenFile(t, filepath.Join(g.sourceDir, "errors.txt"), fromCheck(t, out))

	pause("smart-connect-121248117")
	goldenFile(t, filepath.Join(g.sourceDir, "warning.txt"), fromCheck(t, mustRun(t, g.Workspace, "apply", "-auto-approve")))

	g.cloud.SetTasks(simulator.InstanceID, nil)
	out, err = run(t, g.Workspace, "plan")
	if err == nil || !strings.Contains(out, "Not running: the instance has no task.") {
		t.Errorf("an instance without tasks passes: %v\n%s", err, out)
	}
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

// The tests of the guide pass unchanged, except for the URL of the simulator.
func testWithoutAnAccount(t *testing.T, g *guideRun) {
	t.Helper()
	const address = "http://127.0.0.1:8080"
	if err := os.Remove(filepath.Join(g.Dir, callerFile)); err != nil {
		t.Fatal(err)
	}
	file := "tests/simulator.tftest.hcl"
	content := readFile(t, filepath.Join(g.sourceDir, file))
	if strings.Count(content, address) != 2 {
		t.Fatalf("%s does not name %s twice", file, address)
	}
	if err := g.Write(file, []byte(strings.ReplaceAll(content, address, g.cloud.url))); err != nil {
		t.Fatal(err)
	}
	delete(g.Env, "HW_ACCESS_KEY")
	delete(g.Env, "HW_SECRET_KEY")
	before := len(g.cloud.Requests())
	out := mustRun(t, g.Workspace, "test")
	mocks := "tests/mocks.tftest.hcl... pass"
	if strings.Contains(out, ".tofutest.hcl") {
		mocks = "tests/mocks.tofutest.hcl... pass"
	}
	for _, want := range []string{mocks, file + "... pass", " 0 failed."} {
		if !strings.Contains(out, want) {
			t.Errorf("the CLI did not print %q:\n%s", want, out)
		}
	}
	if len(g.cloud.Requests()) == before {
		t.Error("the simulator received no request")
	}
}

// tasksOf returns the tasks in a file.
func tasksOf(t *testing.T, path string) []json.RawMessage {
	t.Helper()
	instance, err := simulator.ReadInstance(strings.NewReader(readFile(t, path)))
	if err != nil {
		t.Fatal(err)
	}
	return instance.Tasks
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// At first the check warns, then the precondition fails.
func watchTheQuota(t *testing.T, g *guideRun) {
	t.Helper()
	generate := func(n int) { g.cloud.SetTasks(simulator.InstanceID, simulator.GenerateTasks(n)) }
	generate(14)
	if out := mustRun(t, g.Workspace, "plan"); strings.Contains(out, "quota is") {
		t.Errorf("a warning with 3 tasks left:\n%s", out)
	}
	generate(15)
	goldenFile(t, filepath.Join(g.sourceDir, "warning.txt"), fromCheck(t, mustRun(t, g.Workspace, "plan")))
	generate(18)
	out, err := run(t, g.Workspace, "plan")
	if err == nil {
		t.Error("the plan succeeded")
	}
	goldenFile(t, filepath.Join(g.sourceDir, "errors.txt"), fromCheck(t, out))

	// Without quotas the gate is closed.
	g.setFigures("")
	if out, err := run(t, g.Workspace, "plan"); err == nil || !strings.Contains(out, "18 tasks, 1 new, limit unknown.") {
		t.Errorf("error %v:\n%s", err, out)
	}
}

func watchTheQuotaOdd(t *testing.T, g *guideRun) {
	t.Helper()
	for figures, outputs := range map[string]string{
		`,"total_number":8,"max_tasks":-1,"quota_tasks":20`: `{"quota": {"total": 8, "limit": 20, "new": ["orders-to-obs"], "left": 11}}`,
		`,"total_number":8,"max_tasks":9,"quota_tasks":20`:  `{"quota": {"total": 8, "limit": 9, "new": ["orders-to-obs"], "left": 0}}`,
	} {
		g.setFigures(figures)
		mustRun(t, g.Workspace, "apply", "-auto-approve")
		checkOutputs(t, g.Workspace, outputs)
	}
}

// setFigures replaces total_number and the quotas in the responses to the next read.
func (g *guideRun) setFigures(figures string) {
	fault := func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		healthy := httptest.NewRecorder()
		next.ServeHTTP(healthy, r)
		tasks, _, _ := strings.Cut(healthy.Body.String(), `,"total_number"`)
		simulator.BodyFault(healthy.Code, "application/json", tasks+figures+"}")(w, r, next)
	}
	g.cloud.Reset()
	g.cloud.SetFaults(map[int]simulator.Fault{2: fault, 3: fault})
}

// buildFake builds fakehuaweicloud once, and returns its directory.
var buildFake = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp(temporary, "huaweicloud-*")
	if err != nil {
		return "", err
	}
	if err := terraform.BuildPackage(context.Background(), "./internal/provider/fakehuaweicloud", dir); err != nil {
		return "", err
	}
	return dir, os.Rename(filepath.Join(dir, "terraform-provider-smartconnect"), filepath.Join(dir, "terraform-provider-huaweicloud"))
})

// fakeEnvironment returns variables that make the CLI use the fake beside this provider, with tasks to import.
func fakeEnvironment(t *testing.T, wire []json.RawMessage) map[string]string {
	t.Helper()
	dir, err := buildFake()
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := json.Marshal(wire)
	if err != nil {
		t.Fatal(err)
	}
	tasks := strings.ReplaceAll(string(encoded), `deliver_time_interva"`, `deliver_time_interval"`) // as its own page has it
	return map[string]string{
		"FAKE_HUAWEICLOUD_TASKS": writeFile(t, "tasks.json", tasks),
		"TF_CLI_CONFIG_FILE": writeFile(t, "cli.tfrc", fmt.Sprintf("provider_installation {\n  dev_overrides {\n"+
			"    \"smartconnect/smartconnect\" = %q\n    \"huaweicloud/huaweicloud\" = %q\n  }\n}\n", temporary, dir)),
	}
}

// fakeResources returns the fake's resources in the state by address: the values that are not null, as strings.
func fakeResources(t *testing.T, w *terraform.Workspace) map[string]any {
	t.Helper()
	var state struct {
		Resources []struct {
			Type, Name string
			Instances  []struct {
				Key        string `json:"index_key"`
				Attributes map[string]any
			}
		}
	}
	if err := json.Unmarshal([]byte(readFile(t, filepath.Join(w.Dir, "terraform.tfstate"))), &state); err != nil {
		t.Fatal(err)
	}
	resources := map[string]any{}
	for _, r := range state.Resources {
		name, ok := strings.CutPrefix(r.Type, "huaweicloud_")
		for _, instance := range r.Instances {
			maps.DeleteFunc(instance.Attributes, func(_ string, value any) bool { return value == nil })
			for attribute, value := range instance.Attributes {
				instance.Attributes[attribute] = fmt.Sprint(value)
			}
			if ok {
				resources[fmt.Sprintf("%s.%s[%q]", name, r.Name, instance.Key)] = instance.Attributes
			}
		}
	}
	return resources
}
