// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

//go:build linux

package provider

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/terraform"
)

// compressed sends parts for as long as the client takes them.
func compressed(parts ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z, _ := gzip.NewWriterLevel(w, gzip.BestSpeed)
		for _, part := range parts {
			if _, err := io.WriteString(z, part); err != nil {
				return
			}
		}
		_ = z.Close()
	}
}

// listOf sends pages of total tasks that have an ID and the given fields.
func listOf(total int, fields string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
		var parts []string
		for i := offset; i < min(offset+50, total); i++ {
			parts = append(parts, fmt.Sprintf(`,{"id":"t%d",`, i), fields, "}")
		}
		parts[0] = `{"tasks":[` + parts[0][1:]
		compressed(append(parts, fmt.Sprintf(`],"total_number":%d}`, total))...)(w, r)
	}
}

// raw sends start, then rest until the client leaves; without rest it hangs.
func raw(start, rest string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		_, err = io.WriteString(conn, start)
		for err == nil && rest != "" {
			_, err = io.WriteString(conn, rest)
		}
		_, _ = io.Copy(io.Discard, conn)
	}
}

// hostile are responses by the ID of the instance.
var hostile = map[string]struct {
	respond http.HandlerFunc
	want    string // in the error; empty: none
}{
	"healthy":            {compressed(`{"tasks":[],"total_number":0}`), ""}, // read first: it proves the credentials, for which all others wait
	"hang-before-header": {raw("", ""), timedOut},
	"hang-in-header":     {raw(okHeader, ""), timedOut},
	"hang-before-body":   {raw(okHeader+"Content-Length: 100\r\n\r\n", ""), timedOut},
	"hang-in-body":       {raw(okHeader+"Content-Length: 100\r\n\r\n{\"tas", ""), timedOut},
	"status-101":         {raw("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", ""), "HTTP 101 Switching Protocols"},
	"endless-1xx":        {raw("", strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 100)), "server response headers exceeded 65536 bytes"},
	"endless-header":     {raw(okHeader, strings.Repeat("X-More: more\r\n", 100)), "server response headers exceeded 65536 bytes"},
	"endless-body":       {raw(okHeader+"\r\n", strings.Repeat(" ", 1<<16)), tooLarge},
	"gzip-bomb":          {compressed(slices.Repeat([]string{strings.Repeat(" ", 1<<20)}, 2048)...), tooLarge},
	"83000-topics":       {listOf(1_000_000, `"topics":"`+strings.Repeat("a,", 83_000)+`"`), tooLarge},
	"4000000-items":      {compressed(`{"tasks":[`, strings.Repeat("0,", 4_000_000), `0],"total_number":1}`), tooLarge},
	"4000000-levels":     {compressed(strings.Repeat("[", 4_000_000)), tooLarge},
	"500000-fields":      {compressed("{", strings.Repeat(`"f":{},`, 500_000), `"tasks":[]}`), tooLarge},
	"500000-levels":      {compressed(`{"tasks":`, strings.Repeat("[", 500_000), strings.Repeat("]", 500_000), "}"), "exceeds the limit of 10000 nested"},
	"140000-fields":      {compressed("{", strings.Repeat(`"f":{},`, 140_000), `"tasks":[]}`), "exceeds the limit of 30000 fields"},
	"11-MiB":             {listOf(1_000_000, `"status":"`+strings.Repeat("x", 20_000)+`"`), "exceeds the limit of 10 MiB"},
	"9-MiB":              {listOf(480, `"status":"`+strings.Repeat("x", 20_000)+`"`), ""},
	"110000-items":       {listOf(9000, `"topics":"`+strings.Repeat("a,", 9000)+`"`), "exceeds the limit of 100000 items"},
}

const (
	okHeader = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	timedOut = "did not finish within 2s"
	tooLarge = "the response is larger than 1 MiB"
)

