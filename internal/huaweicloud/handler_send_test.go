// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"compress/gzip"
	"context"
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
)

func TestSendHandler_redirects(t *testing.T) {
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

func TestSendHandler_responseSize(t *testing.T) {
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

func TestSendHandler_networkErrorWithSecret(t *testing.T) {
	keys := validKeys()
	keys.SecurityToken = NewSecret("canary-token")
	cloud := func(r *http.Request) (*http.Response, error) {
		return nil, fmt.Errorf("malformed MIME header line: \x1b[31m%s|%s", r.Header.Get(headerSecurityToken), strings.Repeat("x", 1<<16))
	}
	_, err := getTasks(t.Context(), newTestClient(t, roundTripperFunc(cloud), withSource(keys)))
	requireErrorText(t, err, "GET "+tasksURL+": connection to dms.cn-north-4.myhuaweicloud.com:443: message withheld, since it repeats a secret")
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

func TestSendHandler_cancellation(t *testing.T) {
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
