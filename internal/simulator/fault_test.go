// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package simulator_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

// send sends a request over HTTP.
func send(t *testing.T, server *httptest.Server, target string) (*http.Response, []byte, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+target, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = call{target: target}.request().Header
	resp, err := server.Client().Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp, body, err
}

// newFaultyServer starts a server with a fault at its first request.
func newFaultyServer(t *testing.T, f simulator.Fault) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(simulator.New(simulator.Options{Faults: map[int]simulator.Fault{1: f}}))
	t.Cleanup(server.Close)
	return server
}

func healthyBody(t *testing.T) string {
	t.Helper()
	w := httptest.NewRecorder()
	simulator.New(simulator.Options{}).ServeHTTP(w, call{target: tasksURL}.request())
	return w.Body.String()
}

func TestFaults_numbers(t *testing.T) {
	s := simulator.New(simulator.Options{Faults: map[int]simulator.Fault{
		2: simulator.ErrorFault(503, "DMS.00500000", "busy"),
		3: simulator.ErrorFault(429, "APIGW.0308", "too fast"),
	}})
	for i, test := range []struct{ target, want string }{
		{tasksURL, "200"}, {tasksURL, "503 DMS.00500000"}, {"/v3/projects", "429 APIGW.0308"}, {tasksURL, "200"},
	} {
		if got := result(get(t, s, test.target)); got != test.want {
			t.Errorf("request %d: %s, want %s", i+1, got, test.want)
		}
	}
	s.Reset() // requests are counted from 1 again
	get(t, s, tasksURL)
	s.SetFaults(map[int]simulator.Fault{2: simulator.ErrorFault(500, "DMS.1", "x")})
	if got := result(get(t, s, tasksURL)); got != "500 DMS.1" {
		t.Errorf("after a reset: %s", got)
	}
}

func TestBodyFault(t *testing.T) {
	resp, body, err := send(t, newFaultyServer(t, simulator.BodyFault(502, "text/html", "<h1>proxy</h1>")), tasksURL)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusBadGateway || resp.Header.Get("Content-Type") != "text/html" || string(body) != "<h1>proxy</h1>" || resp.Header.Get("X-Request-Id") != "" {
		t.Errorf("%s %v %q, want the page without a request ID", resp.Status, resp.Header, body)
	}
}

func TestTruncateFault(t *testing.T) {
	complete := len(healthyBody(t))
	for protocol, http2 := range map[string]bool{"HTTP/1.1": false, "HTTP/2.0": true} {
		s := simulator.New(simulator.Options{})
		server := httptest.NewUnstartedServer(s)
		server.EnableHTTP2 = http2
		server.StartTLS()
		t.Cleanup(server.Close)
		for _, n := range []int{0, 100, complete, complete + 1000} {
			s.Reset()
			s.SetFaults(map[int]simulator.Fault{1: simulator.TruncateFault(n)})
			resp, body, err := send(t, server, tasksURL)
			if err == nil || resp == nil || resp.Proto != protocol || len(body) != min(n, complete) {
				t.Errorf("%s, %d: response %v with %d bytes, %v; want a truncated body", protocol, n, resp, len(body), err)
			}
		}
	}
}

func TestConnFault(t *testing.T) {
	complete := healthyBody(t)
	var healthy string
	_, body, err := send(t, newFaultyServer(t, simulator.ConnFault(func(conn net.Conn, body []byte) {
		healthy = string(body)
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nthis")
	})), tasksURL)
	if !errors.Is(err, io.ErrUnexpectedEOF) || string(body) != "this" || healthy != complete {
		t.Errorf("%q, %v; the healthy body is %.100q, want %.100q", body, err, healthy, complete)
	}
}

func TestResetFault(t *testing.T) {
	for _, text := range []string{"", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nthis"} {
		_, _, err := send(t, newFaultyServer(t, simulator.ResetFault(text)), tasksURL)
		if !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("after %q: %v, want a reset", text, err)
		}
	}
}

func TestSlowFault(t *testing.T) {
	began := time.Now()
	_, body, err := send(t, newFaultyServer(t, simulator.SlowFault("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n12", "345", time.Millisecond)), tasksURL)
	if elapsed := time.Since(began); err != nil || string(body) != "12345" || elapsed < 3*time.Millisecond {
		t.Errorf("%q, %v after %s; want the complete body after 3ms at least", body, err, elapsed)
	}
}
