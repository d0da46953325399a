// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import "context"

// assumeAtSTS implements POST /v5/agencies/assume of STS (AssumeAgency), which requires a signature: a
// token is exchanged for keys first.
func (a Agency) assumeAtSTS(ctx context.Context, c *Client, in scope, caller Credential) (Credential, error) {
	if !caller.Token.IsEmpty() {
		var err error
		if caller, err = c.exchangeToken(ctx, in, caller.Token, 0); err != nil {
			return Credential{}, err
		}
	}
	urn := "iam::" + a.DomainID + ":agency:" + a.Name
	body := map[string]any{"agency_urn": urn, "agency_session_name": a.Name}
	if a.Duration > 0 {
		body["duration_seconds"] = int(a.Duration.Seconds())
	}
	keys, err := c.requestKeys(ctx, apiCall{
		Request:    Request{Service: STS, Region: in.region, Path: "/v5/agencies/assume"},
		credential: &caller,
		body:       body,
	})
	if err != nil {
		return Credential{}, &AuthError{Method: AuthTrustAgency, Principal: a.Name, AgencyURN: urn, Err: err}
	}
	return keys, nil
}
