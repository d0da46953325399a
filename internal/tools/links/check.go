// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// ownURLs are the URLs of the files in this repository.
var ownURLs = []string{
	"https://github.com/smartconnect/terraform-provider-smartconnect/blob/main/",
	"https://github.com/smartconnect/terraform-provider-smartconnect/raw/main/",
	"https://github.com/smartconnect/terraform-provider-smartconnect/tree/main/",
	"https://raw.githubusercontent.com/smartconnect/terraform-provider-smartconnect/main/",
}

// registryRoot is the only directory that registries have.
const registryRoot = "docs"

type checker struct {
	files map[string]bool  // and directories, by path
	pages map[string]*page // by path
	lines map[string]int   // line counts of other files, by path
}

// check returns a message for each broken link in the Markdown files.
func check(fsys fs.FS, files []string) ([]string, error) {
	c := checker{files: map[string]bool{".": true}, pages: map[string]*page{}, lines: map[string]int{}}
	for _, name := range files {
		content, err := fs.ReadFile(fsys, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue // removed, but still in the git index
		}
		if err != nil {
			return nil, err
		}
		for at := name; !c.files[at]; at = path.Dir(at) {
			c.files[at] = true
		}
		if path.Ext(name) == ".md" {
			c.pages[name] = parse(content)
		} else {
			c.lines[name] = bytes.Count(content, []byte("\n"))
		}
	}
	var broken []string
	for _, name := range files {
		if c.pages[name] == nil {
			continue
		}
		for _, l := range c.pages[name].links {
			if err := c.link(name, l.to); err != nil {
				broken = append(broken, fmt.Sprintf("%s:%d: %s: %v", name, l.line, l.to, err))
			}
		}
	}
	return broken, nil
}

// link returns an error if a link of a page is broken.
func (c *checker) link(from, to string) error {
	if strings.ContainsFunc(to, func(r rune) bool { return r <= ' ' }) {
		return errors.New("contains white space")
	}
	u, err := url.Parse(to)
	if err != nil {
		return err
	}
	for _, prefix := range ownURLs {
		if rest, ok := strings.CutPrefix(u.Scheme+"://"+u.Host+u.Path, prefix); ok {
			return c.target(strings.TrimSuffix(rest, "/"), u.Fragment)
		}
	}
	switch {
	case u.Scheme != "" || u.Host != "":
		return external(u)
	case u.Path == "":
		return c.target(from, u.Fragment)
	case path.IsAbs(u.Path):
		return errors.New("absolute paths differ between GitHub and registries: use a relative path")
	}
	name := path.Join(path.Dir(from), u.Path)
	if inRegistry(from) && (!inRegistry(name) || path.Ext(name) != ".md") {
		return errors.New("registries have only the .md files of " + registryRoot + ": use the GitHub URL")
	}
	return c.target(name, u.Fragment)
}

func inRegistry(name string) bool { return strings.HasPrefix(name, registryRoot+"/") }

func external(u *url.URL) error {
	if u.Scheme != "https" || u.User != nil || !strings.Contains(u.Hostname(), ".") {
		return errors.New("not an https URL with a host name")
	}
	return nil
}

var lineRange = regexp.MustCompile(`^L(\d+)(?:-L(\d+))?$`)

// target returns an error if a file or directory, or the fragment in it, does not exist.
func (c *checker) target(name, fragment string) error {
	if !c.files[name] {
		return errors.New("no such file")
	}
	if fragment == "" {
		return nil
	}
	if p := c.pages[name]; p != nil {
		if !slices.Contains(p.anchors, fragment) {
			return fmt.Errorf("no such anchor in %s", name)
		}
		return nil
	}
	for i, text := range lineRange.FindStringSubmatch(fragment) {
		if n, err := strconv.Atoi(text); i > 0 && text != "" && (err != nil || n < 1 || n > c.lines[name]) {
			return fmt.Errorf("%s has %d lines", name, c.lines[name])
		}
	}
	if !lineRange.MatchString(fragment) {
		return fmt.Errorf("%s has only line anchors, such as #L1", name)
	}
	return nil
}
