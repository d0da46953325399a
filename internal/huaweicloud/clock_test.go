// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

func TestClock_correctedOnce(t *testing.T) {
	for _, off := range []time.Duration{20 * time.Minute, -20 * time.Minute, 100 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			cloud := simulator.New(simulator.Options{Now: func() time.Time { return time.Now().Add(off) }})
			c := newTestClient(t, served(cloud), withRetries(5))
			for _, want := range []int{2, 1} {
				attempts, err := getTasks(t.Context(), c)
				requireNoError(t, err)
				if attempts != want || cloud.UnauthorizedCount() != 1 {
					t.Errorf("%s off: %d attempts, want %d; %d rejected, want 1", off, attempts, want, cloud.UnauthorizedCount())
				}
			}
		})
	}
}

func TestClock_agency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := simulator.New(simulator.Options{Now: func() time.Time { return time.Now().Add(time.Hour) }})
		c := newTestClient(t, served(cloud), withRetries(1), withSource(Agency{Base: validKeys(), Name: simulator.AgencyName, DomainName: simulator.DomainName}))
		requireTasks(t, c)
		requireRequests(t, cloud, "GET "+tasksPath, "2 x POST /v3.0/OS-CREDENTIAL/securitytokens")
	})
}

func TestClock_retriesRejection(t *testing.T) {
	off := func(status int, by time.Duration) roundTripperFunc {
		return func(r *http.Request) (*http.Response, error) {
			return reply(status, "", "Date", time.Now().Add(by).UTC().Format(http.TimeFormat))(r)
		}
	}
	tenMinutes := off(401, 10*time.Minute)
	for _, tt := range []struct {
		name     string
		steps    []roundTripperFunc
		source   CredentialSource
		retries  int
		requests int
	}{
		{"10 minutes off", []roundTripperFunc{tenMinutes}, validKeys(), 5, 2},
		{"10 minutes off, no retries", []roundTripperFunc{tenMinutes}, validKeys(), 0, 1},
		{"above the limit", []roundTripperFunc{off(401, maxClockSkew+time.Second)}, validKeys(), 5, 2},
		{"at the limit", []roundTripperFunc{off(401, -maxClockSkew)}, validKeys(), 5, 1},
		{"another skew the second time", []roundTripperFunc{tenMinutes, off(401, time.Hour)}, validKeys(), 5, 2},
		{"no Date", []roundTripperFunc{reply(401, "")}, validKeys(), 5, 1},
		{"the last Date", []roundTripperFunc{reply(401, "", "Date", "Fri, 31 Dec 9999 23:59:59 GMT")}, validKeys(), 5, 2},
		{"the first Date", []roundTripperFunc{reply(401, "", "Date", "Sat, 01 Jan 0000 00:00:00 GMT")}, validKeys(), 5, 2},
		{"invalid Date", []roundTripperFunc{reply(401, "", "Date", "yesterday")}, validKeys(), 5, 1},
		{"token, which has no date", []roundTripperFunc{tenMinutes}, StaticToken{NewSecret("t")}, 5, 1},
		{"another status", []roundTripperFunc{off(403, time.Hour)}, validKeys(), 5, 1},
	} {
		runInBubble(t, tt.name, func(t *testing.T) {
			s := newScriptedTransport(tt.steps...)
			_, err := getTasks(t.Context(), newTestClient(t, s, withRetries(tt.retries), withSource(tt.source)))
			requireErrorText(t, err, "...HTTP 40...")
			if s.count() != tt.requests {
				t.Errorf("%d requests, want %d", s.count(), tt.requests)
			}
		})
	}
}

// Each rejection counts for the lockout of the key.
func TestClock_wrongKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := simulator.New(simulator.Options{Latency: time.Second, Now: func() time.Time { return time.Now().Add(time.Hour) }})
		c := newTestClient(t, served(cloud), withRetries(5), withSource(invalidKeys()))
		for _, err := range concurrently(10, func(int) error { _, err := getTasks(t.Context(), c); return err }) {
			requireErrorText(t, err, "...HTTP 401 Unauthorized, code APIGW.0301...")
		}
		if cloud.UnauthorizedCount() != 2 {
			t.Errorf("%d requests were rejected, want 2", cloud.UnauthorizedCount())
		}
	})
}
