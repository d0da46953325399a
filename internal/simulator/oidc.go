// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"net/http"
	"slices"
)

// createTokenWithIDToken is POST /v3.0/OS-AUTH/id-token/tokens, "Obtaining a Token
// with an OpenID Connect ID Token".
func (s *Simulator) createTokenWithIDToken(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Auth struct {
			IDToken struct {
				ID string `json:"id"`
			} `json:"id_token"`
			Scope scope `json:"scope"`
		} `json:"auth"`
	}
	idpID := r.Header.Get("X-Idp-Id")
	if !decode(r, &body) || body.Auth.IDToken.ID == "" || idpID == "" {
		writeFailure(w, *badRequest())
		return
	}
	if rejection := s.federate(idpID, body.Auth.IDToken.ID); rejection != nil {
		writeFailure(w, *rejection)
		return
	}
	user := User{ID: "federated-user", Name: "FederationUser", DomainID: DomainID, DomainName: DomainName}
	project, rejection := s.find(body.Auth.Scope, user)
	if rejection != nil {
		writeFailure(w, *rejection)
		return
	}
	s.writeToken(w, user, project, idpID)
}

// federate checks an ID token of an identity provider.
func (s *Simulator) federate(idpID, idToken string) *failure {
	for _, p := range s.options.IdentityProviders {
		if p.ID != idpID {
			continue
		}
		if slices.Contains(p.IDTokens, idToken) {
			return nil
		}
		return &failure{http.StatusUnauthorized, "IAM.0001", "The request you have made requires authentication."}
	}
	return notFound("identity provider", idpID)
}
