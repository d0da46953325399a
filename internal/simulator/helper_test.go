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

// call is a request to sign. The parts of the canonical request are escaped by hand, so that nothing here
// works like the verifier.
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

// response is every form of body that is sent.
type response struct {
	Tasks       []json.RawMessage `json:"tasks"`
	TotalNumber *int              `json:"total_number"`
	Projects    []map[string]any  `json:"projects"`
	Code        string            `json:"error_code"`
	Message     string            `json:"error_msg"`
	Error       *struct {         // of IAM's v3 calls
		Message string `json:"message"`
	} `json:"error"`
	Token *struct {
		ExpiresAt time.Time `json:"expires_at"`
		Project   *struct {
			ID string `json:"id"`
		} `json:"project"`
	} `json:"token"`
	Credential *struct {
		Access        string    `json:"access"`
		Secret        string    `json:"secret"`
		SecurityToken string    `json:"securitytoken"`
		ExpiresAt     time.Time `json:"expires_at"`
	} `json:"credential"`
	SubjectToken string `json:"-"` // header
}

func (r response) key() simulator.Key {
	return simulator.Key{AccessKey: r.Credential.Access, SecretKey: r.Credential.Secret, SecurityToken: r.Credential.SecurityToken}
}

// do sends a request to the handler. The response must be JSON.
func do(t *testing.T, h http.Handler, r *http.Request) (int, response) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	var body response
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
		t.Errorf("%v in %s", err, w.Body)
	}
	body.SubjectToken = w.Header().Get("X-Subject-Token")
	return w.Code, body
}

// result returns the status and the error code, or the message of an error without a code.
func result(status int, body response) string {
	if body.Error != nil {
		return fmt.Sprint(status, " ", body.Error.Message)
	}
	return strings.TrimSpace(fmt.Sprint(status, " ", body.Code))
}

// clock is the clock of a cloud and its callers.
type clock struct{ now time.Time }

func newClock() *clock {
	return &clock{time.Date(2030, 1, 2, 3, 4, 5, 678_912_345, time.UTC)}
}

func (c *clock) Now() time.Time       { return c.now }
func (c *clock) move(d time.Duration) { c.now = c.now.Add(d) }

// unsigned returns a request with a token, or without any credential.
func unsigned(method, target, body, token string) *http.Request {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if token != "" {
		r.Header.Set("X-Auth-Token", token)
	}
	return r
}

// plain sends a request with a header, of which no values leave it out, and returns the response as text.
func plain(h http.Handler, method, target, body, header string, values ...string) (int, string) {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for _, value := range values {
		r.Header.Add(header, value)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func get(t *testing.T, h http.Handler, target string) (int, response) {
	t.Helper()
	return do(t, h, call{target: target}.request())
}
