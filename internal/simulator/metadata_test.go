// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package simulator_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

const (
	sessionURL     = "/meta-data/latest/api/token"
	securityKeyURL = "/openstack/latest/securitykey"
)

// machine is a client of the metadata service.
type machine struct {
	t       *testing.T
	service http.Handler
}

func (m machine) do(method, target, header string, values ...string) (int, string) {
	m.t.Helper()
	r := httptest.NewRequest(method, target, nil)
	for _, value := range values {
		r.Header.Add(header, value)
	}
	w := httptest.NewRecorder()
	m.service.ServeHTTP(w, r)
	if id := w.Header().Get("X-Request-Id"); id != "" {
		m.t.Errorf("X-Request-Id is %q, want none outside of the cloud", id)
	}
	return w.Code, w.Body.String()
}

// session is a session token for a minute.
func (m machine) session() string {
	m.t.Helper()
	status, token := m.do("PUT", sessionURL, "X-Metadata-Token-Ttl-Seconds", "60")
	if status != http.StatusOK || token == "" {
		m.t.Fatalf("session: %d %q, want 200 and a token", status, token)
	}
	return token
}

func (m machine) keys(sessions ...string) (int, string) {
	m.t.Helper()
	return m.do("GET", securityKeyURL, "X-Metadata-Token", sessions...)
}

func TestMetadataTakesSessionsAsItIsToldTo(t *testing.T) {
	const noAgency = "Please configure Cloud Service Agency first"
	for name, test := range map[string]struct {
		options              simulator.MetadataOptions
		put                  int
		without, with, wrong int
		says                 string // with a session, or without if there are none
	}{
		"optional":               {simulator.MetadataOptions{}, 200, 200, 200, 401, `"securitytoken"`},
		"required":               {simulator.MetadataOptions{SessionRequired: true}, 200, 401, 200, 401, `"securitytoken"`},
		"not found":              {simulator.MetadataOptions{SessionStatus: 404}, 404, 200, 0, 200, `"securitytoken"`},
		"not allowed":            {simulator.MetadataOptions{SessionStatus: 405}, 405, 200, 0, 200, `"securitytoken"`},
		"unavailable":            {simulator.MetadataOptions{SessionStatus: 503}, 503, 200, 0, 200, `"securitytoken"`},
		"required, unavailable":  {simulator.MetadataOptions{SessionRequired: true, SessionStatus: 503}, 503, 401, 0, 401, "401 Unauthorized\n"},
		"no agency":              {simulator.MetadataOptions{AgencyStatus: 401}, 200, 401, 401, 401, "401 Unauthorized\n" + noAgency},
		"no agency, not found":   {simulator.MetadataOptions{AgencyStatus: 404}, 200, 404, 404, 401, "404 Not Found\n" + noAgency},
		"no agency, required":    {simulator.MetadataOptions{AgencyStatus: 401, SessionRequired: true}, 200, 401, 401, 401, noAgency},
		"no agency, no sessions": {simulator.MetadataOptions{AgencyStatus: 401, SessionStatus: 404}, 404, 401, 0, 401, noAgency},
	} {
		t.Run(name, func(t *testing.T) {
			m := machine{t, simulator.New(simulator.Options{}).Metadata(test.options)}
			put, token := m.do("PUT", sessionURL, "X-Metadata-Token-Ttl-Seconds", "21600")
			without, said := m.keys()
			wrong, _ := m.keys("x")
			with := 0
			if put == http.StatusOK {
				with, said = m.keys(token)
			}
			if got, want := []int{put, without, with, wrong}, []int{test.put, test.without, test.with, test.wrong}; fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("PUT, without, with and wrong session: %v, want %v", got, want)
			}
			if !strings.Contains(said, test.says) {
				t.Errorf("it says %q, want %q", said, test.says)
			}
			if status, said := m.keys("x"); status == 401 && test.options.SessionStatus == 0 && strings.Contains(said, noAgency) {
				t.Errorf("a wrong session is answered %q, as if there were no agency", said)
			}
		})
	}
}

func TestMetadataSessionEnds(t *testing.T) {
	c := newClock()
	m := machine{t, simulator.New(simulator.Options{Now: c.Now}).Metadata(simulator.MetadataOptions{SessionRequired: true})}
	token := m.session()
	c.move(time.Minute - 1)
	if status, _ := m.keys(token); status != http.StatusOK {
		t.Errorf("just before: %d, want 200", status)
	}
	if status, _ := m.keys(token, token); status != http.StatusUnauthorized {
		t.Errorf("twice in a request: %d, want 401", status)
	}
	c.move(1)
	if status, _ := m.keys(token); status != http.StatusUnauthorized {
		t.Errorf("at its end: %d, want 401", status)
	}
	if status, _ := m.keys(m.session()); status != http.StatusOK {
		t.Errorf("a new one: %d, want 200", status)
	}
}

func TestMetadataRefusesWhatItDoesNotKnow(t *testing.T) {
	m := machine{t, simulator.New(simulator.Options{}).Metadata(simulator.MetadataOptions{})}
	for _, test := range []struct {
		method, target, seconds string
		want                    int
	}{
		{"PUT", sessionURL, "1", 200},
		{"PUT", sessionURL, "21601", 400},
		{"PUT", sessionURL, "0", 400},
		{"PUT", sessionURL, "1h", 400},
		{"PUT", sessionURL, "", 400},
		{"GET", sessionURL, "1", 404},
		{"POST", securityKeyURL, "", 404},
		{"GET", securityKeyURL + "/", "", 404},
		{"GET", "/", "", 404},
		{"GET", "/v3/projects", "", 404},
	} {
		t.Run(test.method+" "+test.target+" "+test.seconds, func(t *testing.T) {
			if status, body := (machine{t, m.service}).do(test.method, test.target, "X-Metadata-Token-Ttl-Seconds", test.seconds); status != test.want {
				t.Errorf("%d %s, want %d", status, body, test.want)
			}
		})
	}
}

func TestMetadataStandsInTheRecordOfTheCloud(t *testing.T) {
	s := simulator.New(simulator.Options{Faults: map[int]simulator.Fault{3: simulator.BodyFault(500, "text/plain", "broken")}})
	m := machine{t, s.Metadata(simulator.MetadataOptions{})}
	m.keys(m.session())
	m.keys()
	get(t, s, "/v3/projects")
	var got []string
	for _, r := range s.Requests() {
		got = append(got, fmt.Sprint(r, " ", r.Status, " ", r.RequestID != ""))
	}
	want := []string{"PUT " + sessionURL + " 200 false", "GET " + securityKeyURL + " 200 false", "GET " + securityKeyURL + " 500 false", "GET /v3/projects 200 true"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the record is %q, want %q", got, want)
	}
}
