// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"net/http"
	"strconv"
	"time"
)

const maxSessionSeconds = 21600

// MetadataOptions says how the metadata service of a machine behaves. The zero
// value has an agency bound, and takes requests with and without a session.
type MetadataOptions struct {
	SessionRequired bool          // keys are given for a session token only
	SessionStatus   int           // the answer to who asks for one, such as 404, 405 or 503; 0: there are session tokens
	AgencyStatus    int           // the answer to who asks for keys, 401 or 404, as no agency is bound; 0: one is
	Agency          string        // the agency that is bound, for Agency.Via
	KeyLife         time.Duration // of the keys; 0: 24 hours
}

// metadata is the metadata service of a machine.
type metadata struct {
	simulator *Simulator
	options   MetadataOptions
	sessions  map[string]time.Time // the ends of session tokens, under the simulator's lock
}

// Metadata is the metadata service of a machine in the simulated cloud, which takes
// the keys that it gives. Its requests stand in the record of the simulator, are
// counted with the others, and meet the same faults and latency.
func (s *Simulator) Metadata(o MetadataOptions) http.Handler {
	if o.KeyLife == 0 {
		o.KeyLife = day
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

// createSession gives a session token, for as many seconds as it is asked for.
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

// createKeys gives new keys for each request.
func (m *metadata) createKeys(w http.ResponseWriter, r *http.Request) {
	if !m.admits(r.Header.Values("X-Metadata-Token")) {
		writeStatus(w, http.StatusUnauthorized, "")
		return
	}
	if m.options.AgencyStatus != 0 {
		writeStatus(w, m.options.AgencyStatus, "Please configure Cloud Service Agency first")
		return
	}
	writeKeys(w, http.StatusOK, m.simulator.issueKeys(m.options.KeyLife, DomainID, m.options.Agency), "credential.json.tmpl", timeLayout)
}

// admits says whether keys are given for these session tokens. A wrong one is
// refused even where none is required.
func (m *metadata) admits(sessions []string) bool {
	if m.options.SessionStatus != 0 || len(sessions) == 0 {
		return !m.options.SessionRequired
	}
	now := m.simulator.options.Now()
	m.simulator.mu.Lock()
	defer m.simulator.mu.Unlock()
	return len(sessions) == 1 && now.Before(m.sessions[sessions[0]])
}

// writeStatus writes what the service says of an error.
func writeStatus(w http.ResponseWriter, status int, reason string) {
	text := strconv.Itoa(status) + " " + http.StatusText(status) + "\n"
	if reason != "" {
		text += reason + "\n"
	}
	writeText(w, status, text)
}
