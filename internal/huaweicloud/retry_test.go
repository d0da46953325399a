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
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

// serviceError is an answer with an error in the service's form.
func serviceError(status int, code string, header ...string) roundTripperFunc {
	return reply(status, `{"error_code":"`+code+`","error_msg":"canned"}`, header...)
}

func TestWhatFailsForAPassingReasonIsTriedAgainAndNothingElse(t *testing.T) {
	t.Parallel()
	const most = 2
	const onNet = "connection to dms.cn-north-4.myhuaweicloud.com:443: "
	again := []struct {
		name string
		by   roundTripperFunc
		want string // how the error ends when it stays
	}{
		{"408", reply(408, ""), "HTTP 408 Request Timeout"},
		{"500", reply(500, ""), "HTTP 500 Internal Server Error"},
		{"502 of a proxy", reply(502, "<html>"), "HTTP 502 Bad Gateway"},
		{"503 of the service", serviceError(503, "DMS.00503000"), "HTTP 503 Service Unavailable, code DMS.00503000: canned"},
		{"504", reply(504, ""), "HTTP 504 Gateway Timeout"},
		{"429", reply(429, ""), "HTTP 429 Too Many Requests"},
		{"flow control under 404", serviceError(404, "DMS.10240407"), "HTTP 404 Not Found, code DMS.10240407: canned"},
		{"throttled by the gateway under 403", serviceError(403, "APIGW.0308"), "HTTP 403 Forbidden, code APIGW.0308: canned"},
		{"throttled by the old gateway under 400", serviceError(400, "APIG.0308"), "HTTP 400 Bad Request, code APIG.0308: canned"},
		{"200 with an error", serviceError(200, "DMS.10240005"), "HTTP 200 OK, code DMS.10240005: canned"},
		{
			"200 with HTML", reply(200, "<html>", "Content-Type", "text/html"),
			`HTTP 200 with content type "text/html" is not an answer of the service: invalid character '<' looking for beginning of value`,
		},
		{"200 without tasks", reply(200, "{}", "Content-Type", "a/b"), `HTTP 200 with content type "a/b" is not an answer of the service: ` + io.ErrNoProgress.Error()},
		{
			"200 with trailing garbage", reply(200, `{"tasks":[]}}`, "Content-Type", "a/b"),
			`HTTP 200 with content type "a/b" is not an answer of the service: invalid character '}' after top-level value`,
		},
		{"200 with nothing", reply(200, ""), `HTTP 200 with content type "" is not an answer of the service: unexpected end of JSON input`},
		{"204", reply(204, ""), `HTTP 204 with content type "" is not an answer of the service: unexpected end of JSON input`},
		{"a body that is cut", truncatedReply(200, `{"tas`), onNet + "response truncated after 5 bytes: unexpected EOF"},
		{"an error whose body is cut", truncatedReply(503, `{"tas`), "HTTP 503 Service Unavailable"},
		{"EOF", failing(io.EOF), onNet + "EOF"},
		{"refused", failing(&net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}), onNet + "dial tcp: connection refused"},
		{"reset", failing(&net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}), onNet + "read tcp: connection reset by peer"},
		{"DNS that fails", failing(&net.DNSError{Err: "server misbehaving", Name: "dms.test", IsTemporary: true}), onNet + "lookup dms.test: server misbehaving"},
		{"DNS that hangs", failing(&net.DNSError{Err: "i/o timeout", Name: "dms.test", IsTimeout: true}), onNet + "lookup dms.test: i/o timeout"},
		{"TLS that hangs", failing(errors.New("net/http: TLS handshake timeout")), onNet + "net/http: TLS handshake timeout"},
		{"no answer in time", hang, onNet + "no complete response within 30s"},
	}
	once := []struct {
		name string
		by   roundTripperFunc
		want string
	}{
		{"301", reply(301, "", "Location", "/"), "HTTP 301 Moved Permanently: a redirect, which is not followed"},
		{"304", reply(304, ""), "HTTP 304 Not Modified"},
		{"400 not possible now", serviceError(400, "DMS.00400026"), "HTTP 400 Bad Request, code DMS.00400026: canned"},
		{"400 bad instance ID", serviceError(400, "DMS.00400030"), "HTTP 400 Bad Request, code DMS.00400030: canned"},
		{"400 bad instance ID, too", serviceError(400, "DMS.00400061"), "HTTP 400 Bad Request, code DMS.00400061: canned"},
		{"401 of the gateway", serviceError(401, "APIGW.0301"), "HTTP 401 Unauthorized, code APIGW.0301: canned"},
		{"401 of a token, with keys", serviceError(401, "APIGW.0307"), "HTTP 401 Unauthorized, code APIGW.0307: canned"},
		{"401 of the service", serviceError(401, "DMS.10240104"), "HTTP 401 Unauthorized, code DMS.10240104: canned"},
		// A refused signature must not be sent five times because the proxy breaks the answer.
		{"401 whose body is cut", truncatedReply(401, `{"tas`), "HTTP 401 Unauthorized"},
		{"401 with Retry-After", reply(401, "", "Retry-After", "1"), "HTTP 401 Unauthorized"},
		{"403 of the service", serviceError(403, "DMS.00403002"), "HTTP 403 Forbidden, code DMS.00403002: canned"},
		{"403 of a proxy", reply(403, "<html>"), "HTTP 403 Forbidden"},
		{"404 no instance", serviceError(404, "DMS.00404022"), "HTTP 404 Not Found, code DMS.00404022: canned"},
		{"404 of the gateway", serviceError(404, "APIGW.0101"), "HTTP 404 Not Found, code APIGW.0101: canned"},
		{"407", reply(407, ""), "proxy of the network: HTTP 407 Proxy Authentication Required"},
		{"418", reply(418, ""), "HTTP 418 I'm a teapot"},
		{"no such host", failing(&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "dms.test", IsNotFound: true}}), onNet + "dial: lookup dms.test: no such host"},
		{"a certificate", failing(&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}), onNet + "tls: failed to verify certificate: x509: certificate signed by unknown authority"},
		{"a TLS alert", failing(&net.OpError{Op: "remote error", Err: errors.New("tls: handshake failure")}), onNet + "remote error: tls: handshake failure"},
		{"an old TLS", failing(errors.New("tls: server selected unsupported protocol version 302")), onNet + "tls: server selected unsupported protocol version 302"},
		{"no TLS", failing(tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}), onNet + "tls: first record does not look like a TLS handshake"},
		{"HTTP in place of TLS", failing(tls.RecordHeaderError{Msg: "x", RecordHeader: [5]byte([]byte("HTTP/"))}), onNet + "tls: x"},
	}
	for _, test := range again {
		t.Run("again/"+test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newScriptedTransport(test.by)
				attempts, err := getTasks(t.Context(), newTestClient(t, s, withRetries(most)))
				requireErrorText(t, err, "...GET "+tasksURL+": "+test.want+" (tried 3 times in ...")
				if attempts != most+1 || s.count() != most+1 {
					t.Errorf("%d attempts, %d requests; want %d", attempts, s.count(), most+1)
				}
				s = newScriptedTransport(test.by, page)
				attempts, err = getTasks(t.Context(), newTestClient(t, s, withRetries(most)))
				requireNoError(t, err)
				if attempts != 2 || s.count() != 2 {
					t.Errorf("once: %d attempts, %d requests; want 2", attempts, s.count())
				}
			})
		})
	}
	for _, test := range once {
		t.Run("once/"+test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newScriptedTransport(test.by, page)
				attempts, err := getTasks(t.Context(), newTestClient(t, s, withRetries(most)))
				requireErrorText(t, err, "GET "+tasksURL+": "+test.want)
				if attempts != 1 || s.count() != 1 {
					t.Errorf("%d attempts, %d requests; want 1", attempts, s.count())
				}
			})
		})
	}
}

