// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

func TestSchemaHasTheBareNameOfTheProvider(t *testing.T) {
	file := filepath.Join(t.TempDir(), "new", "schema.json")
	if err := run(t.Context(), []string{"schema", file}); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Providers map[string]struct {
			DataSources map[string]any `json:"data_source_schemas"`
		} `json:"provider_schemas"`
	}
	if err := json.Unmarshal(content, &schema); err != nil {
		t.Fatal(err)
	}
	if len(schema.Providers) != 1 || schema.Providers["smartconnect"].DataSources["smartconnect_tasks"] == nil {
		t.Errorf("the schema is %.300s", content)
	}
}

func TestFormatSaysWhatIsNot(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "inner", "main.tf")
	if err := os.Mkdir(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("locals {\n a = 1\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), []string{"fmt", "-check", dir}); err == nil {
		t.Error("it passes")
	}
	if err := run(t.Context(), []string{"fmt", dir}); err != nil {
		t.Error(err)
	}
	if content, err := os.ReadFile(file); string(content) != "locals {\n  a = 1\n}\n" {
		t.Errorf("it is %q (error %v)", content, err)
	}
	if err := run(t.Context(), []string{"fmt", "-check", dir}); err != nil {
		t.Error(err)
	}
}
