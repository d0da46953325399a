// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

// Only the certificate of a trusted CA is accepted.
func TestAccProvider_certificate(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(simulator.New(simulator.Options{}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // of handshakes that are meant to fail
	server.StartTLS()
	t.Cleanup(server.Close)
	ca := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	otherCA, _, _ := selfSigned(t, t.TempDir(), "other")
	w := workspace(t, map[string]string{"versions.tf": userSource})
	tests := []struct {
		name, line string
		trusted    bool
	}{
		{"no_ca", "", false},
		{"ca_file", fmt.Sprintf("cacert_file = %q", writeFile(t, "ca.pem", ca)), true},
		{"ca_content", fmt.Sprintf("cacert_file = <<EOT\n%sEOT", ca), true},
		{"insecure", "insecure = true", true},
		{"other_ca", fmt.Sprintf("cacert_file = %q", otherCA), false},
	}
	for _, tt := range tests {
		config := aliasedProvider(tt.name, fmt.Sprintf("region = %q\n  access_key = %q\n  secret_key = %q\n  %s\n  endpoints = { dms = %[5]q, iam = %[5]q }",
			simulator.Region, simulator.AccessKey, simulator.SecretKey, tt.line, strings.TrimPrefix(server.URL, "https://"))) +
			aliasedData(tt.name, "smartconnect_tasks", tt.name, fmt.Sprintf("instance_id = %q", simulator.InstanceID))
		if err := w.Write(tt.name+".tf", []byte(config)); err != nil {
			t.Fatal(err)
		}
	}
	errors := planErrors(t, w, 2)
	for _, tt := range tests {
		got := plain(strings.ReplaceAll(errors[tt.name+".tf"], tt.name, "test"))
		if !tt.trusted {
			golden(t, "diagnostics/certificate-not-trusted.txt", got)
		} else if got != "" {
			t.Errorf("%s: %s", tt.name, got)
		}
	}
}
