// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const (
	defaultLimit = 10
	maxLimit     = 50
)

// PastEnd is the response to an offset that is not 0 and at or past the end.
type PastEnd int

// The responses to an offset past the end.
const (
	PastEndEmpty PastEnd = iota // a page without tasks
	PastEndError                // HTTP 400 DMS.00400062, like similar APIs of the service
)

// UnusedSide is how source_task or sink_task is served when the type is NONE, unless the JSON of the task has
// content there.
type UnusedSide int

// The forms of an unused side.
const (
	UnusedNull    UnusedSide = iota // null, as in the API reference
	UnusedEmpty                     // {}
	UnusedMissing                   // the field is left out
)

// SetTasks replaces the tasks of an instance, as JSON of the API. It panics if there is no such instance or
// if a task is not valid JSON.
func (s *Simulator) SetTasks(instanceID string, tasks []json.RawMessage) {
	tasks = renderTasks(tasks, s.options.UnusedSide)
	s.mu.Lock()
	defer s.mu.Unlock()
	var found bool
	for _, instances := range s.instances {
		if instance := instances[instanceID]; instance != nil {
			instance.Tasks = tasks
			found = true
		}
	}
	if !found {
		panic(fmt.Sprintf("simulator: there is no instance %q", instanceID))
	}
}

// listTasks is GET /v2/{project_id}/instances/{instance_id}/connector/tasks,
// "Querying Smart Connect Tasks".
func (s *Simulator) listTasks(w http.ResponseWriter, r *http.Request, c caller, projectID, instanceID string) {
	instance, rejection := s.instance(r, c, projectID, instanceID)
	if rejection != nil {
		writeFailure(w, *rejection)
		return
	}
	total := len(instance.Tasks)
	query := r.URL.Query()
	offset, validOffset := number(query, "offset", 0)
	limit, validLimit := number(query, "limit", defaultLimit)
	switch {
	case !validOffset || offset < 0:
		writeFailure(w, badParameter("offset"))
		return
	case !validLimit || limit < 1 || limit > maxLimit:
		writeFailure(w, badParameter("limit"))
		return
	case offset > 0 && offset >= total && s.options.PastEnd == PastEndError:
		writeFailure(w, failure{http.StatusBadRequest, "DMS.00400062", "The offset is past the last item."})
		return
	}
	start := min(offset, total)
	page := instance.Tasks[start:min(start+limit, total)]

	// Not encoded, so that each task is sent byte for byte as given.
	var body bytes.Buffer
	body.WriteString(`{"tasks":[`)
	for i, task := range page {
		if i > 0 {
			body.WriteByte(',')
		}
		body.Write(task)
	}
	fmt.Fprintf(&body, `],"total_number":%d,"max_tasks":%d,"quota_tasks":%d}`,
		total, orQuota(instance.MaxTasks), orQuota(instance.QuotaTasks))
	write(w, http.StatusOK, body.Bytes())
}

// instance returns a copy of the requested instance, if c has access to it.
func (s *Simulator) instance(r *http.Request, c caller, projectID, instanceID string) (Instance, *failure) {
	if rejection := s.checkScope(c, projectID); rejection != nil {
		return Instance{}, rejection
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	instances, known := s.instances[projectID]
	if !known || !slices.ContainsFunc(s.options.Projects, func(p Project) bool { return p.ID == projectID && p.DomainID == c.domainID }) {
		return Instance{}, unauthorized("no access to project " + projectID)
	}
	if header := r.Header.Get("X-Project-Id"); header != "" && header != projectID {
		return Instance{}, wrongProject()
	}
	if c.noAccess {
		return Instance{}, &failure{http.StatusForbidden, "DMS.00403002", "The user has no permission to do this."}
	}
	instance := instances[instanceID]
	if instance == nil {
		return Instance{}, &failure{http.StatusNotFound, "DMS.00404022", "This instance does not exist."}
	}
	return *instance, nil
}

// number parses a query parameter, and reports whether it is a number.
func number(query url.Values, name string, absent int) (int, bool) {
	if !query.Has(name) {
		return absent, true
	}
	n, err := strconv.Atoi(query.Get(name))
	return n, err == nil
}

// badParameter has an assumed code: the API reference documents the ranges, not the error.
func badParameter(name string) failure {
	return failure{http.StatusBadRequest, "DMS.00400100", "Invalid parameter " + name + "."}
}

func orQuota(n int) int {
	if n == 0 {
		return defaultQuota
	}
	return n
}

// renderTasks copies tasks, with their unused sides in the given form.
func renderTasks(tasks []json.RawMessage, form UnusedSide) []json.RawMessage {
	result := make([]json.RawMessage, len(tasks))
	for i, task := range tasks {
		if !json.Valid(task) {
			panic(fmt.Sprintf("simulator: task %d of %d is not valid JSON", i+1, len(tasks)))
		}
		result[i] = withUnusedSide(bytes.Clone(task), form)
	}
	return result
}

// withUnusedSide does not change a task that has that form, or that is not a JSON object, which a test may
// want to serve.
func withUnusedSide(task json.RawMessage, form UnusedSide) json.RawMessage {
	forms := []string{UnusedNull: "null", UnusedEmpty: "{}", UnusedMissing: ""}
	var fields map[string]json.RawMessage
	if json.Unmarshal(task, &fields) != nil {
		return task
	}
	changed := false
	for _, side := range []string{"source", "sink"} {
		value := strings.Join(strings.Fields(string(fields[side+"_task"])), "")
		if string(fields[side+"_type"]) != `"NONE"` || !slices.Contains(forms, value) || value == forms[form] {
			continue
		}
		changed = true
		if form == UnusedMissing {
			delete(fields, side+"_task")
		} else {
			fields[side+"_task"] = json.RawMessage(forms[form])
		}
	}
	if !changed {
		return task
	}
	text, err := json.Marshal(fields)
	if err != nil {
		panic(err) // parts of valid JSON always encode
	}
	return text
}
