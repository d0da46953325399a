// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
)

//go:embed wire/projects.json
var projectsWire []byte

// caller is the sender of a request.
type caller struct {
	withToken bool
	domainID  string // account
	projectID string // scope of the token; empty for keys and for a token of the account or without a scope
	agency    string // agency whose temporary keys signed, if any
	noAccess  bool
}

// authenticated wraps a handler, and rejects requests that are not authenticated.
func (s *Simulator) authenticated(handler func(http.ResponseWriter, *http.Request, caller)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c, rejection := s.authenticate(r)
		if rejection != nil {
			writeFailure(w, *rejection)
			return
		}
		handler(w, r, c)
	}
}

// authenticate returns the caller of r. A token takes precedence over a signature.
func (s *Simulator) authenticate(r *http.Request) (caller, *failure) {
	if sent := r.Header.Values("X-Auth-Token"); len(sent) > 0 {
		t, alive := s.token(sent[0])
		if !alive || len(sent) > 1 {
			return caller{}, expiredToken()
		}
		return caller{withToken: true, domainID: t.domainID, projectID: t.projectID}, nil
	}
	k, err := s.verify(r)
	if err != nil {
		return caller{}, unauthorized(err.Error())
	}
	return caller{domainID: k.DomainID, agency: k.agency, noAccess: k.AgencyOnly}, nil
}

// checkScope rejects a token of another project: with the gateway's error if the region is another one as
// well, else with the service's.
func (s *Simulator) checkScope(c caller, projectID string) *failure {
	if !c.withToken || c.projectID == projectID {
		return nil
	}
	here, there := s.region(projectID), s.region(c.projectID)
	if here != "" && there != "" && here != there {
		return expiredToken()
	}
	return wrongProject()
}

// region returns the region of a project, or "" if there is no such project.
func (s *Simulator) region(projectID string) string {
	for _, p := range s.options.Projects {
		if p.ID == projectID {
			region, _, _ := strings.Cut(p.Name, "_")
			return region
		}
	}
	return ""
}

// unauthorized is the gateway's error for wrong keys, clocks and projects.
func unauthorized(reason string) *failure {
	return &failure{http.StatusUnauthorized, "APIGW.0301", "Incorrect IAM authentication information: " + reason}
}

// expiredToken is the gateway's error for a token that is expired, unknown or of another region.
func expiredToken() *failure {
	return &failure{http.StatusUnauthorized, "APIGW.0307", "The token must be updated."}
}

func wrongProject() *failure {
	return &failure{http.StatusUnauthorized, "DMS.10240104", "The project ID does not match the token."}
}

// badRequest is IAM's error for an invalid body.
func badRequest() *failure {
	return &failure{http.StatusBadRequest, "IAM.0011", "Request body is invalid."}
}

func notFound(kind, name string) *failure {
	return &failure{http.StatusNotFound, "IAM.0004", fmt.Sprintf("Could not find %s: %s.", kind, name)}
}

// writeV3Failure writes f in the form of IAM's v3 calls, which have no error codes.
func writeV3Failure(w http.ResponseWriter, f failure) {
	var body struct {
		Error struct {
			Code    int    `json:"code"`
			Message string `json:"message"`
			Title   string `json:"title"`
		} `json:"error"`
	}
	body.Error.Code, body.Error.Message, body.Error.Title = f.status, f.message, http.StatusText(f.status)
	content, err := json.Marshal(body)
	if err != nil {
		panic(err) // a number and two strings always encode
	}
	write(w, f.status, content)
}

// reference identifies something by ID, by name, or by both.
type reference struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// isSet reports whether r identifies anything.
func (r reference) isSet() bool { return r != reference{} }

// matches reports whether r identifies what has this ID and name.
func (r reference) matches(id, name string) bool {
	return r.isSet() && (r.ID == "" || r.ID == id) && (r.Name == "" || r.Name == name)
}

// scope is the scope of a token: a project, the account (domain) or none.
type scope struct {
	Project *reference `json:"project"`
	Domain  *reference `json:"domain"`
}

// find returns the project of a scope, or nil if it has none. Users have access to their own account only.
func (s *Simulator) find(requested scope, user User) (*Project, *failure) {
	if requested.Project == nil {
		if requested.Domain != nil && !requested.Domain.matches(user.DomainID, user.DomainName) {
			return nil, notFound("domain", requested.Domain.Name+requested.Domain.ID)
		}
		return nil, nil
	}
	if !requested.Project.isSet() {
		return nil, badRequest()
	}
	var found []Project
	for _, p := range s.options.Projects {
		if p.DomainID == user.DomainID && requested.Project.matches(p.ID, p.Name) {
			found = append(found, p)
		}
	}
	name := requested.Project.Name
	if name == "" {
		name = requested.Project.ID
	}
	switch len(found) {
	case 0:
		return nil, notFound("project", name)
	case 1:
		return &found[0], nil
	default:
		return nil, &failure{http.StatusConflict, "IAM.0005", "Multiple projects are named " + name + "."}
	}
}

// readBody reads the body of r, and resets it.
func readBody(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	return body, err
}

// decode decodes a JSON body, and reports whether it is valid. Unknown fields are ignored.
func decode(r *http.Request, body any) bool {
	content, err := readBody(r)
	return err == nil && json.Unmarshal(content, body) == nil
}

// listProjects is IAM's GET /v3/projects?name=. Without a name it lists all.
func (s *Simulator) listProjects(w http.ResponseWriter, r *http.Request, c caller) {
	var response struct {
		Projects []map[string]any `json:"projects"`
		Links    map[string]any   `json:"links"`
	}
	if err := json.Unmarshal(projectsWire, &response); err != nil {
		panic(err) // an embedded file, read in the tests
	}
	template := response.Projects[0]
	response.Projects = response.Projects[:0]
	query := r.URL.Query()
	for _, p := range s.options.Projects {
		if c.noAccess || p.DomainID != c.domainID || query.Has("name") && query.Get("name") != p.Name {
			continue
		}
		project := maps.Clone(template)
		project["id"], project["name"], project["domain_id"] = p.ID, p.Name, p.DomainID
		project["links"] = map[string]any{"self": fmt.Sprint(response.Links["self"], "/", p.ID)}
		response.Projects = append(response.Projects, project)
	}
	content, err := json.Marshal(response)
	if err != nil {
		panic(err) // strings and booleans always encode
	}
	write(w, http.StatusOK, content)
}