// hostileWorkspace returns a workspace whose plan reads hostile instances. onRequest is called for each request
// without a complete response.
func hostileWorkspace(t *testing.T, source, timeout string, onRequest func(), instances ...string) *terraform.Workspace {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		instance := strings.Split(r.URL.Path, "/")[4]
		if hostile[instance].want == timedOut {
			onRequest()
		}
		hostile[instance].respond(w, r)
	}))
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections)
	return workspace(t, map[string]string{"main.tf": source + providerBlock(server.URL, map[string]string{
		"region": simulator.Region, "project_id": simulator.ProjectID, "access_key": simulator.AccessKey, "secret_key": simulator.SecretKey, "max_retries": "0",
	}) + readTasks("healthy") + fmt.Sprintf("data \"smartconnect_tasks\" \"hostile\" {\n  for_each    = toset(compact(split(\",\", %q)))\n  instance_id = each.key\n"+
		"  depends_on  = [data.smartconnect_tasks.test]\n  timeouts {\n    read = %q\n  }\n}\n", strings.Join(instances, ","), timeout)})
}

// planHostile plans reads of hostile instances, and returns the errors, how long it took, and the peak memory of
// the provider's process in bytes.
func planHostile(t *testing.T, timeout string, instances ...string) (errs []diagnostic, took time.Duration, peak int) {
	t.Helper()
	w := hostileWorkspace(t, debugSource, timeout, func() {}, instances...)
	p := startProvider(t)
	w.Env = p.env
	start := time.Now()
	out, _ := run(t, w, "plan", "-json", "-parallelism=30")
	took = time.Since(start)
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	_, kilobytes, _ := strings.Cut(string(status), "VmHWM:")
	if _, scanErr := fmt.Sscan(kilobytes, &peak); errors.Join(err, scanErr) != nil {
		t.Fatal(err, scanErr)
	}
	return errorsIn(t, out), took, peak << 10
}

// Whatever a server sends, the provider keeps to its memory and its time, and an interrupt ends it.
func TestAccHostile(t *testing.T) {
	if os.Getenv(envAcc) != "" {
		t.Skip("needs a hostile server")
	}
	const (
		most   = 64 << 20
		prompt = 20 * time.Second // on a loaded machine, and before an attempt times out; idle ones take a tenth
	)
	_, idle, base := planHostile(t, "1m")
	t.Logf("idle: %.1f MiB, %s", float64(base)/(1<<20), idle.Round(time.Millisecond))
	var hanging, rejected, accepted []string
	for instance, h := range hostile {
		switch h.want {
		case "":
			accepted = append(accepted, instance)
		case timedOut:
			hanging = append(hanging, instance)
		default:
			rejected = append(rejected, instance)
		}
	}
	for _, tt := range []struct {
		name      string
		instances []string
		timeout   time.Duration
	}{
		{"hanging", hanging, 2 * time.Second},
		{"rejected", rejected, time.Minute},
		{"accepted", accepted, time.Minute},
	} {
		t.Run(tt.name, func(t *testing.T) {
			errs, took, peak := planHostile(t, tt.timeout.String(), tt.instances...)
			t.Logf("%.1f MiB above idle, %s longer", float64(peak-base)/(1<<20), (took - idle).Round(time.Millisecond))
			if peak-base > most {
				t.Errorf("peak of %d bytes above idle, want at most %d", peak-base, most)
			}
			if tt.name == "hanging" && took > prompt {
				t.Errorf("the plan took %s, an idle one %s", took, idle)
			}
			details := map[string]string{}
			for _, d := range errs {
				details[d.Address] = d.Detail
			}
			for _, instance := range tt.instances {
				detail := details[fmt.Sprintf("data.smartconnect_tasks.hostile[%q]", instance)]
				if want := hostile[instance].want; !strings.Contains(detail, want) || want == "" && detail != "" {
					t.Errorf("the error of %s is %q, want %q", instance, detail, want)
				}
			}
		})
	}
	for _, delay := range []time.Duration{1, 100 * time.Millisecond, time.Second} {
		t.Run(fmt.Sprintf("interrupt after %s", delay), func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			var interrupted atomic.Int64
			interrupt := sync.OnceFunc(func() { // a read hangs now, whatever has become of the others
				time.AfterFunc(delay, func() { interrupted.Store(time.Now().UnixNano()); cancel() })
			})
			w := hostileWorkspace(t, userSource, "5m", interrupt, slices.Collect(maps.Keys(hostile))...)
			var out bytes.Buffer
			_ = w.Run(ctx, &out, &out, "plan", "-parallelism=30")
			took := time.Since(time.Unix(0, interrupted.Load()))
			t.Logf("ended after %s", took.Round(time.Millisecond))
			if !strings.Contains(out.String(), "Read Canceled") || took > prompt {
				t.Errorf("the plan ended %s after the interrupt\n%s", took, out.String())
			}
		})
	}
}
