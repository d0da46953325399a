// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/memnet"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

const (
	postToken  = "POST /v3/auth/tokens"
	postKeys   = "POST /v3.0/OS-CREDENTIAL/securitytokens"
	postSTS    = "POST /v5/agencies/assume"
	postOIDC   = "POST /v3.0/OS-AUTH/id-token/tokens"
	getProject = "GET /v3/projects"
	getPage    = "GET " + tasksPath
)

func validAgency() Agency {
	return Agency{Base: validKeys(), Name: simulator.AgencyName, DomainName: simulator.DomainName}
}

// readTasks looks the project up and lists the tasks, as the provider does.
func readTasks(ctx context.Context, c *Client) error {
	if _, err := c.ProjectID(ctx, simulator.Region); err != nil {
		return err
	}
	_, err := getTasks(ctx, c)
	return err
}

func TestCredentialCache_sharedByConcurrentReaders(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		source CredentialSource
		want   []string
	}{
		"keys":     {validKeys(), []string{"20 x " + getPage, getProject}},
		"password": {validPassword(), []string{"20 x " + getPage, postToken}},
		"OIDC":     {OIDC{ProviderID: simulator.IdpID, IDToken: NewSecret(simulator.IDToken)}, []string{"20 x " + getPage, getProject, postOIDC, postKeys}},
		"agency":   {validAgency(), []string{"20 x " + getPage, getProject, postKeys}},
		"machine":  {InstanceIdentity{}, []string{getKeys, "20 x " + getPage, getProject, putSession}},
		"agency of a user": {
			Agency{Base: validPassword(), Name: simulator.AgencyName, DomainName: simulator.DomainName},
			[]string{"20 x " + getPage, getProject, postKeys, postToken},
		},
	} {
		runInBubble(t, name, func(t *testing.T) {
			cloud := simulator.New(simulator.Options{Latency: time.Second})
			c := newTestClient(t, atMachine(cloud, cloud.Metadata(simulator.MetadataOptions{})), withSource(test.source))
			requireNoError(t, concurrently(20, func(int) error { return readTasks(t.Context(), c) })...)
			requireRequests(t, cloud, test.want...)
		})
	}
}

func TestCredentialCache_tokenPerProject(t *testing.T) {
	const other = "ffffffffffffffffffffffffffffffff"
	cloud := simulator.New(simulator.Options{Projects: []simulator.Project{
		{ID: simulator.ProjectID, Name: simulator.Region, Instances: []simulator.Instance{{ID: simulator.InstanceID}}},
		{ID: other, Name: "eu-west-101", Instances: []simulator.Instance{{ID: simulator.InstanceID}}},
	}})
	c := newTestClient(t, served(cloud), withSource(validPassword()))
	for range 2 {
		requireNoError(t, readTasks(t.Context(), c))
		id, err := c.ProjectID(t.Context(), "eu-west-101")
		if id != other || err != nil {
			t.Fatalf("the project is %q, %v", id, err)
		}
		path := "/v2/" + other + "/instances/" + simulator.InstanceID + "/connector/tasks"
		_, err = c.Get(t.Context(), Request{Service: DMS, Region: "eu-west-101", Path: path, ProjectID: other}, tasksAccept)
		requireNoError(t, err)
	}
	requireRequests(t, cloud, "2 x "+getPage, "2 x GET /v2/"+other+"/instances/"+simulator.InstanceID+"/connector/tasks", "2 x "+postToken)
}

func TestCredentialCache_renewalBeforeExpiry(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		source           CredentialSource
		lifetime, margin time.Duration
		requests         []string // of 20 readers, and for the credential
	}{
		"token of a day":        {validPassword(), 24 * time.Hour, 5 * time.Minute, []string{"20 x " + getPage, postToken}},
		"token of half an hour": {validPassword(), 30 * time.Minute, 3 * time.Minute, []string{"20 x " + getPage, postToken}},
		"keys of 15 minutes":    {validAgency(), 15 * time.Minute, 90 * time.Second, []string{"20 x " + getPage, postKeys}},
		"keys of a machine":     {InstanceIdentity{}, time.Hour, 5 * time.Minute, []string{getKeys, "20 x " + getPage, putSession}},
	} {
		runInBubble(t, name, func(t *testing.T) {
			cloud := simulator.New(simulator.Options{TokenLifetime: test.lifetime})
			through := atMachine(cloud, cloud.Metadata(simulator.MetadataOptions{KeyLifetime: test.lifetime}))
			c := newTestClient(t, through, withSource(test.source))
			read := func(requests ...string) {
				t.Helper()
				cloud.Reset()
				requireNoError(t, concurrently(20, func(int) error { _, err := getTasks(t.Context(), c); return err })...)
				requireRequests(t, cloud, requests...)
			}
			for range 3 {
				read(test.requests...)
				<-time.After(test.lifetime - test.margin - time.Second)
				read("20 x " + getPage)
				<-time.After(time.Second)
			}
		})
	}
}

