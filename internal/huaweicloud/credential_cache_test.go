// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

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

// readTasks reads as the provider does: the project first, then the tasks.
func readTasks(ctx context.Context, c *Client) error {
	if _, err := c.ProjectID(ctx, simulator.Region); err != nil {
		return err
	}
	_, err := getTasks(ctx, c)
	return err
}

func TestReadersSideBySideShareOneCredentialAndOneProject(t *testing.T) {
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
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				cloud := simulator.New(simulator.Options{Latency: time.Second})
				c := newTestClient(t, atMachine(cloud, cloud.Metadata(simulator.MetadataOptions{})), withSource(test.source))
				requireNoError(t, concurrently(20, func(int) error { return readTasks(t.Context(), c) })...)
				requireRequests(t, cloud, test.want...)
			})
		})
	}
}

func TestATokenThatWasGotByNameServesTheProjectByID(t *testing.T) {
	t.Parallel()
	cloud := simulator.New(simulator.Options{})
	c := newTestClient(t, served(cloud), withSource(validPassword()))
	for range 3 {
		id, err := c.ProjectID(t.Context(), simulator.Region)
		if id != simulator.ProjectID || err != nil {
			t.Errorf("the project is %q, %v", id, err)
		}
		_, err = getTasks(t.Context(), c)
		requireNoError(t, err)
	}
	requireRequests(t, cloud, "3 x "+getPage, postToken)
}

func TestATokenIsForOneProjectOnly(t *testing.T) {
	t.Parallel()
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

func TestCredentialsAreRenewedBeforeTheyExpire(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		source CredentialSource
		life   time.Duration
		margin time.Duration
		sign   string
	}{
		"token of a day":          {validPassword(), 24 * time.Hour, 5 * time.Minute, postToken},
		"token of half an hour":   {validPassword(), 30 * time.Minute, 3 * time.Minute, postToken},
		"keys of 15 minutes":      {validAgency(), 15 * time.Minute, 90 * time.Second, postKeys},
		"keys that a machine has": {InstanceIdentity{}, time.Hour, 5 * time.Minute, getKeys},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				cloud := simulator.New(simulator.Options{TokenLife: test.life})
				through := atMachine(cloud, cloud.Metadata(simulator.MetadataOptions{KeyLife: test.life}))
				c := newTestClient(t, through, withSource(test.source))
				read := func() (signIns int) {
					t.Helper()
					cloud.Reset()
					requireNoError(t, concurrently(20, func(int) error { _, err := getTasks(t.Context(), c); return err })...)
					for _, r := range cloud.Requests() {
						if r.Method+" "+r.Path == test.sign {
							signIns++
						}
					}
					return signIns
				}
				for round := range 3 {
					if n := read(); n != 1 {
						t.Errorf("round %d: signed in %d times", round, n)
					}
					<-time.After(test.life - test.margin - time.Second)
					if n := read(); n != 0 {
						t.Errorf("round %d: signed in %d times though there is time left", round, n)
					}
					<-time.After(time.Second)
				}
				if cloud.UnauthorizedCount() != 0 {
					t.Errorf("%d requests were refused", cloud.UnauthorizedCount())
				}
			})
		})
	}
}

func TestACredentialThatCannotBeRenewedServesUntilItExpires(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const life = time.Hour
		down := false
		cloud := simulator.New(simulator.Options{TokenLife: life})
		c := newTestClient(t, roundTripperFunc(func(r *http.Request) (*http.Response, error) {
			if down && r.Method == http.MethodPost {
				return reply(503, "")(r)
			}
			return served(cloud)(r)
		}), withSource(validPassword()))
		start := time.Now()
		requireNoError(t, readTasks(t.Context(), c))
		down = true
		<-time.After(life - time.Minute)
		requireNoError(t, concurrently(20, func(int) error { return readTasks(t.Context(), c) })...)
		<-time.After(time.Until(start.Add(life)))
		if err := readTasks(t.Context(), c); err == nil || cloud.UnauthorizedCount() != 0 {
			t.Errorf("after its end: %v, %d requests were refused; want an error, and none sent", err, cloud.UnauthorizedCount())
		}
		down = false
		requireNoError(t, readTasks(t.Context(), c))
	})
}

func TestATokenWithoutAnEndIsKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		token := reply(201, `{"token":{"project":{"id":"p"}}}`, "X-Subject-Token", "t")
		s := newScriptedTransport(token, page)
		c := newTestClient(t, s, withSource(validPassword()))
		for range 3 {
			_, err := getTasks(t.Context(), c)
			requireNoError(t, err)
			<-time.After(1000 * time.Hour)
		}
		if s.count() != 4 {
			t.Errorf("%d requests", s.count())
		}
	})
}

func TestAnExpiredTokenIsRenewedOnceForAllReaders(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cloud := simulator.New(simulator.Options{Latency: time.Second})
		c := newTestClient(t, served(cloud), withSource(validPassword()))
		requireNoError(t, readTasks(t.Context(), c))
		cloud.ExpireTokens()
		cloud.Reset()
		requireNoError(t, concurrently(20, func(int) error { return readTasks(t.Context(), c) })...)
		requireRequests(t, cloud, fmt.Sprintf("%d x %s", 20+cloud.UnauthorizedCount(), getPage), postToken)
		if cloud.UnauthorizedCount() > 20 {
			t.Errorf("%d requests were refused", cloud.UnauthorizedCount())
		}
	})
}

func TestTheWaitForAnotherTokenEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		token := reply(201, `{"token":{"project":{"id":"p"}}}`, "X-Subject-Token", "t")
		refused := serviceError(401, "APIGW.0307")
		s := newScriptedTransport(token, page, delayed(time.Second, refused), refused, hang)
		c := newTestClient(t, s, withSource(validPassword()))
		_, err := getTasks(t.Context(), c)
		requireNoError(t, err)
		start := time.Now()
		all, stop := context.WithCancel(t.Context())
		var wait sync.WaitGroup
		wait.Go(func() {
			// It learns that its token is refused when another reader is asking for the next already.
			ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
			defer cancel()
			_, err := getTasks(ctx, c)
			if elapsed := time.Since(start); !errors.Is(err, context.DeadlineExceeded) || elapsed != 1500*time.Millisecond {
				t.Errorf("%v after %s", err, elapsed)
			}
			stop()
		})
		synctest.Wait()
		if _, err := getTasks(all, c); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		wait.Wait()
		if s.count() != 5 {
			t.Errorf("%d requests", s.count())
		}
	})
}

func TestARefusedTokenIsRenewedOnceOrNotAtAll(t *testing.T) {
	t.Parallel()
	token := reply(201, `{"token":{"project":{"id":"p"}}}`, "X-Subject-Token", "t")
	other := reply(201, `{"token":{"project":{"id":"p"}}}`, "X-Subject-Token", "other")
	for name, test := range map[string]struct {
		source   CredentialSource
		steps    []roundTripperFunc
		want     string
		requests int
	}{
		"refused again":                {validPassword(), []roundTripperFunc{token, serviceError(401, "APIGW.0307"), other, serviceError(401, "APIGW.0307")}, "...APIGW.0307...", 4},
		"ended, by the service":        {validPassword(), []roundTripperFunc{token, serviceError(401, "DMS.10240101"), other, page}, "", 4},
		"expired, by the service":      {validPassword(), []roundTripperFunc{token, serviceError(401, "DMS.10240102"), other, page}, "", 4},
		"renewal fails":                {validPassword(), []roundTripperFunc{token, serviceError(401, "APIGW.0307"), reply(401, "")}, "...authentication by password...", 3},
		"of another project":           {validPassword(), []roundTripperFunc{token, serviceError(401, "DMS.10240104")}, "...DMS.10240104...", 2},
		"no permission":                {validPassword(), []roundTripperFunc{token, serviceError(403, "DMS.00403002")}, "...DMS.00403002...", 2},
		"given by the user":            {StaticToken{NewSecret("t")}, []roundTripperFunc{serviceError(401, "APIGW.0307")}, "...APIGW.0307...", 1},
		"keys, which nobody can renew": {validKeys(), []roundTripperFunc{serviceError(401, "APIGW.0301")}, "...APIGW.0301...", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newScriptedTransport(test.steps...)
				_, err := getTasks(t.Context(), newTestClient(t, s, withSource(test.source), withRetries(5)))
				if test.want == "" {
					requireNoError(t, err)
				} else {
					requireErrorText(t, err, test.want)
				}
				if s.count() != test.requests {
					t.Errorf("%d requests, want %d", s.count(), test.requests)
				}
			})
		})
	}
}

func TestAPassingFailureToSignInIsNotKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cloud := simulator.New(simulator.Options{Faults: map[int]simulator.Fault{1: simulator.BodyFault(503, "text/html", "<html>")}})
		c := newTestClient(t, served(cloud), withSource(validPassword()))
		_, err := getTasks(t.Context(), c)
		requireErrorText(t, err, "...authentication by password (simulator-user): POST https://iam.cn-north-4.myhuaweicloud.com/v3/auth/tokens: HTTP 503 Service Unavailable")
		_, err = getTasks(t.Context(), c)
		requireNoError(t, err)
	})
}

func TestAGivenTokenServesTheConfiguredRegionOnly(t *testing.T) {
	t.Parallel()
	cloud := simulator.New(simulator.Options{})
	c := newTestClient(t, served(cloud), withSource(StaticToken{NewSecret(cloud.IssueToken(simulator.ProjectID))}))
	requireNoError(t, readTasks(t.Context(), c))
	_, err := c.ProjectID(t.Context(), "eu-west-101")
	requireErrorText(t, err, "the token is for region cn-north-4 and cannot be used in region eu-west-101")
	var other *RegionError
	if !errors.As(err, &other) {
		t.Errorf("%T", err)
	}
	requireRequests(t, cloud, getPage, getProject)
}

// The time of one reader is not that of another who waits for the same token.
func TestCredentialCache_readersWithDifferentTimeouts(t *testing.T) {
	t.Parallel()
	token := reply(201, `{"token":{"project":{"id":"p"}}}`, "X-Subject-Token", "t")
	for name, throttled := range map[string]roundTripperFunc{
		"A is throttled":            delayed(time.Second, reply(429, "", "Retry-After", "60")),
		"A's time ends, throttled":  delayed(20*time.Second, reply(429, "", "Retry-After", "60")),
		"A's time ends, no answer":  hang,
		"A's pause ends after A":    delayed(9*time.Second, reply(503, "", "Retry-After", "30")),
		"A is told of no more time": reply(429, "", "Retry-After", "11"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
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
		})
	}
}
