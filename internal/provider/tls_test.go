// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

func TestCertificateOfAPrivateCloudIsTakenByItsAuthorityAlone(t *testing.T) {
	t.Parallel()
	s := simulator.New(simulator.Options{})
	server := httptest.NewUnstartedServer(s)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // of handshakes that are meant to fail
	server.StartTLS()
	t.Cleanup(server.Close)
	authority := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	otherAuthority, _, _ := selfSigned(t, t.TempDir(), "other")
	address := strings.TrimPrefix(server.URL, "https://")
	for name, tt := range map[string]struct {
		line  string
		works bool
	}{
		"no authority":        {"", false},
		"its authority":       {fmt.Sprintf("cacert_file = %q", writeFile(t, "ca.pem", authority)), true},
		"text of it":          {fmt.Sprintf("cacert_file = <<EOT\n%sEOT", authority), true},
		"any, as asked for":   {"insecure = true", true},
		"another's authority": {fmt.Sprintf("cacert_file = %q", otherAuthority), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := fmt.Sprintf("provider \"smartconnect\" {\n  region = %q\n  access_key = %q\n  secret_key = %q\n  %s\n  endpoints = { dms = %q, iam = %q }\n}\n%s",
				simulator.Region, simulator.AccessKey, simulator.SecretKey, tt.line, address, address, readTasks(simulator.InstanceID))
			if !tt.works {
				golden(t, filepath.Join("diagnostics", "certificate-not-trusted.txt"), strings.ReplaceAll(diagnose(t, config, nil), address, "simulator"))
				return
			}
			w := workspace(t, map[string]string{"main.tf": userSource + config})
			if out, err := run(t, w, "plan"); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
