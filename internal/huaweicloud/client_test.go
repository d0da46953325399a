// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

func TestRequestsCarryWhatTheCallSays(t *testing.T) {
	t.Parallel()
	s := newScriptedTransport(page)
	c := newTestClient(t, s, withEndpoint("https://example.com:8443/base/"))
	attempts, err := getTasks(t.Context(), c)
	requireNoError(t, err)
	r := s.sent[0]
	if got, want := r.Method+" "+r.URL.String(), "GET https://example.com:8443/base"+tasksPath+"?limit=50&offset=0"; got != want {
		t.Errorf("sent was %s, want %s", got, want)
	}
	for name, want := range map[string]string{"User-Agent": "test/1", headerProjectID: simulator.ProjectID, "Content-Type": "", headerAuthToken: ""} {
		if got := r.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	signed, _ := signatureParts(t, r.Header)
	if got := strings.Join(signed, ";"); got != "host;x-project-id;x-sdk-date" {
		t.Errorf("signed are %s", got)
	}
	if attempts != 1 || r.ContentLength != 0 {
		t.Errorf("%d attempts, a body of %d bytes", attempts, r.ContentLength)
	}

	request := tasksGet()
	request.ProjectID = ""
	_, err = c.Get(t.Context(), request, tasksAccept)
	requireNoError(t, err)
	if _, ok := s.sent[1].Header[headerProjectID]; ok {
		t.Error("X-Project-Id is sent for no project")
	}
}

func TestATokenIsCarriedInPlaceOfASignature(t *testing.T) {
	t.Parallel()
	s := newScriptedTransport(page)
	_, err := getTasks(t.Context(), newTestClient(t, s, withSource(StaticToken{NewSecret("the-token")})))
	requireNoError(t, err)
	if got := s.sent[0].Header; got.Get(headerAuthToken) != "the-token" || got.Get(headerAuthorization) != "" || got.Get(headerSdkDate) != "" {
		t.Errorf("the headers are %v", got)
	}
}

func TestPathsAreEscapedOnceAndSignedAsSent(t *testing.T) {
	t.Parallel()
	cloud := simulator.New(simulator.Options{})
	s := newScriptedTransport(served(cloud))
	request := tasksGet()
	request.Path = "/v2/a b%2F?c/ü"
	_, err := newTestClient(t, s).Get(t.Context(), request, tasksAccept)
	requireErrorText(t, err, "...HTTP 404 Not Found, code APIGW.0101...") // the path is unknown
	if got, want := s.sent[0].URL.EscapedPath(), "/v2/a%20b%252F%3Fc/%C3%BC"; got != want {
		t.Errorf("sent was %s, want %s", got, want)
	}
}

// Whatever is followed would be another request of the script.
func TestRedirectsAreNeverFollowed(t *testing.T) {
	t.Parallel()
	locations := map[string]string{
		"same host": "https://dms." + simulator.Region + ".myhuaweicloud.com/x", "path": "/x", "other host": "https://canary.example.com/",
		"downgrade": "http://dms." + simulator.Region + ".myhuaweicloud.com/", "loopback": "http://127.0.0.1/", "nothing": "",
	}
	pod := InstanceIdentity{PodURI: "https://pod.test/keys", PodTokenFile: writeFile(t, "pod-token")}
	sources := map[string]CredentialSource{
		"keys": validKeys(), "token": StaticToken{NewSecret("t")}, "password": validPassword(), "pod": pod, "metadata": InstanceIdentity{},
		"agency": Agency{Base: validKeys(), Name: "a", DomainName: "d"}, "OIDC": OIDC{ProviderID: "p", IDToken: NewSecret("t")},
	}
	for _, status := range []int{300, 301, 302, 303, 307, 308} {
		for where, location := range locations {
			for how, source := range sources {
				s := newScriptedTransport(reply(status, "", "Location", location))
				_, err := getTasks(t.Context(), newTestClient(t, s, withRetries(3), withSource(source)))
				requireErrorText(t, err, fmt.Sprintf("...HTTP %d...", status))
				if s.count() != 1 {
					t.Errorf("%d to %s with %s: %d requests", status, where, how, s.count())
				}
			}
		}
	}
}

func TestAnAnswerIsAtMost1MiB(t *testing.T) {
	t.Parallel()
	mebibyte := strings.Repeat("0", 1<<20)
	compress := func(text string) string {
		var b strings.Builder
		w := gzip.NewWriter(&b)
		if _, err := io.WriteString(w, text); err != nil || w.Close() != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	member := compress(mebibyte) // of a file that may have many
	bodies := map[string]string{
		"/exact":      mebibyte,
		"/exact/gzip": member,
		"/more":       mebibyte + "0",
		"/more/gzip":  member + compress("0"),
		"/bomb/gzip":  strings.Repeat(member, 1024),
		"/error/more": mebibyte + "0",
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "gzip") {
			w.Header().Set("Content-Encoding", "gzip")
		}
		if strings.HasPrefix(r.URL.Path, "/error") {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_, _ = io.WriteString(w, bodies[r.URL.Path]) // the client may leave
	}))
	defer server.Close()
	for _, test := range []struct {
		path     string
		want     string
		attempts int
	}{
		{"/exact", "", 1},
		{"/exact/gzip", "", 1},
		{"/more", "...: the response is larger than 1 MiB", 1},
		{"/more/gzip", "...: the response is larger than 1 MiB", 1},
		{"/bomb/gzip", "...: the response is larger than 1 MiB", 1},
		{"/error/more", "...HTTP 503 Service Unavailable...", 2},
	} {
		var seen []Attempt
		c := newTestClient(t, nil, withEndpoint(server.URL), withRetries(1), observed(&seen))
		taken := 0
		attempts, err := c.Get(t.Context(), Request{Service: DMS, Region: simulator.Region, Path: test.path}, func(body []byte) error {
			taken = len(body)
			return nil
		})
		if test.want == "" {
			requireNoError(t, err)
			if taken != maxBody {
				t.Errorf("%s: %d bytes were taken", test.path, taken)
			}
		} else {
			requireErrorText(t, err, test.want)
		}
		if attempts != test.attempts {
			t.Errorf("%s: %d attempts, want %d", test.path, attempts, test.attempts)
		}
		for _, a := range seen {
			if a.Bytes < maxBody || a.Bytes > maxBody+1 {
				t.Errorf("%s: %d bytes were read", test.path, a.Bytes)
			}
		}
	}
}

func TestObserveIsToldOfEachAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var seen []Attempt
		s := newScriptedTransport(
			delayed(2*time.Second, reply(503, "<html>", "X-Request-Id", "id-1")),
			failing(io.EOF),
			reply(200, "{}", "X-Iam-Trace-Id", "trace-1"),
			page,
		)
		_, err := getTasks(t.Context(), newTestClient(t, s, withRetries(5), observed(&seen)))
		requireNoError(t, err)
		want := []struct {
			status, bytes int
			id            string
			took          time.Duration
			failed        string
		}{
			{503, 6, "id-1", 2 * time.Second, "HTTP 503 Service Unavailable (request ID id-1)"},
			{0, 0, "", 0, "connection to dms.cn-north-4.myhuaweicloud.com:443: EOF"},
			{200, 2, "trace-1", 0, `HTTP 200 with content type "" is not an answer of the service: ` + io.ErrNoProgress.Error()},
			{200, 12, "", 0, ""},
		}
		if len(seen) != len(want) {
			t.Fatalf("%d attempts were seen", len(seen))
		}
		for i, a := range seen {
			w := want[i]
			if a.Method != http.MethodGet || a.Host != "dms.cn-north-4.myhuaweicloud.com" || a.Path != tasksPath || a.Query.Encode() != "limit=50&offset=0" {
				t.Errorf("attempt %d is %+v", i+1, a)
			}
			if a.Number != i+1 || a.Status != w.status || a.Bytes != w.bytes || a.RequestID != w.id || a.Duration != w.took {
				t.Errorf("attempt %d is %+v, want %+v", i+1, a, w)
			}
			if w.failed != "" {
				requireErrorText(t, a.Err, w.failed)
			} else if a.Err != nil {
				t.Errorf("attempt %d: %v", i+1, a.Err)
			}
		}
	})
}

