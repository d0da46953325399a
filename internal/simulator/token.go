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

	// timeLayout is that of IAM's answers. They are exact to the millisecond.
	timeLayout = "2006-01-02T15:04:05.000000Z"
)

// token is a token that was issued.
type token struct {
	domainID  string
	projectID string // empty if the scope is the account, or if there is none
	expires   time.Time
}

// token finds the token of that text, and says whether it is alive.
func (s *Simulator) token(text string) (t token, alive bool) {
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
	expires = issued.Add(s.options.TokenLife)
	s.mu.Lock()
	defer s.mu.Unlock()
	text = "MII" + s.secret(base64Alphabet, 507) + "=="
	s.tokens[text] = token{domainID, projectID, expires}
	s.trackSecret(text)
	return text, issued, expires
}

// ExpireTokens lets all tokens that were issued so far expire now.
func (s *Simulator) ExpireTokens() {
	now := s.options.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	for text, t := range s.tokens {
		if now.Before(t.expires) {
			t.expires = now
			s.tokens[text] = t
		}
	}
}

// ExpireTokensFault lets all tokens expire before its request, which then gets the
// healthy answer: that of a cloud to an expired token. It is for SetFaults.
func (s *Simulator) ExpireTokensFault() Fault {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		s.ExpireTokens()
		next.ServeHTTP(w, r)
	}
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

// complete says whether it names one user: names are unique within a domain only.
func (b userBody) complete() bool {
	return b.Password != "" && b.given() && (b.ID != "" || b.Domain.given())
}

func (b userBody) names(u User) bool {
	return b.is(u.ID, u.Name) && (!b.Domain.given() || b.Domain.is(u.DomainID, u.DomainName))
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
	user, refusal := s.login(body.Auth.Identity.Password.User)
	if refusal != nil {
		writeV3Failure(w, *refusal)
		return
	}
	project, refusal := s.find(body.Auth.Scope, user)
	if refusal != nil {
		writeV3Failure(w, *refusal)
		return
	}
	s.writeToken(w, user, project, "")
}

// login finds the user of a password.
func (s *Simulator) login(sent userBody) (User, *failure) {
	for _, u := range s.options.Users {
		if !sent.names(u) {
			continue
		}
		switch s.authAttempt("user "+u.ID, sent.Password == u.Password) {
		case allowed:
			return u, nil
		case locked:
			return User{}, &failure{http.StatusUnauthorized, "", "The account is locked."}
		case denied: // as if there were no such user
		}
	}
	return User{}, &failure{http.StatusUnauthorized, "", "The username or password is wrong."}
}

// writeToken issues a token and answers with it. A provider's ID makes the user a
// federated one.
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