func TestRequestsAreTriedAgainAsOftenAsConfigured(t *testing.T) {
	t.Parallel()
	for _, most := range []int{0, 1, 5, 40} {
		synctest.Test(t, func(t *testing.T) {
			var seen []Attempt
			s := newScriptedTransport(reply(503, ""))
			attempts, err := getTasks(t.Context(), newTestClient(t, s, withRetries(most), observed(&seen)))
			var failed *RequestError
			if !errors.As(err, &failed) {
				t.Fatalf("the error is %v", err)
			}
			if attempts != most+1 || failed.Attempts != most+1 || s.count() != most+1 || len(seen) != most+1 {
				t.Errorf("with %d retries: %d attempts returned, %d in the error, %d requests, %d observed", most, attempts, failed.Attempts, s.count(), len(seen))
			}
			if elapsed := s.at[most].Sub(s.at[0]); failed.Elapsed != elapsed {
				t.Errorf("the error says %s, it was %s", failed.Elapsed, elapsed)
			}
			for i, a := range seen {
				if a.Number != i+1 {
					t.Errorf("attempt %d has the number %d", i+1, a.Number)
				}
			}
		})
	}
}

func TestAcceptDecidesWhetherAnAnswerIsTriedAgain(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		refuse   error
		attempts int
	}{
		{"passing", errors.New("half a page"), 3},
		{"permanent", permanentError{errors.New("no page at all")}, 1},
		{"permanent within", fmt.Errorf("page 7: %w", permanentError{errors.New("no page at all")}), 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			for _, by := range []roundTripperFunc{page, serviceError(200, "DMS.1")} {
				s := newScriptedTransport(by)
				attempts, err := newTestClient(t, s, withRetries(2)).Get(t.Context(), tasksGet(), func([]byte) error { return test.refuse })
				if attempts != test.attempts || s.count() != test.attempts {
					t.Errorf("%s: %d attempts, %d requests; want %d", test.name, attempts, s.count(), test.attempts)
				}
				if test.attempts == 1 && !errors.Is(err, test.refuse) {
					t.Errorf("%s: the error is %v", test.name, err)
				}
			}
		})
	}
}