// repeating answers with all that it was sent, wherever there is room for it in an answer.
func repeating(status int, form string) roundTripperFunc {
	return func(r *http.Request) (*http.Response, error) {
		var all bytes.Buffer
		_ = r.Header.Write(&all)
		if r.Body != nil {
			_, _ = io.Copy(&all, r.Body)
		}
		asJSON, err := json.Marshal(all.String())
		if err != nil {
			return nil, err
		}
		oneLine := strings.Join(strings.Fields(all.String()), " ")
		header := []string{"X-Request-Id", oneLine, "X-Iam-Trace-Id", oneLine, "Content-Type", oneLine, "Location", "/" + oneLine, "Retry-After", oneLine, "Date", oneLine}
		return reply(status, fmt.Sprintf(form, asJSON), header...)(r)
	}
}

func TestSecretsThatTheCloudEchoesAreSeenNowhere(t *testing.T) {
	t.Parallel()
	const canary = `c4nary"<+/=&>\%`
	pod := InstanceIdentity{PodURI: "https://pod.test/keys", PodTokenFile: writeFile(t, canary)}
	temporary := AccessKeys{AccessKey: "ACCESSKEY", SecretKey: NewSecret(canary), SecurityToken: NewSecret(canary)}
	sources := map[string]CredentialSource{
		"keys": temporary, "token": StaticToken{NewSecret(canary)}, "pod": pod, "metadata": InstanceIdentity{},
		"password":       Password{UserName: "u", Password: NewSecret(canary), DomainName: "d"},
		"OIDC":           OIDC{ProviderID: "p", IDToken: NewSecret(canary)},
		"OIDC of a file": OIDC{ProviderID: "p", IDTokenFile: writeFile(t, canary+"\n")},
		"agency":         Agency{Base: temporary, Name: "a", DomainName: "d"},
	}
	for _, form := range []string{
		`{"error_code":%[1]s,"error_msg":%[1]s,"request_id":%[1]s}`, `{"error":{"code":%[1]s,"message":%[1]s}}`, "<html>%s</html>", "%s",
		`{"credential":{"access":"a","secret":%s,"expires_at":"c4nary"}}`, `{"token":{"expires_at":%s}}`, `{"tasks":%s}`,
	} {
		for _, status := range []int{200, 201, 302, 400, 401, 404, 503} {
			for how, source := range sources {
				var seen []Attempt
				s := newScriptedTransport(repeating(status, form))
				_, err := getTasks(t.Context(), newTestClient(t, s, withSource(source), observed(&seen)))
				text := fmt.Sprintf("%v\n%+v", err, seen)
				if err == nil || s.count() == 0 {
					t.Fatalf("%s, %d, %s: no error after %d requests", how, status, form, s.count())
				}
				secrets := []string{"c4nary", "c4na"}
				if signature := s.sent[0].Header.Get(headerAuthorization); how != "pod" {
					_, signature, _ = strings.Cut(signature, "Signature=")
					if signature != "" {
						secrets = append(secrets, signature)
					}
				}
				requireNoSecrets(t, text, secrets...)
			}
		}
	}
}

func TestClientGet_inFlightLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var now, most atomic.Int32
		s := newScriptedTransport(func(r *http.Request) (*http.Response, error) {
			defer now.Add(-1)
			if n := now.Add(1); n > most.Load() {
				most.Store(n)
			}
			return delayed(time.Second, page)(r)
		})
		c := newTestClient(t, s)
		_, err := getTasks(t.Context(), c) // the credential is proven
		requireNoError(t, err)
		start := time.Now()
		requireNoError(t, concurrently(40, func(int) error { _, err := getTasks(t.Context(), c); return err })...)
		if elapsed := time.Since(start); most.Load() != maxInFlight || elapsed != 3*time.Second {
			t.Errorf("%d requests at once, %s for all; want 16, 3s", most.Load(), elapsed)
		}
	})
}

func TestNoSlotIsHeldInAPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		busy := reply(503, "", "Retry-After", "60")
		s := newScriptedTransport(append(append([]roundTripperFunc{page}, slices.Repeat([]roundTripperFunc{busy}, maxInFlight)...), page)...)
		c := newTestClient(t, s, withRetries(3))
		_, err := getTasks(t.Context(), c)
		requireNoError(t, err)
		var wait sync.WaitGroup
		for range maxInFlight {
			wait.Go(func() { _, _ = getTasks(t.Context(), c) })
		}
		synctest.Wait()
		start := time.Now()
		_, err = getTasks(t.Context(), c)
		requireNoError(t, err)
		if elapsed := time.Since(start); elapsed != 0 {
			t.Errorf("a request waited for %s", elapsed)
		}
		wait.Wait()
	})
}

func TestTheWaitForASlotOrATurnEndsWithTheContext(t *testing.T) {
	t.Parallel()
	for name, proven := range map[string]bool{"slot": true, "turn to prove the credential": false} {
		synctest.Test(t, func(t *testing.T) {
			s := newScriptedTransport(page, hang)
			if !proven {
				s = newScriptedTransport(hang)
			}
			c := newTestClient(t, s)
			if proven {
				_, err := getTasks(t.Context(), c)
				requireNoError(t, err)
			}
			all, stop := context.WithCancel(t.Context())
			var wait sync.WaitGroup
			for range maxInFlight {
				wait.Go(func() { _, _ = getTasks(all, c) })
			}
			synctest.Wait()
			before, start := s.count(), time.Now()
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, err := getTasks(ctx, c)
			if elapsed := time.Since(start); !errors.Is(err, context.DeadlineExceeded) || elapsed != time.Second || s.count() != before {
				t.Errorf("%s: %v after %s and %d requests", name, err, elapsed, s.count()-before)
			}
			stop()
			wait.Wait()
		})
	}
}

func TestAnAttemptThatTakes30SecondsIsTriedAgain(t *testing.T) {
	t.Parallel()
	slowBody := func(r *http.Request) (*http.Response, error) {
		resp, err := reply(200, "")(r)
		resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"tas`), readerFunc(func([]byte) (int, error) {
			<-r.Context().Done()
			return 0, r.Context().Err()
		})))
		return resp, err
	}
	for want, by := range map[string]roundTripperFunc{
		"connection to dms.cn-north-4.myhuaweicloud.com:443: no complete response within 30s":                                   hang,
		"connection to dms.cn-north-4.myhuaweicloud.com:443: response truncated after 5 bytes: no complete response within 30s": slowBody,
	} {
		synctest.Test(t, func(t *testing.T) {
			var seen []Attempt
			s := newScriptedTransport(by, page)
			_, err := getTasks(t.Context(), newTestClient(t, s, withRetries(1), observed(&seen)))
			requireNoError(t, err)
			requireErrorText(t, seen[0].Err, want)
			if seen[0].Duration != 30*time.Second {
				t.Errorf("it took %s", seen[0].Duration)
			}
		})
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// pipes is a network of pipes in memory, for the real transport under virtual time.
type pipes struct {
	accept func(net.Conn) // plays the server, on a goroutine of its own
}

// dialBlackHole gives up as a net.Dialer does, whose time limit is not the request's.
func dialBlackHole(ctx context.Context, _, _ string) (net.Conn, error) {
	select {
	case <-ctx.Done():
	case <-time.After(10 * time.Second):
	}
	return nil, errors.New("i/o timeout")
}

func (p pipes) dial(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	go p.accept(server)
	return client, nil
}

func TestClientGet_cancellation(t *testing.T) {
	t.Parallel()
	// answer reads the request, sends what is given, and waits for the client to leave.
	answer := func(text string) func(net.Conn) {
		return func(conn net.Conn) {
			defer func() { _ = conn.Close() }()
			received := make([]byte, 1<<16)
			_, _ = conn.Read(received)
			_, _ = io.WriteString(conn, text)
			_, _ = io.Copy(io.Discard, conn)
		}
	}
	const header = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n"
	for _, test := range []struct {
		name   string
		scheme string
		dial   func(context.Context, string, string) (net.Conn, error)
	}{
		{"dialling", "http", dialBlackHole},
		{"TLS", "https", pipes{answer("")}.dial},
		{"before the answer", "http", pipes{answer("")}.dial},
		{"in the header", "http", pipes{answer(header)}.dial},
		{"before the body", "http", pipes{answer(header + "\r\n")}.dial},
		{"in the body", "http", pipes{answer(header + "\r\n{\"tas")}.dial},
		{"in the body, with an upgrade", "http", pipes{answer("HTTP/1.1 200 OK\r\nConnection: Upgrade\r\nUpgrade: tls\r\n\r\n{")}.dial},
		{"in the trailers", "http", pipes{answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: A\r\n\r\n2\r\n{}\r\n0\r\nA: ")}.dial},
		{"after informational responses", "http", pipes{answer(strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 3))}.dial},
	} {
		for _, local := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/local=%v", test.name, local), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					source := CredentialSource(validKeys())
					if local {
						source = InstanceIdentity{}
					}
					c := newTestClient(t, nil, withEndpoint(test.scheme+"://dms.test"), withSource(source), withRetries(3), func(c *Config) {
						c.Insecure, c.Dial, c.MetadataURL = true, test.dial, test.scheme+"://metadata.test"
					})
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					time.AfterFunc(time.Second, cancel)
					start := time.Now()
					_, err := getTasks(ctx, c)
					if elapsed := time.Since(start); !errors.Is(err, context.Canceled) || elapsed != time.Second {
						t.Errorf("%v after %s", err, elapsed)
					}
					<-time.After(15 * time.Second) // by then, net/http has given up on the connection too
				})
			})
		}
	}
}

