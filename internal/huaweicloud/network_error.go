// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
)

var errAttemptTimeout = fmt.Errorf("no complete response within %s", attemptTimeout)

// ConnectionError is a request that got no complete response from the network.
type ConnectionError struct {
	Address string // host and port
	Err     error  // its text contains no secrets
}

// Error implements error.
func (e *ConnectionError) Error() string { return "connection to " + e.Address + ": " + e.Err.Error() }

// Unwrap returns Err, unless it would be taken for the end of the caller's context.
func (e *ConnectionError) Unwrap() error { return exceptContextError(e.Err) }

// ProxyError is a request that a proxy did not let through, or that did not reach it.
type ProxyError struct {
	Proxy  string // host and port; if unknown, what completes "the proxy"
	Status int    // of the proxy's response; 0: there was none
	Err    error  // if there was no response; its text contains no secrets
}

// Error implements error.
func (e *ProxyError) Error() string {
	text := "proxy " + e.Proxy + ": "
	if e.Err != nil {
		return text + e.Err.Error()
	}
	return strings.TrimSpace(fmt.Sprintf("%sHTTP %d %s", text, e.Status, http.StatusText(e.Status)))
}

// Unwrap returns Err, unless it would be taken for the end of the caller's context.
func (e *ProxyError) Unwrap() error { return exceptContextError(e.Err) }

func exceptContextError(err error) error {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// Permanent reports whether the proxy would reject a retry as well.
func (e *ProxyError) Permanent() bool { return e.Status/100 == 4 || errors.Is(e.Err, ErrProxyURL) }

// newNetworkError explains why transport got no complete response to req. prefix says how far it got.
func newNetworkError(ctx context.Context, transport http.RoundTripper, req *http.Request, prefix string, err error, secrets []string) error {
	cause := context.Cause(ctx)
	if cause != nil && !errors.Is(cause, errAttemptTimeout) {
		return cause
	}
	if cause != nil {
		err = cause
	}
	if proxyErr, ok := errors.AsType[*ProxyError](err); ok {
		return proxyErr
	}
	// Some errors of net/http repeat what the server sent.
	redacted := &redactedError{text: prefix + sanitize(err.Error(), secrets, withheld), err: err}
	if op, ok := errors.AsType[*net.OpError](err); ok && (op.Op == "proxyconnect" || strings.HasPrefix(op.Op, "socks")) {
		return &ProxyError{Proxy: proxyOf(transport, req), Err: redacted}
	}
	return &ConnectionError{Address: addressOf(req.URL), Err: redacted}
}

// proxyOf returns host and port of the proxy by which transport sends req, if it is known.
func proxyOf(transport http.RoundTripper, req *http.Request) string {
	if t, ok := transport.(*http.Transport); ok && t.Proxy != nil {
		if u, err := t.Proxy(req); err == nil && u != nil {
			return addressOf(u)
		}
	}
	return "of the network"
}

// addressOf returns host and port of u.
func addressOf(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443", "socks5": "1080", "socks5h": "1080"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// redactedError is an error whose text contains no secrets.
type redactedError struct {
	text string
	err  error
}

func (e *redactedError) Error() string { return e.text }

func (e *redactedError) Unwrap() error { return e.err }
