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

// known lets only requests through whose sender is known.
func (s *Simulator) known(handler func(http.ResponseWriter, *http.Request, caller)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c, refusal := s.authenticate(r)
		if refusal != nil {
			writeFailure(w, *refusal)
			return
		}
		handler(w, r, c)
	}
}

// authenticate says who sent r. A token is preferred to a signature.
func (s *Simulator) authenticate(r *http.Request) (caller, *failure) {
	if sent := r.Header.Values("X-Auth-Token"); len(sent) > 0 {
		t, alive := s.token(sent[0])
		if !alive || len(sent) > 1 {
			return caller{}, oldToken()
		}
		return caller{withToken: true, domainID: t.domainID, projectID: t.projectID}, nil
	}
	k, err := s.verify(r)
	if err != nil {
		return caller{}, wrongAccount(err.Error())
	}
	return caller{domainID: k.DomainID, agency: k.agency, noAccess: k.AgencyOnly}, nil
}

// scopeRefusal is the answer to a token that is of another project than asked for:
// the gateway's if that is of another region too, else the service's own.
func (s *Simulator) scopeRefusal(c caller, projectID string) *failure {
	if !c.withToken || c.projectID == projectID {
		return nil
	}
	here, there := s.region(projectID), s.region(c.projectID)
	if here != "" && there != "" && here != there {
		return oldToken()
	}
	return wrongProject()
}

// region is where a project is, "" if there is no such project.
func (s *Simulator) region(projectID string) string {
	for _, p := range s.options.Projects {
		if p.ID == projectID {
			region, _, _ := strings.Cut(p.Name, "_")
			return region
		}
	}
	return ""
}

// wrongAccount is the gateway's one answer to wrong keys, clocks and projects.
func wrongAccount(reason string) *failure {
	return &failure{http.StatusUnauthorized, "APIGW.0301", "Incorrect IAM authentication information: " + reason}
}

// oldToken is the gateway's answer to a token that it does not take, or not here.
func oldToken() *failure {
	return &failure{http.StatusUnauthorized, "APIGW.0307", "The token must be updated."}
}

func wrongProject() *failure {
	return &failure{http.StatusUnauthorized, "DMS.10240104", "The project ID does not match the token."}
}

// badRequest is IAM's answer to a body that is not of the call's shape.
func badRequest() *failure {
	return &failure{http.StatusBadRequest, "IAM.0011", "Request body is invalid."}
}

func notFound(kind, name string) *failure {
	return &failure{http.StatusNotFound, "IAM.0004", fmt.Sprintf("Could not find %s: %s.", kind, name)}
}

// writeV3Failure writes f as IAM's v3 calls do, which have no codes of their own.
func writeV3Failure(w http.ResponseWriter, f failure) {
	var body struct {
		Error struct {
			Code    int    `json:"code"`
			Message string `json:"message"`
			Title   string `json:"title"`
		} `json:"error"`
	}
	body.Error.Code, body.Error.Message, body.Error.Title = f.status, f.message, http.StatusText(f.status)
	text, err := json.Marshal(body)
	if err != nil {
		panic(err) // a number and two strings always encode
	}
	write(w, f.status, text)
}

// reference names something by its ID, by its name, or by both.
type reference struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// given says whether it names anything.
func (r reference) given() bool { return r != reference{} }

// is says whether all that it says is right.
func (r reference) is(id, name string) bool {
	return r.given() && (r.ID == "" || r.ID == id) && (r.Name == "" || r.Name == name)
}

// scope is the scope of a token: a project, the account (domain) or none.
type scope struct {
	Project *reference `json:"project"`
	Domain  *reference `json:"domain"`
}

// find returns the project that user asks for, nil if the token is not for a project. Users have access
// to their own account only.
func (s *Simulator) find(asked scope, user User) (*Project, *failure) {
	if asked.Project == nil {
		if asked.Domain != nil && !asked.Domain.is(user.DomainID, user.DomainName) {
			return nil, notFound("domain", asked.Domain.Name+asked.Domain.ID)
		}
		return nil, nil
	}
	if !asked.Project.given() {
		return nil, badRequest()
	}
	var found []Project
	for _, p := range s.options.Projects {
		if p.DomainID == user.DomainID && asked.Project.is(p.ID, p.Name) {
			found = append(found, p)
		}
	}
	name := asked.Project.Name
	if name == "" {
		name = asked.Project.ID
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

// readBody reads the body of r, which can be read again.
func readBody(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	return body, err
}

// decode reads a body of JSON, and says whether it has the right shape. What it
// does not know is ignored.
func decode(r *http.Request, body any) bool {
	text, err := readBody(r)
	return err == nil && json.Unmarshal(text, body) == nil
}

// listProjects is IAM's GET /v3/projects?name=. Without a name it lists all.
func (s *Simulator) listProjects(w http.ResponseWriter, r *http.Request, c caller) {
	var answer struct {
		Projects []map[string]any `json:"projects"`
		Links    map[string]any   `json:"links"`
	}
	if err := json.Unmarshal(projectsWire, &answer); err != nil {
		panic(err) // an embedded file, read in the tests
	}
	template := answer.Projects[0]
	answer.Projects = answer.Projects[:0]
	query := r.URL.Query()
	for _, p := range s.options.Projects {
		if c.noAccess || p.DomainID != c.domainID || query.Has("name") && query.Get("name") != p.Name {
			continue
		}
		project := maps.Clone(template)
		project["id"], project["name"], project["domain_id"] = p.ID, p.Name, p.DomainID
		project["links"] = map[string]any{"self": fmt.Sprint(answer.Links["self"], "/", p.ID)}
		answer.Projects = append(answer.Projects, project)
	}
	text, err := json.Marshal(answer)
	if err != nil {
		panic(err) // strings and booleans always encode
	}
	write(w, http.StatusOK, text)
}
