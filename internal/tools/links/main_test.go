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

// others are there in each test, beside the page that it is about.
var others = map[string]string{
	"LICENSE":          "one\ntwo\n",
	"assets/demo.svg":  "<svg/>\n",
	"docs/index.md":    "---\npage_title: \"Index\"\n---\n\n# Index\n\n<a id=\"nestedatt--tasks\"></a>\n### Nested Schema for `tasks`\n",
	"docs/guides/a.md": "# A guide\n",
}

const repository = "https://github.com/smartconnect/terraform-provider-smartconnect/"

func TestLinksThatHoldAreAccepted(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ file, content string }{
		"a file, a folder, a page":                  {"README.md", "[1](LICENSE) [2](assets) [3](docs/index.md) [4](./docs/../LICENSE)"},
		"a name with a space in it":                 {"docs/a b.md", "[1](a%20b.md)"},
		"lines of a file":                           {"README.md", "[1](LICENSE#L1) [2](LICENSE#L1-L2)"},
		"anchors of this and of another page":       {"README.md", "# Top\n\n[1](#top) [2](docs/guides/a.md#a-guide)"},
		"an anchor of HTML":                         {"README.md", "[1](docs/index.md#nestedatt--tasks) [2](docs/index.md#nested-schema-for-tasks)"},
		"a heading with code, marks and a link":     {"README.md", "## `a_b`: *Über*, [c/d](LICENSE) & e — f\n\n[1](#a_b-über-cd--e--f)"},
		"a heading with a hyphen and a picture":     {"README.md", "# ![logo](assets/demo.svg) Re-read\n\n[1](#-re-read)"},
		"a heading that is underlined":              {"README.md", "Top level\n=========\n\n[1](#top-level)"},
		"headings of one name":                      {"README.md", "# Run\n\n## Run\n\n### Run\n\n[1](#run) [2](#run-1) [3](#run-2)"},
		"code is no link":                           {"README.md", "```md\n[1](missing.md)\n<https://>\n```\n\n`[2](missing.md)`\n\n    [3](missing.md)\n"},
		"a comment is no link":                      {"README.md", "<!-- <a href=\"missing\"> [1](missing.md) -->"},
		"front matter is no heading":                {"docs/x.md", "---\ndescription: |-\n  [1](missing.md)\n---\n\n[2](index.md)"},
		"pages of a registry":                       {"docs/guides/b.md", "[1](a.md) [2](../index.md#index) [3](#b)\n\n# B"},
		"the whole address of a file":               {"docs/guides/b.md", "[1](" + repository + "blob/main/LICENSE#L2) [2](" + repository + "tree/main/assets)"},
		"the whole address of a picture":            {"docs/index.md", "![1](https://raw.githubusercontent.com/smartconnect/terraform-provider-smartconnect/main/assets/demo.svg)"},
		"addresses elsewhere":                       {"README.md", "<https://example.com> https://example.com/a?b#c [1](https://example.com:8443/) [" + repository + "](" + repository + "issues)"},
		"references, images, HTML":                  {"README.md", "[1][license] ![2](assets/demo.svg) <img src=\"assets/demo.svg\">\n\n<p>\n<a href=\"LICENSE\">3</a>\n</p>\n\n[license]: LICENSE"},
		"a link in a table, in a list, in a quote":  {"README.md", "| a |\n|---|\n| [1](LICENSE) |\n\n- [2](LICENSE)\n\n> [3](LICENSE)"},
		"another branch is not looked at by itself": {"README.md", "[1](" + repository + "blob/v1/missing.md)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if broken := checkFiles(t, test.file, test.content); len(broken) > 0 {
				t.Errorf("broken: %q", broken)
			}
		})
	}
}

func TestLinksThatDoNotHoldAreFound(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ file, content, want string }{
		"no file":                  {"README.md", "\n\n[1](missing.md)", "README.md:3: missing.md: there is no such file"},
		"no image":                 {"README.md", "![1](assets/none.svg)", "README.md:1: assets/none.svg: there is no such file"},
		"no anchor here":           {"README.md", "# Top\n\n[1](#bottom)", "README.md:3: #bottom: README.md has no such anchor"},
		"no anchor there":          {"README.md", "[1](docs/index.md#tasks)", "README.md:1: docs/index.md#tasks: docs/index.md has no such anchor"},
		"an anchor in capitals":    {"README.md", "# Top\n\n[1](#Top)", "README.md:3: #Top: README.md has no such anchor"},
		"one heading too few":      {"README.md", "# Run\n\n# Run\n\n[1](#run-2)", "README.md:5: #run-2: README.md has no such anchor"},
		"a heading in code":        {"README.md", "```\n# Run\n```\n\n[1](#run)", "README.md:5: #run: README.md has no such anchor"},
		"a line too far":           {"README.md", "[1](LICENSE#L3)", "README.md:1: LICENSE#L3: LICENSE has 2 lines"},
		"an anchor of a file":      {"README.md", "[1](LICENSE#terms)", "README.md:1: LICENSE#terms: LICENSE is no page: it has lines, such as #L1, and no anchors"},
		"above the top":            {"README.md", "[1](../LICENSE)", "README.md:1: ../LICENSE: there is no such file"},
		"from the top":             {"docs/index.md", "[1](/docs/index.md)", "docs/index.md:1: /docs/index.md: it begins at the top, which is another place in a registry: write it relative to the page"},
		"out of a registry":        {"docs/x.md", "[1](../LICENSE)", "docs/x.md:1: ../LICENSE: " + onlyPages},
		"a page outside":           {"docs/x.md", "[1](../README.md)", "docs/x.md:1: ../README.md: " + onlyPages},
		"without .md":              {"docs/x.md", "[1](guides/a)", "docs/x.md:1: guides/a: " + onlyPages},
		"the address of no file":   {"docs/x.md", "[1](" + repository + "blob/main/missing.md)", "docs/x.md:1: " + repository + "blob/main/missing.md: there is no such file"},
		"the address of no anchor": {"docs/x.md", "[1](" + repository + "blob/main/docs/index.md#no)", "docs/x.md:1: " + repository + "blob/main/docs/index.md#no: docs/index.md has no such anchor"},
		"http":                     {"README.md", "[1](http://example.com)", "README.md:1: http://example.com: it is not an address with https:// and a host"},
		"a user":                   {"README.md", "[1](https://a@example.com)", "README.md:1: https://a@example.com: it is not an address with https:// and a host"},
		"no host":                  {"README.md", "[1](https:///x)", "README.md:1: https:///x: it is not an address with https:// and a host"},
		"white space":              {"README.md", "[1](<https://example.com/a b>)", "README.md:1: https://example.com/a b: it has white space"},
		"HTML":                     {"README.md", "text\n\n<p>\n<a href=\"missing\">1</a>\n</p>", "README.md:3: missing: there is no such file"},
		"HTML after a comment":     {"README.md", "<!--\n--> <a href=\"missing\">1</a>", "README.md:1: missing: there is no such file"},
		"a reference":              {"README.md", "[1][r]\n\n[r]: missing", "README.md:1: missing: there is no such file"},
		"after front matter":       {"docs/x.md", "---\na: b\n---\n[1](missing.md)", "docs/x.md:4: missing.md: there is no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if broken := checkFiles(t, test.file, test.content); !slices.Equal(broken, []string{test.want}) {
				t.Errorf("broken:\n%s\nwant:\n%s", strings.Join(broken, "\n"), test.want)
			}
		})
	}
}

const onlyPages = "a registry has only the pages of docs: write the whole address on GitHub, or the page's name with .md"

func TestFilesThatGitIgnoresAreNotThere(t *testing.T) {
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
	if want := []string{"README.md:1: ignored: there is no such file"}; err != nil || !slices.Equal(broken, want) {
		t.Errorf("broken %q, error %v, want %q", broken, err, want)
	}
}

func checkFiles(t *testing.T, file, content string) []string {
	t.Helper()
	files := fstest.MapFS{}
	for name, text := range others {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	files[file] = &fstest.MapFile{Data: []byte(content)}
	broken, err := check(files, slices.Sorted(maps.Keys(files)))
	if err != nil {
		t.Fatal(err)
	}
	return broken
}
