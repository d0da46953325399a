// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"os"
	"path/filepath"
	"testing"
)

// make generate and make lint run the other commands, and would notice their failure.
func TestAccFormat(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "inner", "main.tf")
	if err := os.Mkdir(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("locals {\n a = 1\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), []string{"fmt", "-check", dir}); err == nil {
		t.Error("-check accepts an unformatted file")
	}
	if err := run(t.Context(), []string{"fmt", dir}); err != nil {
		t.Error(err)
	}
	if content, err := os.ReadFile(file); string(content) != "locals {\n  a = 1\n}\n" {
		t.Errorf("formatted: %q (error %v)", content, err)
	}
}
