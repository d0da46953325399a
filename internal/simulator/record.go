// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"net/http"
	"net/url"
)

// Request is what came in, and what became of it. Status is 0 while there is no
// answer, and stays so if the connection was cut before one.
type Request struct {
	Method    string
	Host      string
	Path      string // escaped, as it was sent
	Query     url.Values
	Header    http.Header
	Body      []byte
	Status    int
	RequestID string // as answered, "" if the answer had none
}

// String is the request's line, without headers: they hold credentials.
func (r Request) String() string {
	if len(r.Query) == 0 {
		return r.Method + " " + r.Path
	}
	return r.Method + " " + r.Path + "?" + r.Query.Encode()
}

// Requests is a copy of the record, in order of arrival, with the requests to
// [Simulator.Metadata] and [Simulator.PodIdentity]. The maps in it are the record's
// own, to be read only.
func (s *Simulator) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	requests := make([]Request, len(s.requests))
	for i, r := range s.requests {
		requests[i] = *r
	}
	return requests
}

// UnauthorizedCount is how many requests in the record were answered 401, whatever refused them.
func (s *Simulator) UnauthorizedCount() int {
	refused := 0
	for _, r := range s.Requests() {
		if r.Status == http.StatusUnauthorized {
			refused++
		}
	}
	return refused
}

// Reset forgets the record and counts requests from 1 again, so that the faults
// (which stay) strike again and request IDs begin anew. What was issued stays valid.
func (s *Simulator) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = nil
}

// recordRequest records r, and gives its number and the fault that strikes it, if any.
func (s *Simulator) recordRequest(r *http.Request, body []byte) (*Request, int, Fault) {
	request := &Request{
		Method: r.Method,
		Host:   r.Host,
		Path:   r.URL.EscapedPath(),
		Query:  r.URL.Query(),
		Header: r.Header.Clone(),
		Body:   body,
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, request)
	number := len(s.requests)
	return request, number, s.faults[number]
}

func (s *Simulator) snapshot(r *Request) Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return *r
}

// recorder notes the answer before it is sent: whoever has the answer can rely on
// finding it in the record.
type recorder struct {
	http.ResponseWriter
	simulator *Simulator
	request   *Request
}

func (w *recorder) WriteHeader(status int) {
	w.simulator.mu.Lock()
	if w.request.Status == 0 {
		w.request.Status = status
		w.request.RequestID = w.Header().Get("X-Request-Id")
	}
	w.simulator.mu.Unlock()
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(p []byte) (int, error) {
	if w.simulator.snapshot(w.request).Status == 0 {
		w.WriteHeader(http.StatusOK) // as net/http does, for a Fault that only writes
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController flush.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }
