// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"time"
)

const (
	attemptTimeout = 30 * time.Second
	maxBody        = 1 << 20  // decompressed: over 20 times a page of 50 tasks
	minBuffer      = 16 << 10 // enough for the 18 tasks of a usual quota
)

// ErrResponseTooLarge is the error of a response that exceeds the bound of a body.
var ErrResponseTooLarge = permanentError{fmt.Errorf("the response is larger than %d MiB", maxBody>>20)}

// sendHandler sends a call as one HTTP request, and reads the complete response.
type sendHandler struct {
	transport http.RoundTripper
	clock     *clock
	userAgent string
	secrets   []string // of the proxies
}

// response is a complete response, and what is needed to check it.
type response struct {
	status    int
	header    http.Header
	body      []byte
	secrets   []string      // of the request, to be redacted
	clockSkew time.Duration // by which the request was signed
}

// received is the result of sending a request.
type received struct {
	response
	err error
}

func (h *sendHandler) do(ctx context.Context, call *apiCall) (response, error) {
	if !call.detached {
		return h.send(ctx, call)
	}
	sendCtx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	result := make(chan received, 1)
	go func() {
		defer cancel()
		resp, err := h.send(sendCtx, call)
		result <- received{resp, err}
	}()
	select {
	case r := <-result:
		return r.response, r.err
	case <-ctx.Done():
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return response{}, &abandonedError{error: context.Cause(ctx), received: result}
	}
	cancel() // the run has been interrupted, so no later request needs the result
	return response{}, context.Cause(ctx)
}

func (h *sendHandler) send(ctx context.Context, call *apiCall) (response, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, attemptTimeout, errAttemptTimeout)
	defer cancel()
	req, body, err := call.newRequest(ctx)
	if err != nil {
		return response{}, err
	}
	req.Header.Set("User-Agent", h.userAgent)
	req.Header.Set(headerHost, req.URL.Host) // net/http sends it as it is in the URL; here it is signed
	resp := response{secrets: slices.Concat(call.secrets, h.secrets), clockSkew: h.clock.skew()}
	if call.credential != nil {
		call.credential.authenticate(req, body, time.Now().Add(resp.clockSkew))
		resp.secrets = append(resp.secrets, call.credential.secrets(req)...)
	}
	err = resp.receive(ctx, h.transport, req)
	if call.issuesCredential {
		resp.secrets = append(resp.secrets, issuedSecrets(resp.header, resp.body)...)
		err = issuingError(err)
	}
	return resp, err
}

// newRequest returns the HTTP request of a call, and its body.
func (c *apiCall) newRequest(ctx context.Context) (req *http.Request, body []byte, err error) {
	if c.body != nil {
		if body, err = json.Marshal(c.body); err != nil {
			return nil, nil, err
		}
	}
	req, err = http.NewRequestWithContext(ctx, c.method, c.url.String(), bytes.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	maps.Copy(req.Header, c.header)
	if c.ProjectID != "" {
		req.Header.Set(headerProjectID, c.ProjectID)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, body, nil
}

// receive sends req and reads the complete response, whatever its status.
func (r *response) receive(ctx context.Context, transport http.RoundTripper, req *http.Request) error {
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return newNetworkError(ctx, transport, req, "", err, r.secrets)
	}
	defer func() { _ = resp.Body.Close() }()
	r.status, r.header = resp.StatusCode, resp.Header
	switch {
	case r.status/100 == 1:
		return nil // the body of status 101 is the bare connection, which does not obey ctx
	case r.status == http.StatusProxyAuthRequired:
		return &ProxyError{Proxy: proxyOf(transport, req), Status: r.status}
	}
	var body bytes.Buffer
	if resp.ContentLength <= maxBody {
		body.Grow(int(max(resp.ContentLength, minBuffer)) + bytes.MinRead)
	}
	_, err = body.ReadFrom(io.LimitReader(resp.Body, maxBody+1))
	r.body = body.Bytes()
	switch {
	case r.status/100 != 2:
		// The status says enough: a rejection whose body is truncated must not be retried.
	case err != nil:
		return newNetworkError(ctx, transport, req, fmt.Sprintf("response truncated after %d bytes: ", len(r.body)), err, r.secrets)
	case len(r.body) > maxBody:
		return ErrResponseTooLarge
	}
	return nil
}
