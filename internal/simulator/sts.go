// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"fmt"
	"net/http"
	"time"
)

const (
	defaultSession    = time.Hour
	maxSession        = 12 * time.Hour
	maxChainedSession = time.Hour // for a caller with temporary keys
)

// assumeTrustAgency is POST /v5/agencies/assume of STS, "AssumeAgency". It accepts signed requests only.
func (s *Simulator) assumeTrustAgency(w http.ResponseWriter, r *http.Request) {
	key, err := s.verify(r)
	if err != nil {
		writeFailure(w, *unauthorized(err.Error()))
		return
	}
	var body struct {
		URN      string `json:"agency_urn"`
		Session  string `json:"agency_session_name"`
		Duration *int   `json:"duration_seconds"`
	}
	if !decode(r, &body) || body.URN == "" || len(body.Session) < 2 || len(body.Session) > 128 {
		writeFailure(w, failure{http.StatusBadRequest, "STS5.0001", "Invalid request body."})
		return
	}
	lifetime, limit := defaultSession, maxSession
	if key.SecurityToken != "" {
		limit = maxChainedSession
	}
	if body.Duration != nil {
		lifetime = time.Duration(*body.Duration) * time.Second
	}
	if lifetime < minDuration || lifetime > limit {
		writeFailure(w, failure{http.StatusBadRequest, "STS5.0001", "Parameter duration_seconds is invalid."})
		return
	}
	for _, a := range s.options.Agencies {
		if body.URN == "iam::"+a.DomainID+":agency:"+a.Name && (a.Via == "" || a.Via == key.agency) {
			k := s.issueKeys(lifetime, a.DomainID, a.Name)
			write(w, http.StatusOK, render("sts.json.tmpl", map[string]any{
				"Key": k.Key, "Expires": k.expires.Format(expirationLayout), "Domain": a.DomainID, "Agency": a.Name, "Session": body.Session,
			}))
			return
		}
	}
	writeFailure(w, failure{
		http.StatusForbidden, "PAP5.0001",
		fmt.Sprintf("User: %s is not authorized to perform: sts:agencies:assume on resource: %s", key.AccessKey, body.URN),
	})
}
