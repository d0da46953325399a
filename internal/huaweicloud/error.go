// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"
)

// Error is an answer of the cloud that is not a success.
type Error struct {
	Status    int    // HTTP
	Code      string // the service's own, as in DMS.00404022; may be empty
	Message   string // at most a few hundred characters, without line breaks and secrets; may be empty
	RequestID string // what the service's support asks for; may be empty

	retryAfter time.Duration // what the answer asks to wait
	again      bool          // this machine's clock was the reason, and is corrected now
}

// Error implements error.
func (e *Error) Error() string {
	text := fmt.Sprintf("HTTP %d", e.Status)
	if name := http.StatusText(e.Status); name != "" {
		text += " " + name
	}
	if e.Code != "" {
		text += ", code " + e.Code
	}
	if e.Message != "" {
		text += ": " + e.Message
	}
	if e.RequestID != "" {
		text += " (request ID " + e.RequestID + ")"
	}
	return text
}

// RequestError says which request failed, and after how many attempts.
type RequestError struct {
	Service  Service
	Method   string
	URL      string // without the query
	Attempts int
	Elapsed  time.Duration
	Err      error // an *Error, or what the transport said
}

// Error implements error.
func (e *RequestError) Error() string {
	text := e.Method + " " + e.URL + ": " + e.Err.Error()
	if e.Attempts > 1 {
		text += fmt.Sprintf(" (tried %d times in %s)", e.Attempts, e.Elapsed.Round(time.Millisecond))
	}
	return text
}

// Unwrap returns Err.
func (e *RequestError) Unwrap() error { return e.Err }

// InvalidAnswerError is an answer of status 2xx that does not hold what was asked for.
type InvalidAnswerError struct {
	Status      int
	ContentType string
	Err         error // what was wrong with it
}

// Error implements error.
func (e *InvalidAnswerError) Error() string {
	return fmt.Sprintf("HTTP %d with content type %q is not an answer of the service: %v", e.Status, e.ContentType, e.Err)
}

// Unwrap returns Err.
func (e *InvalidAnswerError) Unwrap() error { return e.Err }

// echo begins what gateways repeat of a signed request in their message, headers and all.
const echo = "canonicalRequest"

// isUnauthorized reports whether err is an answer that refuses the credential.
func isUnauthorized(err error) bool {
	var answer *Error
	return errors.As(err, &answer) && answer.Status == http.StatusUnauthorized && !answer.again && !answer.isService()
}

// isService reports whether the service itself answered: the gateway before it took the credential.
func (e *Error) isService() bool { return strings.HasPrefix(e.Code, "DMS.") }

// newError reads an error answer. Secrets are kept out of it, since gateways echo what was sent.
func newError(a answer) *Error {
	now, err := http.ParseTime(a.header.Get("Date")) // of the clock that a date in Retry-After is by
	if err != nil {
		now = time.Now()
	}
	e := &Error{Status: a.status, retryAfter: parseRetryAfter(a.header.Get("Retry-After"), now)}
	var form struct {
		Code      text `json:"error_code"`
		Message   text `json:"error_msg"`
		RequestID text `json:"request_id"`
		IAM       struct {
			Code    text `json:"code"`
			Message text `json:"message"`
		} `json:"error"`
	}
	// Proxies answer with anything; what is not JSON has nothing to add to the status.
	_ = json.Unmarshal(a.body, &form)
	e.Code = clean(first(form.Code, form.IAM.Code), a.secrets)
	message, _, _ := strings.Cut(first(form.Message, form.IAM.Message), echo)
	e.Message = clean(strings.TrimRight(message, ", "), a.secrets)
	e.RequestID = clean(first(text(requestID(a.header)), form.RequestID), a.secrets)
	if a.status/100 == 3 && a.header.Get("Location") != "" && e.Message == "" {
		e.Message = "a redirect, which is not followed"
	}
	return e
}

// requestID returns the header of an answer that names its request.
func requestID(header http.Header) string {
	return first(text(header.Get("X-Request-Id")), text(header.Get("X-Iam-Trace-Id")))
}

// text reads a JSON string or number, and ignores anything else.
type text string

// UnmarshalJSON implements [json.Unmarshaler].
func (t *text) UnmarshalJSON(b []byte) error {
	var s string
	var n json.Number
	switch {
	case json.Unmarshal(b, &s) == nil:
		*t = text(s)
	case json.Unmarshal(b, &n) == nil:
		*t = text(n)
	}
	return nil
}

func first(texts ...text) string {
	for _, t := range texts {
		if t != "" {
			return string(t)
		}
	}
	return ""
}

const maxMessage = 400

// clean makes text of the network fit for a terminal: one line, not long, no secret.
func clean(s string, secrets []string) string {
	s = hide(s, secrets)
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	s = hide(strings.Join(strings.Fields(s), " "), secrets) // again, for what line breaks have divided
	if runes := []rune(s); len(runes) > maxMessage {
		s = string(runes[:maxMessage]) + "..."
	}
	return s
}

// What JSON makes of a text, and what Go's makes of that.
var (
	jsonEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`)
	htmlEscapes = strings.NewReplacer("<", `\u003c`, ">", `\u003e`, "&", `\u0026`)
)

// hide masks secrets, also as they stand in URLs and JSON.
func hide(s string, secrets []string) string {
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		asJSON := jsonEscapes.Replace(secret)
		for _, form := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret), asJSON, htmlEscapes.Replace(asJSON)} {
			s = strings.ReplaceAll(s, form, mask)
		}
	}
	return s
}
