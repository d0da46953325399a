// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import "context"

// lockoutHandler lets authenticated calls pass as the guard allows.
type lockoutHandler struct {
	next  handler
	guard *lockoutGuard
}

func (h *lockoutHandler) do(ctx context.Context, call *apiCall) (resp response, err error) {
	if !call.authenticated {
		return h.next.do(ctx, call)
	}
	err = h.guard.do(ctx, call.scope(), func() error {
		resp, err = h.next.do(ctx, call)
		return err
	})
	return resp, err
}
