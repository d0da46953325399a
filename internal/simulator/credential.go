// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"net/http"
	"slices"
	"time"
)

const (
	minDuration = 15 * time.Minute
	maxDuration = day
)

// keys are configured or issued access keys.
type keys struct {
	Key

	expires time.Time // zero: never
	agency  string    // that was assumed; empty: none
}

// issueKeys creates temporary keys of an account.
func (s *Simulator) issueKeys(lifetime time.Duration, domainID, agency string) keys {
	expires := s.options.Now().UTC().Truncate(time.Millisecond).Add(lifetime)
	s.mu.Lock()
	defer s.mu.Unlock()
	k := keys{
		Key: Key{
			AccessKey:     "HST" + s.secret(upperAlphabet, 17),
			SecretKey:     s.secret(letterAlphabet, 40),
			SecurityToken: "hQp" + s.secret(base64Alphabet, 251) + "==",
			DomainID:      domainID,
		},
		expires: expires,
		agency:  agency,
	}
	s.keys[k.AccessKey] = k
	s.trackSecret(k.SecretKey, k.SecurityToken)
	return k
}

// writeKeys responds with temporary keys, rendered with a template.
func writeKeys(w http.ResponseWriter, status int, k keys, template, layout string) {
	write(w, status, render(template, map[string]any{"Key": k.Key, "Expires": k.expires.Format(layout)}))
}

// credentialBody is the body of createTemporaryKeys for both methods.
type credentialBody struct {
	Auth struct {
		Identity struct {
			Methods    []string `json:"methods"`
			AssumeRole struct {
				AgencyName string `json:"agency_name"`
				DomainID   string `json:"domain_id"`
				DomainName string `json:"domain_name"`
				Duration   *int   `json:"duration_seconds"`
			} `json:"assume_role"`
			Token struct {
				ID       string `json:"id"`
				Duration *int   `json:"duration_seconds"`
			} `json:"token"`
		} `json:"identity"`
	} `json:"auth"`
}

// createTemporaryKeys is POST /v3.0/OS-CREDENTIAL/securitytokens, "Obtaining a Temporary Access Key and
// Security Token Through an Agency" and "... Through a Token". The latter reads the token from the body
// if there is none in the header.
func (s *Simulator) createTemporaryKeys(w http.ResponseWriter, r *http.Request) {
	var body credentialBody
	valid := decode(r, &body)
	identity := body.Auth.Identity
	byToken := valid && slices.Equal(identity.Methods, []string{"token"})
	if byToken && r.Header.Get("X-Auth-Token") == "" && identity.Token.ID != "" {
		r.Header.Set("X-Auth-Token", identity.Token.ID) // the recorded request has its own copy
	}
	c, rejection := s.authenticate(r)
	if rejection != nil {
		writeFailure(w, *rejection)
		return
	}
	var a Agency
	var lifetime time.Duration
	switch {
	case byToken && c.withToken:
		lifetime, rejection = duration(identity.Token.Duration)
		a.DomainID = c.domainID
	case valid && slices.Equal(identity.Methods, []string{"assume_role"}):
		role := identity.AssumeRole
		if lifetime, rejection = duration(role.Duration); rejection == nil {
			a, rejection = s.assume(role.AgencyName, reference{role.DomainID, role.DomainName}, c)
		}
	default:
		rejection = badRequest()
	}
	if rejection != nil {
		writeFailure(w, *rejection)
		return
	}
	writeKeys(w, http.StatusCreated, s.issueKeys(lifetime, a.DomainID, a.Name), "credential.json.tmpl", timeLayout)
}

// duration is the lifetime of temporary keys, 15 minutes by default.
func duration(seconds *int) (time.Duration, *failure) {
	if seconds == nil {
		return minDuration, nil
	}
	if *seconds < int(minDuration.Seconds()) || *seconds > int(maxDuration.Seconds()) {
		return 0, &failure{http.StatusBadRequest, "IAM.0007", "Request parameter duration_seconds is invalid."}
	}
	return time.Duration(*seconds) * time.Second, nil
}

// assume returns the agency if c may assume it. The role Agent Operator is one of the account, which a
// token for a project does not have.
func (s *Simulator) assume(name string, domain reference, c caller) (Agency, *failure) {
	if name == "" || !domain.isSet() {
		return Agency{}, badRequest()
	}
	for _, a := range s.options.Agencies {
		if a.Name != name || !domain.matches(a.DomainID, a.DomainName) {
			continue
		}
		if a.Via != "" && a.Via != c.agency || c.projectID != "" {
			return Agency{}, &failure{http.StatusForbidden, "IAM.0003", "Policy doesn't allow iam:agencies:assume to be performed."}
		}
		return a, nil
	}
	return Agency{}, notFound("agency", name)
}
