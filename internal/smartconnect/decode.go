// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package smartconnect

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// FieldError is a value that is not of its field's type.
type FieldError struct {
	Task  string // its name or ID, or its position where it has neither; empty: the page itself
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

// Permanent is true: the service would say the same again.
func (*FieldError) Permanent() bool { return true }

// page is one answer of the API.
type page struct {
	Tasks       []Task `json:"tasks"`
	TotalNumber *int64 `json:"total_number"`
	MaxTasks    *int64 `json:"max_tasks"`
	QuotaTasks  *int64 `json:"quota_tasks"`
}

// decodePage reads the body of an answer that was asked for at most limit tasks. An error is a
// *FieldError where a value cannot be understood; any other is about the answer as a whole, which
// a proxy or a cut connection can be the reason of.
func decodePage(body []byte, limit int) (*page, error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, errors.New("it is empty")
	}
	if !utf8.Valid(body) {
		return nil, errors.New("it is not UTF-8")
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(body, &object); err != nil {
		return nil, fmt.Errorf("it is not a JSON object: %w", err)
	}
	var tasks []json.RawMessage
	if err := json.Unmarshal(object["tasks"], &tasks); err != nil || tasks == nil {
		return nil, errors.New(`it has no list "tasks"`)
	}
	if len(tasks) > limit {
		return nil, fmt.Errorf("it holds %d tasks where at most %d were asked for", len(tasks), limit)
	}
	delete(object, "tasks")
	p := &page{Tasks: make([]Task, len(tasks))}
	if err := decodeFields(object, reflect.ValueOf(p).Elem()); err != nil {
		return nil, err
	}
	seen := make(map[string]bool, len(tasks))
	for i, raw := range tasks {
		t := &p.Tasks[i]
		if err := decodeTask(raw, t); err != nil {
			err.Task = taskLabel(t, i)
			return nil, err
		}
		if t.ID == "" || seen[t.ID] {
			return nil, fmt.Errorf("%s: its ID is missing, or another task's on the same page", taskLabel(t, i))
		}
		seen[t.ID] = true
	}
	return p, nil
}

func decodeTask(raw json.RawMessage, t *Task) *FieldError {
	err := decodeValue(raw, reflect.ValueOf(t).Elem())
	var field *FieldError
	if err != nil && !errors.As(err, &field) {
		field = &FieldError{Field: "tasks", Err: err}
	}
	return field
}

// taskLabel names a task in an error, by its position if it has neither name nor ID.
func taskLabel(t *Task, index int) string {
	if t.ID == "" && (t.TaskName == nil || *t.TaskName == "") {
		return fmt.Sprintf("task number %d of the page", index+1)
	}
	return t.label()
}

// decodeValue reads raw into v, which is of a kind that Task and its parts are made of. Numbers and
// booleans are taken as text too, and text as either, since the service has changed between them.
func decodeValue(raw json.RawMessage, v reflect.Value) error {
	null := string(raw) == "null"
	switch v.Kind() {
	case reflect.Pointer:
		if null || v.Type().Elem().Kind() == reflect.Struct && isEmptyObject(raw) {
			return nil
		}
		target := reflect.New(v.Type().Elem())
		if err := decodeValue(raw, target.Elem()); err != nil {
			return err
		}
		v.Set(target)
		return nil
	case reflect.Struct:
		var object map[string]json.RawMessage
		if err := json.Unmarshal(raw, &object); err != nil || null {
			return fmt.Errorf("it is %s, expected an object", jsonType(raw))
		}
		return decodeFields(object, v)
	}
	if null {
		return nil
	}
	text, err := scalarText(raw)
	if err != nil {
		return err
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Int64:
		n, err := parseInteger(text)
		if err != nil {
			return fmt.Errorf("it is %s, expected a whole number", jsonType(raw))
		}
		v.SetInt(n)
	case reflect.Bool:
		if !strings.EqualFold(text, "true") && !strings.EqualFold(text, "false") {
			return fmt.Errorf("it is %s, expected true or false", jsonType(raw))
		}
		v.SetBool(strings.EqualFold(text, "true"))
	default:
		return fmt.Errorf("cannot be read into %s", v.Type())
	}
	return nil
}

// decodeFields reads an object into the struct v. Fields that v does not have are ignored.
func decodeFields(object map[string]json.RawMessage, v reflect.Value) error {
	for _, f := range fieldsOf(v.Type()) {
		for _, name := range f.names {
			raw, ok := object[name]
			if !ok || string(raw) == "null" {
				continue
			}
			if err := decodeValue(raw, v.Field(f.index)); err != nil {
				var inner *FieldError
				if errors.As(err, &inner) {
					return &FieldError{Field: name + "." + inner.Field, Err: inner.Err}
				}
				return &FieldError{Field: name, Err: err}
			}
			break
		}
	}
	return nil
}

// wireField is a field of a struct and the names that it has on the wire, the right one first.
type wireField struct {
	index int
	names []string
}

var wireFields sync.Map // []wireField by reflect.Type

func fieldsOf(t reflect.Type) []wireField {
	if cached, ok := wireFields.Load(t); ok {
		if fields, ok := cached.([]wireField); ok {
			return fields
		}
	}
	var fields []wireField
	for i := range t.NumField() {
		tag := t.Field(i).Tag
		if name := tag.Get("json"); name != "-" {
			f := wireField{index: i, names: []string{name}}
			if alias, ok := tag.Lookup("alias"); ok {
				f.names = append(f.names, alias)
			}
			fields = append(fields, f)
		}
	}
	wireFields.Store(t, fields)
	return fields
}

// scalarText returns the text of a JSON string, number or boolean.
func scalarText(raw json.RawMessage) (string, error) {
	switch raw[0] {
	case '"':
		if !bytes.ContainsRune(raw, '\\') { // nothing to unescape, as nearly always
			return string(raw[1 : len(raw)-1]), nil
		}
		var text string
		err := json.Unmarshal(raw, &text)
		return text, err
	case '{', '[':
		return "", fmt.Errorf("it is %s, expected a single value", jsonType(raw))
	default:
		return string(raw), nil
	}
}

// parseInteger reads a whole number. Serializers that know floating point only write 1.7e12; nobody
// means hexadecimal.
func parseInteger(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err == nil {
		return n, nil
	}
	f, floatErr := strconv.ParseFloat(text, 64)
	const exact = 1 << 53
	if floatErr != nil || f != math.Trunc(f) || math.Abs(f) > exact || strings.ContainsAny(text, "xX") {
		return 0, err
	}
	return int64(f), nil
}

// jsonType names what raw is without repeating it.
func jsonType(raw json.RawMessage) string {
	switch raw[0] {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "text"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	default:
		return "a number"
	}
}

func isEmptyObject(raw json.RawMessage) bool {
	return raw[0] == '{' && len(bytes.TrimSpace(raw[1:len(raw)-1])) == 0
}
