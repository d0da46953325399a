// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
)

//go:embed wire/projects.json
var projectsWire []byte

// authenticate checks who sent r, for every path; nil means that it is known.
// Tokens are not issued here, so none is accepted.
func (s *Simulator) authenticate(r *http.Request) *failure {
	var reason string
	if len(r.Header.Values("X-Auth-Token")) > 0 {
		reason = "decrypt token fail"
	} else if err := s.verify(r); err != nil {
		reason = err.Error()
	}
	if reason == "" {
		return nil
	}
	return wrongAccount(reason)
}

// wrongAccount is the gateway's one answer to wrong keys, clocks and projects.
func wrongAccount(reason string) *failure {
	return &failure{http.StatusUnauthorized, "APIGW.0301", "Incorrect IAM authentication information: " + reason}
}

// listProjects is IAM's GET /v3/projects?name=. Without a name it lists all.
func (s *Simulator) listProjects(w http.ResponseWriter, r *http.Request) {
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
	for _, p := range s.projects {
		if query.Has("name") && query.Get("name") != p.Name {
			continue
		}
		project := maps.Clone(template)
		project["id"], project["name"] = p.ID, p.Name
		project["links"] = map[string]any{"self": fmt.Sprint(answer.Links["self"], "/", p.ID)}
		answer.Projects = append(answer.Projects, project)
	}
	text, err := json.Marshal(answer)
	if err != nil {
		panic(err) // strings and booleans always encode
	}
	write(w, http.StatusOK, text)
}
