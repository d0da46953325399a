// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"net/http"
	"net/url"
)

// Request is a recorded request. Status is 0 until there is a response.
type Request struct {
	Method    string
	Host      string
	Path      string // escaped, as sent
	Query     url.Values
	Header    http.Header
	Body      []byte
	Status    int
	RequestID string // of the response, may be empty
}

// String returns the method and URL, without headers, which contain credentials.
func (r Request) String() string {
	if len(r.Query) == 0 {
		return r.Method + " " + r.Path
	}
	return r.Method + " " + r.Path + "?" + r.Query.Encode()
}

// Requests returns the recorded requests in order of arrival, including those to [Simulator.Metadata] and
// [Simulator.PodIdentity]. Their maps must not be modified.
func (s *Simulator) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	requests := make([]Request, len(s.requests))
	for i, r := range s.requests {
		requests[i] = *r
	}
	return requests
}

// UnauthorizedCount returns how many recorded requests were rejected with status 401.
func (s *Simulator) UnauthorizedCount() int {
	count := 0
	for _, r := range s.Requests() {
		if r.Status == http.StatusUnauthorized {
			count++
		}
	}
	return count
}

// Reset clears the recorded requests and numbers requests from 1 again. The faults remain, and issued credentials
// stay valid.
func (s *Simulator) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = nil
}

// recordRequest records r, and returns its number and its fault, if any.
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

// recorder records the status before the response is sent, so that a client with the response finds it recorded.
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

// Unwrap supports [http.ResponseController].
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }
