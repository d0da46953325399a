// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// maxBody bounds a request's body; no call simulated here has a large one.
const maxBody = 1 << 20

// Options configures a Simulator. The zero value has the default account and [DefaultProjects], and no faults.
type Options struct {
	Keys          []Key            // accepted keys; nil: AccessKey and SecretKey
	Users         []User           // nil: UserName with Password
	Agencies      []Agency         // nil: AgencyName
	Projects      []Project        // nil: DefaultProjects
	TokenLifetime time.Duration    // of a token; 0: 24 hours
	Latency       time.Duration    // delay of each response; ends with the request's context
	UnusedSide    UnusedSide       // how a source or sink of type NONE is sent
	PastEnd       PastEnd          // response to an offset at or past the end
	Faults        map[int]Fault    // by number of the request, from 1, across all paths
	Now           func() time.Time // clock of the cloud; nil: time.Now
	Log           func(Request)    // called at the end of each request, concurrently; nil: no log

	IdentityProviders []IdentityProvider // nil: IdpID with IDToken
}

// Simulator simulates all endpoints of the cloud in one handler. It is safe for concurrent use.
type Simulator struct {
	options Options

	mu        sync.Mutex
	keys      map[string]keys  // by access key
	tokens    map[string]token // by token
	attempts  map[string]attempts
	secrets   []string
	issued    int
	instances map[string]map[string]*Instance // by project ID, then instance ID
	faults    map[int]Fault
	requests  []*Request
}

// New returns a Simulator. It panics if a task is not valid JSON.
func New(o Options) *Simulator {
	if o.Keys == nil {
		o.Keys = defaultKeys()
	}
	if o.Users == nil {
		o.Users = defaultUsers()
	}
	if o.Agencies == nil {
		o.Agencies = defaultAgencies()
	}
	if o.IdentityProviders == nil {
		o.IdentityProviders = defaultIdentityProviders()
	}
	if o.Projects == nil {
		o.Projects = DefaultProjects()
	}
	if o.TokenLifetime == 0 {
		o.TokenLifetime = day
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Keys, o.Users, o.Agencies, o.Projects = slices.Clone(o.Keys), slices.Clone(o.Users), slices.Clone(o.Agencies), slices.Clone(o.Projects)
	for i := range o.Keys {
		o.Keys[i].DomainID = cmp.Or(o.Keys[i].DomainID, DomainID)
	}
	for i := range o.Users {
		o.Users[i].DomainID = cmp.Or(o.Users[i].DomainID, DomainID)
	}
	for i := range o.Agencies {
		o.Agencies[i].DomainID = cmp.Or(o.Agencies[i].DomainID, DomainID)
	}
	for i := range o.Projects {
		o.Projects[i].DomainID = cmp.Or(o.Projects[i].DomainID, DomainID)
	}
	s := &Simulator{
		options:   o,
		keys:      make(map[string]keys),
		tokens:    make(map[string]token),
		attempts:  make(map[string]attempts),
		instances: make(map[string]map[string]*Instance),
	}
	for _, k := range o.Keys {
		s.keys[k.AccessKey] = keys{Key: k}
		s.trackSecret(k.SecretKey, k.SecurityToken)
	}
	for _, u := range o.Users {
		s.trackSecret(u.Password)
	}
	for _, p := range o.IdentityProviders {
		s.trackSecret(p.IDTokens...)
	}
	for _, p := range o.Projects {
		s.instances[p.ID] = make(map[string]*Instance)
		for _, i := range p.Instances {
			i.Tasks = renderTasks(i.Tasks, o.UnusedSide)
			s.instances[p.ID][i.ID] = &i
		}
	}
	s.SetFaults(o.Faults)
	return s
}

// ServeHTTP responds to a request, or aborts the connection if the request's context ends first.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.handle(w, r, func(number int) {
		requestID := fmt.Sprintf("%032x", number)
		w.Header().Set("X-Request-Id", requestID)
		if strings.HasPrefix(r.URL.Path, "/v3/") || strings.HasPrefix(r.URL.Path, "/v3.0/") {
			w.Header().Set("X-Iam-Trace-Id", requestID)
		}
	}, s.serve)
}

// handle records a request to any endpoint and serves it, with its fault if it has one. begin sets the headers
// that all responses have.
func (s *Simulator) handle(w http.ResponseWriter, r *http.Request, begin func(number int), healthy http.HandlerFunc) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		panic(http.ErrAbortHandler) // the client disconnected, or sent too much
	}
	r.Body = io.NopCloser(bytes.NewReader(body))

	request, number, fault := s.recordRequest(r, body)
	if s.options.Log != nil {
		defer func() { s.options.Log(s.snapshot(request)) }()
	}
	w = &recorder{ResponseWriter: w, simulator: s, request: request}
	w.Header().Set("Date", s.options.Now().UTC().Format(http.TimeFormat))
	begin(number)

	if pause(r.Context(), s.options.Latency) != nil {
		panic(http.ErrAbortHandler) // returning would send an empty 200
	}
	if fault != nil {
		fault(w, r, healthy)
		return
	}
	healthy(w, r)
}

// pause waits for d or until ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// serve responds without faults.
func (s *Simulator) serve(w http.ResponseWriter, r *http.Request) {
	handler := s.route(r)
	if handler == nil {
		writeFailure(w, failure{
			http.StatusNotFound, "APIGW.0101",
			"The API does not exist or has not been published in the environment",
		})
		return
	}
	handler(w, r)
}

var tasksPath = regexp.MustCompile(`^/v2/([^/]+)/instances/([^/]+)/connector/tasks$`)

// route returns the handler of a request, or nil. It matches paths exactly: a ServeMux redirects unclean paths,
// which the gateway does not.
func (s *Simulator) route(r *http.Request) http.HandlerFunc {
	path := r.URL.EscapedPath()
	switch r.Method + " " + path {
	case "POST /v3/auth/tokens":
		return s.createToken
	case "POST /v3.0/OS-AUTH/id-token/tokens":
		return s.createTokenWithIDToken
	case "POST /v3.0/OS-CREDENTIAL/securitytokens":
		return s.createTemporaryKeys
	case "POST /v5/agencies/assume":
		return s.assumeTrustAgency
	case "GET /v3/projects":
		return s.authenticated(s.listProjects)
	}
	match := tasksPath.FindStringSubmatch(path)
	if match == nil || r.Method != http.MethodGet {
		return nil
	}
	projectID, _ := url.PathUnescape(match[1]) // EscapedPath is always well formed
	instanceID, _ := url.PathUnescape(match[2])
	return s.authenticated(func(w http.ResponseWriter, r *http.Request, c caller) {
		s.listTasks(w, r, c, projectID, instanceID)
	})
}

// failure is an error response.
type failure struct {
	status        int
	code, message string
}

// writeFailure writes f in the form of the service or, if the code is one of the gateway, in the gateway's form
// with the request ID.
func writeFailure(w http.ResponseWriter, f failure) {
	body := struct {
		Code      string `json:"error_code"`
		Message   string `json:"error_msg"`
		RequestID string `json:"request_id,omitempty"`
	}{Code: f.code, Message: f.message}
	if strings.HasPrefix(f.code, "APIG") {
		body.RequestID = w.Header().Get("X-Request-Id")
	}
	content, err := json.Marshal(body)
	if err != nil {
		panic(err) // three strings always encode
	}
	write(w, f.status, content)
}

// write sends a JSON response.
func write(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	writeBody(w, status, body)
}

// writeText sends a plain text response.
func writeText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain")
	writeBody(w, status, []byte(text))
}

func writeBody(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // it fails only if the client disconnected
}
