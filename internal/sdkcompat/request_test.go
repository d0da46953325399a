// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package sdkcompat

import (
	"encoding/base64"
	"fmt"
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

// generator generates random requests that both signers support. It leaves out what only one of them does:
// User-Agent, names with "_", unsigned bodies.
type generator struct{ *rand.Rand }

func newGenerator(seed uint64) generator { return generator{rand.New(rand.NewPCG(seed, 0))} }

// chance returns true once in n times.
func (g generator) chance(n int) bool { return g.IntN(n) == 0 }

func pick[T any](g generator, choices ...T) T { return choices[g.IntN(len(choices))] }

func (g generator) request() request {
	r := request{
		Method: pick(g, http.MethodGet, http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch,
			http.MethodDelete, http.MethodHead, http.MethodOptions, "PURGE"),
		Path:      g.path(),
		Query:     g.query(),
		Headers:   g.headers(),
		Body:      g.body(),
		AccessKey: g.of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 1+g.IntN(24)),
		SecretKey: g.of("abzABZ019+/", 1+g.IntN(40)) + g.text(g.IntN(3)),
		Date:      g.date(),
	}
	if g.chance(2) {
		token := make([]byte, 1+g.IntN(48))
		for i := range token {
			token[i] = byte(g.IntN(256))
		}
		r.SecurityToken = pick(g, base64.StdEncoding, base64.URLEncoding, base64.RawURLEncoding).EncodeToString(token)
	}
	return r
}

func (g generator) path() string {
	if g.chance(8) {
		return fmt.Sprintf("/v2/%s/instances/%s/connector/tasks", g.of("0123456789abcdef", 32), g.of("0123456789abcdef-", 36))
	}
	if g.chance(100) {
		return ""
	}
	var path strings.Builder
	for range 1 + g.IntN(6) {
		path.WriteString("/" + pick(g, g.text(g.IntN(5)), g.text(g.IntN(5)), g.of("abcXYZ019", 1+g.IntN(12)), "",
			".", "..", "%2F", "%", "+", " ", "~", "a=b&c", "{id}"))
	}
	return path.String()
}

func (g generator) query() map[string][]string {
	query := map[string][]string{}
	for range g.IntN(6) {
		// Names that sort differently when escaped.
		name := pick(g, "a", "A", "a-b", "a.b", "a=b", "a b", "ab", "aB", "a%20", "é", "", "offset", "limit", g.text(1+g.IntN(3)))
		for range 1 + g.IntN(3) {
			query[name] = append(query[name], pick(g, "", "0", "10", "9", "true", g.text(g.IntN(5))))
		}
	}
	return query
}

func (g generator) headers() map[string]string {
	headers := map[string]string{}
	add := func(name, value string) {
		for other := range headers {
			if strings.EqualFold(name, other) {
				return // no server accepts what the SDK sends for a header in two spellings
			}
		}
		headers[name] = value
	}
	if g.chance(2) {
		add("X-Project-Id", g.of("0123456789abcdef", 32))
	}
	if g.chance(3) {
		add("Content-Type", pick(g, "application/json", "application/json;charset=UTF-8"))
	}
	for range g.IntN(4) {
		name := pick(g, "Accept", "X-Language", "x-lower", "X-UPPER", "Date", "X-Domain-Id", "X", "X-A", "X-A-B", "X-AB", "X.A",
			"X-"+g.of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^`|~", 1+g.IntN(8)))
		add(name, g.headerValue())
	}
	return headers
}

// headerValue returns a value that is valid in HTTP.
func (g generator) headerValue() string {
	value := strings.Map(func(c rune) rune {
		if c < ' ' && c != '\t' || c == 0x7f {
			return -1
		}
		return c
	}, g.text(g.IntN(6)))
	blank := pick(g, "", "", " ", "\t", "  \t ", "\u00a0")
	return pick(g, value, blank+value, value+blank, blank+value+blank, value+blank+value, "a,b", "a;b", "a:b", "")
}

func (g generator) body() string {
	switch g.IntN(6) {
	case 0:
		return fmt.Sprintf(`{"name":%q,"list":[1,2.5,null]}`, g.of("abcäß漢<&>", g.IntN(8)))
	case 1:
		return g.text(1 + g.IntN(20))
	case 2:
		return pick(g, "\n", " ", "\x00", "{}", "null", strings.Repeat("long ", 1+g.IntN(200)))
	default:
		return ""
	}
}

// date returns a time between 1970 and 2100.
func (g generator) date() string {
	zone := time.FixedZone("", 60*(g.IntN(26*60)-12*60))
	return time.Unix(g.Int64N(4_100_000_000), g.Int64N(1e9)).In(zone).Format(time.RFC3339Nano)
}

// of returns n characters of alphabet.
func (g generator) of(alphabet string, n int) string {
	var text strings.Builder
	for runes := []rune(alphabet); n > 0; n-- {
		text.WriteRune(pick(g, runes...))
	}
	return text.String()
}

// text returns n unusual substrings.
func (g generator) text(n int) string {
	var text strings.Builder
	for ; n > 0; n-- {
		switch g.IntN(5) {
		case 0:
			text.WriteByte(byte(' ' + g.IntN('~'-' '+1)))
		case 1:
			text.WriteString(g.of("abzAZ09", 1+g.IntN(4)))
		case 2:
			text.WriteString(pick(g, "ä", "é", "e\u0301", "ß", "漢字", "🚀", "\U0001f469\u200d\U0001f4bb", "\u00a0", "\u2028", "\ufeff", "\u202e", "\u0130", "\u212a"))
		case 3:
			text.WriteString(pick(g, "%20", "%", "+", " ", "&", "=", "?", "#", ";", ":", "//", "\\", "\"", "'", "~", "*", "(", ")", "-._~"))
		default:
			if g.chance(8) {
				text.WriteString(pick(g, "\x00", "\n", "\r\n", "\t", "\x7f", "\xff", "\xc3", "\xed\xa0\x80"))
			}
		}
	}
	return text.String()
}
