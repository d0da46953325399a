// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package sdkcompat

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// values are the values of a JSON document by path, such as tasks[3].sink_task.flush_size. Numbers keep their
// digits; null and empty objects have no value.
type values map[string]any

var index = regexp.MustCompile(`\[\d+\]`)

// fieldOf returns a path without the indexes.
func fieldOf(jsonPath string) string { return index.ReplaceAllString(jsonPath, "") }

// flattenJSON flattens a JSON document.
func flattenJSON(t *testing.T, text []byte) values {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var tree any
	if err := d.Decode(&tree); err != nil {
		t.Fatal(err)
	}
	v := values{}
	v.add("", tree)
	return v
}

// flatten flattens a decoded response.
func flatten(t *testing.T, response any) values {
	t.Helper()
	text, err := json.Marshal(response)
	if err != nil {
		t.Fatal(err)
	}
	return flattenJSON(t, text)
}

func (v values) add(jsonPath string, tree any) {
	switch tree := tree.(type) {
	case map[string]any:
		for name, value := range tree {
			v.add(strings.TrimPrefix(jsonPath+"."+name, "."), value)
		}
	case []any:
		for i, value := range tree {
			v.add(fmt.Sprintf("%s[%d]", jsonPath, i), value)
		}
	case nil:
	default:
		v[jsonPath] = tree
	}
}

// comparison compares what a client decoded with the JSON document.
type comparison struct {
	differences []string        // values that are different or not in the document
	covered     map[string]bool // fields with a value in both
	uncovered   map[string]bool // fields without a value in the client
}

func compare(source, client values) comparison {
	c := comparison{covered: map[string]bool{}, uncovered: map[string]bool{}}
	for jsonPath, value := range source {
		mine, ok := client[jsonPath]
		switch {
		case !ok:
			c.uncovered[fieldOf(jsonPath)] = true
			continue
		case mine != value:
			c.differences = append(c.differences, fmt.Sprintf("%s: %#v was decoded as %#v", jsonPath, value, mine))
		}
		c.covered[fieldOf(jsonPath)] = true
	}
	for jsonPath, mine := range client {
		if _, ok := source[jsonPath]; !ok {
			c.differences = append(c.differences, fmt.Sprintf("%s: no value was decoded as %#v", jsonPath, mine))
		}
	}
	slices.Sort(c.differences)
	return c
}

// add merges a comparison into c.
func (c *comparison) add(other comparison) {
	c.differences = append(c.differences, other.differences...)
	maps.Copy(c.covered, other.covered)
	maps.Copy(c.uncovered, other.uncovered)
}

// check fails for each difference, and if the uncovered fields are others than these.
func (c *comparison) check(t *testing.T, uncovered ...string) {
	t.Helper()
	for _, difference := range c.differences {
		t.Error(difference)
	}
	if got, want := slices.Sorted(maps.Keys(c.uncovered)), slices.Sorted(slices.Values(uncovered)); !slices.Equal(got, want) {
		t.Errorf("uncovered fields\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ source, client, difference, uncovered string }{
		"the same":          {`{"a":1,"o":{"b":""}}`, `{"o":{"b":""},"a":1}`, "", ""},
		"null and missing":  {`{"a":null,"o":{}}`, `{"b":null}`, "", ""},
		"another number":    {`{"a":9007199254740993}`, `{"a":9007199254740992}`, `a: "9007199254740993" was decoded as "9007199254740992"`, ""},
		"another type":      {`{"l":[{},{"a":false}]}`, `{"l":[{},{"a":"false"}]}`, `l[1].a: false was decoded as "false"`, ""},
		"number and string": {`{"a":1}`, `{"a":"1"}`, `a: "1" was decoded as "1"`, ""},
		"uncovered":         {`{"l":[{"a":0},{"a":0}]}`, `{"l":[{},{}]}`, "", "l.a"},
		"not in the JSON":   {`{"l":[{}]}`, `{"l":[{"a":""}]}`, `l[0].a: no value was decoded as ""`, ""},
	}
	for name, test := range tests {
		c := compare(flattenJSON(t, []byte(test.source)), flattenJSON(t, []byte(test.client)))
		uncovered := strings.Join(slices.Sorted(maps.Keys(c.uncovered)), " ")
		if got := strings.Join(c.differences, "; "); got != test.difference || uncovered != test.uncovered {
			t.Errorf("%s: differences %q, uncovered %q", name, got, uncovered)
		}
	}
}
