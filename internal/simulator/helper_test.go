// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package simulator_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

const tasksURL = "/v2/" + simulator.ProjectID + "/instances/" + simulator.InstanceID + "/connector/tasks"

// call is one request to sign: the parts of the canonical request are written by
// hand, ready escaped, so that nothing here works the way the verifier does.
type call struct {
	target  string            // path and query as sent
	path    string            // canonical, default: the path of target and a slash
	query   string            // canonical, default: the query of target
	headers map[string]string // signed as well
	body    string
	method  string
	key     simulator.Key
	date    time.Time
}

func (c call) request() *http.Request {
	path, query, _ := strings.Cut(c.target, "?")
	if c.path == "" {
		c.path = path + "/"
	}
	if c.query == "" {
		c.query = query
	}
	if c.method == "" {
		c.method = http.MethodGet
	}
	if c.key.AccessKey == "" {
		c.key = simulator.Key{AccessKey: simulator.AccessKey, SecretKey: simulator.SecretKey}
	}
	if c.date.IsZero() {
		c.date = time.Now()
	}
	r := httptest.NewRequest(c.method, c.target, strings.NewReader(c.body))
	for name, value := range c.headers {
		r.Header.Set(name, value)
	}
	date := c.date.UTC().Format("20060102T150405Z")
	r.Header.Set("X-Sdk-Date", date)
	if c.key.SecurityToken != "" {
		r.Header.Set("X-Security-Token", c.key.SecurityToken)
	}
	var names, lines []string
	for name, values := range r.Header {
		names = append(names, strings.ToLower(name))
		lines = append(lines, strings.ToLower(name)+":"+strings.TrimSpace(values[0])+"\n")
	}
	slices.Sort(names)
	slices.Sort(lines)
	signed := strings.Join(names, ";")
	canonical := c.method + "\n" + c.path + "\n" + c.query + "\n" + strings.Join(lines, "") + "\n" + signed + "\n" + sha(c.body)
	mac := hmac.New(sha256.New, []byte(c.key.SecretKey))
	_, _ = io.WriteString(mac, "SDK-HMAC-SHA256\n"+date+"\n"+sha(canonical))
	r.Header.Set("Authorization", "SDK-HMAC-SHA256 Access="+c.key.AccessKey+", SignedHeaders="+signed+
		", Signature="+hex.EncodeToString(mac.Sum(nil)))
	return r
}

func sha(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// answer is every form of body that is served.
type answer struct {
	Tasks       []json.RawMessage `json:"tasks"`
	TotalNumber *int              `json:"total_number"`
	MaxTasks    *int              `json:"max_tasks"`
	QuotaTasks  *int              `json:"quota_tasks"`
	Projects    []map[string]any  `json:"projects"`
	Links       map[string]any    `json:"links"`
	Code        string            `json:"error_code"`
	Message     string            `json:"error_msg"`
	RequestID   string            `json:"request_id"`
}

// do sends a request straight to the handler. Whatever comes must be valid JSON
// under the headers that each answer has.
func do(t *testing.T, h http.Handler, r *http.Request) (int, answer) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if got, want := w.Header().Get("Content-Type"), "application/json;charset=UTF-8"; got != want {
		t.Errorf("Content-Type is %q, want %q", got, want)
	}
	if id := w.Header().Get("X-Request-Id"); len(id) != 32 {
		t.Errorf("X-Request-Id is %q, want 32 digits", id)
	}
	if _, err := http.ParseTime(w.Header().Get("Date")); err != nil {
		t.Errorf("Date: %v", err)
	}
	var a answer
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
		t.Errorf("body is not valid JSON: %v\n%s", err, w.Body)
	}
	return w.Code, a
}

func get(t *testing.T, h http.Handler, target string) (int, answer) {
	t.Helper()
	return do(t, h, call{target: target}.request())
}

func field(t *testing.T, task json.RawMessage, name string) (json.RawMessage, bool) {
	t.Helper()
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(task, &fields); err != nil {
		t.Fatal(err)
	}
	value, present := fields[name]
	return value, present
}
