// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"golang.org/x/text/unicode/norm"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/smartconnect"
)

// maxWarned is the number of tasks or values that a warning lists.
const maxWarned = 10

// totalWarning warns of a total that contradicts the list: a check of a quota must not rely on it.
func totalWarning(list *smartconnect.TaskList) (diags diag.Diagnostics) {
	if list.TotalMismatch() {
		diags.AddAttributeWarning(path.Root("total_number"), "Inconsistent Number of Tasks",
			fmt.Sprintf("The API returned a total of %d, but the instance has %d tasks. total_number is the API's value; do not rely on it.", *list.TotalNumber, len(list.Tasks)))
	}
	return diags
}

// warnings returns a warning for each filter with values, such as typos, that are neither documented nor the value
// of any task: with a filter that matches nothing, a careless check passes.
func (m *tasksFilterModel) warnings(tasks []smartconnect.Task) (diags diag.Diagnostics) {
	for _, f := range m.filters() {
		if len(f.accepted) == 0 {
			continue
		}
		var existing, unmatched []string
		seen := map[string]bool{}
		for i := range tasks {
			if value := f.value(&tasks[i]); value != nil {
				if value := norm.NFC.String(*value); !seen[value] {
					seen[value] = true
					existing = append(existing, value)
				}
			}
		}
		for _, value := range f.accepted {
			if !seen[value] && !slices.Contains(f.documented, value) {
				unmatched = append(unmatched, value)
			}
		}
		if len(unmatched) == 0 {
			continue
		}
		slices.Sort(unmatched)
		detail := fmt.Sprintf("No task of the instance matches %s, compared exactly.", joinQuoted(unmatched))
		if len(f.documented) > 0 {
			detail += fmt.Sprintf(" Documented values: %s.", joinQuoted(f.documented))
		}
		if len(existing) > 0 {
			detail += fmt.Sprintf(" Existing values: %s.", joinQuoted(existing))
		} else {
			detail += " No task has a value."
		}
		diags.AddAttributeWarning(path.Root(f.argument), "Filter Value Matches No Task", detail)
	}
	return diags
}

// taskWarnings warns of what is unusual in the returned tasks, once for each kind.
func taskWarnings(warnings []smartconnect.Warning, tasks []smartconnect.Task) (diags diag.Diagnostics) {
	byTask := map[string]string{}
	for _, w := range warnings {
		if byTask[w.TaskID] != "" {
			byTask[w.TaskID] += "\n  "
		}
		byTask[w.TaskID] += w.String()
	}
	var derived, names []string
	for i := range tasks {
		t := &tasks[i]
		if warning := byTask[t.ID]; warning != "" {
			derived = append(derived, warning)
		}
		if strings.ContainsFunc(t.ID, isTerminalControl) || t.TaskName != nil && strings.ContainsFunc(*t.TaskName, isTerminalControl) {
			names = append(names, describeTask(t))
		}
	}
	if len(derived) > 0 {
		diags.AddWarning("Derived Attributes Not Available",
			"The API returned values in an undocumented form. The attributes derived from them are null; the values themselves are exported unchanged:\n"+lines(derived, maxWarned))
	}
	if len(names) > 0 {
		diags.AddWarning("Control Characters in Task Names",
			"Terraform prints control characters in values unescaped, which can alter or hide output on a terminal. Check who created these tasks:\n"+lines(names, maxWarned))
	}
	return diags
}

// isTerminalControl reports whether a terminal interprets r rather than displays it.
func isTerminalControl(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp)
}

// describeTask identifies a task in a message. Both names can be of any length and contain any character.
func describeTask(t *smartconnect.Task) string {
	if t.TaskName == nil {
		return fmt.Sprintf("no name (id %.100q)", t.ID)
	}
	return fmt.Sprintf("%.100q (id %.100q)", *t.TaskName, t.ID)
}

// lines lists up to limit items in lines of their own, and counts the others.
func lines(items []string, limit int) string {
	var b strings.Builder
	for i, item := range items {
		if i == limit {
			fmt.Fprintf(&b, "\n  and %d more", len(items)-limit)
			break
		}
		b.WriteString("\n  " + item)
	}
	return b.String()
}

// joinQuoted lists up to maxWarned values in one line, and counts the others.
func joinQuoted(values []string) string {
	quoted := make([]string, min(len(values), maxWarned))
	for i := range quoted {
		quoted[i] = fmt.Sprintf("%.100q", values[i])
	}
	text := strings.Join(quoted, ", ")
	if more := len(values) - maxWarned; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
