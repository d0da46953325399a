// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package simulator_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

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

// The other faults are tested with the client, in internal/smartconnect.
func TestTruncateFault(t *testing.T) {
	healthy := httptest.NewRecorder()
	simulator.New(simulator.Options{}).ServeHTTP(healthy, call{target: tasksURL}.request())
	complete := healthy.Body.Len()
	for protocol, http2 := range map[string]bool{"HTTP/1.1": false, "HTTP/2.0": true} {
		s := simulator.New(simulator.Options{})
		server := httptest.NewUnstartedServer(s)
		server.EnableHTTP2 = http2
		server.StartTLS()
		t.Cleanup(server.Close)
		for _, n := range []int{0, 100, complete, complete + 1000} {
			s.Reset()
			s.SetFaults(map[int]simulator.Fault{1: simulator.TruncateFault(n)})
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+tasksURL, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header = call{target: tasksURL}.request().Header
			resp, err := server.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			if err == nil || resp.Proto != protocol || len(body) != min(n, complete) {
				t.Errorf("%s, %d: response %v with %d bytes, %v; want a truncated body", protocol, n, resp, len(body), err)
			}
		}
	}
}
