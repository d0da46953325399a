// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
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

// start runs the command until the test cancels it, and gives what the block says.
func start(t *testing.T, stderr io.Writer, args ...string) (block map[string]string, stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, args, writer, stderr)
		writer.Close()
		ended <- err
	}()
	setting := regexp.MustCompile(`^\s*(\w+)\s*= "(.*)"$`)
	block = make(map[string]string)
	lines := bufio.NewScanner(reader)
	for block["instance_id"] == "" && lines.Scan() {
		if match := setting.FindStringSubmatch(lines.Text()); match != nil {
			block[match[1]] = match[2]
		}
	}
	go func() { _, _ = io.Copy(io.Discard, reader) }()
	return block, func() error {
		cancel()
		return <-ended
	}
}

func TestPrintedBlockWorksUntilCancelled(t *testing.T) {
	var stderr bytes.Buffer // read after the end only
	block, stop := start(t, &stderr, "-generate", "3")
	if block["dms"] == "" || block["dms"] != block["iam"] || block["project_id"] != "" {
		t.Fatalf("the block says %v, want both endpoints and no project_id", block)
	}

	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, block["iam"]+"/v3/projects?name="+block["region"], nil)
	if err != nil {
		t.Fatal(err)
	}
	date := time.Now().UTC().Format("20060102T150405Z")
	canonical := fmt.Sprintf("GET\n/v3/projects/\nname=%s\nx-sdk-date:%s\n\nx-sdk-date\n%x", block["region"], date, sha256.Sum256(nil))
	mac := hmac.New(sha256.New, []byte(block["secret_key"]))
	fmt.Fprintf(mac, "SDK-HMAC-SHA256\n%s\n%x", date, sha256.Sum256([]byte(canonical)))
	r.Header.Set("X-Sdk-Date", date)
	r.Header.Set("Authorization", fmt.Sprintf("SDK-HMAC-SHA256 Access=%s, SignedHeaders=x-sdk-date, Signature=%x", block["access_key"], mac.Sum(nil)))
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	response.Body.Close()
	if err != nil || response.StatusCode != http.StatusOK || !strings.Contains(string(body), `"name":"`+block["region"]+`"`) {
		t.Errorf("%s, %v: %s; want the region's project", response.Status, err, body)
	}

	if err := stop(); err != nil {
		t.Errorf("it ended with %v, want no error", err)
	}
	if log := stderr.String(); !strings.HasSuffix(log, "GET /v3/projects?name="+block["region"]+" 200\n") || strings.Contains(log, block["access_key"]) {
		t.Errorf("log is %q, want the request's line without headers", log)
	}
	dialer := net.Dialer{Timeout: time.Second}
	if connection, err := dialer.DialContext(t.Context(), "tcp", strings.TrimPrefix(block["dms"], "http://")); err == nil {
		connection.Close()
		t.Error("it still listens after its end")
	}
}

func TestAnswersUnderWayDoNotHoldUpTheEnd(t *testing.T) {
	block, stop := start(t, io.Discard, "-latency", "1h")
	arrived := make(chan struct{})
	answered := make(chan error)
	go func() {
		connection, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(block["dms"], "http://"))
		if err == nil {
			_, err = io.WriteString(connection, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		}
		close(arrived)
		if connection != nil {
			_, _ = io.Copy(io.Discard, connection)
			connection.Close()
		}
		answered <- err
	}()
	<-arrived
	if err := stop(); err != nil {
		t.Errorf("it ended with %v, want no error", err)
	}
	if err := <-answered; err != nil {
		t.Error(err)
	}
}

func TestUnspecifiedAddressIsPrintedAsOneToCall(t *testing.T) {
	block, stop := start(t, io.Discard, "-listen", ":0")
	if !strings.HasPrefix(block["dms"], "http://127.0.0.1:") {
		t.Errorf("endpoint is %s, want 127.0.0.1", block["dms"])
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestEveryFlagIsTaken(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tasks.json")
	if err := os.WriteFile(file, []byte(`{"tasks":[{"id":"a"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	listen, o, err := settings([]string{
		"-listen", "127.0.0.1:8080", "-tasks", file, "-latency", "5ms", "-unused-side", "missing", "-past-end", "error",
	}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if listen != "127.0.0.1:8080" || o.Latency != 5*time.Millisecond || o.UnusedSide != simulator.UnusedMissing || o.PastEnd != simulator.PastEndError {
		t.Errorf("listen %s, options %+v; want what the flags say", listen, o)
	}
	if tasks := o.Projects[0].Instances[0].Tasks; len(tasks) != 1 || string(tasks[0]) != `{"id":"a"}` {
		t.Errorf("tasks are %s, want those of the file", tasks)
	}
}

func TestWrongFlagsAreSaidInASentence(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "bad.json")
	if err := os.WriteFile(bad, []byte("{\n\"tasks\":"), 0o600); err != nil {
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
		"both tasks":       {[]string{"-tasks", bad, "-generate", "0"}, "exclude each other"},
		"negative":         {[]string{"-generate", "-2"}, "-generate is -2, but must be 0 or more"},
		"negative latency": {[]string{"-latency", "-2s"}, "-latency is -2s, but must be 0 or more"},
		"no such file":     {[]string{"-tasks", bad + "x"}, "-tasks: open " + bad + "x"},
		"no JSON":          {[]string{"-tasks", bad}, bad + ": the input is not valid JSON, line 2"},
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

func TestHelpIsNoError(t *testing.T) {
	var stdout bytes.Buffer
	if err := run(t.Context(), []string{"-help"}, &stdout, io.Discard); err != nil || !strings.Contains(stdout.String(), "-unused-side") {
		t.Errorf("error %v, output %q; want the flags", err, &stdout)
	}
}
