// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import "context"

// lockoutHandler lets calls pass as the guard allows.
type lockoutHandler struct {
	next  handler
	guard *lockoutGuard
}

func (h *lockoutHandler) do(ctx context.Context, call *apiCall) (resp response, err error) {
	err = h.guard.do(ctx, call.fingerprint(), call.scope(), func(verified bool) error {
		call.detached = !verified
		resp, err = h.next.do(ctx, call)
		return err
	})
	return resp, err
}

// fingerprint identifies the credential of the call, which may be in its body.
func (c *apiCall) fingerprint() fingerprint {
	if c.credential != nil {
		return c.credential.fingerprint()
	}
	return fingerprintOf(c.secrets...)
}
