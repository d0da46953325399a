// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package simulator_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
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
	key := c.key
	if key.AccessKey == "" {
		key = simulator.Key{AccessKey: simulator.AccessKey, SecretKey: simulator.SecretKey}
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
	if key.SecurityToken != "" {
		r.Header.Set("X-Security-Token", key.SecurityToken)
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
	mac := hmac.New(sha256.New, []byte(key.SecretKey))
	_, _ = io.WriteString(mac, "SDK-HMAC-SHA256\n"+date+"\n"+sha(canonical))
	r.Header.Set("Authorization", "SDK-HMAC-SHA256 Access="+key.AccessKey+", SignedHeaders="+signed+
		", Signature="+hex.EncodeToString(mac.Sum(nil)))
	return r
}

func sha(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// answer is every form of body that is served.
type answer struct {
	Tasks        []json.RawMessage `json:"tasks"`
	TotalNumber  *int              `json:"total_number"`
	MaxTasks     *int              `json:"max_tasks"`
	QuotaTasks   *int              `json:"quota_tasks"`
	Projects     []map[string]any  `json:"projects"`
	Links        map[string]any    `json:"links"`
	Code         string            `json:"error_code"`
	Message      string            `json:"error_msg"`
	RequestID    string            `json:"request_id"`
	Error        *v3Error          `json:"error"`
	Token        *tokenBody        `json:"token"`
	Credential   *credentialBody   `json:"credential"`
	SubjectToken string            `json:"-"` // the header
}

// v3Error is the form of IAM's v3 calls.
type v3Error struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
	Title   string `json:"title"`
}

type named struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type tokenBody struct {
	ExpiresAt string   `json:"expires_at"`
	IssuedAt  string   `json:"issued_at"`
	Methods   []string `json:"methods"`
	Project   *struct {
		named
		Domain named `json:"domain"`
	} `json:"project"`
	User struct {
		named
		Domain     named `json:"domain"`
		Federation *struct {
			Provider named `json:"identity_provider"`
			Protocol named `json:"protocol"`
		} `json:"OS-FEDERATION"`
	} `json:"user"`
}

type credentialBody struct {
	Access        string `json:"access"`
	Secret        string `json:"secret"`
	SecurityToken string `json:"securitytoken"`
	ExpiresAt     string `json:"expires_at"`
}

func (c credentialBody) key() simulator.Key {
	return simulator.Key{AccessKey: c.Access, SecretKey: c.Secret, SecurityToken: c.SecurityToken}
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
	a.SubjectToken = w.Header().Get("X-Subject-Token")
	return w.Code, a
}

// result is the status, the code (or the message, where there are no codes) and
// what was issued, in a word.
func result(status int, a answer) string {
	if a.Error != nil {
		return fmt.Sprintf("%d %s: %s", a.Error.Code, a.Error.Title, a.Error.Message)
	}
	return strings.TrimSpace(fmt.Sprint(status, " ", a.Code))
}

// clock is a cloud's, and that of its callers, until it is moved.
type clock struct{ now time.Time }

func newClock() *clock {
	return &clock{time.Date(2030, 1, 2, 3, 4, 5, 678_912_345, time.UTC)}
}

func (c *clock) Now() time.Time       { return c.now }
func (c *clock) move(d time.Duration) { c.now = c.now.Add(d) }

// unsigned is a request without a signature, with a token if that is not "".
func unsigned(method, target, body, token string) *http.Request {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if token != "" {
		r.Header.Set("X-Auth-Token", token)
	}
	return r
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
