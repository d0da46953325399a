// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// otherFiles exist in each test, beside the page that it checks.
var otherFiles = map[string]string{
	"LICENSE":          "one\ntwo\n",
	"assets/a.svg":     "<svg/>\n",
	"docs/index.md":    "---\npage_title: \"Index\"\n---\n\n# Index\n\n<a id=\"nestedatt--tasks\"></a>\n### Nested Schema for `tasks`\n",
	"docs/guides/a.md": "# A guide\n",
}

const (
	repository   = "https://github.com/smartconnect/terraform-provider-smartconnect/"
	onlyRegistry = "registries have only the .md files of docs: use the GitHub URL"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, file, content, want string }{
		{"file, directory, page", "README.md", "[1](LICENSE) [2](assets) [3](docs/index.md) [4](./docs/../LICENSE)", ""},
		{"space in a name", "docs/a b.md", "[1](a%20b.md)", ""},
		{"lines", "README.md", "[1](LICENSE#L1) [2](LICENSE#L1-L2)", ""},
		{"anchors", "README.md", "# Top\n\n[1](#top) [2](docs/guides/a.md#a-guide)", ""},
		{"HTML anchor", "README.md", "[1](docs/index.md#nestedatt--tasks) [2](docs/index.md#nested-schema-for-tasks)", ""},
		{"heading with markup", "README.md", "## `a_b`: *Über*, [c/d](LICENSE) & e — f ![g](assets/a.svg)\n\n[1](#a_b-über-cd--e--f-)", ""},
		{"underlined heading", "README.md", "Top level\n=========\n\n[1](#top-level)", ""},
		{"headings of one name", "README.md", "# Run\n\n## Run\n\n[1](#run) [2](#run-1)", ""},
		{"code", "README.md", "```md\n[1](missing.md)\n```\n\n`[2](missing.md)`\n\n    [3](missing.md)\n", ""},
		{"comment", "README.md", "<!-- <a href=\"missing\"> [1](missing.md) -->", ""},
		{"front matter", "docs/x.md", "---\ndescription: |-\n  [1](missing.md)\n---\n\n[2](index.md)", ""},
		{"pages of a registry", "docs/guides/b.md", "[1](a.md) [2](../index.md#index) [3](#b)\n\n# B", ""},
		{"own URLs", "docs/guides/b.md", "[1](" + repository + "blob/main/LICENSE#L2) [2](" + repository + "tree/main/assets) ![3](https://raw.githubusercontent.com/smartconnect/terraform-provider-smartconnect/main/assets/a.svg)", ""},
		{"other URLs", "README.md", "<https://example.com> https://example.com/a?b#c [1](https://example.com:8443/) [2](" + repository + "blob/v1/missing.md)", ""},
		{"references, images, tables", "README.md", "[1][license] ![2](assets/a.svg) <img src=\"assets/a.svg\">\n\n| a |\n|---|\n| [3](LICENSE) |\n\n[license]: LICENSE", ""},

		{"missing file", "README.md", "\n\n[1](missing.md)", "README.md:3: missing.md: no such file"},
		{"missing image", "README.md", "![1](assets/none.svg)", "README.md:1: assets/none.svg: no such file"},
		{"missing anchor", "README.md", "# Top\n\n[1](#bottom)", "README.md:3: #bottom: no such anchor in README.md"},
		{"missing anchor of another page", "README.md", "[1](docs/index.md#tasks)", "README.md:1: docs/index.md#tasks: no such anchor in docs/index.md"},
		{"anchor in upper case", "README.md", "# Top\n\n[1](#Top)", "README.md:3: #Top: no such anchor in README.md"},
		{"anchor of code", "README.md", "```\n# Run\n```\n\n[1](#run)", "README.md:5: #run: no such anchor in README.md"},
		{"missing line", "README.md", "[1](LICENSE#L3)", "README.md:1: LICENSE#L3: LICENSE has 2 lines"},
		{"anchor of a file", "README.md", "[1](LICENSE#terms)", "README.md:1: LICENSE#terms: LICENSE has only line anchors, such as #L1"},
		{"outside of the repository", "README.md", "[1](../LICENSE)", "README.md:1: ../LICENSE: no such file"},
		{"absolute path", "docs/index.md", "[1](/docs/index.md)", "docs/index.md:1: /docs/index.md: absolute paths differ between GitHub and registries: use a relative path"},
		{"outside of docs", "docs/x.md", "[1](../README.md)", "docs/x.md:1: ../README.md: " + onlyRegistry},
		{"without .md", "docs/x.md", "[1](guides/a)", "docs/x.md:1: guides/a: " + onlyRegistry},
		{"own URL of a missing file", "docs/x.md", "[1](" + repository + "blob/main/missing.md)", "docs/x.md:1: " + repository + "blob/main/missing.md: no such file"},
		{"own URL of a missing anchor", "docs/x.md", "[1](" + repository + "blob/main/docs/index.md#no)", "docs/x.md:1: " + repository + "blob/main/docs/index.md#no: no such anchor in docs/index.md"},
		{"http", "README.md", "[1](http://example.com)", "README.md:1: http://example.com: not an https URL with a host name"},
		{"user", "README.md", "[1](https://a@example.com)", "README.md:1: https://a@example.com: not an https URL with a host name"},
		{"white space", "README.md", "[1](<https://example.com/a b>)", "README.md:1: https://example.com/a b: contains white space"},
		{"HTML after a comment", "README.md", "<!--\n--> <a href=\"missing\">1</a>", "README.md:1: missing: no such file"},
		{"reference", "README.md", "[1][r]\n\n[r]: missing", "README.md:1: missing: no such file"},
		{"after front matter", "docs/x.md", "---\na: b\n---\n[1](missing.md)", "docs/x.md:4: missing.md: no such file"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			files := fstest.MapFS{test.file: {Data: []byte(test.content)}}
			for name, text := range otherFiles {
				if name != test.file {
					files[name] = &fstest.MapFile{Data: []byte(text)}
				}
			}
			broken, err := check(files, slices.Sorted(maps.Keys(files)))
			if got := strings.Join(broken, "\n"); err != nil || got != test.want {
				t.Errorf("broken: %s (error %v), want %s", got, err, test.want)
			}
		})
	}
}

func TestCheckRepository_ignoredFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, content := range map[string]string{
		".gitignore": "/ignored\n", "ignored": "", "README.md": "[1](ignored) [2](new) [3](.gitignore)", "new": "",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.CommandContext(t.Context(), "git", "-C", dir, "init", "-q").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	broken, err := checkRepository(t.Context(), dir)
	if want := []string{"README.md:1: ignored: no such file"}; err != nil || !slices.Equal(broken, want) {
		t.Errorf("broken %q, error %v, want %q", broken, err, want)
	}
}
