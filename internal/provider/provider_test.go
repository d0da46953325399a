// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"strings"
	"testing"
)

// terraform validate reports malformed arguments, terraform plan reports each once, and neither shows a secret
// in the source line. Values are invented: the workspace has no simulator.
func TestAccProvider_validate(t *testing.T) {
	t.Parallel()
	const data = "data \"smartconnect_tasks\" \"test\" {\n  instance_id = \"i\"\n}\n"
	tests := []struct {
		name, block string
		errors      int
		warnings    int // of the plan
	}{
		{"valid", `region = "cn-north-4"`, 0, 0},
		{"heredoc", "token = <<-EOT\n    canary\n  EOT\n", 0, 0},
		{"password in a heredoc", "password = <<-EOT\n    canary\n\n  EOT\n", 1, 0},
		{"region", `region = "cn north"`, 1, 0},
		{"number", `max_retries = 1.5`, 1, 0},
		{"keys", "access_key = \"AK \"\n  secret_key = \"canary \"", 2, 0},
		{"password in an endpoint", `endpoints = { dms = "https://user:canary@dms.example.com" }`, 1, 0},
		{"password as a port", `auth_url = "iam.example.com:canary"`, 1, 0},
		{"key of endpoints in upper case", `endpoints = { DMS = "dms.example.com" }`, 1, 0},
		{"unknown key of endpoints", `endpoints = { ecs = "ecs.example.com" }`, 0, 1},
		{"nested blocks", "assume_role {\n    duration = 1\n  }\n  assume_role_with_oidc {\n    id_token = \"canary \"\n  }", 2, 0},
		{"half a credential", `secret_key = "canary"`, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := workspace(t, map[string]string{"main.tf": userSource + "provider \"smartconnect\" {\n  " + tt.block + "\n}\n" + data})
			validated, err := run(t, w, "validate")
			if got := strings.Count(validated, "Error: Invalid Provider Argument"); got != tt.errors || (err == nil) != (tt.errors == 0) {
				t.Errorf("validate reports %d errors, want %d: %v\n%s", got, tt.errors, err, validated)
			}
			w.Env = map[string]string{"HC_CONTAINER_CREDENTIALS_FULL_URI": "none"}
			planned, _ := run(t, w, "plan")
			if got := strings.Count(planned, "Error: Invalid Provider Argument"); got != tt.errors {
				t.Errorf("plan reports %d errors, want %d:\n%s", got, tt.errors, planned)
			}
			if got := strings.Count(planned, "Warning: Unused Endpoint"); got != tt.warnings {
				t.Errorf("plan has %d warnings, want %d:\n%s", got, tt.warnings, planned)
			}
			if strings.Contains(validated+planned, "canary") {
				t.Errorf("a secret is shown:\n%s%s", validated, planned)
			}
		})
	}
}
