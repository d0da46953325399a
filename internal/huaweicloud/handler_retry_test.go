// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

// Faults of connections and bodies are in internal/smartconnect, over a real transport.
func TestRetryHandler_retries(t *testing.T) {
	const conn = "connection to dms.cn-north-4.myhuaweicloud.com:443: "
	const notService = `HTTP 200 with content type "a/b" is not a response from the service: `
	for _, tt := range []struct {
		name  string
		cloud roundTripperFunc
		class retryClass
		want  string // end of the error
	}{
		{"408", reply(408, ""), transient, "HTTP 408 Request Timeout"},
		{"500", reply(500, ""), transient, "HTTP 500 Internal Server Error"},
		{"502 of a proxy", reply(502, "<html>"), transient, "HTTP 502 Bad Gateway"},
		{"503 of the service", serviceError(503, "DMS.00503000"), transient, "HTTP 503 Service Unavailable, code DMS.00503000: canned"},
		{"503 with a truncated body", truncatedReply(503, `{"tas`), transient, "HTTP 503 Service Unavailable"},
		{"504", reply(504, ""), transient, "HTTP 504 Gateway Timeout"},
		{"429", reply(429, ""), throttled, "HTTP 429 Too Many Requests"},
		{"404 for flow control", serviceError(404, "DMS.10240407"), throttled, "HTTP 404 Not Found, code DMS.10240407: canned"},
		{"403 for throttling", serviceError(403, "APIGW.0308"), throttled, "HTTP 403 Forbidden, code APIGW.0308: canned"},
		{"400 for throttling", serviceError(400, "APIG.0308"), throttled, "HTTP 400 Bad Request, code APIG.0308: canned"},
		{"200 with an error", serviceError(200, "DMS.10240005"), transient, "HTTP 200 OK, code DMS.10240005: canned"},
		{"200 without tasks", reply(200, "{}", "Content-Type", "a/b"), transient, notService + io.ErrNoProgress.Error()},
		{"200 with HTML", reply(200, "<html>", "Content-Type", "a/b"), transient, notService + "invalid character '<' looking for beginning of value"},
		{"200 with trailing garbage", reply(200, `{"tasks":[]}}`, "Content-Type", "a/b"), transient, notService + "invalid character '}' after top-level value"},
		{"200 without a body", reply(200, "", "Content-Type", "a/b"), transient, notService + "unexpected end of JSON input"},
		{"204", reply(204, ""), transient, `HTTP 204 with content type "" is not a response from the service: unexpected end of JSON input`},
		{"DNS failure", failing(&net.DNSError{Err: "server misbehaving", Name: "dms.test", IsTemporary: true}), transient, conn + "lookup dms.test: server misbehaving"},
		{"DNS timeout", failing(&net.DNSError{Err: "i/o timeout", Name: "dms.test", IsTimeout: true}), transient, conn + "lookup dms.test: i/o timeout"},
		{"timeout of an attempt", hang, transient, conn + "no complete response within 30s"},

		{"101", upgraded, permanent, "HTTP 101 Switching Protocols"},
		{"2 MiB", reply(200, strings.Repeat("0", 2<<20)), permanent, "the response is larger than 1 MiB"},
		{"304", reply(304, ""), permanent, "HTTP 304 Not Modified"},
		{"400", serviceError(400, "DMS.00400026"), permanent, "HTTP 400 Bad Request, code DMS.00400026: canned"},
		{"401 of the gateway", serviceError(401, "APIGW.0301"), permanent, "HTTP 401 Unauthorized, code APIGW.0301: canned"},
		{"401 of the service", serviceError(401, "DMS.10240104"), permanent, "HTTP 401 Unauthorized, code DMS.10240104: canned"},
		{"401 with a truncated body", truncatedReply(401, `{"tas`), permanent, "HTTP 401 Unauthorized"}, // each one counts for the lockout
		{"401 with Retry-After", reply(401, "", "Retry-After", "1"), permanent, "HTTP 401 Unauthorized"},
		{"403 of the service", serviceError(403, "DMS.00403002"), permanent, "HTTP 403 Forbidden, code DMS.00403002: canned"},
		{"403 of a proxy", reply(403, "<html>"), permanent, "HTTP 403 Forbidden"},
		{"404 of the service", serviceError(404, "DMS.00404022"), permanent, "HTTP 404 Not Found, code DMS.00404022: canned"},
		{"407", reply(407, ""), permanent, "proxy of the network: HTTP 407 Proxy Authentication Required"},
		{"418", reply(418, ""), permanent, "HTTP 418 I'm a teapot"},
		{"unknown host", failing(&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "dms.test", IsNotFound: true}}), permanent, conn + "dial: lookup dms.test: no such host"},
		{"untrusted certificate", failing(&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}), permanent, conn + "tls: failed to verify certificate: x509: certificate signed by unknown authority"},
		{"TLS alert", failing(&net.OpError{Op: "remote error", Err: errors.New("tls: handshake failure")}), permanent, conn + "remote error: tls: handshake failure"},
		{"old TLS version", failing(errors.New("tls: server selected unsupported protocol version 302")), permanent, conn + "tls: server selected unsupported protocol version 302"},
		{"HTTP instead of TLS", failing(tls.RecordHeaderError{Msg: "x", RecordHeader: [5]byte([]byte("HTTP/"))}), permanent, conn + "tls: x"},
	} {
		runInBubble(t, tt.name, func(t *testing.T) {
			s, start := newScriptedTransport(tt.cloud), time.Now()
			attempts, err := getTasks(t.Context(), newTestClient(t, s, withRetries(2)))
			want := 3
			if tt.class == permanent {
				want = 1
				requireErrorText(t, err, "GET "+tasksURL+": "+tt.want)
			} else {
				requireErrorText(t, err, "...GET "+tasksURL+": "+tt.want+" (tried 3 times in ...")
			}
			failed, ok := errors.AsType[*RequestError](err)
			if !ok || attempts != want || s.count() != want || failed.Attempts != want || failed.Elapsed != time.Since(start) {
				t.Errorf("%d attempts, %d requests, %+v; want %d", attempts, s.count(), failed, want)
			}
			for _, delay := range s.pauses() {
				if delay <= 0 || tt.class == throttled && delay < throttledBaseDelay {
					t.Errorf("the delays were %s", s.pauses())
				}
			}
		})
	}
}

