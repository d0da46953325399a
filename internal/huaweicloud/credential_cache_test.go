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
	postAgency = "POST /v3.0/OS-CREDENTIAL/securitytokens"
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
		"OIDC":     {OIDC{ProviderID: simulator.IdpID, IDToken: NewSecret(simulator.IDToken)}, []string{"20 x " + getPage, postOIDC}},
		"agency":   {validAgency(), []string{"20 x " + getPage, getProject, postAgency}},
		"machine":  {InstanceIdentity{}, []string{getKeys, "20 x " + getPage, getProject, putSession}},
		"agency of a user": {
			Agency{Base: validPassword(), Name: simulator.AgencyName, DomainName: simulator.DomainName},
			[]string{"20 x " + getPage, getProject, postAgency, postToken},
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
		"keys of 15 minutes":      {validAgency(), 15 * time.Minute, 90 * time.Second, postAgency},
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
	for name, test := range map[string]struct {
		source   CredentialSource
		steps    []roundTripperFunc
		want     string
		requests int
	}{
		"refused again":                {validPassword(), []roundTripperFunc{token, serviceError(401, "APIGW.0307"), token, serviceError(401, "APIGW.0307")}, "...APIGW.0307...", 4},
		"renewal fails":                {validPassword(), []roundTripperFunc{token, serviceError(401, "APIGW.0307"), reply(401, "")}, "...signing in by password...", 3},
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
				requireErrorText(t, err, test.want)
				if s.count() != test.requests {
					t.Errorf("%d requests, want %d", s.count(), test.requests)
				}
			})
		})
	}
}

func TestAWrongPasswordIsTriedOnceInAllRegions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cloud := simulator.New(simulator.Options{Latency: time.Second})
		password := validPassword()
		password.Password = NewSecret("not-the-password")
		c := newTestClient(t, served(cloud), withSource(password), withRetries(5))
		for range 2 {
			for i, err := range concurrently(10, func(i int) error {
				_, err := c.ProjectID(t.Context(), fmt.Sprintf("region-%d", i))
				return err
			}) {
				requireErrorText(t, err, "...HTTP 401 Unauthorized, code 401: The username or password is wrong....")
				var signIn *AuthError
				if !errors.As(err, &signIn) || signIn.Method != AuthPassword || signIn.Principal != simulator.UserName {
					t.Errorf("reader %d: %#v", i, err)
				}
			}
		}
		requireRequests(t, cloud, postToken)
	})
}

// Once the password is known to be right, what one project lacks says nothing of another.
func TestAProjectThatIsRefusedATokenDoesNotSpoilOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		token := reply(201, `{"token":{"project":{"id":"p"}}}`, "X-Subject-Token", "t")
		s := newScriptedTransport(token, reply(401, ""), token)
		c := newTestClient(t, s, withSource(validPassword()))
		for i, fails := range []bool{false, true, false, false} {
			region := fmt.Sprintf("region-%d", min(i, 2))
			if _, err := c.ProjectID(t.Context(), region); (err != nil) != fails {
				t.Errorf("%s: %v", region, err)
			}
		}
		if s.count() != 3 {
			t.Errorf("%d requests", s.count())
		}
	})
}

func TestAPassingFailureToSignInIsNotKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cloud := simulator.New(simulator.Options{Faults: map[int]simulator.Fault{1: simulator.BodyFault(503, "text/html", "<html>")}})
		c := newTestClient(t, served(cloud), withSource(validPassword()))
		_, err := getTasks(t.Context(), c)
		requireErrorText(t, err, "...signing in by password (simulator-user): POST https://iam.cn-north-4.myhuaweicloud.com/v3/auth/tokens: HTTP 503 Service Unavailable")
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
	requireErrorText(t, err, "a given token is for region cn-north-4, and cannot serve region eu-west-101")
	var other *RegionError
	if !errors.As(err, &other) {
		t.Errorf("%T", err)
	}
	requireRequests(t, cloud, getPage, getProject)
}

