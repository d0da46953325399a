// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package simulator_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

const (
	sessionURL     = "/meta-data/latest/api/token"
	securityKeyURL = "/openstack/latest/securitykey"
	ttlHeader      = "X-Metadata-Token-Ttl-Seconds"
	sessionHeader  = "X-Metadata-Token"
)

func TestMetadata_sessions(t *testing.T) {
	for name, test := range map[string]struct {
		options              simulator.MetadataOptions
		put                  int
		without, with, wrong int // status for keys by session token
	}{
		"optional":            {simulator.MetadataOptions{}, 200, 200, 200, 401},
		"required":            {simulator.MetadataOptions{SessionRequired: true}, 200, 401, 200, 401},
		"none":                {simulator.MetadataOptions{SessionStatus: 404}, 404, 200, 200, 200},
		"required, but none":  {simulator.MetadataOptions{SessionRequired: true, SessionStatus: 503}, 503, 401, 401, 401},
		"no agency":           {simulator.MetadataOptions{AgencyStatus: 404}, 200, 404, 404, 401},
		"no agency, required": {simulator.MetadataOptions{AgencyStatus: 404, SessionRequired: true}, 200, 401, 404, 401},
	} {
		m := simulator.New(simulator.Options{}).Metadata(test.options)
		put, session := plain(m, "PUT", sessionURL, "", ttlHeader, "21600")
		without, _ := plain(m, "GET", securityKeyURL, "", "")
		with, _ := plain(m, "GET", securityKeyURL, "", sessionHeader, session)
		wrong, _ := plain(m, "GET", securityKeyURL, "", sessionHeader, "x")
		if got, want := [...]int{put, without, with, wrong}, [...]int{test.put, test.without, test.with, test.wrong}; got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

func TestMetadata_sessionEnds(t *testing.T) {
	c := newClock()
	m := simulator.New(simulator.Options{Now: c.Now}).Metadata(simulator.MetadataOptions{SessionRequired: true})
	_, session := plain(m, "PUT", sessionURL, "", ttlHeader, "60")
	c.move(time.Minute - 1)
	before, _ := plain(m, "GET", securityKeyURL, "", sessionHeader, session)
	twice, _ := plain(m, "GET", securityKeyURL, "", sessionHeader, session, session)
	c.move(1)
	after, _ := plain(m, "GET", securityKeyURL, "", sessionHeader, session)
	if got, want := [...]int{before, twice, after}, [...]int{http.StatusOK, http.StatusUnauthorized, http.StatusUnauthorized}; got != want {
		t.Errorf("before, twice in a request and after: %v, want %v", got, want)
	}
}

func TestMetadata_invalidRequest(t *testing.T) {
	m := simulator.New(simulator.Options{}).Metadata(simulator.MetadataOptions{})
	for _, test := range []struct {
		method, target, seconds string
		want                    int
	}{
		{"PUT", sessionURL, "1", 200},
		{"PUT", sessionURL, "21601", 400},
		{"PUT", sessionURL, "0", 400},
		{"PUT", sessionURL, "", 400},
		{"GET", sessionURL, "1", 404},
		{"POST", securityKeyURL, "", 404},
		{"GET", "/v3/projects", "", 404},
	} {
		if status, body := plain(m, test.method, test.target, "", ttlHeader, test.seconds); status != test.want {
			t.Errorf("%s %s %s: %d %s, want %d", test.method, test.target, test.seconds, status, body, test.want)
		}
	}
}
