// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package simulator_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

// send goes over real HTTP, for what only a connection shows.
func send(t *testing.T, server *httptest.Server, target string) (*http.Response, []byte, error) {
	t.Helper()
	signed := call{target: target}.request()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+target, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = signed.Header
	response, err := server.Client().Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return response, body, err
}

// servers are what a client may meet: HTTP/1.1, and HTTP/2 over TLS.
func servers(t *testing.T, s *simulator.Simulator) map[string]*httptest.Server {
	t.Helper()
	plain, secure := httptest.NewServer(s), httptest.NewUnstartedServer(s)
	secure.EnableHTTP2 = true
	secure.StartTLS()
	t.Cleanup(plain.Close)
	t.Cleanup(secure.Close)
	return map[string]*httptest.Server{"HTTP/1.1": plain, "HTTP/2.0": secure}
}

func TestFaultsStrikeTheirRequestAndNoOther(t *testing.T) {
	s := simulator.New(simulator.Options{Faults: map[int]simulator.Fault{
		2: simulator.ErrorFault(503, "DMS.00500000", "busy"),
		3: simulator.ErrorFault(429, "APIGW.0308", "too fast"),
	}})
	for i, want := range []string{"200 ", "503 DMS.00500000 busy", "429 APIGW.0308 too fast", "200 "} {
		target := tasksURL
		if i == 2 {
			target = "/v3/projects" // all paths are counted together
		}
		status, a := get(t, s, target)
		if got := fmt.Sprint(status, " ", strings.TrimSpace(a.Code+" "+a.Message)); got != want {
			t.Errorf("request %d: %q, want %q", i+1, got, want)
		}
		if gateway := i == 2; (a.RequestID != "") != gateway {
			t.Errorf("request %d: request ID %q in the body, want one: %t", i+1, a.RequestID, gateway)
		}
	}
	s.Reset()
	get(t, s, tasksURL)
	if status, _ := get(t, s, tasksURL); status != 503 {
		t.Errorf("status %d after a reset, want the fault again", status)
	}
	s.SetFaults(map[int]simulator.Fault{3: simulator.ErrorFault(500, "DMS.1", "x")})
	if status, _ := get(t, s, tasksURL); status != 500 {
		t.Errorf("status %d, want the count to go on over SetFaults", status)
	}
}

func TestBodyFaultIsNotOfTheCloud(t *testing.T) {
	s := simulator.New(simulator.Options{Faults: map[int]simulator.Fault{1: simulator.BodyFault(502, "text/html", "<h1>proxy</h1>")}})
	response, body, err := send(t, servers(t, s)["HTTP/1.1"], tasksURL)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusBadGateway || response.Header.Get("Content-Type") != "text/html" || string(body) != "<h1>proxy</h1>" {
		t.Errorf("%s %v %q, want the page as it was given", response.Status, response.Header, body)
	}
	if id := response.Header.Get("X-Request-Id"); id != "" || s.Requests()[0].RequestID != "" {
		t.Errorf("X-Request-Id is %q, want none", id)
	}
}

func TestAbortFaultCutsTheConnection(t *testing.T) {
	s := simulator.New(simulator.Options{})
	for protocol, server := range servers(t, s) {
		t.Run(protocol, func(t *testing.T) {
			s.Reset()
			// An idle connection is tried again by net/http, so all three are cut.
			s.SetFaults(map[int]simulator.Fault{1: simulator.AbortFault(), 2: simulator.AbortFault(), 3: simulator.AbortFault()})
			if response, _, err := send(t, server, tasksURL); err == nil {
				t.Errorf("%s, want an error", response.Status)
			}
			if requests := s.Requests(); len(requests) == 0 || requests[0].Status != 0 {
				t.Errorf("record is %v, want status 0", requests)
			}
		})
	}
}

func TestCutFaultSendsTheBeginningOfTheAnswer(t *testing.T) {
	s := simulator.New(simulator.Options{})
	for protocol, server := range servers(t, s) {
		s.SetFaults(nil)
		_, whole, err := send(t, server, tasksURL)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range []int{0, 1, 100, len(whole) - 1, len(whole), len(whole) + 1000} {
			t.Run(fmt.Sprint(protocol, " ", n), func(t *testing.T) {
				s.Reset()
				s.SetFaults(map[int]simulator.Fault{1: simulator.TruncateFault(n)})
				response, body, err := send(t, server, tasksURL)
				if err == nil || response == nil || response.Proto != protocol {
					t.Fatalf("response %v, error %v; want an answer over %s that is cut", response, err, protocol)
				}
				if want := whole[:min(n, len(whole))]; string(body) != string(want) || response.ContentLength <= int64(len(want)) {
					t.Errorf("%d bytes of %d, want %d and a greater length", len(body), response.ContentLength, len(want))
				}
			})
		}
	}
}

func TestLatencyIsThePauseBeforeAnAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := simulator.New(simulator.Options{Latency: 300 * time.Millisecond})
		start := time.Now()
		if status, _ := get(t, s, tasksURL); status != http.StatusOK {
			t.Errorf("status %d, want 200", status)
		}
		if pause := time.Since(start); pause != 300*time.Millisecond {
			t.Errorf("the answer took %s, want 300ms", pause)
		}
	})
}

func TestLatencyEndsWithTheRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := simulator.New(simulator.Options{Latency: time.Hour})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		defer func() {
			if got := recover(); got != any(http.ErrAbortHandler) {
				t.Errorf("panic %v, want the connection cut", got)
			}
			if pause := time.Since(start); pause != time.Second {
				t.Errorf("it took %s, want 1s", pause)
			}
			if requests := s.Requests(); len(requests) != 1 || requests[0].Status != 0 {
				t.Errorf("record is %v, want one request without an answer", requests)
			}
		}()
		s.ServeHTTP(httptest.NewRecorder(), call{target: tasksURL}.request().WithContext(ctx))
	})
}

func TestRequestsAreRecorded(t *testing.T) {
	var logged []string
	s := simulator.New(simulator.Options{Log: func(r simulator.Request) { logged = append(logged, fmt.Sprint(r, " ", r.Status)) }})
	do(t, s, call{target: tasksURL + "?offset=0&limit=50", query: "limit=50&offset=0"}.request())
	do(t, s, call{target: "/v3/projects", body: "text"}.request())
	get(t, s, "/v1/a%2Fb")

	requests := s.Requests()
	lines := []string{"GET " + tasksURL + "?limit=50&offset=0 200", "GET /v3/projects 200", "GET /v1/a%2Fb 404"}
	if len(requests) != len(lines) {
		t.Fatalf("%d requests, want %d", len(requests), len(lines))
	}
	for i, want := range lines {
		if got := fmt.Sprint(requests[i], " ", requests[i].Status); got != want || logged[i] != want {
			t.Errorf("request %d is %q, logged as %q, want %q", i+1, got, logged[i], want)
		}
		if got, want := requests[i].RequestID, fmt.Sprintf("%032x", i+1); got != want {
			t.Errorf("request ID is %s, want %s", got, want)
		}
	}
	if r := requests[1]; string(r.Body) != "text" || r.Host != "example.com" || r.Header.Get("X-Sdk-Date") == "" {
		t.Errorf("request is %+v, want its body, host and headers", r)
	}
	s.Reset()
	if left := s.Requests(); len(left) != 0 || len(requests) != 3 {
		t.Errorf("%d requests after a reset and %d in the copy, want 0 and 3", len(left), len(requests))
	}
}

func TestClockIsTheOneGiven(t *testing.T) {
	then := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	s := simulator.New(simulator.Options{Now: func() time.Time { return then.In(time.FixedZone("east", 3600)) }})
	w := httptest.NewRecorder()
	s.ServeHTTP(w, call{target: tasksURL, date: then}.request())
	if got, want := w.Header().Get("Date"), "Wed, 02 Jan 2030 03:04:05 GMT"; w.Code != http.StatusOK || got != want {
		t.Errorf("status %d, Date %q; want 200, %q", w.Code, got, want)
	}
	if status, _ := get(t, s, tasksURL); status != http.StatusUnauthorized {
		t.Errorf("status %d for today's date, want 401", status)
	}
}

func TestIAMAnswersHaveATraceID(t *testing.T) {
	s := simulator.New(simulator.Options{})
	for target, want := range map[string]bool{"/v3/projects": true, "/v3.0/OS-AUTH/id-token/tokens": true, tasksURL: false} {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, call{target: target}.request())
		if got := w.Header().Get("X-IAM-Trace-Id"); (got != "") != want {
			t.Errorf("%s: X-IAM-Trace-Id is %q, want one: %t", target, got, want)
		}
	}
}

func TestFaultThatOnlyWritesIsRecordedAsOK(t *testing.T) {
	s := simulator.New(simulator.Options{Faults: map[int]simulator.Fault{
		1: func(w http.ResponseWriter, _ *http.Request, _ http.Handler) { _, _ = io.WriteString(w, "{}") },
	}})
	s.ServeHTTP(httptest.NewRecorder(), call{target: tasksURL}.request())
	if r := s.Requests()[0]; r.Status != http.StatusOK || r.RequestID == "" {
		t.Errorf("record is %v %d, want 200 and an ID", r, r.Status)
	}
}

func TestManyAtOnce(t *testing.T) {
	s := simulator.New(simulator.Options{Log: func(simulator.Request) {}})
	server := servers(t, s)["HTTP/1.1"]
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			response, body, err := send(t, server, tasksURL)
			if err != nil || response.StatusCode != http.StatusOK || !json.Valid(body) {
				t.Errorf("request %d: %v, %v", i, response, err)
			}
			s.SetTasks(simulator.InstanceID, simulator.GenerateTasks(i))
			s.SetFaults(nil)
			s.Requests()
		})
	}
	group.Wait()
	ids := make(map[string]bool)
	for _, r := range s.Requests() {
		ids[r.RequestID] = true
	}
	if len(ids) != 20 {
		t.Errorf("%d request IDs, want 20", len(ids))
	}
}
