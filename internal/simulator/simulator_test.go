// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package simulator_test

import (
	"fmt"
	"testing"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

func TestRequests(t *testing.T) {
	var logged []string
	s := simulator.New(simulator.Options{Log: func(r simulator.Request) { logged = append(logged, fmt.Sprint(r, " ", r.Status, " ", r.RequestID)) }})
	do(t, s, call{target: tasksURL + "?limit=50&offset=0"}.request())
	do(t, s, call{target: "/v3/projects", body: "text"}.request())
	get(t, s, "/v1/a%2Fb")
	plain(s.Metadata(simulator.MetadataOptions{}), "GET", "/", "", "")
	requests := s.Requests()
	for i, want := range []string{"GET " + tasksURL + "?limit=50&offset=0 200", "GET /v3/projects 200", "GET /v1/a%2Fb 404", "GET / 404"} {
		if want += fmt.Sprintf(" %032x", i+1); i == 3 {
			want = "GET / 404 " // the metadata service has no request IDs
		}
		if got := fmt.Sprint(requests[i], " ", requests[i].Status, " ", requests[i].RequestID); got != want || logged[i] != want {
			t.Errorf("request %d is %q, logged as %q, want %q", i+1, got, logged[i], want)
		}
	}
	if r := requests[1]; string(r.Body) != "text" || r.Host != "example.com" || r.Header.Get("X-Sdk-Date") == "" {
		t.Errorf("request is %+v, want its body, host and headers", r)
	}
}
