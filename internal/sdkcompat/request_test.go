// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package sdkcompat

import (
	"math/rand/v2"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"
)

// request holds what a signature depends on. As JSON, with the SDK's signature, it is a golden vector.
type request struct {
	Method        string              `json:"method"`
	Path          string              `json:"path"` // unescaped
	Query         map[string][]string `json:"query,omitempty"`
	Headers       map[string]string   `json:"headers,omitempty"`
	Body          string              `json:"body,omitempty"`
	AccessKey     string              `json:"access_key"`
	SecretKey     string              `json:"secret_key"`
	SecurityToken string              `json:"security_token,omitempty"` // of temporary keys
	Date          string              `json:"date"`                     // RFC 3339, in any time zone
	Authorization string              `json:"authorization,omitempty"`  // of the SDK
}

func (r *request) time() (time.Time, error) { return time.Parse(time.RFC3339Nano, r.Date) }

// isText reports whether r is UTF-8, as JSON is.
func (r *request) isText() bool {
	parts := []string{r.Path, r.Body, r.SecretKey}
	for name, values := range r.Query {
		parts = append(append(parts, name), values...)
	}
	for _, value := range r.Headers {
		parts = append(parts, value)
	}
	return utf8.ValidString(strings.Join(parts, "\n"))
}

// odd are strings that signers escape, sort, trim or decode in different ways.
var odd = []string{
	"a", "B", "z9", "abc", "-._~", "~", "*", "(", "'", "\"", "\\", " ", "+", "%", "%20", "%2F", "&", "=", "?", "#", ";", ":", ",", "/", ".", "..", "{id}",
	"ä", "e\u0301", "ß", "漢字", "🚀", "\u00a0", "\u2028", "\ufeff", "\u202e", "\u0130", "\u212a", "\x00", "\n", "\r\n", "\t", "\x7f", "\xff", "\xed\xa0\x80",
}

// generator generates random requests that both signers support. It leaves out what only one of them does:
// User-Agent, names with "_", unsigned bodies.
type generator struct{ *rand.Rand }

func newGenerator(seed uint64) generator { return generator{rand.New(rand.NewPCG(seed, 0))} }

func pick[T any](g generator, choices ...T) T { return choices[g.IntN(len(choices))] }

// text returns up to n odd strings.
func (g generator) text(n int) string {
	var text strings.Builder
	for range g.IntN(n + 1) {
		text.WriteString(pick(g, odd...))
	}
	return text.String()
}

func (g generator) request() request {
	r := request{
		Method: pick(g, http.MethodGet, http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch,
			http.MethodDelete, http.MethodHead, http.MethodOptions, "PURGE"),
		Path:          pick(g, "", "/", "/v2/p/instances/i/connector/tasks", "/"+g.text(4), "/a/"+g.text(4)+"/"+g.text(4), "/"+g.text(2)+"//"+g.text(2)+"/"),
		Query:         map[string][]string{},
		Headers:       map[string]string{},
		Body:          pick(g, "", "", "{}", "\n", g.text(20), strings.Repeat("long ", 200)),
		AccessKey:     pick(g, "A", "ABCDEFGHIJ0123456789"),
		SecretKey:     pick(g, "+/", "abcdefghijklmnopqrst0123456789+/ABCDEFGH") + g.text(2),
		SecurityToken: pick(g, "", "", "a/token+with=signs==", "a-token_for-URLs"),
		// Between 1970 and 2100.
		Date: time.Unix(g.Int64N(4_100_000_000), g.Int64N(1e9)).In(time.FixedZone("", 60*(g.IntN(26*60)-12*60))).Format(time.RFC3339Nano),
	}
	for range g.IntN(6) {
		// Names that sort differently when escaped.
		name := pick(g, "", "a", "A", "a-b", "a.b", "a=b", "a b", "ab", "aB", "a%20", "é", "offset", "limit", g.text(3))
		for range 1 + g.IntN(3) {
			r.Query[name] = append(r.Query[name], pick(g, "", "0", "10", "9", g.text(4)))
		}
	}
	if g.IntN(2) == 0 {
		r.Headers[projectHeader] = "0123456789abcdef"
	}
	if g.IntN(2) == 0 {
		r.Headers["Content-Type"] = pick(g, "application/json", "application/json;charset=UTF-8")
	}
	for range g.IntN(6) {
		name := pick(g, "Accept", "X-Language", "x-lower", "X-UPPER", "Date", "X-Domain-Id", "X", "X-A", "X-A-B", "X-AB", "X.A",
			"X-0!#$%&'*+-.^`|~")
		r.Headers[name] = g.headerValue()
	}
	return r
}

// headerValue returns a value that is valid in HTTP.
func (g generator) headerValue() string {
	return strings.Map(func(c rune) rune {
		if c < ' ' && c != '\t' || c == 0x7f {
			return -1
		}
		return c
	}, g.text(5))
}
