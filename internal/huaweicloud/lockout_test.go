// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

func TestLockoutGuard_wrongCredentialIsSentOnce(t *testing.T) {
	password := validPassword()
	password.Password = NewSecret("not-the-password")
	for name, source := range map[string]CredentialSource{
		"keys":         invalidKeys(),
		"token":        StaticToken{NewSecret("wrong")},
		"password":     password,
		"ID token":     OIDC{ProviderID: simulator.IdpID, IDToken: NewSecret("wrong")},
		"agency":       Agency{Base: invalidKeys(), Name: "a", DomainName: "d"},
		"trust agency": Agency{Base: invalidKeys(), Name: "a", DomainID: "d"},
	} {
		runInBubble(t, name, func(t *testing.T) {
			cloud := simulator.New(simulator.Options{Latency: time.Second})
			c := newTestClient(t, served(cloud), withSource(source), withRetries(5))
			read := func(i int) error {
				request := tasksGet()
				if _, bound := source.(StaticToken); !bound {
					request.Region = fmt.Sprintf("region-%d", i) // which has an IAM of its own
				}
				_, err := c.Get(t.Context(), request, tasksAccept)
				return err
			}
			start := time.Now()
			for range 2 {
				for _, err := range concurrently(10, read) {
					if !isUnauthorized(err) || classify(err) != permanent {
						t.Error(err)
					}
				}
			}
			if elapsed := time.Since(start); len(cloud.Requests()) != 1 || elapsed != time.Second {
				t.Errorf("%d requests in %s", len(cloud.Requests()), elapsed)
			}
			requireErrorText(t, read(0), "...: not sent, since it was rejected before: HTTP 401 Unauthorized...")
		})
	}
}

// Rejections count toward the lockout even if the caller has given up.
func TestLockoutGuard_abandonedRequest(t *testing.T) {
	const late = 5 * time.Second
	for name, test := range map[string]struct {
		source CredentialSource
		first  roundTripperFunc
		wait   time.Duration // until the next request with the credential is sent
		want   string        // error of the next request
	}{
		"accepted late":           {validKeys(), delayed(late, page), late, ""},
		"rejected late":           {validKeys(), delayed(late, serviceError(401, "APIGW.0301")), late, "...not sent, since it was rejected before: ..."},
		"password, rejected late": {validPassword(), delayed(late, reply(401, "")), late, "...not sent, since it was rejected before: ..."},
		"no response":             {validKeys(), hang, attemptTimeout, ""},
	} {
		runInBubble(t, name, func(t *testing.T) {
			c := newTestClient(t, newScriptedTransport(test.first, page), withSource(test.source))
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			start := time.Now()
			_, err := getTasks(ctx, c)
			if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
				t.Errorf("%v after %s", err, time.Since(start))
			}
			_, err = getTasks(t.Context(), c)
			if time.Since(start) != test.wait {
				t.Errorf("the next request waited %s", time.Since(start))
			}
			if test.want == "" {
				requireNoError(t, err)
			} else {
				requireErrorText(t, err, test.want)
			}
		})
	}
}

func TestLockoutGuard_interruptEndsTheRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newTestClient(t, newScriptedTransport(hang, page))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		start := time.Now()
		if _, err := getTasks(ctx, c); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		requireTasks(t, c)
		if time.Since(start) != time.Second {
			t.Errorf("it took %s", time.Since(start))
		}
	})
}

