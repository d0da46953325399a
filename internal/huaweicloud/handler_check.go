// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"context"
	"errors"
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
	if abandoned, ok := errors.AsType[*abandonedError](err); ok {
		abandoned.check = func(resp response) error {
			if err := h.checkStatus(resp, call); err != nil {
				return err
			}
			return abandoned.error // nobody is there to decode it
		}
	}
	return resp, err
}

func (h *checkHandler) checkStatus(resp response, call *apiCall) error {
	if resp.status/100 == 2 {
		return nil
	}
	rejection := newError(resp)
	signed := call.credential != nil && call.credential.Token.IsEmpty()
	rejection.withToken = call.credential != nil && !signed
	rejection.clockCorrected = signed && resp.status == http.StatusUnauthorized && h.clock.correct(resp)
	return rejection
}

func (h *checkHandler) check(resp response, call *apiCall) error {
	if err := h.checkStatus(resp, call); err != nil {
		return err
	}
	err := call.decode(resp)
	if err == nil {
		return nil
	}
	if text := sanitize(err.Error(), resp.secrets, withheld); text == withheld {
		err = &redactedError{text: text, err: err}
	}
	if isPermanent(err) {
		return err
	}
	if rejection := newError(resp); rejection.Code != "" && !call.issues {
		return rejection
	}
	return &InvalidResponseError{Status: resp.status, ContentType: sanitize(resp.header.Get("Content-Type"), resp.secrets, mask), Err: err}
}
