// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package smartconnect

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

// FieldError is a field of a response whose value is not of the field's type.
type FieldError struct {
	Task  string // the quoted name or ID, or the position if it has neither; empty: the field is not a task's
	Field string // as in sink_task.flush_size
	Err   error
}

// Error implements error.
func (e *FieldError) Error() string {
	if e.Task == "" {
		return fmt.Sprintf("field %s: %v", e.Field, e.Err)
	}
	return fmt.Sprintf("%s: field %s: %v", e.Task, e.Field, e.Err)
}

// Unwrap returns Err.
func (e *FieldError) Unwrap() error { return e.Err }

// Permanent is true: a retry would return the same value.
func (*FieldError) Permanent() bool { return true }

// page is a response of the API.
type page struct {
	Tasks       []Task `json:"tasks"`
	TotalNumber *int64 `json:"total_number"`
	MaxTasks    *int64 `json:"max_tasks"`
	QuotaTasks  *int64 `json:"quota_tasks"`

	offset       int // as requested
	bytes, items int // size of the body, and number of items in delimited strings
}

// decodePage decodes a page that was requested with limit. A *FieldError or *LimitError is permanent;
// other errors may be transient (proxy, truncated body).
func decodePage(ctx context.Context, body []byte, limit int) (*page, error) {
	if !utf8.Valid(body) {
		return nil, errors.New("it is not UTF-8")
	}
	if !json.Valid(body) {
		var v any
		err := json.Unmarshal(body, &v)
		if strings.Contains(err.Error(), "exceeded max depth") { // a bound of encoding/json
			return nil, &LimitError{Max: maxDepth, What: "nested arrays and objects"}
		}
		return nil, fmt.Errorf("it is not JSON: %w", err)
	}
	c := &cursor{data: string(body)}
	if c.peek() != '{' {
		return nil, errors.New("it is not a JSON object")
	}
	p := &page{bytes: len(body)}
	isNull := false
	for c.enter(); c.more(); {
		var err error
		switch name := c.name(); {
		case name != "tasks":
			err = c.decodeMember(reflect.ValueOf(p).Elem(), fieldsByName[reflect.TypeFor[page]()], name)
		case c.peek() == '[':
			err = c.decodeTasks(ctx, p, limit)
		default:
			isNull = c.value() == "null"
		}
		if err = cmp.Or(err, c.checkFields()); err != nil {
			return nil, err
		}
	}
	if ctx.Err() != nil { // a result after the timeout does not count
		return nil, context.Cause(ctx)
	}
	isEmpty := isNull && p.TotalNumber != nil && *p.TotalNumber == 0
	if p.Tasks == nil && !isEmpty {
		return nil, errors.New(`it has no list "tasks"`)
	}
	return p, nil
}

// decodeTasks decodes the array of tasks, which must have unique IDs.
func (c *cursor) decodeTasks(ctx context.Context, p *page, limit int) error {
	p.Tasks = make([]Task, 0, limit)
	seen := make(map[string]bool, limit)
	for c.enter(); c.more(); {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if len(p.Tasks) == limit {
			return fmt.Errorf("it has more tasks than the %d that were requested", limit)
		}
		var t Task
		err := c.decode(reflect.ValueOf(&t).Elem())
		if err != nil || t.ID == "" || seen[t.ID] {
			return taskError(&t, len(p.Tasks)+1, err)
		}
		seen[t.ID] = true
		items, err := t.countItems()
		if err = cmp.Or(err, c.checkFields()); err != nil {
			return err
		}
		p.items += items
		p.Tasks = append(p.Tasks, t)
	}
	return nil
}

// taskError says which task of a page, counted from 1, is invalid. Without err, its ID is missing or not unique.
func taskError(t *Task, number int, err error) error {
	label := t.label()
	if t.ID == "" && deref(t.TaskName) == "" {
		label = fmt.Sprintf("task %d of the page", number)
	}
	switch {
	case err == nil && t.ID == "":
		return fmt.Errorf("%s has no ID", label)
	case err == nil:
		return fmt.Errorf("%s has the ID of another task on the page", label)
	}
	field, ok := errors.AsType[*FieldError](err)
	if !ok {
		field = &FieldError{Field: "tasks", Err: err}
	}
	field.Task = label
	return field
}

// decodeObject decodes the members of an object into the fields of the struct v, and reports whether
// there are any. Unknown members are skipped. It returns the first error, but reads the rest as well,
// since the name of the task may follow.
func (c *cursor) decodeObject(v reflect.Value) (empty bool, first error) {
	fields := fieldsByName[v.Type()]
	empty = true
	for c.enter(); c.more(); empty = false {
		if err := c.decodeMember(v, fields, c.name()); err != nil && first == nil {
			first = err
		}
	}
	return empty, first
}

// decodeMember decodes the value of the member called name into the field of the struct v.
func (c *cursor) decodeMember(v reflect.Value, fields map[string]field, name string) error {
	f, ok := fields[name]
	if !ok || f.alias && !v.Field(f.index).IsZero() {
		c.value()
		return nil
	}
	err := c.decode(v.Field(f.index))
	if inner, ok := errors.AsType[*FieldError](err); ok {
		return &FieldError{Field: name + "." + inner.Field, Err: inner.Err}
	}
	if err != nil {
		return &FieldError{Field: name, Err: err}
	}
	return nil
}

