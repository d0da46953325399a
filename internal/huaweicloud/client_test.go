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
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/memnet"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

func TestClientGet_request(t *testing.T) {
	s := newScriptedTransport(page)
	c := newTestClient(t, s, withEndpoint("https://example.com:8443/base/"))
	attempts, err := getTasks(t.Context(), c)
	requireNoError(t, err)
	if c.Region() != simulator.Region || attempts != 1 {
		t.Errorf("region %q, %d attempts", c.Region(), attempts)
	}
	r := s.sent[0]
	if got, want := r.Method+" "+r.URL.String(), "GET https://example.com:8443/base"+tasksPath+"?limit=50&offset=0"; got != want || r.ContentLength != 0 {
		t.Errorf("the request is %s with %d bytes, want %s", got, r.ContentLength, want)
	}
	for name, want := range map[string]string{"User-Agent": "test/1", headerProjectID: simulator.ProjectID, "Content-Type": "", headerAuthToken: ""} {
		if got := r.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if !strings.Contains(r.Header.Get(headerAuthorization), ", SignedHeaders=host;x-project-id;x-sdk-date, ") {
		t.Errorf("the signature is %s", r.Header.Get(headerAuthorization))
	}

	request := tasksGet()
	request.ProjectID = ""
	_, err = c.Get(t.Context(), request, tasksAccept)
	requireNoError(t, err)
	if _, ok := s.sent[1].Header[headerProjectID]; ok {
		t.Error("X-Project-Id is sent without a project")
	}

	requireTasks(t, newTestClient(t, s, withSource(StaticToken{NewSecret("the-token")})))
	if h := s.sent[2].Header; h.Get(headerAuthToken) != "the-token" || h.Get(headerAuthorization) != "" || h.Get(headerSdkDate) != "" {
		t.Errorf("with a token, the headers are %v", h)
	}
}

// The simulator verifies the signature of the path as it was sent.
func TestClientGet_escapesPath(t *testing.T) {
	s := newScriptedTransport(served(simulator.New(simulator.Options{})))
	request := tasksGet()
	request.Path = "/v2/a b%2F?c/ü"
	_, err := newTestClient(t, s).Get(t.Context(), request, tasksAccept)
	requireErrorText(t, err, "...HTTP 404 Not Found, code APIGW.0101...")
	if got, want := s.sent[0].URL.EscapedPath(), "/v2/a%20b%252F%3Fc/%C3%BC"; got != want {
		t.Errorf("the path is %s, want %s", got, want)
	}
}

func TestClientGet_redirects(t *testing.T) {
	pod := InstanceIdentity{PodURI: "https://pod.test/keys", PodTokenFile: writeFile(t, "pod-token")}
	sources := map[string]CredentialSource{
		"keys": validKeys(), "token": StaticToken{NewSecret("t")}, "password": validPassword(), "pod": pod, "metadata": InstanceIdentity{},
		"agency": Agency{Base: validKeys(), Name: "a", DomainName: "d"}, "OIDC": OIDC{ProviderID: "p", IDToken: NewSecret("t")},
	}
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, location := range []string{"/x", "https://canary.example.com/"} {
			for name, source := range sources {
				s := newScriptedTransport(reply(status, "", "Location", location))
				_, err := getTasks(t.Context(), newTestClient(t, s, withRetries(3), withSource(source)))
				requireErrorText(t, err, fmt.Sprintf("...HTTP %d...", status))
				if s.count() != 1 {
					t.Errorf("%d to %s with %s: %d requests, want 1", status, location, name, s.count())
				}
			}
		}
	}
}

func TestClientGet_responseSize(t *testing.T) {
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
	const tooLarge = "...: the response is larger than 1 MiB"
	for _, tt := range []struct {
		name, body string
		status     int
		want       string
	}{
		{"header", "", 200, "...server response headers exceeded 65536 bytes; aborted"},
		{"1 MiB", mebibyte, 200, ""},
		{"1 MiB compressed", compress(mebibyte), 200, ""},
		{"more", mebibyte + "0", 200, tooLarge},
		{"more compressed", compress(mebibyte) + compress(mebibyte), 200, tooLarge},
		{"error", mebibyte + "0", 503, "...HTTP 503 Service Unavailable..."},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			switch {
			case tt.name == "header":
				w.Header().Set("X-Large", strings.Repeat("x", 128<<10))
			case strings.Contains(tt.name, "compressed"):
				w.Header().Set("Content-Encoding", "gzip")
			}
			w.WriteHeader(tt.status)
			_, _ = io.WriteString(w, tt.body) // the client may leave
		}))
		defer server.Close()
		var seen []Attempt
		_, err := newTestClient(t, nil, withEndpoint(server.URL), observed(&seen)).Get(t.Context(), tasksGet(), func([]byte) error { return nil })
		if tt.want == "" {
			requireNoError(t, err)
		} else {
			requireErrorText(t, err, tt.want)
		}
		if read := seen[0].Bytes; tt.name != "header" && (len(seen) != 1 || read < maxBody || read > maxBody+1 || tt.want == "" && read != maxBody) {
			t.Errorf("%s: %d bytes were read in %d attempts", tt.name, read, len(seen))
		}
	}
}