func TestAWrongKeyIsTriedOnce(t *testing.T) {
	t.Parallel()
	for name, source := range map[string]CredentialSource{"keys": invalidKeys(), "token": StaticToken{NewSecret("wrong")}, "agency": Agency{Base: invalidKeys(), Name: "a", DomainName: "d"}} {
		synctest.Test(t, func(t *testing.T) {
			cloud := simulator.New(simulator.Options{Latency: time.Second})
			c := newTestClient(t, served(cloud), withSource(source), withRetries(5))
			start := time.Now()
			for range 2 {
				for _, err := range concurrently(10, func(int) error { _, err := getTasks(t.Context(), c); return err }) {
					var answer *Error
					if !errors.As(err, &answer) || answer.Status != http.StatusUnauthorized || classify(err) != permanent {
						t.Errorf("%s: %v", name, err)
					}
				}
			}
			if elapsed := time.Since(start); cloud.UnauthorizedCount() != 1 || len(cloud.Requests()) != 1 || elapsed != time.Second {
				t.Errorf("%s: %d of %d requests were refused, in %s", name, cloud.UnauthorizedCount(), len(cloud.Requests()), elapsed)
			}
			_, err := getTasks(t.Context(), c)
			if name != "agency" {
				requireErrorText(t, err, "...: not sent, since it was refused before: HTTP 401 Unauthorized...")
			}
		})
	}
}

func TestRequestsRunSideBySideOnceTheCredentialIsProven(t *testing.T) {
	t.Parallel()
	taken := map[string]roundTripperFunc{
		"success":                       page,
		"an error of the service":       serviceError(404, "DMS.00404022"),
		"a project that does not match": serviceError(401, "DMS.10240104"),
	}
	proofless := map[string]roundTripperFunc{
		"an error of a proxy":      reply(503, ""),
		"an error of the gateway":  serviceError(404, "APIGW.0101"),
		"a page of a proxy":        reply(200, "<html>"),
		"no connection":            failing(errors.New("connection refused")),
		"an answer that broke off": truncatedReply(200, "{"),
	}
	for want, firsts := range map[time.Duration]map[string]roundTripperFunc{time.Second: taken, 8 * time.Second: proofless} {
		for name, first := range firsts {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s := newScriptedTransport(first, delayed(time.Second, first))
					c := newTestClient(t, s)
					_, _ = getTasks(t.Context(), c)
					start := time.Now()
					concurrently(8, func(int) error { _, err := getTasks(t.Context(), c); return err })
					if elapsed := time.Since(start); elapsed != want || s.count() != 9 {
						t.Errorf("8 requests took %s, want %s; %d were sent", elapsed, want, s.count())
					}
				})
			})
		}
	}
}

// The first is alone, and what it proves lets the others go at once.
func TestTheFirstRequestOpensTheWayForThoseWhoWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScriptedTransport(delayed(time.Second, page))
		c := newTestClient(t, s)
		start := time.Now()
		requireNoError(t, concurrently(8, func(int) error { _, err := getTasks(t.Context(), c); return err })...)
		if elapsed := time.Since(start); elapsed != 2*time.Second {
			t.Errorf("it took %s", elapsed)
		}
	})
}

func TestARefusalAfterTheProofIsThatOfItsProjectAndRegion(t *testing.T) {
	t.Parallel()
	cloud := func(r *http.Request) (*http.Response, error) {
		if r.Header.Get(headerProjectID) == "refused" || r.URL.Host == "iam.refused.myhuaweicloud.com" {
			return serviceError(401, "APIGW.0301")(r)
		}
		return reply(200, `{"tasks":[],"projects":[{"id":"p","name":"taken"}]}`)(r)
	}
	s := newScriptedTransport(cloud)
	c := newTestClient(t, s)
	get := func(project string) error {
		_, err := c.Get(t.Context(), Request{Service: DMS, Region: simulator.Region, Path: "/x", ProjectID: project}, tasksAccept)
		return err
	}
	requireNoError(t, get("taken"))
	for range 3 {
		requireErrorText(t, get("refused"), "...APIGW.0301...")
	}
	requireNoError(t, get("taken"), get("another"))
	if s.count() != 4 {
		t.Errorf("%d requests", s.count())
	}
	_, err := c.ProjectID(t.Context(), "refused")
	requireErrorText(t, err, "...APIGW.0301...")
	_, err = c.ProjectID(t.Context(), "taken")
	requireNoError(t, err)
}

