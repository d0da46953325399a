// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"bytes"
	"maps"
	"net"
	"net/http"
	"strconv"
	"time"
)

// Fault responds to a request instead of the healthy cloud, which is next.
type Fault func(w http.ResponseWriter, r *http.Request, next http.Handler)

// ErrorFault responds with an error of the API: in the form of the gateway, with a request_id, if the code
// begins with APIG, else in the form of the service.
func ErrorFault(status int, code, message string) Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		writeFailure(w, failure{status, code, message})
	}
}

// BodyFault responds with any body, such as the page of a proxy. Since it does not come from the cloud, it
// has no request ID.
func BodyFault(status int, contentType, body string) Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.Header().Del("X-Request-Id")
		w.Header().Del("X-Iam-Trace-Id")
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body)) // it fails only when the client is gone, or for a 204
	}
}

// AbortFault closes the connection without a response. Like [TruncateFault] it panics with
// [http.ErrAbortHandler], which makes a server close the connection.
func AbortFault() Fault {
	return func(http.ResponseWriter, *http.Request, http.Handler) {
		panic(http.ErrAbortHandler)
	}
}

// TruncateFault sends the healthy response, but closes the connection after n bytes of its body, or after all
// of it if it is shorter: Content-Length is always larger.
func TruncateFault(n int) Fault {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		next.ServeHTTP(&truncatingWriter{ResponseWriter: w, left: max(n, 0)}, r)
		_ = http.NewResponseController(w).Flush() // if it fails, the connection is closed already
		panic(http.ErrAbortHandler)
	}
}

// truncatingWriter writes only the first bytes of a body.
type truncatingWriter struct {
	http.ResponseWriter
	left int
}

func (w *truncatingWriter) WriteHeader(status int) {
	length, _ := strconv.Atoi(w.Header().Get("Content-Length")) // writeBody always sets it
	w.Header().Set("Content-Length", strconv.Itoa(max(length, w.left+1)))
	w.ResponseWriter.WriteHeader(status)
}

func (w *truncatingWriter) Write(p []byte) (int, error) {
	sent, err := w.ResponseWriter.Write(p[:min(len(p), w.left)])
	w.left -= sent
	return len(p), err
}

// HangFault sends nothing until the client leaves.
func HangFault() Fault {
	return func(_ http.ResponseWriter, r *http.Request, _ http.Handler) {
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	}
}

// ConnFault hijacks the connection of an HTTP/1.1 request, calls play with it and the body of the healthy
// response, and closes it. It is for bytes that a server does not send. It panics if the connection cannot
// be hijacked.
func ConnFault(play func(conn net.Conn, body []byte)) Fault {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		healthy := &bufferedWriter{header: w.Header().Clone()}
		next.ServeHTTP(healthy, r)
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		defer func() { _ = conn.Close() }()
		play(conn, healthy.body.Bytes())
	}
}

// ResetFault sends text and resets the connection.
func ResetFault(text string) Fault {
	return ConnFault(func(conn net.Conn, _ []byte) {
		_, _ = conn.Write([]byte(text)) // it fails only when the client is gone
		if l, ok := conn.(interface{ SetLinger(seconds int) error }); ok {
			_ = l.SetLinger(0) // makes Close reset the connection
		}
	})
}

// SlowFault sends text at once, and then slow byte by byte, with a delay before each.
func SlowFault(text, slow string, each time.Duration) Fault {
	return ConnFault(func(conn net.Conn, _ []byte) {
		_, err := conn.Write([]byte(text))
		for i := 0; i < len(slow) && err == nil; i++ {
			<-time.After(each)
			_, err = conn.Write([]byte{slow[i]})
		}
	})
}

// bufferedWriter buffers a response.
type bufferedWriter struct {
	header http.Header
	body   bytes.Buffer
}

func (w *bufferedWriter) Header() http.Header         { return w.header }
func (w *bufferedWriter) WriteHeader(int)             {}
func (w *bufferedWriter) Write(p []byte) (int, error) { return w.body.Write(p) }

// SetFaults replaces the faults, by number of the request, which [Simulator.Reset] sets to 0.
func (s *Simulator) SetFaults(faults map[int]Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = maps.Clone(faults)
}
