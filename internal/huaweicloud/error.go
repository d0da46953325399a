// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"context"
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

	retryAfter     time.Duration // what the answer asks to wait
	clockCorrected bool          // this machine's clock was the reason, and is corrected now
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

// InvalidResponseError is an answer of status 2xx that does not hold what was asked for.
type InvalidResponseError struct {
	Status      int
	ContentType string
	Err         error // what was wrong with it
}

// Error implements error.
func (e *InvalidResponseError) Error() string {
	return fmt.Sprintf("HTTP %d with content type %q is not an answer of the service: %v", e.Status, e.ContentType, e.Err)
}

// Unwrap returns Err.
func (e *InvalidResponseError) Unwrap() error { return e.Err }

// echoMarker begins what gateways repeat of a signed request in their message, headers and all.
const echoMarker = "canonicalRequest"

// isUnauthorized reports whether err is a response that rejects the credential.
func isUnauthorized(err error) bool {
	answer, ok := errors.AsType[*Error](err)
	return ok && answer.Status == http.StatusUnauthorized && !answer.clockCorrected && (!answer.fromService() || answer.tokenEnded())
}

// tokenEnded reports whether the service itself rejected a token as invalid or expired.
func (e *Error) tokenEnded() bool { return e.Code == "DMS.10240101" || e.Code == "DMS.10240102" }

// fromService reports whether the service itself answered: the gateway before it took the credential.
func (e *Error) fromService() bool { return strings.HasPrefix(e.Code, "DMS.") }

// newError reads an error answer. Secrets are kept out of it, since gateways echo what was sent.
func newError(a response) *Error {
	now, err := http.ParseTime(a.header.Get("Date")) // of the clock that a date in Retry-After is by
	if err != nil {
		now = time.Now()
	}
	e := &Error{Status: a.status, retryAfter: parseRetryAfter(a.header.Get("Retry-After"), now)}
	var form struct {
		Code      flexString `json:"error_code"`
		Message   flexString `json:"error_msg"`
		RequestID flexString `json:"request_id"`
		IAM       struct {
			Code    flexString `json:"code"`
			Message flexString `json:"message"`
		} `json:"error"`
	}
	// Proxies answer with anything; what is not JSON has nothing to add to the status.
	_ = json.Unmarshal(a.body, &form)
	e.Code = sanitize(first(form.Code, form.IAM.Code), a.secrets)
	message, _, _ := strings.Cut(first(form.Message, form.IAM.Message), echoMarker)
	e.Message = sanitize(strings.TrimRight(message, ", "), a.secrets)
	e.RequestID = sanitize(first(flexString(requestID(a.header)), form.RequestID), a.secrets)
	if a.status/100 == 3 && a.header.Get("Location") != "" && e.Message == "" {
		e.Message = "a redirect, which is not followed"
	}
	return e
}

// requestID returns the header of an answer that names its request.
func requestID(header http.Header) string {
	return first(flexString(header.Get("X-Request-Id")), flexString(header.Get("X-Iam-Trace-Id")))
}

// flexString reads a JSON string or number, and ignores anything else.
type flexString string

// UnmarshalJSON implements [json.Unmarshaler].
func (t *flexString) UnmarshalJSON(b []byte) error {
	var s string
	var n json.Number
	switch {
	case json.Unmarshal(b, &s) == nil:
		*t = flexString(s)
	case json.Unmarshal(b, &n) == nil:
		*t = flexString(n)
	}
	return nil
}

func first(texts ...flexString) string {
	for _, t := range texts {
		if t != "" {
			return string(t)
		}
	}
	return ""
}

const maxMessage = 400

// sanitize makes text of the network fit for a terminal: one line, not long, no secret.
func sanitize(s string, secrets []string) string {
	s = redact(s, secrets)
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	s = redact(strings.Join(strings.Fields(s), " "), secrets) // again, for what line breaks have divided
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

// redact masks secrets, also as they stand in URLs and JSON.
func redact(s string, secrets []string) string {
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

var (
	errAttemptTimeout   = fmt.Errorf("no whole answer within %s", attemptTimeout)
	errResponseTooLarge = permanentError{fmt.Errorf("the answer is larger than %d MiB", maxBody>>20)}
)

// networkError names the time limit that struck. Some errors of net/http repeat what came.
func networkError(ctx context.Context, err error, secrets []string) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return &redactedError{text: sanitize(err.Error(), secrets), err: err}
}

// redactedError is an error whose text is fit to be seen.
type redactedError struct {
	text string
	err  error
}

func (e *redactedError) Error() string { return e.text }

func (e *redactedError) Unwrap() error { return e.err }

type permanentError struct{ error }

func (permanentError) Permanent() bool { return true }

func isPermanent(err error) bool {
	var permanent interface{ Permanent() bool }
	return errors.As(err, &permanent) && permanent.Permanent()
}
