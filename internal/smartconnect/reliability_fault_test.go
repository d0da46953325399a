// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package smartconnect

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/http2"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/huaweicloud"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/memnet"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

const (
	okLine  = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	chunked = okLine + "Transfer-Encoding: chunked\r\n\r\n"
	slow    = 2 * time.Second // between bytes of which there are more than 15
)

// fault is a way in which the request of a page can fail.
type fault struct {
	name      string
	retryable bool   // a read succeeds after it
	want      string // part of the error
	inject    simulator.Fault
}

// faults are the faults of connections and bodies. Statuses and codes are in internal/huaweicloud, pages
// that cannot be decoded in TestDecodePage. One without inject is of the connection itself.
var faults = []fault{
	{"connection refused", true, "connection refused", nil},
	{"reset before the header", true, "connection reset by peer", simulator.ResetFault("")},
	{"reset in the header", true, "connection reset by peer", simulator.ResetFault(okLine)},
	{"reset after the header", true, "response truncated after 0 bytes: read tcp: connection reset by peer", simulator.ResetFault(okLine + "Content-Length: 100\r\n\r\n")},
	{"reset in the body", true, "response truncated after 5 bytes: read tcp: connection reset by peer", simulator.ResetFault(okLine + "Content-Length: 100\r\n\r\n{\"tas")},
	{"EOF before the header", true, "EOF", simulator.AbortFault()},
	{"EOF in the header", true, "unexpected EOF", sent(okLine)},
	{"EOF in a line of the header", true, "malformed MIME header", sent("HTTP/1.1 200 OK\r\nContent-Ty")},
	{"body cut, with a length", true, "response truncated after 1000 bytes: unexpected EOF", simulator.TruncateFault(1000)},
	{"body cut at its last byte, with a length", true, "bytes: unexpected EOF", played(func(body []byte) string {
		return fmt.Sprintf("%sContent-Length: %d\r\n\r\n%s", okLine, len(body), body[:len(body)-1])
	})},
	{"body cut, without a length", true, "it is not JSON: unexpected end of JSON input", played(func(body []byte) string {
		return okLine + "Connection: close\r\n\r\n" + string(body[:len(body)/2])
	})},
	{"body cut at a chunk", true, "bytes: unexpected EOF", played(func(body []byte) string {
		half := body[:len(body)/2]
		return fmt.Sprintf("%s%x\r\n%s\r\n", chunked, len(half), half)
	})},
	{"body cut where all chunks had come but the last", true, "bytes: unexpected EOF", played(func(body []byte) string {
		return fmt.Sprintf("%s%x\r\n%s\r\n", chunked, len(body), body)
	})},
	{"bad chunk", true, "invalid byte in chunk length", sent(chunked + "5\r\n{\"tas\r\nxyz\r\n")},
	{"chunk longer than it says", true, "malformed chunked encoding", sent(chunked + "3\r\n{\"tas\r\n0\r\n\r\n")},
	{"body longer than its length", true, "unexpected end of JSON input", played(func(body []byte) string {
		return fmt.Sprintf("%sConnection: close\r\nContent-Length: 100\r\n\r\n%s", okLine, body)
	})},
	{"two lengths", true, "Content-Length", sent(okLine + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}")},
	{"no HTTP", true, "malformed HTTP", sent("SSH-2.0-OpenSSH_9.9\r\n")},
	{"gzip cut", true, "unexpected EOF", compressed(func(text []byte) []byte { return text[:len(text)/2] })},
	{"gzip with a wrong sum", true, "gzip: invalid checksum", compressed(func(text []byte) []byte {
		text = bytes.Clone(text)
		text[len(text)-8] ^= 1
		return text
	})},
	{"gzip that is none", true, "gzip: invalid header", compressed(func([]byte) []byte { return []byte("<html>not compressed</html>") })},
	{"slow header", true, "no complete response within 30s", simulator.SlowFault("", okLine, slow)},
	{"slow body", true, "bytes: no complete response within 30s", simulator.SlowFault(okLine+"\r\n", `{"tasks":[],"total_number":0}`, slow)},
	{"hang", true, "no complete response within 30s", simulator.HangFault()},
	{"hang in the body", true, "response truncated after 5 bytes: no complete response within 30s", simulator.ConnFault(func(conn net.Conn, _ []byte) {
		_, _ = io.WriteString(conn, okLine+"Content-Length: 9\r\n\r\n{\"tas")
		_, _ = io.Copy(io.Discard, conn) // until the client leaves
	})},
	{"200 with {}", true, `it has no list "tasks"`, simulator.BodyFault(200, "application/json", "{}")},
	{"429", true, "HTTP 429 Too Many Requests, code APIGW.0308", throttled("")},
	{"429 with seconds", true, "HTTP 429 Too Many Requests, code APIGW.0308", throttled("7")},
	{"429 with a huge pause", false, "the next attempt is due in 24h0m0s, but the read times out in 5m0s", throttled("9223372036854775807")},
	{"503", true, "HTTP 503 Service Unavailable", simulator.BodyFault(503, "text/html", "<html>")},
	{"404", false, "HTTP 404 Not Found, code DMS.00404022", simulator.ErrorFault(404, "DMS.00404022", "This instance does not exist.")},
	{"302 to another host", false, "HTTP 302 Found: a redirect, which is not followed", func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.Header().Set("Location", "http://canary.test/")
		w.WriteHeader(http.StatusFound)
	}},
}

