// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/terraform"
)

// guide is what the configuration of a guide needs, and what it has to result in.
type guide struct {
	since     string            // lowest version of the CLI, such as 1.7; empty: any that the provider supports
	cloud     simulator.Options // zero: the default cloud
	tasks     string            // file in the folder with the tasks of the default instance
	wire      []json.RawMessage // these tasks, if there is no such file; nil: those of the API reference
	variables map[string]string // for a guide without terraform.tfvars, written as in the environment
	outputs   string            // all of them as JSON, value by name; empty: not compared
	shown     bool              // the guide shows the outputs
	then      func(t *testing.T, g *guideRun)
}

// guideRun is an applied guide.
type guideRun struct {
	*terraform.Workspace
	cloud  *testCloud
	folder string // of the guide, below examples/guides
	plan   string // what the first plan printed
}

// guides has an entry for each folder of examples/guides.
var guides = map[string]guide{
	"adopt-existing-tasks": {since: "1.7", then: adoptExistingTasks},
	"buckets-peers-and-topics": {
		outputs: `{
			"buckets": {"abcabc": ["abcabc/obsTransfer-1810125534/*"], "bucket-1": ["bucket-1/path/1/*"], "bucket-4": ["bucket-4/path/4/*"]},
			"peers": {
				"archive": ["192.0.2.31:6379", "192.0.2.11:9092", "192.0.2.12:9092", "192.0.2.13:9092"],
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
		shown: true,
		then:  bucketsPeersAndTopics,
	},
	"draw-the-topology": {
		tasks: "tasks.json",
		then:  drawTheTopology,
	},
	"gate-on-health": {
		outputs: `{"topics": ["topic-1643449744"]}`,
		then:    gateOnHealth,
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
	},
	"test-without-an-account": {
		since:     "1.7",
		tasks:     "tests/tasks.json",
		variables: map[string]string{"instance_id": simulator.InstanceID, "task_name": "orders-to-archive"},
		outputs:   `{"bucket": "archive", "topics": ["orders", "refunds", "audit"]}`,
		then:      testWithoutAnAccount,
	},
	"watch-the-quota": {
		outputs: `{"quota": {"total": 3, "limit": 18, "new": ["orders-to-obs"], "left": 14}}`,
		shown:   true,
		then:    watchTheQuota,
	},
}

// Each guide is planned and applied as written, and a second plan is empty.
func TestAccGuides(t *testing.T) {
	t.Parallel()
	for _, name := range guideNames(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g, ok := guides[name]
			if !ok {
				t.Fatal("the folder is not in the table of guides")
			}
			applyGuide(t, name, g)
		})
	}
	if folders := guideNames(t); len(folders) != len(guides) {
		t.Errorf("folders %q, but %d guides in the table", folders, len(guides))
	}
}

func guideFolder(t *testing.T, name string) string {
	t.Helper()
	root, err := terraform.Root()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(root, "examples", "guides", name)
}

func guideNames(t *testing.T) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(guideFolder(t, ""))
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
	folder := guideFolder(t, name)
	c := newSimulator(t, g.cloud)
	needs(t, g.since)
	if g.tasks != "" {
		g.wire = tasksOf(t, filepath.Join(folder, g.tasks))
	}
	if g.wire == nil {
		g.wire = simulator.PageTasks()
	}
	c.SetTasks(simulator.InstanceID, g.wire)
	block, file := fmt.Sprintf("  endpoints = { dms = %q, iam = %q }\n", c.url, c.url), "override.tf"
	if main := readFile(t, filepath.Join(folder, "main.tf")); !strings.Contains(main, "provider \"smartconnect\"") {
		block, file = block+fmt.Sprintf("  region = %q\n", simulator.Region), callerFile
	}
	w := workspace(t, map[string]string{file: "provider \"smartconnect\" {\n" + block + "}\n"})
	if err := os.CopyFS(w.Dir, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	w.Env = fakeEnvironment(t, g.wire, g.cloud.UnusedSide)
	w.Env["HW_ACCESS_KEY"], w.Env["HW_SECRET_KEY"] = simulator.AccessKey, simulator.SecretKey
	for name, value := range g.variables {
		w.Env["TF_VAR_"+name] = value
	}
	plan := mustRun(t, w, "plan")
	mustRun(t, w, "apply", "-auto-approve")
	if g.outputs != "" {
		checkOutputs(t, w, g.outputs)
	}
	if g.shown {
		goldenFile(t, filepath.Join(folder, "outputs.txt"), mustRun(t, w, "output"))
	}
	mustRun(t, w, "plan", "-detailed-exitcode") // fails if there is a change
	if g.then != nil {
		g.then(t, &guideRun{Workspace: w, cloud: c, folder: folder, plan: plan})
	}
}

// oddTasks have what no documented response has, but real ones may: no name, two of one name, empty and missing
// topics, paths and addresses, addresses without a port, and a delimited string in an unknown form.
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
	} {
		tasks = append(tasks, json.RawMessage(task))
	}
	return tasks
}

// Unusual tasks and quotas neither break a guide's configuration nor get lost in it.
func TestAccGuides_oddTasks(t *testing.T) {
	t.Parallel()
	quotas := func(most, quota int) simulator.Options {
		projects := simulator.DefaultProjects()
		projects[0].Instances[0].MaxTasks, projects[0].Instances[0].QuotaTasks = most, quota
		return simulator.Options{Projects: projects}
	}
	for name, tt := range map[string]struct {
		guide   string
		cloud   simulator.Options
		outputs string
		graph   []string
	}{
		"buckets": {guide: "buckets-peers-and-topics", outputs: `{
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
		}`},
		"topology": {guide: "draw-the-topology", graph: []string{
			`"orders.*" -> "OBS\nno-path" [label = "regex"]`,
			`"Kafka\n192.0.2.1, [fd00::1]:9092,kafka.example.com:9093" -> "t" [label = "twice\nUNKNOWN", style = dashed]`,
			`"REDIS_REPLICATOR_SOURCE" -> "t" -> "OBS_SINK" [label = "twice\nPAUSED", style = dashed]`,
			`"(no topics)" -> "(no source or sink)" [label = "bare\nUNKNOWN", style = dashed]`,
		}},
		"health":              {guide: "gate-on-health", outputs: `{"topics": ["topic-1643449744"]}`},
		"migration":           {guide: "migrating-from-huaweicloud"},
		"no maximum":          {guide: "watch-the-quota", cloud: quotas(-1, 20), outputs: `{"quota": {"total": 7, "limit": 20, "new": ["orders-to-obs"], "left": 12}}`},
		"maximum below quota": {guide: "watch-the-quota", cloud: quotas(8, 20), outputs: `{"quota": {"total": 7, "limit": 8, "new": ["orders-to-obs"], "left": 0}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			applyGuide(t, tt.guide, guide{cloud: tt.cloud, wire: oddTasks(), outputs: tt.outputs, then: func(t *testing.T, g *guideRun) {
				t.Helper()
				if len(tt.graph) == 0 {
					return
				}
				out := mustRun(t, g.Workspace, "output", "-raw", "topology")
				for _, edge := range tt.graph {
					if strings.Count(out, edge+"\n") != 1 {
						t.Errorf("%s is not drawn once in\n%s", edge, out)
					}
				}
			}})
		})
	}
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

// checkOutputs compares the value of each output.
func checkOutputs(t *testing.T, w *terraform.Workspace, want string) {
	t.Helper()
	got := map[string]any{}
	all, _ := decoded(t, mustRun(t, w, "output", "-json")).(map[string]any)
	for name, output := range all {
		got[name] = output.(map[string]any)["value"]
	}
	if want := decoded(t, want); !reflect.DeepEqual(got, want) {
		t.Errorf("outputs\n%v, expected\n%v", got, want)
	}
}

func decoded(t *testing.T, text string) any {
	t.Helper()
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return value
}
