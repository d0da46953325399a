// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

// start runs the command until stop is called, and returns the printed settings by name.
func start(t *testing.T, stderr io.Writer, args ...string) (printed map[string]string, stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, args, writer, stderr)
		writer.Close()
		ended <- err
	}()
	setting := regexp.MustCompile(`^(?:export|\s*)\s*(\w+)\s*=\s*"?([^"]*)"?$`)
	printed = make(map[string]string)
	lines := bufio.NewScanner(reader)
	for printed["SMARTCONNECT_ENDPOINT_STS"] == "" && printed["instance_id"] == "" && lines.Scan() {
		if match := setting.FindStringSubmatch(lines.Text()); match != nil {
			printed[match[1]] = match[2]
		}
	}
	go func() { _, _ = io.Copy(io.Discard, reader) }()
	return printed, func() error {
		cancel()
		return <-ended
	}
}

func TestRun_output(t *testing.T) {
	var stderr bytes.Buffer // read after the end only
	printed, stop := start(t, &stderr)
	url := printed["SMARTCONNECT_ENDPOINT_DMS"]
	want := map[string]string{
		"HW_REGION_NAME": simulator.Region, "HW_ACCESS_KEY": simulator.AccessKey, "HW_SECRET_KEY": simulator.SecretKey,
		"SMARTCONNECT_ENDPOINT_DMS": url, "SMARTCONNECT_ENDPOINT_IAM": url, "SMARTCONNECT_ENDPOINT_STS": url,
	}
	if fmt.Sprint(printed) != fmt.Sprint(want) {
		t.Errorf("environment %v, want %v", printed, want)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/v3/projects", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()

	var second bytes.Buffer
	address := strings.TrimPrefix(url, "http://")
	if err := run(t.Context(), []string{"-listen", address}, &second, io.Discard); err == nil ||
		!strings.Contains(err.Error(), "cannot listen on "+address) || second.Len() > 0 {
		t.Errorf("error %v, output %q; want only an error about the port that is in use", err, &second)
	}
	if err := stop(); err != nil {
		t.Errorf("it ended with %v, want no error", err)
	}
	if log := stderr.String(); !strings.HasSuffix(log, "GET /v3/projects 401\n") {
		t.Errorf("log is %q, want a line for the request", log)
	}
	dialer := net.Dialer{Timeout: time.Second}
	if connection, err := dialer.DialContext(t.Context(), "tcp", address); err == nil {
		connection.Close()
		t.Error("it still listens after its end")
	}
}

func TestRun_hcl(t *testing.T) {
	printed, stop := start(t, io.Discard, "-hcl", "-listen", ":0")
	if url := printed["dms"]; !strings.HasPrefix(url, "http://127.0.0.1:") || printed["iam"] != url || printed["sts"] != url ||
		printed["region"] != simulator.Region || printed["secret_key"] != simulator.SecretKey || printed["instance_id"] != simulator.InstanceID {
		t.Errorf("the configuration has %v", printed)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

// The guide on testing without an account shows the output.
func TestRun_documentedOutput(t *testing.T) {
	shown, err := os.ReadFile("../../../examples/guides/test-without-an-account/environment.txt")
	if err != nil {
		t.Fatal(err)
	}
	if printed := fmt.Sprintf(environment, "http://127.0.0.1:8080"); string(shown) != printed {
		t.Errorf("the guide shows\n%s, but the command prints\n%s", shown, printed)
	}
}

// Requests in progress do not delay the end.
func TestRun_shutdown(t *testing.T) {
	printed, stop := start(t, io.Discard, "-latency", "1h")
	connection, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(printed["SMARTCONNECT_ENDPOINT_DMS"], "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	if _, err := io.WriteString(connection, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if err := stop(); err != nil {
		t.Errorf("it ended with %v, want no error", err)
	}
	_, _ = io.Copy(io.Discard, connection) // ends, since the connection is closed
}

func TestParseFlags(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tasks.json")
	if err := os.WriteFile(file, []byte(`{"tasks":[{"id":"a"}],"total_number":1,"max_tasks":7,"quota_tasks":-1}`), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := parseFlags([]string{
		"-listen", "127.0.0.1:8080", "-tasks", file, "-latency", "5ms", "-unused-side", "missing", "-past-end", "error",
	}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if o := s.options; s.listen != "127.0.0.1:8080" || o.Latency != 5*time.Millisecond || o.UnusedSide != simulator.UnusedMissing || o.PastEnd != simulator.PastEndError {
		t.Errorf("settings are %+v, want those of the flags", s)
	}
	instance := s.options.Projects[0].Instances[0]
	if got, want := fmt.Sprintf("%s %s %d %d", instance.ID, instance.Tasks, instance.MaxTasks, instance.QuotaTasks),
		simulator.InstanceID+` [{"id":"a"}] 7 -1`; got != want {
		t.Errorf("instance is %s, want %s", got, want)
	}
	var help bytes.Buffer
	if err := run(t.Context(), []string{"-help"}, &help, io.Discard); err != nil || !strings.Contains(help.String(), "-unused-side") {
		t.Errorf("error %v, output %q; want the flags", err, &help)
	}
}

func TestParseFlags_invalid(t *testing.T) {
	invalid := filepath.Join(t.TempDir(), "invalid.json")
	if err := os.WriteFile(invalid, []byte("{\n\"tasks\":"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"unknown":          {[]string{"-x"}, "-x; -help lists the flags"},
		"argument":         {[]string{"x"}, `unexpected argument "x"`},
		"unused side":      {[]string{"-unused-side", "x"}, "must be null, empty or missing"},
		"past end":         {[]string{"-past-end", "x"}, "must be empty or error"},
		"both tasks":       {[]string{"-tasks", invalid, "-generate", "0"}, "mutually exclusive"},
		"negative":         {[]string{"-generate", "-2"}, "-generate is -2, must be 0 or more"},
		"negative latency": {[]string{"-latency", "-2s"}, "-latency is -2s, must be 0 or more"},
		"no such file":     {[]string{"-tasks", invalid + "x"}, "-tasks: open " + invalid + "x"},
		"not JSON":         {[]string{"-tasks", invalid}, invalid + ": the input is not valid JSON, line 2"},
		"address":          {[]string{"-listen", "256.0.0.1:x"}, "cannot listen on 256.0.0.1:x"},
	} {
		t.Run(name, func(t *testing.T) {
			var stdout bytes.Buffer
			err := run(t.Context(), test.args, &stdout, io.Discard)
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") || stdout.Len() > 0 {
				t.Errorf("error %v, output %q; want only an error with %q", err, &stdout, test.want)
			}
		})
	}
}