func TestEachAttemptIsSignedAfresh(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		refused := delayed(time.Second, reply(503, ""))
		s := newScriptedTransport(refused, refused, refused, served(simulator.New(simulator.Options{})))
		attempts, err := getTasks(t.Context(), newTestClient(t, s, withRetries(3)))
		requireNoError(t, err) // the simulator has verified the last
		dates, signatures := map[string]bool{}, map[string]bool{}
		for i, r := range s.sent {
			date := r.Header.Get(headerSdkDate)
			if want := s.at[i].UTC().Format(timestampLayout); date != want {
				t.Errorf("attempt %d at %s has the date %s", i+1, want, date)
			}
			dates[date], signatures[r.Header.Get(headerAuthorization)] = true, true
		}
		if attempts != 4 || len(dates) != 4 || len(signatures) != 4 {
			t.Errorf("%d attempts with %d dates and %d signatures, want 4 of each", attempts, len(dates), len(signatures))
		}
	})
}

func TestPausesAreRandomUpToABoundThatDoubles(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		last   error
		bounds [][2]time.Duration // of each pause: at least, below
	}{
		"transient": {&Error{Status: 503}, [][2]time.Duration{
			{0, time.Second / 4},
			{0, time.Second / 2},
			{0, time.Second},
			{0, 2 * time.Second},
			{0, 4 * time.Second},
			{0, 8 * time.Second},
			{0, 8 * time.Second},
		}},
		"throttled": {&Error{Status: 429}, [][2]time.Duration{
			{time.Second, 2 * time.Second},
			{time.Second, 3 * time.Second},
			{time.Second, 5 * time.Second},
			{time.Second, 9 * time.Second},
			{time.Second, 17 * time.Second},
			{time.Second, 32 * time.Second},
			{time.Second, 32 * time.Second},
		}},
	} {
		for i, bound := range test.bounds {
			class := classify(test.last)
			least, most := class.delay(i+1), time.Duration(0)
			for range 1000 {
				pause := class.delay(i + 1)
				least, most = min(least, pause), max(most, pause)
			}
			// Of 1,000 random pauses, some are in the first and some in the last tenth, or it is no full jitter.
			low, high := bound[0], bound[1]
			if tenth := (high - low) / 10; least < low || least > low+tenth || most >= high || most < high-tenth {
				t.Errorf("%s: pause %d is %s to %s, want nearly %s to %s", name, i+1, least, most, low, high)
			}
		}
		if pause := classify(test.last).delay(1000); pause < 0 || pause >= throttledMaxDelay {
			t.Errorf("%s: pause 1000 is %s", name, pause)
		}
	}
}