// The body of status 101 is the bare connection: who reads it is not ended by any context.
func TestClientGet_switchingProtocols(t *testing.T) {
	t.Parallel()
	for _, local := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			source := CredentialSource(validKeys())
			if local {
				source = InstanceIdentity{}
			}
			network := pipes{func(conn net.Conn) {
				_, _ = conn.Read(make([]byte, 1<<16))
				_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
				_, _ = io.Copy(io.Discard, conn)
			}}
			c := newTestClient(t, nil, withEndpoint("http://dms.test"), withSource(source), func(c *Config) {
				c.Insecure, c.Dial, c.MetadataURL = true, network.dial, "http://metadata.test"
			})
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			start := time.Now()
			_, err := getTasks(ctx, c)
			requireErrorText(t, err, "...HTTP 101...")
			if elapsed := time.Since(start); elapsed > 30*time.Second {
				t.Errorf("it took %s", elapsed)
			}
		})
	}
}

// A body that breaks off must fail through the real transport as it does in the tables.
func TestABodyThatIsCutIsTriedAgainOverARealConnection(t *testing.T) {
	t.Parallel()
	cloud := simulator.New(simulator.Options{Faults: map[int]simulator.Fault{1: simulator.AbortFault(), 2: simulator.TruncateFault(20)}})
	server := httptest.NewServer(cloud)
	defer server.Close()
	var seen []Attempt
	c := newTestClient(t, nil, withEndpoint(server.URL), withRetries(5), observed(&seen))
	attempts, err := getTasks(t.Context(), c)
	requireNoError(t, err)
	if attempts != 3 || seen[1].Status != 200 || seen[1].Bytes != 20 {
		t.Errorf("%d attempts: %+v", attempts, seen)
	}
	requireErrorText(t, seen[0].Err, "...EOF")
	requireErrorText(t, seen[1].Err, "...: response truncated after 20 bytes: unexpected EOF")
}

func TestRegionIsTheConfigured(t *testing.T) {
	t.Parallel()
	if got := newTestClient(t, page).Region(); got != simulator.Region {
		t.Errorf("it is %q", got)
	}
}