func TestProjectIDIsConfiguredOrLookedUpByName(t *testing.T) {
	t.Parallel()
	projects := []simulator.Project{
		{ID: "id-home", Name: simulator.Region},
		{ID: "id-sub", Name: simulator.Region + "_sub"},
		{ID: "id-other", Name: "eu-west-101"},
		{ID: "id-1", Name: "ambiguous"},
		{ID: "id-2", Name: "ambiguous"},
	}
	withProject := func(id, name string) func(*Config) {
		return func(c *Config) { c.ProjectID, c.ProjectName = id, name }
	}
	for _, test := range []struct {
		name     string
		config   func(*Config)
		region   string
		want     string
		asked    string // for this name; empty: not at all
		failsFor string
	}{
		{"configured", withProject("id-given", "unused"), simulator.Region, "id-given", "", ""},
		{"named like the region", withProject("", ""), simulator.Region, "id-home", simulator.Region, ""},
		{"configured by name", withProject("", simulator.Region+"_sub"), simulator.Region, "id-sub", simulator.Region + "_sub", ""},
		{"of another region", withProject("id-given", "unused"), "eu-west-101", "id-other", "eu-west-101", ""},
		{"none", withProject("", "nobody"), simulator.Region, "", "nobody", `no project named "nobody" exists, or the credentials have no access to it`},
		{"two", withProject("", "ambiguous"), simulator.Region, "", "ambiguous", `2 projects are named "ambiguous": id-1, id-2`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				cloud := simulator.New(simulator.Options{Projects: projects, Latency: time.Second})
				c := newTestClient(t, served(cloud), test.config, withRetries(5))
				for range 2 {
					for _, err := range concurrently(20, func(int) error {
						id, err := c.ProjectID(t.Context(), test.region)
						if id != test.want {
							t.Errorf("the ID is %q, want %q", id, test.want)
						}
						return err
					}) {
						if test.failsFor != "" {
							requireErrorText(t, err, test.failsFor)
						} else {
							requireNoError(t, err)
						}
					}
				}
				requests := cloud.Requests()
				if test.asked == "" && len(requests) != 0 || test.asked != "" && (len(requests) != 1 || requests[0].Query.Get("name") != test.asked) {
					t.Errorf("the requests were %v", requests)
				}
			})
		})
	}
}

func TestOnlyProjectsOfExactlyTheNameCount(t *testing.T) {
	t.Parallel()
	// A cloud may ignore the filter, or take it for a prefix.
	c := newTestClient(t, reply(200, `{"projects":[{"id":"a","name":"cn-north-4_x"},{"id":"b","name":"cn-north-4"},{"id":"c","name":"CN-NORTH-4"}]}`))
	id, err := c.ProjectID(t.Context(), simulator.Region)
	if id != "b" || err != nil {
		t.Errorf("%q, %v", id, err)
	}
}

func TestAMalformedListOfProjectsIsAnError(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{}`:                "...it has no \"projects\"",
		`{"projects":null}`: "...it has no \"projects\"",
		`{"projects":[{"id":"../x","name":"cn-north-4"}]}`: `...the ID of a project: it holds '.', expected letters, digits, "-" and "_" only`,
		`{"projects":[{"name":"cn-north-4"}]}`:             "...the ID of a project: it is empty",
		`<html>`:                                           "...invalid character...",
		`[]`:                                               "...cannot unmarshal array...",
	} {
		_, err := newTestClient(t, reply(200, body)).ProjectID(t.Context(), simulator.Region)
		requireErrorText(t, err, want)
		var invalid *InvalidResponseError
		if !errors.As(err, &invalid) {
			t.Errorf("%s: %T", body, err)
		}
	}
}

func TestAnAnswerOwesNothingToTheOneBefore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScriptedTransport(reply(200, `{"projects":[{"id":"good","name":"cn-north-4"},{"id":"../x"}]}`), reply(200, `{}`))
		id, err := newTestClient(t, s, withRetries(1)).ProjectID(t.Context(), simulator.Region)
		requireErrorText(t, err, "...it has no \"projects\" (tried 2 times...")
		if id != "" {
			t.Errorf("the ID is %q", id)
		}
	})
}
