// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"os"
	"strings"
	"unicode/utf8"
)

// What a picture leaves out is where this is.
const cut = "..."

func writePicture(file, run string) error {
	lines, err := excerpt(run)
	if err != nil {
		return err
	}
	return os.WriteFile(file, draw(lines), 0o600)
}

// excerpt is what README.md shows of a run: the plan's outputs, and of the tasks
// among them the second, which writes to OBS. It is the same with each CLI.
func excerpt(run string) ([]string, error) {
	_, plan, _ := strings.Cut(run, "\n$ ")
	plan, _, applied := strings.Cut(plan, "\n$ ")
	prompt, plan, _ := strings.Cut(plan, "\n")
	_, arguments, _ := strings.Cut(prompt, " ")
	_, outputs, planned := strings.Cut(plan, "\nChanges to Outputs:\n")
	outputs, _, ended := strings.Cut(outputs, "\n\n")
	if !applied || !planned || !ended {
		return nil, errors.New("the run has no plan with outputs, or no apply")
	}
	lines := []string{"$ terraform " + arguments, cut, "Changes to Outputs:"}
	task := 0
	for line := range strings.SplitSeq(outputs, "\n") {
		if line == "      + {" {
			task++
		}
		switch {
		case task == 0, task == 2, line == "    ]":
			lines = append(lines, line)
		case lines[len(lines)-1] != cut:
			lines = append(lines, cut)
		}
	}
	if task < 3 {
		return nil, fmt.Errorf("the plan has %d tasks, and not one before and one after the second", task)
	}
	return lines, nil
}

// Sizes in pixels; a character's width is that of most fonts, and is kept to by textLength.
const (
	fontSize  = 13
	charWidth = 7.8
	leading   = 18
	margin    = 20
)

// draw is a terminal with lines in it, coloured as the CLI does.
func draw(lines []string) []byte {
	columns := 0
	for _, line := range lines {
		columns = max(columns, utf8.RuneCountInString(line))
	}
	var b bytes.Buffer
	width, height := 2*margin+int(charWidth*float64(columns)+1), 2*margin+leading*len(lines)
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%[1]d" height="%[2]d" role="img" aria-labelledby="title">
<title id="title">A plan of the demo in a terminal</title>
<style>
text { font: %dpx ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #d1d7e0; white-space: pre }
.bold { font-weight: bold; fill: #f0f6fc }
.add { fill: #3fb950 }
.dim { fill: #9198a1 }
</style>
<rect width="100%%" height="100%%" rx="8" fill="#0d1117"/>
`, width, height, fontSize)
	for i, line := range lines {
		text := strings.TrimLeft(line, " ")
		indent := len(line) - len(text)
		fmt.Fprintf(&b, `<text x="%.1f" y="%d" textLength="%.1f">%s</text>`+"\n",
			margin+charWidth*float64(indent), margin+leading*i+fontSize, charWidth*float64(utf8.RuneCountInString(text)), coloured(text))
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

func coloured(text string) string {
	span := func(class, text string) string {
		return `<tspan class="` + class + `">` + html.EscapeString(text) + `</tspan>`
	}
	switch {
	case text == cut:
		return span("dim", text)
	case strings.HasPrefix(text, "$ "):
		return span("dim", "$ ") + span("bold", text[2:])
	case strings.HasPrefix(text, "+ "):
		return span("add", "+") + html.EscapeString(text[1:])
	case strings.HasSuffix(text, ":"):
		return span("bold", text)
	}
	return html.EscapeString(text)
}