// sent sends strings and closes the connection.
func sent(texts ...string) simulator.Fault {
	return played(func([]byte) string { return strings.Join(texts, "") })
}

// played sends what f makes of the right body and closes the connection.
func played(f func(body []byte) string) simulator.Fault {
	return simulator.ConnFault(func(conn net.Conn, body []byte) { _, _ = io.WriteString(conn, f(body)) })
}

// compressed sends what f makes of the compressed body, with its length.
func compressed(f func(text []byte) []byte) simulator.Fault {
	return played(func(body []byte) string {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, _ = w.Write(body) // a buffer takes all
		_ = w.Close()
		text := f(b.Bytes())
		return fmt.Sprintf("%sContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s", okLine, len(text), text)
	})
}

// throttled is the throttling response of the gateway, with a Retry-After header unless that is empty.
func throttled(retryAfter string) simulator.Fault {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if retryAfter != "" {
			w.Header().Set("Retry-After", retryAfter)
		}
		simulator.ErrorFault(429, "APIGW.0308", "The throttling threshold has been reached.")(w, r, next)
	}
}

const forever = math.MaxInt32

// faultyPages are pages of 120 tasks at whose first requests there is a fault.
var faultyPages = []struct {
	name, offset string
	connection   int // of the request, if each has its own
	times        int
}{
	{"first page, always", "0", 1, forever},
	{"middle page, once", "49", 2, 1},
	{"last page, twice", "98", 3, 2},
}

// Whatever the network and the service do, a read gives the exact list, or within its timeout an error
// that says what happened.
func TestReliability_faults(t *testing.T) {
	t.Parallel()
	cloud := &fakeList{ids: sequence(0, 120), fields: `,"status":"RUNNING","topics":"orders,payments"`}
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			for _, page := range faultyPages {
				t.Run(page.name, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						n := memnet.New()
						s := &faultyCloud{cloud: cloud, fault: f.inject, offset: page.offset, times: int32(page.times)}
						var h http.Handler = s
						if f.inject == nil {
							n.Refuse = func(number int) bool { return number >= page.connection && number-page.connection < page.times }
							h = closing(cloud)
						}
						n.Serve(t, address, h, nil)
						checkFault(t, n, s, f, page.times, cloud.ids)
					})
				})
			}
		})
	}
}

// closing closes the connection after each response.
func closing(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close")
		next.ServeHTTP(w, r)
	})
}

