// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

//go:build linux

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/terraform"
)

func TestWhatIsMeasuredIsBuiltAsARelease(t *testing.T) {
	root, err := terraform.Root()
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(root, ".goreleaser.yml"))
	if err != nil {
		t.Fatal(err)
	}
	flags, link := release[:len(release)-2], release[len(release)-1]
	// What else a release sets is for others to get the same bytes.
	for _, line := range []string{
		"env: [" + releaseEnv + "=" + releaseEnvValue,
		"flags: [" + strings.Join(flags, ", "),
		`ldflags: ["` + link + " -X main.version={{ .Version }}\"]",
	} {
		if !strings.Contains(string(content), line) {
			t.Errorf(".goreleaser.yml has no %s", line)
		}
	}
}
