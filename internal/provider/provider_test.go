// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"strings"
	"testing"
)

// terraform validate and terraform plan report each malformed argument once, and show no secret in the source line.
func TestAccProvider_validate(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, block string
		errors      int
	}{
		{"valid", `region = "cn-north-4"`, 0},
		{"heredoc", "token = <<-EOT\n    canary\n  EOT\n", 0},
		{"password_in_heredoc", "password = <<-EOT\n    canary\n\n  EOT\n", 1},
		{"region", `region = "cn north"`, 1},
		{"number", `max_retries = 1.5`, 1},
		{"keys", "access_key = \"AK \"\n  secret_key = \"canary \"", 2},
		{"password_in_endpoint", `endpoints = { dms = "https://user:canary@dms.example.com" }`, 1},
		{"password_as_port", `auth_url = "iam.example.com:canary"`, 1},
		{"upper_case_endpoint", `endpoints = { DMS = "dms.example.com" }`, 1},
		{"blocks", "assume_role {\n    duration = 1\n  }\n  assume_role_with_oidc {\n    id_token = \"canary \"\n  }", 2},
		{"incomplete", `secret_key = "canary"`, 0},
	}
	files := map[string]string{"versions.tf": userSource}
	for _, tt := range tests {
		files[tt.name+".tf"] = aliasedProvider(tt.name, tt.block) + aliasedData(tt.name, "smartconnect_tasks", tt.name, `instance_id = "i"`)
	}
	w := workspace(t, files)
	w.Env = map[string]string{"HC_CONTAINER_CREDENTIALS_FULL_URI": "none"}
	for _, command := range []string{"validate", "plan"} {
		out, err := run(t, w, command)
		if err == nil || strings.Contains(out, "canary") {
			t.Errorf("%s: %v, or a secret is shown:\n%s", command, err, out)
		}
		for _, tt := range tests {
			if got := strings.Count(out, "on "+tt.name+".tf line"); got != tt.errors {
				t.Errorf("%s reports %d errors of %s, want %d:\n%s", command, got, tt.name, tt.errors, out)
			}
		}
	}
}

func TestUserAgent(t *testing.T) {
	for _, test := range []struct{ appended, custom, want string }{
		{"", "", ""},
		{"ci/1 (a~b)", "team/2", " ci/1 (a~b) team/2"},
		{"line\nbreak", "ümlaut", ""},
		{"", "del\x7f", ""},
	} {
		env := map[string]string{"TF_APPEND_USER_AGENT": test.appended, "HW_TF_CUSTOM_UA": test.custom}
		getenv := func(name string) string { return env[name] }
		if got, want := userAgent("1.2.3", "1.11.4", getenv), "terraform-provider-smartconnect/1.2.3 Terraform/1.11.4"+test.want; got != want {
			t.Errorf("%q and %q: %q, want %q", test.appended, test.custom, got, want)
		}
	}
}
