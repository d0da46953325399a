// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"net/http"
	"strconv"
	"time"
)

const maxSessionSeconds = 21600

// MetadataOptions configures the metadata service of an ECS. The zero value has an agency, and accepts requests
// with and without a session token.
type MetadataOptions struct {
	SessionRequired bool          // keys require a session token
	SessionStatus   int           // status of requests for session tokens, such as 404, 405 or 503; 0: there are session tokens
	AgencyStatus    int           // status of requests for keys if no agency is bound, 401 or 404; 0: one is bound
	Agency          string        // that is bound, for Agency.Via
	KeyLifetime     time.Duration // of the keys; 0: 24 hours
}

// metadata is the metadata service of an ECS.
type metadata struct {
	simulator *Simulator
	options   MetadataOptions
	sessions  map[string]time.Time // expiry by session token; guarded by the simulator's lock
}

// Metadata returns the metadata service of an ECS, whose keys the simulator accepts. Its requests are recorded
// and counted with those of the simulator, and have the same faults and latency.
func (s *Simulator) Metadata(o MetadataOptions) http.Handler {
	if o.KeyLifetime == 0 {
		o.KeyLifetime = day
	}
	m := &metadata{simulator: s, options: o, sessions: make(map[string]time.Time)}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.handle(w, r, func(int) {}, m.serve)
	})
}

func (m *metadata) serve(w http.ResponseWriter, r *http.Request) {
	switch r.Method + " " + r.URL.EscapedPath() {
	case "PUT /meta-data/latest/api/token":
		m.createSession(w, r)
	case "GET /openstack/latest/securitykey":
		m.createKeys(w, r)
	default:
		writeStatus(w, http.StatusNotFound, "")
	}
}

// createSession issues a session token with the requested lifetime.
func (m *metadata) createSession(w http.ResponseWriter, r *http.Request) {
	if m.options.SessionStatus != 0 {
		writeStatus(w, m.options.SessionStatus, "")
		return
	}
	seconds, err := strconv.Atoi(r.Header.Get("X-Metadata-Token-Ttl-Seconds"))
	if err != nil || seconds < 1 || seconds > maxSessionSeconds {
		writeStatus(w, http.StatusBadRequest, "")
		return
	}
	now := m.simulator.options.Now()
	m.simulator.mu.Lock()
	session := m.simulator.secret(base64Alphabet, 54) + "=="
	m.sessions[session] = now.Add(time.Duration(seconds) * time.Second)
	m.simulator.trackSecret(session)
	m.simulator.mu.Unlock()
	writeText(w, http.StatusOK, session)
}

// createKeys issues new keys for each request.
func (m *metadata) createKeys(w http.ResponseWriter, r *http.Request) {
	if !m.admits(r.Header.Values("X-Metadata-Token")) {
		writeStatus(w, http.StatusUnauthorized, "")
		return
	}
	if m.options.AgencyStatus != 0 {
		writeStatus(w, m.options.AgencyStatus, "Please configure Cloud Service Agency first")
		return
	}
	writeKeys(w, http.StatusOK, m.simulator.issueKeys(m.options.KeyLifetime, DomainID, m.options.Agency), "credential.json.tmpl", timeLayout)
}

// admits reports whether a request with these session tokens gets keys. An unknown token is rejected even
// where none is required.
func (m *metadata) admits(sessions []string) bool {
	if m.options.SessionStatus != 0 || len(sessions) == 0 {
		return !m.options.SessionRequired
	}
	now := m.simulator.options.Now()
	m.simulator.mu.Lock()
	defer m.simulator.mu.Unlock()
	return len(sessions) == 1 && now.Before(m.sessions[sessions[0]])
}

// writeStatus writes an error as the service does.
func writeStatus(w http.ResponseWriter, status int, reason string) {
	text := strconv.Itoa(status) + " " + http.StatusText(status) + "\n"
	if reason != "" {
		text += reason + "\n"
	}
	writeText(w, status, text)
}