func TestAttemptsAreThatFarApart(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		by         roundTripperFunc
		low, above time.Duration // of three pauses together
	}{
		"transient": {reply(503, ""), 0, 1750 * time.Millisecond},
		"throttled": {reply(429, ""), 3 * time.Second, 10 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newScriptedTransport(test.by)
			start := time.Now()
			_, _ = getTasks(t.Context(), newTestClient(t, s, withRetries(3)))
			elapsed := time.Since(start)
			if elapsed < max(1, test.low) || elapsed >= test.above || s.at[3].Sub(start) != elapsed {
				t.Errorf("%s: it took %s, the last began after %s", name, elapsed, s.at[3].Sub(start))
			}
		})
	}
}

func TestRetryAfterIsThePause(t *testing.T) {
	t.Parallel()
	const jittered = -1
	day := 24 * time.Hour
	inBubble := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) // when all of them begin
	at := func(after time.Duration) string { return inBubble.Add(after).Format(http.TimeFormat) }
	for _, test := range []struct {
		name   string
		header []string
		want   time.Duration
	}{
		{"seconds", []string{"Retry-After", "7"}, 7 * time.Second},
		{"more seconds than we would pause", []string{"Retry-After", "300"}, 300 * time.Second},
		{"huge", []string{"Retry-After", "9223372036854775807"}, day},
		{"a date", []string{"Retry-After", at(90 * time.Second)}, 90 * time.Second},
		{"a date far off", []string{"Retry-After", at(1000 * day)}, day},
		// The date is by the cloud's clock, and this machine's may be wrong.
		{"a date, and a clock that is slow", []string{"Retry-After", at(3*time.Minute + 5*time.Second), "Date", at(3 * time.Minute)}, 5 * time.Second},
		{"a date, and a clock that is fast", []string{"Retry-After", at(-3*time.Minute + 5*time.Second), "Date", at(-3 * time.Minute)}, 5 * time.Second},
		{"zero", []string{"Retry-After", "0"}, jittered},
		{"negative", []string{"Retry-After", "-5"}, jittered},
		{"a date that is past", []string{"Retry-After", at(-time.Minute)}, jittered},
		{"beyond all numbers", []string{"Retry-After", "99999999999999999999"}, jittered},
		{"nonsense", []string{"Retry-After", "soon"}, jittered},
		{"a fraction", []string{"Retry-After", "1.5"}, jittered},
		{"empty", []string{"Retry-After", ""}, jittered},
	} {
		for _, status := range []int{429, 503} {
			t.Run(fmt.Sprintf("%s/%d", test.name, status), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s := newScriptedTransport(reply(status, "", test.header...), page)
					_, err := getTasks(t.Context(), newTestClient(t, s, withRetries(1)))
					requireNoError(t, err)
					pause := s.pauses()[0]
					if test.want == jittered && pause >= 2*time.Second || test.want != jittered && pause != test.want {
						t.Errorf("the pause was %s, want %s", pause, test.want)
					}
				})
			})
		}
	}
}

