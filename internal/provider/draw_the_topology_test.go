// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"encoding/xml"
	"errors"
	"html"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// The output is what the guide shows, and the picture is of it.
func drawTheTopology(t *testing.T, g *guideRun) {
	t.Helper()
	graph := mustRun(t, g.Workspace, "output", "-raw", "topology")
	goldenFile(t, filepath.Join(g.folder, "topology.dot"), graph)

	picture, err := os.Open(filepath.Join(g.folder, "../../../assets/topology.svg"))
	if err != nil {
		t.Fatal(err)
	}
	defer picture.Close()
	drawn := map[string]bool{}
	svg := xml.NewDecoder(picture)
	for {
		token, err := svg.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if text, ok := token.(xml.CharData); ok {
			drawn[string(text)] = true
		}
	}
	_, nodes, _ := strings.Cut(graph, "subgraph")
	for _, quoted := range regexp.MustCompile(`"(?:[^"\\]|\\.)*"`).FindAllString(nodes, -1) {
		text, err := strconv.Unquote(quoted) // Go's quotes are close enough
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.SplitSeq(html.UnescapeString(text), "\n") {
			if !drawn[line] {
				t.Errorf("assets/topology.svg lacks %q: draw it anew, as the guide says", line)
			}
		}
	}
}
