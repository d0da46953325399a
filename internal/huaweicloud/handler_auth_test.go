// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import "testing"

func TestAuthHandler_rejectedCredential(t *testing.T) {
	token := reply(201, `{"token":{"project":{"id":"p"}}}`, "X-Subject-Token", "t")
	other := reply(201, `{"token":{"project":{"id":"p"}}}`, "X-Subject-Token", "other")
	for name, test := range map[string]struct {
		source   CredentialSource
		steps    []roundTripperFunc
		want     string
		requests int
	}{
		"rejected again":          {validPassword(), []roundTripperFunc{token, serviceError(401, "APIGW.0307"), other, serviceError(401, "APIGW.0307")}, "...APIGW.0307...", 4},
		"ended, by the service":   {validPassword(), []roundTripperFunc{token, serviceError(401, "DMS.10240101"), other, page}, "", 4},
		"expired, by the service": {validPassword(), []roundTripperFunc{token, serviceError(401, "DMS.10240102"), other, page}, "", 4},
		"renewal fails":           {validPassword(), []roundTripperFunc{token, serviceError(401, "APIGW.0307"), reply(401, "")}, "...authentication by password...", 3},
		"of another project":      {validPassword(), []roundTripperFunc{token, serviceError(401, "DMS.10240104")}, "...DMS.10240104...", 2},
		"no permission":           {validPassword(), []roundTripperFunc{token, serviceError(403, "DMS.00403002")}, "...DMS.00403002...", 2},
		"static token":            {StaticToken{NewSecret("t")}, []roundTripperFunc{serviceError(401, "APIGW.0307")}, "...APIGW.0307...", 1},
		"static keys":             {validKeys(), []roundTripperFunc{serviceError(401, "APIGW.0301")}, "...APIGW.0301...", 1},
	} {
		runInBubble(t, name, func(t *testing.T) {
			s := newScriptedTransport(test.steps...)
			_, err := getTasks(t.Context(), newTestClient(t, s, withSource(test.source), withRetries(5)))
			if test.want == "" {
				requireNoError(t, err)
			} else {
				requireErrorText(t, err, test.want)
			}
			if s.count() != test.requests {
				t.Errorf("%d requests, want %d", s.count(), test.requests)
			}
		})
	}
}
