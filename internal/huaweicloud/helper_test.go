// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

// Tests of time run in bubbles, which fail by themselves if a goroutine is left. This is for the others.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// roundTripperFunc is a transport in memory.
type roundTripperFunc func(*http.Request) (*http.Response, error)

func (n roundTripperFunc) RoundTrip(r *http.Request) (*http.Response, error) { return n(r) }

// served is a transport to h.
func served(h http.Handler) roundTripperFunc {
	return func(r *http.Request) (resp *http.Response, err error) {
		defer func() {
			switch what := recover(); what {
			case nil:
			case http.ErrAbortHandler:
				if err = r.Context().Err(); err == nil {
					err = io.ErrUnexpectedEOF
				}
			default:
				panic(what)
			}
		}()
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		resp = w.Result()
		resp.Request = r
		return resp, nil
	}
}

// atMachine is a transport to the cloud and to the metadata service of an ECS.
func atMachine(cloud, metadata http.Handler) roundTripperFunc {
	return func(r *http.Request) (*http.Response, error) {
		if r.URL.Host == "169.254.169.254" {
			return served(metadata)(r)
		}
		return served(cloud)(r)
	}
}

// reply is a transport that returns a response; header is names and values in turn.
func reply(status int, body string, header ...string) roundTripperFunc {
	return served(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for pair := range slices.Chunk(header, 2) {
			w.Header().Set(pair[0], pair[1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
}

// truncatedReply is a transport that returns a response truncated after body.
func truncatedReply(status int, body string) roundTripperFunc {
	return func(r *http.Request) (*http.Response, error) {
		resp, err := reply(status, "")(r)
		resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(body), iotest.ErrReader(io.ErrUnexpectedEOF)))
		return resp, err
	}
}

// failing is a transport that returns an error.
func failing(err error) roundTripperFunc {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

// hang is a transport that waits until the request is canceled.
func hang(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// upgraded is a transport that returns a bare connection as the body, which nothing ends.
func upgraded(*http.Request) (*http.Response, error) {
	body, _ := io.Pipe()
	return &http.Response{StatusCode: http.StatusSwitchingProtocols, Body: body}, nil
}

// delayed is a transport with a delay.
func delayed(by time.Duration, next roundTripperFunc) roundTripperFunc {
	return func(r *http.Request) (*http.Response, error) {
		select {
		case <-time.After(by):
			return next(r)
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
}

// scriptedTransport sends the first request to the first step, and so on, and all others to the last step.
// It records the requests and their times.
type scriptedTransport struct {
	mu    sync.Mutex
	steps []roundTripperFunc
	sent  []*http.Request
	at    []time.Time
}

func newScriptedTransport(steps ...roundTripperFunc) *scriptedTransport {
	return &scriptedTransport{steps: steps}
}

func (s *scriptedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	s.sent = append(s.sent, r.Clone(context.WithoutCancel(r.Context())))
	s.at = append(s.at, time.Now())
	step := s.steps[min(len(s.sent), len(s.steps))-1]
	s.mu.Unlock()
	return step(r)
}

func (s *scriptedTransport) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sent)
}

// pauses returns the delays between the requests.
func (s *scriptedTransport) pauses() []time.Duration {
	var pauses []time.Duration
	for i := 1; i < len(s.at); i++ {
		pauses = append(pauses, s.at[i].Sub(s.at[i-1]))
	}
	return pauses
}

// page is a response that tasksAccept accepts.
var page = reply(http.StatusOK, `{"tasks":[]}`)

// serviceError is an error response in the service's form.
func serviceError(status int, code string, header ...string) roundTripperFunc {
	return reply(status, `{"error_code":"`+code+`","error_msg":"canned"}`, header...)
}

func validKeys() AccessKeys {
	return AccessKeys{AccessKey: simulator.AccessKey, SecretKey: NewSecret(simulator.SecretKey)}
}

func invalidKeys() AccessKeys {
	return AccessKeys{AccessKey: simulator.AccessKey, SecretKey: NewSecret("wrong-secret-key")}
}

func validPassword() Password {
	return Password{UserName: simulator.UserName, Password: NewSecret(simulator.Password), DomainName: simulator.DomainName}
}

// newTestClient returns a client with valid keys, unless changed, which sends all requests through a transport.
func newTestClient(t *testing.T, through http.RoundTripper, change ...func(*Config)) *Client {
	t.Helper()
	config := Config{Region: simulator.Region, CredentialSource: validKeys(), UserAgent: "test/1", transport: through}
	for _, f := range change {
		f(&config)
	}
	c, err := NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	if through == nil {
		t.Cleanup(c.transport.(*http.Transport).CloseIdleConnections)
	}
	return c
}

func withSource(s CredentialSource) func(*Config) { return func(c *Config) { c.CredentialSource = s } }
func withRetries(most int) func(*Config)          { return func(c *Config) { c.MaxRetries = most } }
func withEndpoint(u string) func(*Config) {
	return func(c *Config) { c.Endpoints = map[string]string{"dms": u, "iam": u} }
}

func observed(to *[]Attempt) func(*Config) {
	var mu sync.Mutex
	return func(c *Config) {
		c.OnAttempt = func(_ context.Context, a Attempt) {
			mu.Lock()
			defer mu.Unlock()
			*to = append(*to, a)
		}
	}
}

const (
	tasksPath = "/v2/" + simulator.ProjectID + "/instances/" + simulator.InstanceID + "/connector/tasks"
	tasksURL  = "https://dms." + simulator.Region + ".myhuaweicloud.com" + tasksPath
)

func tasksGet() Request {
	return Request{
		Service: DMS, Region: simulator.Region, Path: tasksPath, ProjectID: simulator.ProjectID,
		Query: url.Values{"offset": {"0"}, "limit": {"50"}},
	}
}

// tasksAccept accepts a JSON object with tasks.
func tasksAccept(body []byte) error {
	var page struct {
		Tasks *[]json.RawMessage `json:"tasks"`
	}
	if err := json.Unmarshal(body, &page); err != nil {
		return err
	}
	if page.Tasks == nil {
		return io.ErrNoProgress
	}
	return nil
}

func getTasks(ctx context.Context, c *Client) (attempts int, err error) {
	return c.Get(ctx, tasksGet(), tasksAccept)
}

// requireTasks fails the test if the tasks cannot be read.
func requireTasks(t *testing.T, c *Client) {
	t.Helper()
	_, err := getTasks(t.Context(), c)
	requireNoError(t, err)
}

// concurrently calls f n times in parallel, and returns the errors.
func concurrently(n int, f func(i int) error) []error {
	errs := make([]error, n)
	var wait sync.WaitGroup
	for i := range n {
		wait.Go(func() { errs[i] = f(i) })
	}
	wait.Wait()
	return errs
}

// runInBubble runs a subtest in virtual time.
func runInBubble(t *testing.T, name string, f func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { synctest.Test(t, f) })
}

// requireNoError fails the test for each error.
func requireNoError(t *testing.T, errs ...error) {
	t.Helper()
	for i, err := range errs {
		if err != nil {
			t.Errorf("%d of %d: %v", i+1, len(errs), err)
		}
	}
}

// requireErrorText checks the text of an error, or a part of it if want starts with "...".
func requireErrorText(t *testing.T, err error, want string) {
	t.Helper()
	part, isPart := strings.CutPrefix(strings.TrimSuffix(want, "..."), "...")
	switch {
	case err == nil:
		t.Errorf("there is no error, want %s", want)
	case isPart && !strings.Contains(err.Error(), part), !isPart && err.Error() != want:
		t.Errorf("the error is\n%v\nwant\n%s", err, want)
	}
}

// requireNoSecrets fails the test if text contains a secret.
func requireNoSecrets(t *testing.T, text string, secrets ...string) {
	t.Helper()
	for _, secret := range secrets {
		if strings.Contains(text, secret) {
			t.Errorf("%q is in\n%s", secret, text)
		}
	}
}

// requireRequests checks the requests to a simulator, sorted: "3 x GET /path" are three requests.
func requireRequests(t *testing.T, s *simulator.Simulator, want ...string) {
	t.Helper()
	counts := map[string]int{}
	for _, r := range s.Requests() {
		counts[r.Method+" "+r.Path]++
	}
	var got []string
	for _, line := range slices.Sorted(maps.Keys(counts)) {
		got = append(got, strings.TrimPrefix(fmt.Sprintf("%d x %s", counts[line], line), "1 x "))
	}
	if !slices.Equal(got, want) {
		t.Errorf("the requests were\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// writeFile returns the name of a new file that only its owner can read.
func writeFile(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}
