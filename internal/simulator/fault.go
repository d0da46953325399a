// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"maps"
	"net/http"
	"strconv"
)

// Fault answers a request in place of the healthy cloud, which is next.
type Fault func(w http.ResponseWriter, r *http.Request, next http.Handler)

// ErrorFault answers with an error of the API: in the gateway's form, with a
// request_id, if the code begins with APIG, else in the service's form.
func ErrorFault(status int, code, message string) Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		writeFailure(w, failure{status, code, message})
	}
}

// BodyFault answers with any body, such as a proxy's page. As it does not come
// from the cloud, it has no request ID.
func BodyFault(status int, contentType, body string) Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.Header().Del("X-Request-Id")
		w.Header().Del("X-Iam-Trace-Id")
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body)) // it fails only when the client is gone, or for a 204
	}
}

// AbortFault cuts the connection without an answer. Like [CutFault] it panics with
// [http.ErrAbortHandler], which a server takes as just that.
func AbortFault() Fault {
	return func(http.ResponseWriter, *http.Request, http.Handler) {
		panic(http.ErrAbortHandler)
	}
}

// CutFault gives the healthy answer, but cuts the connection after n bytes of its
// body, or after all of it if it is shorter: Content-Length always promises more.
func CutFault(n int) Fault {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		next.ServeHTTP(&cutter{ResponseWriter: w, left: max(n, 0)}, r)
		_ = http.NewResponseController(w).Flush() // if it fails, the connection is cut already
		panic(http.ErrAbortHandler)
	}
}

// cutter lets only the first bytes of a body through.
type cutter struct {
	http.ResponseWriter
	left int
}

func (c *cutter) WriteHeader(status int) {
	length, _ := strconv.Atoi(c.Header().Get("Content-Length")) // write sets it always
	c.Header().Set("Content-Length", strconv.Itoa(max(length, c.left+1)))
	c.ResponseWriter.WriteHeader(status)
}

func (c *cutter) Write(p []byte) (int, error) {
	sent, err := c.ResponseWriter.Write(p[:min(len(p), c.left)])
	c.left -= sent
	return len(p), err
}

// SetFaults replaces the faults, by number of the request. The count goes on;
// [Simulator.Reset] starts it anew.
func (s *Simulator) SetFaults(faults map[int]Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = maps.Clone(faults)
}