// decode decodes the next value into v, a field of page or Task. The service has changed types between
// releases, so numbers and booleans are accepted as strings and vice versa, and an empty string where
// another type belongs is null. After an error the cursor is past the value.
func (c *cursor) decode(v reflect.Value) error {
	typ := v.Type()
	if typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	if typ.Kind() == reflect.Struct && c.peek() == '{' {
		target := reflect.New(typ)
		empty, err := c.decodeObject(target.Elem())
		switch {
		case v.Kind() == reflect.Struct:
			v.Set(target.Elem())
		case !empty: // {} is null
			v.Set(target)
		}
		return err
	}
	raw := c.value()
	isEmptyList := raw[0] == '[' && strings.TrimSpace(raw[1:len(raw)-1]) == ""
	if raw == "null" || raw == `""` && typ.Kind() != reflect.String || isEmptyList && typ.Kind() == reflect.Struct {
		return nil
	}
	if raw[0] != '{' && raw[0] != '[' {
		text := unquote(raw)
		switch p := v.Addr().Interface().(type) {
		case *string:
			*p = text
			return nil
		case **string:
			*p = &text
			return nil
		case **int64:
			if n, err := parseInteger(text); err == nil {
				*p = &n
				return nil
			}
		case **bool:
			if b := strings.EqualFold(text, "true"); b || strings.EqualFold(text, "false") {
				*p = &b
				return nil
			}
		}
	}
	return fmt.Errorf("must be %s, got %s", typeNames[typ.Kind()], cmp.Or(jsonTypes[raw[0]], "a number"))
}

var (
	typeNames = map[reflect.Kind]string{
		reflect.Struct: "an object", reflect.String: "a string", reflect.Int64: "an integer", reflect.Bool: "true or false",
	}
	jsonTypes = map[byte]string{'{': "an object", '[': "an array", '"': "a string", 't': "a boolean", 'f': "a boolean"}
)

// field is a field of a struct, found by its name in the response or by an alias of that.
type field struct {
	index int
	alias bool // does not overwrite the value of the name
}

var fieldsByName = indexFields(page{}, Task{}, SourceTask{}, SinkTask{})

func indexFields(structs ...any) map[reflect.Type]map[string]field {
	index := map[reflect.Type]map[string]field{}
	for _, s := range structs {
		typ := reflect.TypeOf(s)
		index[typ] = map[string]field{}
		for i := range typ.NumField() {
			tag := typ.Field(i).Tag
			if name := tag.Get("json"); name != "" && name != "-" {
				index[typ][name] = field{index: i}
			}
			if alias, ok := tag.Lookup("alias"); ok {
				index[typ][alias] = field{index: i, alias: true}
			}
		}
	}
	return index
}

// parseInteger also accepts integers in the notation of floating-point numbers, such as 1.7e12.
func parseInteger(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err == nil {
		return n, nil
	}
	f, floatErr := strconv.ParseFloat(text, 64)
	const exact = 1 << 53
	if floatErr != nil || f != math.Trunc(f) || math.Abs(f) > exact || strings.ContainsAny(text, "xX_") {
		return 0, err
	}
	return int64(f), nil
}

// cursor reads a JSON document once, from start to end. The document must be a valid object: nothing is checked.
type cursor struct {
	data   string
	pos    int
	fields int // members of objects, without those of skipped values
}

func (c *cursor) checkFields() error {
	if c.fields > maxFields {
		return &LimitError{Max: maxFields, What: "fields on a page"}
	}
	return nil
}

// peek skips white space and returns the byte after it.
func (c *cursor) peek() byte {
	for {
		switch next := c.data[c.pos]; next {
		case ' ', '\n', '\t', '\r':
			c.pos++
		default:
			return next
		}
	}
}

// enter moves into the object or array that is next; more reports whether a member or element follows,
// and moves to it, or out of the object or array.
func (c *cursor) enter() { c.peek(); c.pos++ }

func (c *cursor) more() bool {
	switch c.peek() {
	case '}', ']':
		c.pos++
		return false
	case ',':
		c.pos++
	}
	return true
}

// name returns the name of the member that is next and moves to its value.
func (c *cursor) name() string {
	c.fields++
	name := unquote(c.value())
	c.peek()
	c.pos++ // the colon
	return name
}

// value returns the next value as it is in the document, and moves past it.
func (c *cursor) value() string {
	c.peek()
	start := c.pos
	for depth := 0; ; c.pos++ {
		switch c.data[c.pos] {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case '"':
			for c.pos++; c.data[c.pos] != '"'; c.pos++ {
				if c.data[c.pos] == '\\' {
					c.pos++
				}
			}
		default:
			if depth == 0 && strings.IndexByte(",}] \n\t\r", c.data[c.pos+1]) < 0 {
				continue // a number or literal goes on
			}
		}
		if depth == 0 {
			c.pos++
			return c.data[start:c.pos]
		}
	}
}

// unquote returns the text of a string, number or boolean.
func unquote(raw string) string {
	switch {
	case raw[0] != '"':
		return raw
	case strings.IndexByte(raw, '\\') < 0:
		return raw[1 : len(raw)-1]
	default:
		var text string
		_ = json.Unmarshal([]byte(raw), &text) // the document is valid
		return text
	}
}
