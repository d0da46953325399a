// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Error is an error response.
type Error struct {
	Status    int    // HTTP
	Code      string // of the service, such as DMS.00404022; may be empty
	Message   string // at most a few hundred characters, without line breaks and secrets; may be empty
	RequestID string // for Huawei Cloud support; may be empty

	retryAfter     time.Duration // of the Retry-After header
	clockCorrected bool          // the local clock was wrong, and is corrected now
	foreign        bool          // the body is in none of the service's formats
	withToken      bool          // the request had a token, not a signature
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

// RequestError is a failed request, with the number of attempts.
type RequestError struct {
	Service  Service
	Method   string
	URL      string // without the query
	Attempts int
	Elapsed  time.Duration
	Err      error // an *Error, or that of the transport
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

// InvalidResponseError is a 2xx response that cannot be decoded.
type InvalidResponseError struct {
	Status      int
	ContentType string
	Err         error // the reason
}

// Error implements error.
func (e *InvalidResponseError) Error() string {
	return fmt.Sprintf("HTTP %d with content type %q is not a response from the service: %v", e.Status, e.ContentType, e.Err)
}

// Unwrap returns Err.
func (e *InvalidResponseError) Unwrap() error { return e.Err }

// echoMarker starts the copy of a signed request, with its headers, in messages of the gateway.
const echoMarker = "canonicalRequest"

// isUnauthorized reports whether err is a response that rejects the credential.
func isUnauthorized(err error) bool {
	response, ok := errors.AsType[*Error](err)
	return ok && response.Status == http.StatusUnauthorized && !response.clockCorrected && (!response.fromService() || response.tokenEnded())
}

// tokenEnded reports whether the service itself rejected a token as invalid or expired.
func (e *Error) tokenEnded() bool { return e.Code == "DMS.10240101" || e.Code == "DMS.10240102" }

// IsForeign reports whether something other than the service sent the response, such as a web filter.
func (e *Error) IsForeign() bool {
	return e.foreign && e.Status/100 == 4 && e.Status != http.StatusRequestTimeout && e.Status != http.StatusTooManyRequests
}

// IsTokenRejected reports whether a token has expired or is not valid for the project.
func (e *Error) IsTokenRejected() bool {
	return e.Status == http.StatusUnauthorized && (e.withToken || e.tokenEnded() || strings.HasPrefix(e.Code, "APIGW.0307"))
}

// fromService reports whether the service sent the response: then the gateway accepted the credential.
func (e *Error) fromService() bool { return strings.HasPrefix(e.Code, "DMS.") }

// newError parses an error response, without secrets: gateways echo requests.
func newError(resp response) *Error {
	now, err := http.ParseTime(resp.header.Get("Date")) // of the clock that Retry-After refers to
	if err != nil {
		now = time.Now()
	}
	e := &Error{Status: resp.status, retryAfter: parseRetryAfter(resp.header.Get("Retry-After"), now)}
	body, ok := parseErrorBody(resp.body)
	e.foreign = !ok
	e.Code = sanitize(string(body.code()), resp.secrets, mask)
	message, _, _ := strings.Cut(string(body.message()), echoMarker)
	e.Message = sanitize(strings.TrimRight(message, ", "), resp.secrets, withheld)
	e.RequestID = sanitize(cmp.Or(requestID(resp.header), string(body.RequestID)), resp.secrets, mask)
	if resp.status/100 == 3 && resp.header.Get("Location") != "" && e.Message == "" {
		e.Message = "a redirect, which is not followed"
	}
	return e
}

// errorBody is an error in any of the formats of the services and gateways.
type errorBody struct {
	ErrorCode flexString `json:"error_code"`
	ErrorMsg  flexString `json:"error_msg"`
	Code      flexString `json:"code"`
	Message   flexString `json:"message"`
	RequestID flexString `json:"request_id"`
}

func (b errorBody) code() flexString    { return cmp.Or(b.ErrorCode, b.Code) }
func (b errorBody) message() flexString { return cmp.Or(b.ErrorMsg, b.Message) }

// parseErrorBody parses an error at the root of a JSON object, or in an object in it, such as "error" or
// "badRequest". It reports whether there is a JSON object, which proxies do not send.
func parseErrorBody(text []byte) (body errorBody, ok bool) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(text, &fields) != nil || json.Unmarshal(text, &body) != nil {
		return errorBody{}, false
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if body.code() != "" || body.message() != "" {
			break
		}
		id := body.RequestID
		if json.Unmarshal(fields[name], &body) != nil {
			body = errorBody{}
		}
		body.RequestID = cmp.Or(id, body.RequestID)
	}
	return body, true
}

// requestID returns the request ID in the headers of a response.
func requestID(header http.Header) string {
	return cmp.Or(header.Get("X-Request-Id"), header.Get("X-Iam-Trace-Id"))
}

// flexString is a JSON string or number; other types are ignored.
type flexString string

// UnmarshalJSON implements [json.Unmarshaler].
func (f *flexString) UnmarshalJSON(b []byte) error {
	var s string
	var n json.Number
	switch {
	case json.Unmarshal(b, &s) == nil:
		*f = flexString(s)
	case json.Unmarshal(b, &n) == nil:
		*f = flexString(n)
	}
	return nil
}

type permanentError struct{ error }

func (permanentError) Permanent() bool { return true }

func (e permanentError) Unwrap() error { return e.error }

func isPermanent(err error) bool {
	var permanent interface{ Permanent() bool }
	return errors.As(err, &permanent) && permanent.Permanent()
}
