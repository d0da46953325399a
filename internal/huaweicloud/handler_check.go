// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"context"
	"net/http"
)

// checkHandler turns a response that is no success, or that cannot be decoded, into an error.
type checkHandler struct {
	next  handler
	clock *clock
}

func (h *checkHandler) do(ctx context.Context, call *apiCall) (response, error) {
	resp, err := h.next.do(ctx, call)
	if err == nil {
		err = h.check(resp, call)
	}
	return resp, err
}

func (h *checkHandler) check(resp response, call *apiCall) error {
	if resp.status/100 != 2 {
		rejection := newError(resp)
		signed := call.credential != nil && call.credential.Token.IsEmpty()
		rejection.clockCorrected = signed && resp.status == http.StatusUnauthorized && h.clock.correct(resp)
		return rejection
	}
	err := call.decode(resp)
	if err == nil || isPermanent(err) {
		return err
	}
	if rejection := newError(resp); rejection.Code != "" {
		return rejection
	}
	return &InvalidResponseError{Status: resp.status, ContentType: sanitize(resp.header.Get("Content-Type"), resp.secrets), Err: err}
}