func TestRetryHandler_signsEachAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		busy := delayed(time.Second, reply(503, ""))
		s := newScriptedTransport(busy, busy, served(simulator.New(simulator.Options{})))
		_, err := getTasks(t.Context(), newTestClient(t, s, withRetries(3)))
		requireNoError(t, err) // the simulator has verified the last signature
		signatures := map[string]bool{}
		for i, r := range s.sent {
			if date, want := r.Header.Get(headerSdkDate), s.at[i].UTC().Format(timestampLayout); date != want {
				t.Errorf("attempt %d has the date %s, want %s", i+1, date, want)
			}
			signatures[r.Header.Get(headerAuthorization)] = true
		}
		if len(signatures) != 3 {
			t.Errorf("%d requests with %d signatures, want 3", len(s.sent), len(signatures))
		}
	})
}

func TestRetryHandler_retryAfter(t *testing.T) {
	const jitter = -1
	start := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) // the start of the time of synctest
	date := func(after time.Duration) string { return start.Add(after).Format(http.TimeFormat) }
	for _, tt := range []struct {
		name, value string
		want        time.Duration
		date        string // header Date
	}{
		{"seconds", "7", 7 * time.Second, ""},
		{"many seconds", "300", 300 * time.Second, ""},
		{"too many seconds", "9223372036854775807", 24 * time.Hour, ""},
		{"date", date(90 * time.Second), 90 * time.Second, ""},
		{"distant date", date(1000 * time.Hour), 24 * time.Hour, ""},
		// The date is by the server's clock, and the local one may be wrong.
		{"date, slow clock", date(185 * time.Second), 5 * time.Second, date(3 * time.Minute)},
		{"date, fast clock", date(-175 * time.Second), 5 * time.Second, date(-3 * time.Minute)},
		{"zero", "0", jitter, ""},
		{"negative", "-5", jitter, ""},
		{"past date", date(-time.Minute), jitter, ""},
		{"out of range", "99999999999999999999", jitter, ""},
		{"invalid", "soon", jitter, ""},
		{"empty", "", jitter, ""},
	} {
		for _, status := range []int{429, 503} {
			runInBubble(t, fmt.Sprint(tt.name, " ", status), func(t *testing.T) {
				s := newScriptedTransport(reply(status, "", "Retry-After", tt.value, "Date", tt.date), page)
				requireTasks(t, newTestClient(t, s, withRetries(1)))
				if delay := s.pauses()[0]; tt.want == jitter && delay >= 2*time.Second || tt.want != jitter && delay != tt.want {
					t.Errorf("the delay was %s, want %s", delay, tt.want)
				}
			})
		}
	}
}

