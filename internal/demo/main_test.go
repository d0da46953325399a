// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/terraform"
)

func TestDemoShowsEveryTask(t *testing.T) {
	var out bytes.Buffer
	tmp := temporary(t)
	if err := run(t.Context(), &out, simulator.New(simulator.Options{})); err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	// How wide columns are depends on names, so they are made of one space here.
	text := regexp.MustCompile(`[ ]+`).ReplaceAllString(out.String(), " ")
	plan, apply, applied := strings.Cut(text, " apply demo.tfplan\n")
	if !applied {
		t.Fatalf("there is no apply:\n%s", text)
	}
	for _, want := range []string{
		"smartconnect/smartconnect in a temporary folder\n",
		// The Redis task.
		`+ task_name = "smart-connect-121248117"`,
		`+ dcs_instance_id = "949190a2-598a-4afd-99a8-dad3cae1e7cd"`,
		`+ full_sync_max_retry = 4`,
		`+ full_sync_wait_ms = 13000`,
		`+ ratelimit = -1`,
		`+ redis_address = "192.168.91.179:6379"`,
		`+ redis_type = "standalone"`,
		`+ sync_mode = "RDB_ONLY"`,
		`+ dcs_instance_id = "9b981368-a8e3-416a-87d9-1581a968b41b"`,
		`+ redis_address = "192.168.119.51:6379"`,
		`+ target_db = -1`,
		// The task that writes to OBS.
		`+ task_name = "smart-connect-1"`,
		`+ deliver_time_interval = 300`,
		`+ record_delimiter = "\\n"`,
		`+ source_task = null`,
		// The Kafka task.
		`+ task_name = "smart-connect-1571576841"`,
		`+ created_at = "2024-02-20T11:15:53.133Z"`,
		`+ sink_task = null`,
		// The conclusions.
		`+ not_running = []`,
		`+ quota_left = 15`,
	} {
		if !strings.Contains(plan, want) {
			t.Errorf("the plan does not show %s", want)
		}
	}
	for _, want := range []string{
		"Apply complete! Resources: 0 added, 0 changed, 0 destroyed.\n",
		"buckets = tolist([\n \"abcabc\",\n])\n",
		"\"RUNNING\" = [\n \"smart-connect-1571576841\",\n \"smart-connect-1\",\n \"smart-connect-121248117\",\n ]\n",
		"quota_left = 15\n",
	} {
		if !strings.Contains(apply, want) {
			t.Errorf("apply does not show %s", want)
		}
	}
	isPictured(t, out.String())
	if t.Failed() {
		t.Log(text)
	}
	checkLeaks(t, tmp)
}

// isPictured checks that the picture in README.md is of this run.
func isPictured(t *testing.T, run string) {
	t.Helper()
	root, err := terraform.Root()
	if err != nil {
		t.Fatal(err)
	}
	drawn, err := os.ReadFile(filepath.Join(root, "assets", "demo.svg"))
	if err != nil {
		t.Fatal(err)
	}
	lines, err := excerpt(run)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(drawn, draw(lines)) {
		t.Error("assets/demo.svg is of another run: `make picture` draws it anew")
	}
}

func TestExcerptIsOfARunWithPlanTasksAndApply(t *testing.T) {
	t.Parallel()
	const (
		header  = "Building ...\n\n$ tofu plan -out=x\nWarning\n\nChanges to Outputs:\n  + a = 1\n  + tasks = [\n"
		task    = "      + {\n          + n = 1\n        },\n"
		trailer = "    ]\n\nYou can apply\n\n$ tofu apply x\n"
	)
	lines, err := excerpt(header + task + strings.ReplaceAll(task, "1", "2") + task + trailer)
	want := []string{
		"$ terraform plan -out=x", cut, "Changes to Outputs:", "  + a = 1", "  + tasks = [", cut,
		"      + {", "          + n = 2", "        },", cut, "    ]",
	}
	if err != nil || !slices.Equal(lines, want) {
		t.Errorf("error %v, excerpt\n%s\nwant\n%s", err, strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
	for name, run := range map[string]string{
		"no run":      "",
		"no apply":    header + task + task + task + "    ]\n\n",
		"no outputs":  "\n$ tofu plan\nNo changes.\n\n$ tofu apply\n",
		"a task only": header + task + trailer,
	} {
		if lines, err := excerpt(run); err == nil {
			t.Errorf("%s: no error, excerpt\n%s", name, strings.Join(lines, "\n"))
		}
	}
}

func TestDemoEndsWhenInterrupted(t *testing.T) {
	tmp := temporary(t)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	cloud := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		interrupt() // by now both CLI and provider run
		<-r.Context().Done()
	})
	if err := run(ctx, io.Discard, cloud); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
	checkLeaks(t, tmp)
}

func TestDemoFailsWithTheCLI(t *testing.T) {
	tmp := temporary(t)
	var out bytes.Buffer
	err := run(t.Context(), &out, http.NotFoundHandler())
	if err == nil || !strings.Contains(err.Error(), " plan -out=demo.tfplan: exit status 1") {
		t.Errorf("error %v, want one of plan", err)
	}
	if !strings.Contains(out.String(), "Error: ") || strings.Contains(out.String(), " apply ") {
		t.Errorf("it goes on, or does not say why it ends:\n%s", &out)
	}
	checkLeaks(t, tmp)
}

// temporary is the folder for all temporary files, of the processes started too.
func temporary(t *testing.T) string {
	t.Helper()
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	return tmp
}

func checkLeaks(t *testing.T, tmp string) {
	t.Helper()
	entries, err := os.ReadDir(tmp)
	if len(entries) > 0 || err != nil {
		t.Errorf("files are left: %v (error %v)", entries, err)
	}
	// Where there is no /proc nothing matches. Command lines are separated by zeros.
	processes, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, process := range processes {
		// Those that end meanwhile cannot be read, and need not be.
		line, err := os.ReadFile(process)
		if err == nil && bytes.Contains(line, []byte(tmp)) {
			t.Errorf("a process is left: %s %q", process, line)
		}
	}
}
