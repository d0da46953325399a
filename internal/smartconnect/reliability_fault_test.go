// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package smartconnect

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/huaweicloud"
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

// faults are all faults of connections and responses that the read of a page can meet. What a single
// status or code means is tested in huaweicloud. One without inject is of the connection itself.
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
	{"gzip bomb", false, "the response is larger than 1 MiB", compressed(func([]byte) []byte { return bomb() })},
	{"header of 5 MB", true, "server response headers exceeded 65536 bytes", sent("HTTP/1.1 200 OK\r\nX-Large: ", strings.Repeat("x", 5<<20))},
	{"slow header", true, "no complete response within 30s", simulator.SlowFault("", okLine, slow)},
	{"slow body", true, "bytes: no complete response within 30s", simulator.SlowFault(okLine+"\r\n", `{"tasks":[],"total_number":0}`, slow)},
	{"hang", true, "no complete response within 30s", simulator.HangFault()},
	{"hang in the body", true, "response truncated after 5 bytes: no complete response within 30s", simulator.ConnFault(func(conn net.Conn, _ []byte) {
		_, _ = io.WriteString(conn, okLine+"Content-Length: 9\r\n\r\n{\"tas")
		_, _ = io.Copy(io.Discard, conn) // until the client leaves
	})},
	{"200 with HTML", true, `HTTP 200 with content type "text/html" is not a response from the service`, simulator.BodyFault(200, "text/html", "<html><h1>Sign in to this network</h1>")},
	{"200 with nothing", true, "it is not JSON: unexpected end", simulator.BodyFault(200, "application/json", "")},
	{"200 with an array", true, "it is not a JSON object", simulator.BodyFault(200, "application/json", "[]")},
	{"200 with {}", true, `it has no list "tasks"`, simulator.BodyFault(200, "application/json", "{}")},
	{"200 with null", true, "it is not a JSON object", simulator.BodyFault(200, "application/json", "null")},
	{"200 with an error", true, "HTTP 200 OK, code DMS.10240005: System error.", simulator.ErrorFault(200, "DMS.10240005", "System error.")},
	{"tasks null", true, `it has no list "tasks"`, simulator.BodyFault(200, "application/json", `{"tasks":null}`)},
	{"trailing garbage", true, "after top-level value", changed(func(body string) string { return body + "}" })},
	{"two answers in one", true, "after top-level value", changed(func(body string) string { return body + body })},
	{"invalid UTF-8", true, "it is not UTF-8", changed(func(body string) string { return strings.Replace(body, `"id":"`, "\"id\":\"\xff", 1) })},
	{"an ID twice", true, "that of another task on the page", simulator.BodyFault(200, "application/json", `{"tasks":[{"id":"x"},{"id":"x"}],"total_number":2}`)},
	{"an ID missing", true, "its ID is missing", simulator.BodyFault(200, "application/json", `{"tasks":[{"task_name":"x"}],"total_number":1}`)},
	{"204", true, `HTTP 204 with content type "application/json" is not a response from the service`, simulator.BodyFault(204, "application/json", "")},
	{"408", true, "HTTP 408 Request Timeout", simulator.BodyFault(408, "", "")},
	{"429", true, "HTTP 429 Too Many Requests, code APIGW.0308", throttled("")},
	{"429 with seconds", true, "HTTP 429 Too Many Requests, code APIGW.0308", throttled("7")},
	{"429 with a date", true, "HTTP 429 Too Many Requests, code APIGW.0308", throttledFor(20 * time.Second)},
	{"429 with a date that is past", true, "HTTP 429 Too Many Requests, code APIGW.0308", throttledFor(-time.Hour)},
	{"429 with a huge pause", false, "the next attempt is due in 24h0m0s, but only 5m0s are left of the time for this read", throttled("9223372036854775807")},
	{"429 with nonsense", true, "HTTP 429 Too Many Requests, code APIGW.0308", throttled("soon")},
	{"500", true, "HTTP 500 Internal Server Error, code DMS.00500000", simulator.ErrorFault(500, "DMS.00500000", "Internal service error.")},
	{"502", true, "HTTP 502 Bad Gateway", simulator.BodyFault(502, "text/html", "<html>")},
	{"503", true, "HTTP 503 Service Unavailable", simulator.BodyFault(503, "text/html", "<html>")},
	{"504", true, "HTTP 504 Gateway Timeout", simulator.BodyFault(504, "text/html", "<html>")},
	{"404 of flow control", true, "HTTP 404 Not Found, code DMS.10240407", simulator.ErrorFault(404, "DMS.10240407", "Too many requests.")},
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

// bomb is a compressed page of 64 MiB, most of it white space.
var bomb = sync.OnceValue(func() []byte {
	member := func(text string) []byte { // of a file that may have many
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, _ = io.WriteString(w, text)
		_ = w.Close()
		return b.Bytes()
	}
	return append(bytes.Repeat(member(strings.Repeat(" ", 1<<20)), 64), member(`{"tasks":[],"total_number":0}`)...)
})

// changed sends what f makes of the right body.
func changed(f func(body string) string) simulator.Fault {
	return played(func(body []byte) string {
		text := f(string(body))
		return fmt.Sprintf("%sContent-Length: %d\r\n\r\n%s", okLine, len(text), text)
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

func throttledFor(delay time.Duration) simulator.Fault {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		throttled(time.Now().Add(delay).UTC().Format(http.TimeFormat))(w, r, next)
	}
}

// pages are those of 120 tasks, by offset.
var pages = []struct {
	name, offset string
	connection   int // of the request, if each has its own
}{{"first", "0", 1}, {"middle", "49", 2}, {"last", "98", 3}}

const forever = math.MaxInt32

var often = []struct {
	name  string
	times int
}{{"once", 1}, {"twice", 2}, {"always", forever}}

// listWithoutFault returns the tasks of the cloud.
func listWithoutFault(t *testing.T, cloud http.Handler) []Task {
	t.Helper()
	var tasks []Task
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork()
		n.serve(t, address, cloud, nil)
		list, err := newClient(t, n).Tasks(t.Context(), instance)
		if err != nil {
			t.Fatal(err)
		}
		if list.PageRequests != 3 || list.Retries != 0 {
			t.Fatalf("%d requests and %d retries, want 3 and 0", list.PageRequests, list.Retries)
		}
		tasks = list.Tasks
		n.checkNoOpenConns(t)
	})
	return tasks
}

