// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/terraform"
)

// Tests that the documents refer to must exist.
func TestDocuments_referToTests(t *testing.T) {
	t.Parallel()
	root, err := terraform.Root()
	if err != nil {
		t.Fatal(err)
	}
	var tests strings.Builder
	err = filepath.WalkDir(filepath.Join(root, "internal"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		content, err := os.ReadFile(path)
		tests.Write(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range []string{"SECURITY.md", "DESIGN.md"} {
		content, err := os.ReadFile(filepath.Join(root, page))
		if err != nil {
			t.Fatal(err)
		}
		names := regexp.MustCompile("`((?:Test|Fuzz)\\w+)`").FindAllStringSubmatch(string(content), -1)
		for _, name := range names {
			if !strings.Contains(tests.String(), "func "+name[1]+"(") {
				t.Errorf("%s names %s, which does not exist", page, name[1])
			}
		}
		files := regexp.MustCompile("`(internal/[^`]+)`").FindAllStringSubmatch(string(content), -1)
		if len(names)+len(files) == 0 {
			t.Errorf("%s names no test", page)
		}
		for _, file := range files {
			if _, err := os.Stat(filepath.Join(root, file[1])); err != nil {
				t.Errorf("%s: %v", page, err)
			}
		}
	}
}

// Users search the page for the summary that they see.
func TestTroubleshooting_summaries(t *testing.T) {
	t.Parallel()
	root, err := terraform.Root()
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(root, "templates/guides/troubleshooting.md.tmpl"))
	if err != nil {
		t.Fatal(err)
	}
	sources, err := filepath.Glob(filepath.Join(root, "internal/provider/*.go"))
	if err != nil {
		t.Fatal(err)
	}
	summary := regexp.MustCompile(`(?:\w(?:Error|Warning|Diag|Diagnostic)\((?:[\w.()"]+, )*?|(?:ummary|Argument|named|candidates)\s+:?= )"([A-Z]\w*(?: (?:\w|\b\.\b)+)+)"`)
	found := map[string]bool{}
	for _, source := range sources {
		content, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(source, "_test.go") {
			continue
		}
		for _, match := range summary.FindAllStringSubmatch(string(content), -1) {
			found[match[1]] = true
			if !strings.Contains(string(page), match[1]) {
				t.Errorf("the summary %q is not on the page", match[1])
			}
		}
	}
	for _, heading := range regexp.MustCompile(`(?m)^\| (.+) \| .+ \|$`).FindAllStringSubmatch(string(page), -1) {
		for _, name := range regexp.MustCompile(`[A-Z]\w*(?: (?:\w|\b\.\b)+)+`).FindAllString(heading[1], -1) {
			if !found[name] {
				t.Errorf("the page has %q, which is no summary", name)
			}
		}
	}
	if len(found) < 40 {
		t.Errorf("only %d summaries were found", len(found))
	}
}