func TestClientGet_onAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen []Attempt
		s := newScriptedTransport(
			delayed(2*time.Second, reply(503, "<html>", "X-Request-Id", "id-1")),
			failing(io.EOF),
			truncatedReply(200, `{"tas`),
			reply(200, "{}", "X-Iam-Trace-Id", "trace-1"),
			page,
		)
		requireTasks(t, newTestClient(t, s, withRetries(5), observed(&seen)))
		want := []struct {
			status, bytes int
			id            string
			took          time.Duration
			failed        string
		}{
			{503, 6, "id-1", 2 * time.Second, "HTTP 503 Service Unavailable (request ID id-1)"},
			{0, 0, "", 0, "connection to dms.cn-north-4.myhuaweicloud.com:443: EOF"},
			{200, 5, "", 0, "connection to dms.cn-north-4.myhuaweicloud.com:443: response truncated after 5 bytes: unexpected EOF"},
			{200, 2, "trace-1", 0, `HTTP 200 with content type "" is not a response from the service: ` + io.ErrNoProgress.Error()},
			{200, 12, "", 0, ""},
		}
		if len(seen) != len(want) {
			t.Fatalf("%d attempts, want %d", len(seen), len(want))
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

// echo responds with all that it was sent, in each header and in the body.
func echo(status int, form string) roundTripperFunc {
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

func TestClientGet_echoedSecrets(t *testing.T) {
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
			for name, source := range sources {
				synctest.Test(t, func(t *testing.T) {
					var seen []Attempt
					s := newScriptedTransport(echo(status, form))
					_, err := getTasks(t.Context(), newTestClient(t, s, withSource(source), observed(&seen)))
					if err == nil || s.count() == 0 {
						t.Fatalf("%s, %d, %s: no error after %d requests", name, status, form, s.count())
					}
					secrets := []string{"c4na"}
					if _, signature, ok := strings.Cut(s.sent[0].Header.Get(headerAuthorization), "Signature="); ok {
						secrets = append(secrets, signature)
					}
					requireNoSecrets(t, fmt.Sprintf("%v\n%+v", err, seen), secrets...)
				})
			}
		}
	}
}

func TestClientGet_networkErrorWithSecret(t *testing.T) {
	keys := validKeys()
	keys.SecurityToken = NewSecret("canary-token")
	cloud := func(r *http.Request) (*http.Response, error) {
		return nil, fmt.Errorf("malformed MIME header line: \x1b[31m%s|%s", r.Header.Get(headerSecurityToken), strings.Repeat("x", 1<<16))
	}
	_, err := getTasks(t.Context(), newTestClient(t, roundTripperFunc(cloud), withSource(keys)))
	requireErrorText(t, err, "GET "+tasksURL+": connection to dms.cn-north-4.myhuaweicloud.com:443: message withheld, since it repeats a secret")
}

// Decoding errors name tasks, which may be called anything.
func TestClientGet_decodingErrorWithSecret(t *testing.T) {
	keys := validKeys()
	keys.SecurityToken = NewSecret("canary-token")
	for name, want := range map[string]string{
		"canary-token": "...message withheld, since it repeats a secret", "backup": `...: task "backup" is malformed`,
	} {
		c := newTestClient(t, page, withSource(keys))
		_, err := c.Get(t.Context(), tasksGet(), func([]byte) error { return fmt.Errorf("task %q is malformed", name) })
		requireErrorText(t, err, want)
	}
}

func TestClientGet_cancellation(t *testing.T) {
	t.Parallel()
	const header = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n"
	for _, tt := range []struct {
		name, scheme, response string
		connecting             bool
	}{
		{"in the TLS handshake", "https", "", false},
		{"before the header", "http", "", false},
		{"in the header", "http", header, false},
		{"before the body", "http", header + "\r\n", false},
		{"in the body", "http", header + "\r\n{\"tas", false},
		{"in the body, with an upgrade", "http", "HTTP/1.1 200 OK\r\nConnection: Upgrade\r\nUpgrade: tls\r\n\r\n{", false},
		{"in the trailers", "http", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: A\r\n\r\n2\r\n{}\r\n0\r\nA: ", false},
		{"after informational responses", "http", strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 3), false},
		{"while connecting", "http", "", true},
	} {
		for name, source := range map[string]CredentialSource{"service": validKeys(), "metadata": InstanceIdentity{}} {
			runInBubble(t, tt.name+" of the "+name, func(t *testing.T) {
				n := memnet.New()
				if tt.connecting {
					n.Listen(t, "cloud.test:1") // accepts nothing
				} else {
					n.ServeConn(t, "cloud.test:1", respondAndHang(tt.response))
				}
				url := tt.scheme + "://cloud.test:1"
				c := newTestClient(t, nil, withEndpoint(url), withSource(source), withRetries(3), func(c *Config) {
					c.Insecure, c.Dial, c.MetadataURL = true, n.Dial, url
				})
				requireCancellation(t, c, n, 15*time.Second)
			})
		}
	}
}

// requireCancellation cancels a read after a second, and checks that it ends at once, and that net/http has closed its
// connections within the time.
func requireCancellation(t *testing.T, c *Client, n *memnet.Network, within time.Duration) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(time.Second, cancel)
	start := time.Now()
	_, err := getTasks(ctx, c)
	if elapsed := time.Since(start); !errors.Is(err, context.Canceled) || elapsed != time.Second {
		t.Errorf("%v after %s", err, elapsed)
	}
	<-time.After(within)
	synctest.Wait()
	if n.OpenConns() != 0 {
		t.Errorf("%d connections are still open", n.OpenConns())
	}
}

// respondAndHang reads a request, responds, and waits until the client leaves.
func respondAndHang(response string) func(net.Conn) {
	return func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 1<<16))
		_, _ = io.WriteString(conn, response)
		_, _ = io.Copy(io.Discard, conn)
	}
}
