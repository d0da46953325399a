// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

//go:build linux

package provider

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
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

const okHeader = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

// hostile are responses by the ID of the instance.
var hostile = map[string]http.HandlerFunc{
	"healthy":            compressed(`{"tasks":[],"total_number":0}`),
	"status-101":         raw("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", ""),
	"hang-before-header": raw("", ""),
	"hang-in-header":     raw(okHeader, ""),
	"hang-before-body":   raw(okHeader+"Content-Length: 100\r\n\r\n", ""),
	"hang-in-body":       raw(okHeader+"Content-Length: 100\r\n\r\n{\"tas", ""),
	"endless-1xx":        raw("", strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 100)),
	"endless-header":     raw(okHeader, strings.Repeat("X-More: more\r\n", 100)),
	"endless-body":       raw(okHeader+"\r\n", strings.Repeat(" ", 1<<16)),
	"gzip-bomb":          compressed(slices.Repeat([]string{strings.Repeat(" ", 1<<20)}, 2048)...),
	"83000-topics":       listOf(1_000_000, `"topics":"`+strings.Repeat("a,", 83_000)+`"`),
	"4000000-items":      compressed(`{"tasks":[`, strings.Repeat("0,", 4_000_000), `0],"total_number":1}`),
	"4000000-levels":     compressed(strings.Repeat("[", 4_000_000)),
	"500000-fields":      compressed("{", strings.Repeat(`"f":{},`, 500_000), `"tasks":[]}`),
	"500000-levels":      compressed(`{"tasks":`, strings.Repeat("[", 500_000), strings.Repeat("]", 500_000), "}"),
	"140000-fields":      compressed("{", strings.Repeat(`"f":{},`, 140_000), `"tasks":[]}`),
	"11-MiB":             listOf(1_000_000, `"status":"`+strings.Repeat("x", 20_000)+`"`),
	"9-MiB":              listOf(480, `"status":"`+strings.Repeat("x", 20_000)+`"`),
	"110000-items":       listOf(9000, `"topics":"`+strings.Repeat("a,", 9000)+`"`),
}

// planHostile plans reads of hostile instances, and returns what the CLI printed, how long it took, and the
// peak memory of the provider's process in bytes. interrupt, if positive, is sent that long after the first
// hostile response begins.
func planHostile(t *testing.T, timeout string, interrupt time.Duration, instances ...string) (out string, took time.Duration, peak int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	var start atomic.Pointer[time.Time]
	start.Store(new(time.Now()))
	begin := sync.OnceFunc(func() {
		if interrupt > 0 {
			time.AfterFunc(interrupt, func() { start.Store(new(time.Now())); cancel() })
		}
	})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		instance := strings.Split(r.URL.Path, "/")[4]
		if instance != "healthy" { // which proves the credentials, for which all others wait
			begin()
		}
		hostile[instance](w, r)
	}))
	defer server.Close()
	defer server.CloseClientConnections()
	// A name of its own, by which the process is found.
	binary := filepath.Join(t.TempDir(), "terraform-provider-smartconnect")
	if err := errors.Join(build(), os.Link(filepath.Join(temporary, filepath.Base(binary)), binary)); err != nil {
		t.Fatal(err)
	}
	w, err := terraform.NewWorkspace(cli, filepath.Dir(binary))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Close() }()
	config := userSource + providerBlock(server.URL, map[string]string{
		"region": simulator.Region, "project_id": simulator.ProjectID, "access_key": simulator.AccessKey, "secret_key": simulator.SecretKey,
	}) + readTasks("healthy") + fmt.Sprintf("data \"smartconnect_tasks\" \"hostile\" {\n  for_each    = toset(compact(split(\",\", %q)))\n  instance_id = each.key\n"+
		"  depends_on  = [data.smartconnect_tasks.test]\n  timeouts {\n    read = %q\n  }\n}\n", strings.Join(instances, ","), timeout)
	if err := w.Write("main.tf", []byte(config)); err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	done := make(chan struct{})
	wait.Go(func() {
		for ticks := time.Tick(20 * time.Millisecond); ; {
			peak = max(peak, peakMemory(binary))
			select {
			case <-ticks:
			case <-done:
				return
			}
		}
	})
	var b bytes.Buffer
	_ = w.Run(ctx, &b, &b, "plan", "-parallelism=30")
	took = time.Since(*start.Load())
	close(done)
	wait.Wait()
	return strings.Join(strings.Fields(strings.ReplaceAll(b.String(), "│", "")), " "), took, peak
}