func TestRetryHandler_delayExceedsDeadline(t *testing.T) {
	for _, tt := range []struct {
		left time.Duration // after the first attempt
		want string
	}{
		{9 * time.Second, "...; the next attempt is due in 10s, but the read times out in 9s..."},
		{10 * time.Second, "...; the next attempt is due in 10s, but the read times out in 10s..."},
		{11 * time.Second, ""},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), tt.left+time.Second)
			defer cancel()
			start := time.Now()
			s := newScriptedTransport(delayed(time.Second, reply(429, "", "Retry-After", "10")), page)
			_, err := getTasks(ctx, newTestClient(t, s, withRetries(5)))
			if tt.want == "" {
				requireNoError(t, err)
				return
			}
			requireErrorText(t, err, tt.want)
			response, ok := errors.AsType[*Error](err)
			if elapsed := time.Since(start); !ok || response.Status != 429 || elapsed != time.Second || s.count() != 1 {
				t.Errorf("after %s and %d requests: %v", elapsed, s.count(), err)
			}
		})
	}
}

func TestRetryHandler_contextEnds(t *testing.T) {
	const when = 1500 * time.Millisecond
	busy := reply(429, "", "Retry-After", "1")
	for _, tt := range []struct {
		name  string
		steps []roundTripperFunc
		want  string // after the cause
	}{
		{"first attempt", []roundTripperFunc{hang}, ""},
		{"first backoff", []roundTripperFunc{reply(429, "", "Retry-After", "10")}, "; before that: HTTP 429 Too Many Requests"},
		{"second attempt", []roundTripperFunc{busy, hang}, "; before that: HTTP 429 Too Many Requests (tried 2 times in 1.5s)"},
		{"second backoff", []roundTripperFunc{busy, reply(503, "", "Retry-After", "10")}, "; before that: HTTP 503 Service Unavailable (tried 2 times in 1.5s)"},
	} {
		for _, cause := range []error{context.Canceled, context.DeadlineExceeded, errors.New("stopped")} {
			runInBubble(t, tt.name+" "+cause.Error(), func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				time.AfterFunc(when, func() { cancel(cause) })
				start := time.Now()
				_, err := getTasks(ctx, newTestClient(t, newScriptedTransport(tt.steps...), withRetries(5)))
				requireErrorText(t, err, "GET "+tasksURL+": "+cause.Error()+tt.want)
				if elapsed := time.Since(start); !errors.Is(err, cause) || elapsed != when {
					t.Errorf("%v after %s, want it after %s", err, elapsed, when)
				}
			})
		}
	}
	t.Run("before the first attempt", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		s := newScriptedTransport(page)
		if _, err := getTasks(ctx, newTestClient(t, s)); !errors.Is(err, context.Canceled) || s.count() != 0 {
			t.Errorf("%v after %d requests", err, s.count())
		}
	})
}
