// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"context"
	"errors"
	"net/http"
)

// checkHandler turns a response that is not a success, or that cannot be decoded, into an error.
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
			return abandoned.error // the caller has left, so it need not be decoded
		}
	}
	return resp, err
}

func (h *checkHandler) checkStatus(resp response, call *apiCall) error {
	if resp.status/100 == 2 {
		return nil
	}
	cloudErr := newError(resp)
	signed := call.credential != nil && call.credential.Token.IsEmpty()
	cloudErr.withToken = call.credential != nil && !signed
	cloudErr.clockCorrected = signed && resp.status == http.StatusUnauthorized && h.clock.correct(resp)
	return cloudErr
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
	if cloudErr := newError(resp); cloudErr.Code != "" && !call.issuesCredential {
		return cloudErr
	}
	return &InvalidResponseError{Status: resp.status, ContentType: sanitize(resp.header.Get("Content-Type"), resp.secrets, mask), Err: err}
}
