// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import "context"

// authHandler adds the credential of the source to a call. If it is rejected, it is renewed once.
type authHandler struct {
	next   handler
	client *Client
}

func (h *authHandler) do(ctx context.Context, call *apiCall) (response, error) {
	if !call.authenticated {
		return h.next.do(ctx, call)
	}
	for renewed := false; ; renewed = true {
		credential, err := h.client.credentialFor(ctx, call.scope())
		if err != nil {
			return response{}, err
		}
		call.credential = &credential
		resp, err := h.next.do(ctx, call)
		if renewed || !isUnauthorized(err) || !h.client.config.CredentialSource.traits().renewable {
			return resp, err
		}
		if err := h.client.invalidateCredential(ctx, call.scope(), credential); err != nil {
			return response{}, err
		}
	}
}