func TestLockoutGuard_renewedCredentialIsSent(t *testing.T) {
	t.Run("ID token", func(t *testing.T) {
		file := writeFile(t, "expired")
		cloud := simulator.New(simulator.Options{IdentityProviders: []simulator.IdentityProvider{{ID: "p", IDTokens: []string{"renewed"}}}})
		c := newTestClient(t, served(cloud), withSource(OIDC{ProviderID: "p", IDTokenFile: file}))
		for range 2 {
			requireErrorText(t, readTasks(t.Context(), c), "...HTTP 401...")
		}
		if err := os.WriteFile(file, []byte("renewed"), 0o600); err != nil {
			t.Fatal(err)
		}
		requireNoError(t, readTasks(t.Context(), c))
	})
	runInBubble(t, "keys", func(t *testing.T) {
		keys := func(access string) roundTripperFunc {
			return func(r *http.Request) (*http.Response, error) {
				return reply(201, fmt.Sprintf(`{"credential":{"access":%q,"secret":"s","securitytoken":"t","expires_at":%q}}`,
					access, time.Now().Add(time.Hour).Format(time.RFC3339)))(r)
			}
		}
		s := newScriptedTransport(keys("A"), serviceError(401, "APIGW.0301"), keys("B"), page)
		c := newTestClient(t, s, withSource(validAgency()))
		for range 3 {
			_, err := getTasks(t.Context(), c)
			requireErrorText(t, err, "...APIGW.0301...")
		}
		<-time.After(time.Hour)
		requireTasks(t, c)
		if s.count() != 4 {
			t.Errorf("%d requests", s.count())
		}
	})
}

func TestLockoutGuard_whatVerifiesACredential(t *testing.T) {
	for name, test := range map[string]struct {
		first    roundTripperFunc
		verifies bool
	}{
		"success":                       {page, true},
		"an error of the service":       {serviceError(404, "DMS.00404022"), true},
		"a project that does not match": {serviceError(401, "DMS.10240104"), true},
		"an error of a proxy":           {reply(503, ""), false},
		"an error of the gateway":       {serviceError(404, "APIGW.0101"), false},
		"a page of a proxy":             {reply(200, "<html>"), false},
		"no connection":                 {failing(errors.New("connection refused")), false},
		"a truncated response":          {truncatedReply(200, "{"), false},
	} {
		runInBubble(t, name, func(t *testing.T) {
			s := newScriptedTransport(test.first, delayed(time.Second, test.first))
			c := newTestClient(t, s)
			_, _ = getTasks(t.Context(), c)
			start := time.Now()
			concurrently(8, func(int) error { _, err := getTasks(t.Context(), c); return err })
			want := 8 * time.Second
			if test.verifies {
				want = time.Second
			}
			if elapsed := time.Since(start); elapsed != want || s.count() != 9 {
				t.Errorf("8 requests took %s, want %s; %d were sent", elapsed, want, s.count())
			}
		})
	}
}

// Once a credential is verified, a rejection concerns the project or region only.
func TestLockoutGuard_rejectionAfterVerification(t *testing.T) {
	t.Run("keys", func(t *testing.T) {
		s := newScriptedTransport(func(r *http.Request) (*http.Response, error) {
			if r.Header.Get(headerProjectID) == "rejected" || r.URL.Host == "iam.rejected.myhuaweicloud.com" {
				return serviceError(401, "APIGW.0301")(r)
			}
			return reply(200, `{"tasks":[],"projects":[{"id":"p","name":"accepted"}]}`)(r)
		})
		c := newTestClient(t, s)
		get := func(project string) error {
			_, err := c.Get(t.Context(), Request{Service: DMS, Region: simulator.Region, Path: "/x", ProjectID: project}, tasksAccept)
			return err
		}
		requireNoError(t, get("accepted"))
		for range 3 {
			requireErrorText(t, get("rejected"), "...APIGW.0301...")
		}
		requireNoError(t, get("accepted"), get("another"))
		if s.count() != 4 {
			t.Errorf("%d requests", s.count())
		}
		_, err := c.ProjectID(t.Context(), "rejected")
		requireErrorText(t, err, "...APIGW.0301...")
		_, err = c.ProjectID(t.Context(), "accepted")
		requireNoError(t, err)
	})
	t.Run("password", func(t *testing.T) {
		token := reply(201, `{"token":{"project":{"id":"p"}}}`, "X-Subject-Token", "t")
		s := newScriptedTransport(token, reply(401, ""), token)
		c := newTestClient(t, s, withSource(validPassword()))
		for i, fails := range []bool{false, true, true, false} {
			region := fmt.Sprintf("region-%d", []int{0, 1, 1, 2}[i])
			if _, err := c.ProjectID(t.Context(), region); (err != nil) != fails {
				t.Errorf("%s: %v", region, err)
			}
		}
		if s.count() != 3 {
			t.Errorf("%d requests", s.count())
		}
	})
}
