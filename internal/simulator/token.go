// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

const (
	day = 24 * time.Hour

	// timeLayout is the time layout of IAM. Times are in milliseconds.
	timeLayout = "2006-01-02T15:04:05.000000Z"
)

// token is an issued token.
type token struct {
	domainID  string
	projectID string // empty if the scope is the account, or if there is none
	expires   time.Time
}

// token returns a token, and whether it is valid.
func (s *Simulator) token(text string) (t token, valid bool) {
	now := s.options.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	t, known := s.tokens[text]
	return t, known && now.Before(t.expires)
}

// IssueToken issues a token for a project or, with "", for the default account. It panics if there is
// no such project.
func (s *Simulator) IssueToken(projectID string) string {
	domainID := DomainID
	if projectID != "" {
		i := slices.IndexFunc(s.options.Projects, func(p Project) bool { return p.ID == projectID })
		if i < 0 {
			panic(fmt.Sprintf("simulator: there is no project %q", projectID))
		}
		domainID = s.options.Projects[i].DomainID
	}
	text, _, _ := s.issueToken(domainID, projectID)
	return text
}

func (s *Simulator) issueToken(domainID, projectID string) (text string, issued, expires time.Time) {
	issued = s.options.Now().UTC().Truncate(time.Millisecond)
	expires = issued.Add(s.options.TokenLifetime)
	s.mu.Lock()
	defer s.mu.Unlock()
	text = "MII" + s.secret(base64Alphabet, 507) + "=="
	s.tokens[text] = token{domainID, projectID, expires}
	s.trackSecret(text)
	return text, issued, expires
}

// passwordBody is the body of createToken.
type passwordBody struct {
	Auth struct {
		Identity struct {
			Methods  []string `json:"methods"`
			Password struct {
				User userBody `json:"user"`
			} `json:"password"`
		} `json:"identity"`
		Scope scope `json:"scope"`
	} `json:"auth"`
}

type userBody struct {
	reference

	Password string    `json:"password"`
	Domain   reference `json:"domain"`
}

// complete reports whether b identifies a user: names are unique within a domain only.
func (b userBody) complete() bool {
	return b.Password != "" && b.isSet() && (b.ID != "" || b.Domain.isSet())
}

func (b userBody) identifies(u User) bool {
	return b.matches(u.ID, u.Name) && (!b.Domain.isSet() || b.Domain.matches(u.DomainID, u.DomainName))
}

// createToken is POST /v3/auth/tokens, "Obtaining a User Token Through Password
// Authentication".
func (s *Simulator) createToken(w http.ResponseWriter, r *http.Request) {
	var body passwordBody
	if !decode(r, &body) || !slices.Equal(body.Auth.Identity.Methods, []string{"password"}) ||
		!body.Auth.Identity.Password.User.complete() {
		writeV3Failure(w, *badRequest())
		return
	}
	user, rejection := s.login(body.Auth.Identity.Password.User)
	if rejection != nil {
		writeV3Failure(w, *rejection)
		return
	}
	project, rejection := s.find(body.Auth.Scope, user)
	if rejection != nil {
		writeV3Failure(w, *rejection)
		return
	}
	s.writeToken(w, user, project, "")
}

// login returns the user of a password.
func (s *Simulator) login(sent userBody) (User, *failure) {
	for _, u := range s.options.Users {
		if !sent.identifies(u) {
			continue
		}
		switch s.authAttempt("user "+u.ID, sent.Password == u.Password) {
		case allowed:
			return u, nil
		case locked:
			return User{}, &failure{http.StatusUnauthorized, "", "The account is locked."}
		case denied: // like an unknown user
		}
	}
	return User{}, &failure{http.StatusUnauthorized, "", "The username or password is wrong."}
}

// writeToken issues a token and responds with it. With a provider's ID, the user is federated.
func (s *Simulator) writeToken(w http.ResponseWriter, user User, project *Project, provider string) {
	projectID, method := "", "password"
	if project != nil {
		projectID = project.ID
	}
	if provider != "" {
		method = "mapped"
	}
	text, issued, expires := s.issueToken(user.DomainID, projectID)
	w.Header().Set("X-Subject-Token", text)
	write(w, http.StatusCreated, render("token.json.tmpl", map[string]any{
		"Issued":   issued.Format(timeLayout),
		"Expires":  expires.Format(timeLayout),
		"Method":   method,
		"Project":  project,
		"User":     user,
		"Provider": provider,
	}))
}