func TestCredentialCache_failedRenewal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const lifetime = time.Hour
		down := false
		cloud := simulator.New(simulator.Options{TokenLifetime: lifetime})
		c := newTestClient(t, roundTripperFunc(func(r *http.Request) (*http.Response, error) {
			if down && r.Method == http.MethodPost {
				return reply(503, "")(r)
			}
			return served(cloud)(r)
		}), withSource(validPassword()))
		start := time.Now()
		requireNoError(t, readTasks(t.Context(), c))
		down = true
		<-time.After(lifetime - time.Minute)
		requireNoError(t, concurrently(20, func(int) error { return readTasks(t.Context(), c) })...)
		<-time.After(time.Until(start.Add(lifetime)))
		if err := readTasks(t.Context(), c); err == nil || cloud.UnauthorizedCount() != 0 {
			t.Errorf("after the expiry: %v, %d requests were rejected; want an error and no request", err, cloud.UnauthorizedCount())
		}
		down = false
		requireNoError(t, readTasks(t.Context(), c))
	})
}

func TestCredentialCache_unknownExpiry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		token := reply(201, `{"token":{"project":{"id":"p"}}}`, "X-Subject-Token", "t")
		s := newScriptedTransport(token, page)
		c := newTestClient(t, s, withSource(validPassword()))
		for range 3 {
			requireTasks(t, c)
			<-time.After(1000 * time.Hour)
		}
		if s.count() != 4 {
			t.Errorf("%d requests", s.count())
		}
	})
}

// Readers share a token while it expires, is revoked, and some of them give up.
func TestCredentialCache_race(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const rounds, readers = 27, 100
		var issued, revoked atomic.Int64
		n := memnet.New()
		n.Serve(t, "cloud.test:80", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			<-time.After(10 * time.Millisecond)
			if r.Method == http.MethodPost {
				w.Header().Set("X-Subject-Token", fmt.Sprint(issued.Add(1)))
				_, _ = fmt.Fprintf(w, `{"token":{"project":{"id":"p"},"expires_at":%q}}`, time.Now().Add(10*time.Minute).Format(time.RFC3339))
				return
			}
			if number, _ := strconv.ParseInt(r.Header.Get(headerAuthToken), 10, 64); number <= revoked.Load() {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			_, _ = io.WriteString(w, r.URL.Query().Get("offset"))
		}), nil)
		c := newTestClient(t, nil, withEndpoint("http://cloud.test"), withSource(validPassword()), func(c *Config) { c.Insecure, c.Dial = true, n.Dial })
		for round := range rounds {
			if round%10 == 5 {
				time.AfterFunc(35*time.Millisecond, func() { revoked.Store(issued.Load()) })
			}
			requireNoError(t, concurrently(readers, func(i int) error {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				request, got := tasksGet(), ""
				request.Query = url.Values{"offset": {strconv.Itoa(i)}}
				if i%7 == 0 {
					time.AfterFunc(time.Duration(i%35)*time.Millisecond, cancel)
				}
				_, err := c.Get(ctx, request, func(body []byte) error { got = string(body); return nil })
				if i%7 == 0 && errors.Is(err, context.Canceled) {
					return nil
				}
				if err == nil && got != strconv.Itoa(i) {
					err = fmt.Errorf("it is the response to request %s", got)
				}
				return err
			})...)
			<-time.After(time.Minute)
		}
		// One at first, three after revocations, two before expirations, and some whose reader gave up.
		if n := issued.Load(); n < 6 || n > 8 {
			t.Errorf("%d tokens were issued", n)
		}
	})
}

func TestCredentialCache_staticTokenInOtherRegion(t *testing.T) {
	cloud := simulator.New(simulator.Options{})
	c := newTestClient(t, served(cloud), withSource(StaticToken{NewSecret(cloud.IssueToken(simulator.ProjectID))}))
	requireNoError(t, readTasks(t.Context(), c))
	_, err := c.ProjectID(t.Context(), "eu-west-101")
	requireErrorText(t, err, "the token is for region cn-north-4 and cannot be used in region eu-west-101")
	if _, ok := errors.AsType[*RegionError](err); !ok {
		t.Errorf("%T", err)
	}
	requireRequests(t, cloud, getPage, getProject)
}

// The timeout of a reader does not affect others that wait for the same token.
func TestCredentialCache_readersWithDifferentTimeouts(t *testing.T) {
	token := reply(201, `{"token":{"project":{"id":"p"}}}`, "X-Subject-Token", "t")
	for name, throttled := range map[string]roundTripperFunc{
		"A is throttled":                      delayed(time.Second, reply(429, "", "Retry-After", "60")),
		"A times out, throttled":              delayed(20*time.Second, reply(429, "", "Retry-After", "60")),
		"A times out, no response":            hang,
		"A's backoff exceeds its timeout":     delayed(9*time.Second, reply(503, "", "Retry-After", "30")),
		"A's Retry-After exceeds its timeout": reply(429, "", "Retry-After", "11"),
	} {
		runInBubble(t, name, func(t *testing.T) {
			c := newTestClient(t, newScriptedTransport(throttled, token, page), withSource(validPassword()), withRetries(5))
			read := func(limit time.Duration) error {
				ctx, cancel := context.WithTimeout(t.Context(), limit)
				defer cancel()
				_, err := getTasks(ctx, c)
				return err
			}
			var wait sync.WaitGroup
			wait.Go(func() {
				if err := read(10 * time.Second); err == nil {
					t.Error("reader A succeeded")
				}
			})
			synctest.Wait()
			start := time.Now()
			requireNoError(t, read(5*time.Minute))
			if elapsed := time.Since(start); elapsed > 2*time.Minute {
				t.Errorf("reader B took %s", elapsed)
			}
			wait.Wait()
		})
	}
}
