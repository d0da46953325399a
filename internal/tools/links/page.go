// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

type page struct {
	links   []link
	anchors []string
}

type link struct {
	to   string
	line int
}

var (
	markdown    = goldmark.New(goldmark.WithExtensions(extension.GFM))
	frontMatter = regexp.MustCompile(`(?s)\A---\n.*?\n---\n`)
	htmlLink    = regexp.MustCompile(`(?i)\s(?:href|src|srcset)="([^"]*)"`)
	htmlAnchor  = regexp.MustCompile(`(?i)\s(?:id|name)="([^"]*)"`)
	htmlComment = regexp.MustCompile(`(?s)<!--.*?-->`)
)

// parse finds links and anchors as GitHub renders them, and none in code.
func parse(source []byte) *page {
	// Keep line numbers.
	source = frontMatter.ReplaceAllFunc(source, func(matter []byte) []byte {
		return bytes.Repeat([]byte("\n"), bytes.Count(matter, []byte("\n")))
	})
	p := &page{}
	slugs := map[string]int{}
	line := 1
	_ = ast.Walk(markdown.Parser().Parse(text.NewReader(source)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		if at := n.Pos(); at >= 0 && at <= len(source) {
			line = 1 + bytes.Count(source[:at], []byte("\n"))
		}
		switch n := n.(type) {
		case *ast.Heading:
			s := slug(plain(n, source))
			if before := slugs[s]; before > 0 {
				p.anchors = append(p.anchors, s+"-"+strconv.Itoa(before))
			} else {
				p.anchors = append(p.anchors, s)
			}
			slugs[s]++
		case *ast.Link:
			p.links = append(p.links, link{string(n.Destination), line})
		case *ast.Image:
			p.links = append(p.links, link{string(n.Destination), line})
		case *ast.AutoLink:
			p.links = append(p.links, link{string(n.URL(source)), line})
		case *ast.RawHTML:
			p.html(n.Segments.Value(source), line)
		case *ast.HTMLBlock:
			html := n.Lines().Value(source)
			if n.HasClosure() {
				html = append(html, n.ClosureLine.Value(source)...)
			}
			p.html(html, line)
		}
		return ast.WalkContinue, nil
	})
	return p
}

func (p *page) html(html []byte, line int) {
	html = htmlComment.ReplaceAll(html, nil)
	for _, match := range htmlLink.FindAllSubmatch(html, -1) {
		p.links = append(p.links, link{string(match[1]), line})
	}
	for _, match := range htmlAnchor.FindAllSubmatch(html, -1) {
		p.anchors = append(p.anchors, string(match[1]))
	}
}

// plain returns the text of a heading without markup.
func plain(n ast.Node, source []byte) string {
	var b strings.Builder
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n := n.(type) {
		case *ast.Image:
			return ast.WalkSkipChildren, nil
		case *ast.Text:
			if entering {
				b.Write(n.Value(source))
			}
		case *ast.String:
			if entering {
				b.Write(n.Value)
			}
		case *ast.AutoLink:
			if entering {
				b.Write(n.Label(source))
			}
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

// slug returns GitHub's anchor of a heading: letters, marks, digits, underscores and hyphens
// in lower case, with hyphens for spaces.
func slug(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-', unicode.In(r, unicode.Letter, unicode.Mark, unicode.Nd, unicode.Pc):
			return r
		}
		return -1
	}, strings.ToLower(heading))
}