func TestAPauseLongerThanTheTimeLeftFailsAtOnce(t *testing.T) {
	t.Parallel()
	for wait, want := range map[time.Duration]string{
		9 * time.Second:  "...; the next attempt is due in 10s, but only 9s are left of the time for this read...",
		10 * time.Second: "...; the next attempt is due in 10s, but only 10s are left of the time for this read...",
		11 * time.Second: "",
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), wait+time.Second)
			defer cancel()
			start := time.Now()
			s := newScriptedTransport(delayed(time.Second, reply(429, "", "Retry-After", "10")), page)
			attempts, err := getTasks(ctx, newTestClient(t, s, withRetries(5)))
			if want == "" {
				requireNoError(t, err)
				return
			}
			requireErrorText(t, err, want)
			var answer *Error
			if !errors.As(err, &answer) || answer.Status != 429 {
				t.Errorf("the error hides the answer: %v", err)
			}
			if elapsed := time.Since(start); elapsed != time.Second || attempts != 1 {
				t.Errorf("it took %s and %d attempts", elapsed, attempts)
			}
		})
	}
}

var errStopped = errors.New("stopped by a test")

func TestTheEndOfTheContextEndsEverythingAtOnce(t *testing.T) {
	t.Parallel()
	const when = 1500 * time.Millisecond
	throttled := reply(429, "", "Retry-After", "1")
	for _, test := range []struct {
		name string
		s    *scriptedTransport
		want string // after the cause
	}{
		{"in the first pause", newScriptedTransport(reply(429, "", "Retry-After", "10")), "; before that: HTTP 429 Too Many Requests"},
		{"in the second attempt", newScriptedTransport(throttled, hang), "; before that: HTTP 429 Too Many Requests (tried 2 times in 1.5s)"},
		{"in the second pause", newScriptedTransport(throttled, reply(503, "", "Retry-After", "10")), "; before that: HTTP 503 Service Unavailable (tried 2 times in 1.5s)"},
		{"in the first attempt", newScriptedTransport(hang), ""},
	} {
		for _, cause := range []error{context.Canceled, context.DeadlineExceeded, errStopped} {
			t.Run(test.name+"/"+cause.Error(), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					ctx, cancel := context.WithCancelCause(t.Context())
					defer cancel(nil)
					time.AfterFunc(when, func() { cancel(cause) })
					start := time.Now()
					s := newScriptedTransport(test.s.steps...)
					_, err := getTasks(ctx, newTestClient(t, s, withRetries(5)))
					requireErrorText(t, err, "GET "+tasksURL+": "+cause.Error()+test.want)
					if !errors.Is(err, cause) {
						t.Errorf("%v is not %v", err, cause)
					}
					if elapsed := time.Since(start); elapsed != when {
						t.Errorf("it took %s, want %s", elapsed, when)
					}
				})
			})
		}
	}
}

func TestNothingIsSentForAContextThatHasEnded(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := newScriptedTransport(page)
	if _, err := getTasks(ctx, newTestClient(t, s, withRetries(5))); !errors.Is(err, context.Canceled) || s.count() != 0 {
		t.Errorf("%v after %d requests", err, s.count())
	}
}

func TestAWrongClockIsCorrectedOnce(t *testing.T) {
	t.Parallel()
	for _, off := range []time.Duration{20 * time.Minute, -20 * time.Minute, 100 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			cloud := simulator.New(simulator.Options{Now: func() time.Time { return time.Now().Add(off) }})
			s := newScriptedTransport(served(cloud))
			c := newTestClient(t, s, withRetries(5))
			attempts, err := getTasks(t.Context(), c)
			requireNoError(t, err)
			if attempts != 2 || cloud.UnauthorizedCount() != 1 {
				t.Errorf("%s off: %d attempts, %d of them refused", off, attempts, cloud.UnauthorizedCount())
			}
			attempts, err = getTasks(t.Context(), c)
			requireNoError(t, err)
			if attempts != 1 {
				t.Errorf("%s off: the second read took %d attempts", off, attempts)
			}
			sent, err := time.Parse(timestampLayout, s.sent[2].Header.Get(headerSdkDate))
			if err != nil || sent.Sub(s.at[2].Add(off)).Abs() > time.Second {
				t.Errorf("%s off: the second read was signed at %s, %v", off, sent, err)
			}
		})
	}
}

func TestAWrongClockIsCorrectedForAgenciesToo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cloud := simulator.New(simulator.Options{Now: func() time.Time { return time.Now().Add(time.Hour) }})
		c := newTestClient(t, served(cloud), withRetries(1), withSource(Agency{Base: validKeys(), Name: simulator.AgencyName, DomainName: simulator.DomainName}))
		_, err := getTasks(t.Context(), c)
		requireNoError(t, err)
		requireRequests(t, cloud, "GET "+tasksPath, "2 x POST /v3.0/OS-CREDENTIAL/securitytokens")
	})
}

func TestARefusalIsTriedAgainOnlyForAWrongClock(t *testing.T) {
	t.Parallel()
	refusal := func(off time.Duration) roundTripperFunc {
		return func(r *http.Request) (*http.Response, error) {
			return reply(401, "", "Date", time.Now().Add(off).UTC().Format(http.TimeFormat))(r)
		}
	}
	tenMinutes := refusal(10 * time.Minute)
	for _, test := range []struct {
		name     string
		steps    []roundTripperFunc
		source   CredentialSource
		retries  int
		requests int
	}{
		{"10 minutes off", []roundTripperFunc{tenMinutes}, validKeys(), 5, 2},
		{"10 minutes off, without retries", []roundTripperFunc{tenMinutes}, validKeys(), 0, 1},
		{"just above the limit", []roundTripperFunc{refusal(maxClockSkew + time.Second)}, validKeys(), 5, 2},
		{"just below it", []roundTripperFunc{refusal(-maxClockSkew)}, validKeys(), 5, 1},
		{"off by another value the second time", []roundTripperFunc{tenMinutes, refusal(time.Hour)}, validKeys(), 5, 2},
		{"no Date", []roundTripperFunc{reply(401, "")}, validKeys(), 5, 1},
		{"a Date that is none", []roundTripperFunc{reply(401, "", "Date", "yesterday")}, validKeys(), 5, 1},
		{"a token, which has no date", []roundTripperFunc{tenMinutes}, StaticToken{NewSecret("t")}, 5, 1},
		{"another status", []roundTripperFunc{func(r *http.Request) (*http.Response, error) {
			return reply(403, "", "Date", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat))(r)
		}}, validKeys(), 5, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newScriptedTransport(test.steps...)
				c := newTestClient(t, s, withRetries(test.retries), withSource(test.source))
				attempts, err := getTasks(t.Context(), c)
				requireErrorText(t, err, "...HTTP 40...")
				if attempts != test.requests || s.count() != test.requests {
					t.Errorf("%d attempts, %d requests; want %d", attempts, s.count(), test.requests)
				}
			})
		})
	}
}

// Every one that is refused brings the key nearer to its lock.
func TestAWrongKeyAndAWrongClockAreRefusedTwiceAtMost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cloud := simulator.New(simulator.Options{Latency: time.Second, Now: func() time.Time { return time.Now().Add(time.Hour) }})
		c := newTestClient(t, served(cloud), withRetries(5), withSource(invalidKeys()))
		for _, err := range concurrently(10, func(int) error { _, err := getTasks(t.Context(), c); return err }) {
			requireErrorText(t, err, "...HTTP 401 Unauthorized, code APIGW.0301...")
		}
		if cloud.UnauthorizedCount() != 2 {
			t.Errorf("%d requests were refused, want 2", cloud.UnauthorizedCount())
		}
	})
}

func TestErrorsOfANetworkAreShortAndShowNoSecret(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		echo := func(r *http.Request) (*http.Response, error) {
			return nil, fmt.Errorf("malformed MIME header line: \x1b[31m%s|%s|%s", r.Header.Get(headerSecurityToken), r.Header.Get(headerAuthorization), strings.Repeat("x", 1<<16))
		}
		keys := validKeys()
		keys.SecurityToken = NewSecret("canary-token")
		_, err := getTasks(t.Context(), newTestClient(t, roundTripperFunc(echo), withSource(keys)))
		requireErrorText(t, err, "...:443: message withheld, since it repeats a secret")
		requireNoSecrets(t, err.Error(), "canary", "Signature=", "\x1b")
		if len(err.Error()) > 2*maxMessage {
			t.Errorf("%d bytes: %v", len(err.Error()), err)
		}
	})
}