// Whatever the network and the service do, a read gives the exact list, or within its timeout an error
// that says what happened.
func TestReliability_faults(t *testing.T) {
	t.Parallel()
	cloud := newCloud(120)
	want := listWithoutFault(t, cloud)
	for i, task := range simulator.GenerateTasks(120) {
		if !bytes.Contains(task, []byte(strconv.Quote(want[i].ID))) {
			t.Fatalf("task %d has the ID %s, which is not in\n%s", i, want[i].ID, task)
		}
	}
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			for _, page := range pages {
				for _, count := range often {
					t.Run(page.name+" page "+count.name, func(t *testing.T) {
						synctest.Test(t, func(t *testing.T) {
							n := newNetwork()
							s := &faultyCloud{cloud: cloud, fault: f.inject, offset: page.offset, times: int32(count.times)}
							var h http.Handler = s
							if f.inject == nil {
								n.refuse = func(number int) bool { return number >= page.connection && number-page.connection < count.times }
								h = closing(cloud)
							}
							n.serve(t, address, h, nil)
							checkFault(t, n, s, f, count.times, want)
						})
					})
				}
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
func checkFault(t *testing.T, n *network, s *faultyCloud, f fault, times int, want []Task) {
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
		} else if !reflect.DeepEqual(list.Tasks, want) {
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
	for _, to := range n.dialled {
		if to != address {
			t.Errorf("there was a connection to %s", to)
		}
	}
	n.checkNoOpenConns(t)
}

// goAway is an HTTP/2 server that responds to the first request with GOAWAY. It reads and writes
// concurrently, since a pipe has no buffer: client and server would wait for each other.
func goAway(conn net.Conn, code byte) {
	const preface, settings, goAway, headers = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 4, 7, 1
	requested, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		request := sync.OnceFunc(func() { close(requested) })
		defer request()
		_, err := io.CopyN(io.Discard, conn, int64(len(preface)))
		for header := make([]byte, 9); err == nil; {
			if _, err = io.ReadFull(conn, header); err == nil {
				_, err = io.CopyN(io.Discard, conn, int64(binary.BigEndian.Uint32(header)>>8)) // the length
			}
			if header[3] == headers {
				request()
			}
		}
	}()
	_, err := conn.Write([]byte{0, 0, 0, settings, 0, 0, 0, 0, 0})
	<-requested
	if err == nil { // the last stream that was processed is 0: none
		_, err = conn.Write([]byte{0, 0, 8, goAway, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, code})
	}
	if err == nil {
		<-done
	}
	_ = conn.Close()
	<-done
}

// GOAWAY closes a connection of HTTP/2 under all requests on it.
func TestReliability_goAway(t *testing.T) {
	t.Parallel()
	cloud := newCloud(120)
	want := listWithoutFault(t, cloud)
	secured, authorities := newCertificate(t)
	phrases := map[string]string{"NO_ERROR": "no complete response within 30s", "ENHANCE_YOUR_CALM": "GOAWAY"}
	for name, code := range map[string]byte{"NO_ERROR": 0, "ENHANCE_YOUR_CALM": 11} {
		for page, healthy := range map[string]int{"first": 0, "later": 1} { // connections before
			for _, count := range often {
				t.Run(fmt.Sprintf("%s, %s page %s", name, page, count.name), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						n := newNetwork()
						n.takes = time.Second // net/http reconnects after NO_ERROR as long as there is time
						var protocol string
						// The healthy server closes the connection after the first page, so that the next needs another.
						n.serve(t, "127.0.0.1:1", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
							if r.URL.Query().Get("offset") == "0" {
								w.Header().Set("Connection", "close")
								protocol = r.Proto
							}
							cloud.ServeHTTP(w, r)
						}), secured.Clone())
						l := n.listen("127.0.0.1:443")
						defer func() { _ = l.Close() }()
						forced := secured.Clone()
						forced.NextProtos = []string{"h2"}
						go func() {
							for number := 0; ; number++ {
								conn, err := l.Accept()
								if err != nil {
									return
								}
								if number < healthy || number-healthy >= count.times {
									n.listeners["127.0.0.1:1"].accepted <- conn
								} else {
									go goAway(tls.Server(conn, forced), code)
								}
							}
						}()
						ctx, cancel := context.WithTimeout(t.Context(), readTime)
						defer cancel()
						list, err := newClient(t, n, withEndpoint("https://127.0.0.1"), func(c *huaweicloud.Config) { c.RootCAs = authorities }).Tasks(ctx, instance)
						switch {
						case count.times == forever:
							if err == nil || !strings.Contains(err.Error(), phrases[name]) || !strings.Contains(err.Error(), "(tried 6 times in ") {
								t.Errorf("the error is %v, want one of 6 attempts that says %q", err, phrases[name])
							}
						case err != nil:
							t.Error(err)
						case !reflect.DeepEqual(list.Tasks, want) || protocol != "HTTP/2.0":
							t.Errorf("the %d tasks are not those of the cloud, over %s", len(list.Tasks), protocol)
						}
						n.checkNoOpenConns(t)
					})
				})
			}
		}
	}
}