// checkFault reads the list and checks the effect of a fault.
func checkFault(t *testing.T, n *memnet.Network, s *faultyCloud, f fault, times int, want []string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), readTime)
	defer cancel()
	start := time.Now()
	list, err := newClient(t, n).Tasks(ctx, instance)
	elapsed := time.Since(start)
	switch {
	case elapsed > readTime:
		t.Errorf("it took %s", elapsed)
	case f.retryable && times != forever:
		if err != nil {
			t.Errorf("it was not retried: %v", err)
		} else if !slices.Equal(idsOf(list), want) {
			t.Errorf("the %d tasks are not those of the cloud", len(list.Tasks))
		}
	case err == nil:
		t.Errorf("there is no error, but a list of %d tasks", len(list.Tasks))
	case list != nil:
		t.Errorf("there are %d tasks beside the error", len(list.Tasks))
	case !strings.Contains(err.Error(), f.want) || len(err.Error()) > 1000:
		t.Errorf("the error is\n%v\nwant %q", err, f.want)
	case f.retryable && !strings.Contains(err.Error(), " (tried 6 times in "):
		t.Errorf("the error is\n%v\nwant 6 attempts", err)
	case !f.retryable && s.hits.Load() != 1:
		t.Errorf("the page was requested %d times, want once", s.hits.Load())
	}
	for _, to := range n.Dialed() {
		if to != address {
			t.Errorf("there was a connection to %s", to)
		}
	}
	checkNoOpenConns(t, n)
}

// goAway is an HTTP/2 server that responds to the first request with GOAWAY. It reads and writes
// concurrently, since the connection has no buffer.
func goAway(conn net.Conn, code http2.ErrCode) {
	framer := http2.NewFramer(conn, conn)
	requested, left := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(left)
		_, err := io.CopyN(io.Discard, conn, int64(len(http2.ClientPreface)))
		for err == nil {
			var frame http2.Frame
			if frame, err = framer.ReadFrame(); err == nil && frame.Header().Type == http2.FrameHeaders {
				close(requested)
			}
		}
	}()
	_ = framer.WriteSettings()
	select {
	case <-requested:
		_ = framer.WriteGoAway(0, code, nil)
	case <-left:
	}
	<-left
}

// GOAWAY closes a connection of HTTP/2 under all requests on it.
func TestReliability_goAway(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(nil)
	server.Close()
	config := server.TLS.Clone()
	config.NextProtos = []string{"h2"}
	for _, tt := range []struct {
		code   http2.ErrCode
		always bool
		want   string
	}{
		{http2.ErrCodeNo, false, ""},
		{http2.ErrCodeNo, true, "no complete response within 30s (tried 6 times in "},
		{http2.ErrCodeEnhanceYourCalm, false, ""},
		{http2.ErrCodeEnhanceYourCalm, true, "GOAWAY from server ErrCode:ENHANCE_YOUR_CALM"},
	} {
		t.Run(fmt.Sprintf("%s, always %t", tt.code, tt.always), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				n := memnet.New()
				n.Latency = 5 * time.Second // net/http reconnects after NO_ERROR as long as there is time
				n.ServeConn(t, "127.0.0.1:1", func(conn net.Conn) {
					if secured := tls.Server(conn, config); secured.HandshakeContext(t.Context()) == nil {
						goAway(secured, tt.code)
					}
				})
				n.Serve(t, "127.0.0.1:2", newFakeList(120), config.Clone())
				var number atomic.Int32
				dial := func(ctx context.Context, network, _ string) (net.Conn, error) {
					if number.Add(1) == 1 || tt.always {
						return n.Dial(ctx, network, "127.0.0.1:1")
					}
					return n.Dial(ctx, network, "127.0.0.1:2")
				}
				ctx, cancel := context.WithTimeout(t.Context(), readTime)
				defer cancel()
				list, err := newClient(t, n, withEndpoint("https://127.0.0.1"), func(c *huaweicloud.Config) { c.Insecure, c.Dial = true, dial }).Tasks(ctx, instance)
				switch {
				case tt.want == "" && (err != nil || len(list.Tasks) != 120):
					t.Errorf("%v", err)
				case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "(tried 6 times in ")):
					t.Errorf("the error is %v, want 6 attempts and %q", err, tt.want)
				}
				checkNoOpenConns(t, n)
			})
		})
	}
}
