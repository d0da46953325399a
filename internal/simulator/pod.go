// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"net/http"
	"slices"
	"time"
)

// expirationLayout is the time layout of pod identity and STS.
const expirationLayout = "2006-01-02T15:04:05.000Z"

// PodIdentityOptions configures the agent on a CCE node.
type PodIdentityOptions struct {
	Token       string        // in the pod's token file; empty: PodToken
	Agency      string        // of the keys, for Agency.Via
	KeyLifetime time.Duration // of the keys; 0: 24 hours
}

// PodIdentity returns the agent on a CCE node, which issues keys to pods on every path. Its requests are
// recorded like those of [Simulator.Metadata].
func (s *Simulator) PodIdentity(o PodIdentityOptions) http.Handler {
	if o.Token == "" {
		o.Token = PodToken
	}
	if o.KeyLifetime == 0 {
		o.KeyLifetime = day
	}
	s.mu.Lock()
	s.trackSecret(o.Token)
	s.mu.Unlock()
	serve := func(w http.ResponseWriter, r *http.Request) { s.createPodKeys(w, r, o) }
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.handle(w, r, func(int) {}, serve)
	})
}

// createPodKeys issues new keys for each request.
func (s *Simulator) createPodKeys(w http.ResponseWriter, r *http.Request, o PodIdentityOptions) {
	var body map[string]any
	switch {
	case r.Method != http.MethodPost:
		writeStatus(w, http.StatusMethodNotAllowed, "")
	case !slices.Equal(r.Header.Values("Authorization"), []string{o.Token}):
		writeStatus(w, http.StatusUnauthorized, "")
	case !decode(r, &body) || body == nil:
		writeStatus(w, http.StatusBadRequest, "")
	default:
		writeKeys(w, http.StatusOK, s.issueKeys(o.KeyLifetime, DomainID, o.Agency), "pod.json.tmpl", expirationLayout)
	}
}