// peakMemory returns the most bytes that a running process of the binary has had in memory.
func peakMemory(binary string) (peak int) {
	processes, _ := filepath.Glob("/proc/[0-9]*/exe")
	for _, exe := range processes {
		if path, err := os.Readlink(exe); err != nil || path != binary {
			continue
		}
		status, _ := os.ReadFile(filepath.Join(filepath.Dir(exe), "status"))
		_, after, _ := strings.Cut(string(status), "VmHWM:")
		var kilobytes int
		_, _ = fmt.Sscan(after, &kilobytes)
		peak = max(peak, kilobytes<<10)
	}
	return peak
}

// Whatever a server sends, the provider keeps to its memory and its time, and an interrupt ends it.
func TestAccHostile(t *testing.T) {
	if os.Getenv(envAcc) != "" {
		t.Skip("needs a hostile server")
	}
	const most = 64 << 20
	if err := build(); err != nil {
		t.Fatal(err)
	}
	_, idle, base := planHostile(t, "1m", 0, "healthy")
	if base == 0 {
		t.Fatal("the provider's process was not found")
	}
	t.Logf("idle: %.1f MiB, %s", float64(base)/(1<<20), idle.Round(time.Millisecond))
	for _, tt := range []struct {
		instances string
		limit     time.Duration // of each read, which one error reaches
		want      string        // as often as there are instances; "": no error
	}{
		{"hang-before-header hang-in-header hang-before-body hang-in-body", 2 * time.Second, "did not finish within 2s"},
		{"status-101", 2 * time.Second, "HTTP 101 Switching Protocols"},
		{"endless-1xx endless-header", 2 * time.Second, "server response headers exceeded 65536 bytes"},
		{"endless-body gzip-bomb 83000-topics 4000000-items 4000000-levels 500000-fields", 0, "the response is larger than 1 MiB"},
		{"500000-levels", 0, "exceeds the limit of 10000 nested"},
		{"140000-fields", 0, "exceeds the limit of 30000 fields"},
		{"11-MiB", 0, "exceeds the limit of 10 MiB"},
		{"9-MiB", 0, ""},
		{"110000-items", 0, "exceeds the limit of 100000 items"},
	} {
		t.Run(tt.instances, func(t *testing.T) {
			instances := strings.Fields(tt.instances)
			limit := cmp.Or(tt.limit, time.Minute)
			out, took, peak := planHostile(t, limit.String(), 0, instances...)
			t.Logf("%.1f MiB above idle, %s longer", float64(peak-base)/(1<<20), (took - idle).Round(time.Millisecond))
			switch {
			case tt.want == "" && strings.Contains(out, "Error:"), tt.want != "" && strings.Count(out, tt.want) < len(instances):
				t.Errorf("want %d errors with %q\n%s", len(instances), tt.want, out)
			case peak-base > most:
				t.Errorf("peak of %d bytes above idle, want at most %d", peak-base, most)
			case tt.limit > 0 && took > limit+time.Second+3*idle:
				t.Errorf("the plan took %s, an idle one %s", took, idle)
			}
		})
	}
	for _, delay := range []time.Duration{1, 100 * time.Millisecond, time.Second} {
		t.Run(fmt.Sprintf("interrupt after %s", delay), func(t *testing.T) {
			out, took, peak := planHostile(t, "5m", delay, "status-101", "hang-before-header", "hang-in-body", "endless-1xx", "endless-body", "gzip-bomb", "11-MiB", "110000-items")
			t.Logf("%.1f MiB above idle, ended after %s", float64(peak-base)/(1<<20), took.Round(time.Millisecond))
			if !strings.Contains(out, "Read Canceled") || took > time.Second+3*idle {
				t.Errorf("the plan ended %s after the interrupt\n%s", took, out)
			}
		})
	}
}
