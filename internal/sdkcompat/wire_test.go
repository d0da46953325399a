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

// values are those of an answer by place, as in tasks[3].sink_task.flush_size. Numbers are as they
// were written. null is no value, and an object counts for what is in it.
type values map[string]any

var position = regexp.MustCompile(`\[\d+\]`)

// fieldOf is a place without the positions in lists.
func fieldOf(place string) string { return position.ReplaceAllString(place, "") }

// read flattens JSON.
func read(t *testing.T, text []byte) values {
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

// readBack flattens what a client made of an answer.
func readBack(t *testing.T, answer any) values {
	t.Helper()
	text, err := json.Marshal(answer)
	if err != nil {
		t.Fatal(err)
	}
	return read(t, text)
}

func (v values) add(place string, tree any) {
	switch tree := tree.(type) {
	case map[string]any:
		for name, value := range tree {
			v.add(strings.TrimPrefix(place+"."+name, "."), value)
		}
	case []any:
		for i, value := range tree {
			v.add(fmt.Sprintf("%s[%d]", place, i), value)
		}
	case nil:
	default:
		v[place] = tree
	}
}

// comparison is what a client read beside what was there to read.
type comparison struct {
	differences []string        // values that are not the same, or came from nowhere
	read        map[string]bool // fields with a value in both
	unread      map[string]bool // fields with a value that the client does not have
}

func compare(source, client values) comparison {
	c := comparison{read: map[string]bool{}, unread: map[string]bool{}}
	for place, value := range source {
		mine, ok := client[place]
		switch {
		case !ok:
			c.unread[fieldOf(place)] = true
			continue
		case mine != value:
			c.differences = append(c.differences, fmt.Sprintf("%s: %#v was read as %#v", place, value, mine))
		}
		c.read[fieldOf(place)] = true
	}
	for place, mine := range client {
		if _, ok := source[place]; !ok {
			c.differences = append(c.differences, fmt.Sprintf("%s: nothing was read as %#v", place, mine))
		}
	}
	slices.Sort(c.differences)
	return c
}

// add makes c the comparison of both.
func (c *comparison) add(other comparison) {
	c.differences = append(c.differences, other.differences...)
	maps.Copy(c.read, other.read)
	maps.Copy(c.unread, other.unread)
}

// check fails for each difference, and unless the fields without a place in the client are just these.
func (c *comparison) check(t *testing.T, unread ...string) {
	t.Helper()
	for _, difference := range c.differences {
		t.Error(difference)
	}
	if got, want := slices.Sorted(maps.Keys(c.unread)), slices.Sorted(slices.Values(unread)); !slices.Equal(got, want) {
		t.Errorf("not read were\n%s\nexpected were\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// The comparison is worth what it finds.
func TestComparisonFindsWhatDiffers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ source, client, difference, unread string }{
		"the same":         {`{"a":1,"o":{"b":""}}`, `{"o":{"b":""},"a":1}`, "", ""},
		"null and missing": {`{"a":null,"o":{}}`, `{"b":null}`, "", ""},
		"another number":   {`{"a":9007199254740993}`, `{"a":9007199254740992}`, `a: "9007199254740993" was read as "9007199254740992"`, ""},
		"another type":     {`{"l":[{},{"a":false}]}`, `{"l":[{},{"a":"false"}]}`, `l[1].a: false was read as "false"`, ""},
		"number and text":  {`{"a":1}`, `{"a":"1"}`, `a: "1" was read as "1"`, ""},
		"not read":         {`{"l":[{"a":0},{"a":0}]}`, `{"l":[{},{}]}`, "", "l.a"},
		"invented":         {`{"l":[{}]}`, `{"l":[{"a":""}]}`, `l[0].a: nothing was read as ""`, ""},
	}
	for name, test := range tests {
		c := compare(read(t, []byte(test.source)), read(t, []byte(test.client)))
		unread := strings.Join(slices.Sorted(maps.Keys(c.unread)), " ")
		if got := strings.Join(c.differences, "; "); got != test.difference || unread != test.unread {
			t.Errorf("%s: found %q, not read %q", name, got, unread)
		}
	}
}
