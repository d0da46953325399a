// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"cmp"
	"context"
	"fmt"
	"time"
)

// Lifetimes of an agency's temporary keys.
const (
	MinAgencyDuration      = 15 * time.Minute
	MaxAgencyDuration      = 24 * time.Hour // by domain name, at IAM
	MaxTrustAgencyDuration = 12 * time.Hour // by domain ID, at STS
	MaxChainedDuration     = time.Hour      // at STS with temporary keys
)

// Agency is an agency of another account (a domain) that is assumed with the credentials of Base.
// With DomainID it is a trust agency, assumed at STS; with DomainName only, it is assumed at IAM v3.0.
type Agency struct {
	Base                 CredentialSource // another Agency makes a chain
	Name                 string
	DomainID, DomainName string        // account that delegated the agency
	Duration             time.Duration // lifetime of the keys; 0: the service's default
}

// CheckDuration returns an error if the service would reject Duration.
func (a Agency) CheckDuration() error {
	limit := MaxAgencyDuration
	reason := ""
	if a.DomainID != "" {
		limit = MaxTrustAgencyDuration
		if keys, ok := a.Base.(AccessKeys); !ok || !keys.SecurityToken.IsEmpty() {
			limit, reason = MaxChainedDuration, " when an agency with domain_id is assumed with temporary credentials"
		}
	}
	if a.Duration != 0 && (a.Duration < MinAgencyDuration || a.Duration > limit) {
		return fmt.Errorf("must be between %d and %d seconds%s", int(MinAgencyDuration.Seconds()), int(limit.Seconds()), reason)
	}
	return nil
}

func (Agency) traits() sourceTraits { return sourceTraits{} }

func (a Agency) retrieve(ctx context.Context, c *Client, in scope) (Credential, error) {
	// The permission to assume the agency belongs to the caller's account, project_id to the agency's account.
	account := scope{region: cmp.Or(c.config.Region, in.region)}
	caller, err := a.Base.retrieve(ctx, c, account)
	if err != nil {
		return Credential{}, err
	}
	if a.DomainID != "" {
		return a.assumeAtSTS(ctx, c, account, caller)
	}
	return a.assumeAtIAM(ctx, c, account, caller)
}

// assumeAtIAM implements POST /v3.0/OS-CREDENTIAL/securitytokens of IAM (CreateTemporaryAccessKeyByAgency).
func (a Agency) assumeAtIAM(ctx context.Context, c *Client, in scope, caller Credential) (Credential, error) {
	role := map[string]any{"agency_name": a.Name, "domain_name": a.DomainName}
	if a.Duration > 0 {
		role["duration_seconds"] = int(a.Duration.Seconds())
	}
	keys, err := c.requestKeys(ctx, apiCall{
		Request:    Request{Service: IAM, Region: in.region, Path: securityTokensPath},
		credential: &caller,
		body: map[string]any{"auth": map[string]any{
			"identity": map[string]any{"methods": []string{"assume_role"}, "assume_role": role},
		}},
	})
	if err != nil {
		return Credential{}, &AuthError{Method: AuthAgency, Principal: a.Name, Err: err}
	}
	return keys, nil
}

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
