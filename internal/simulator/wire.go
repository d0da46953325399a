// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/template"
)

var (
	//go:embed wire/page.json
	pageWire string
	//go:embed wire/*.tmpl
	templateWire embed.FS

	templates = template.Must(template.New("").Funcs(template.FuncMap{"pick": pick, "json": quote}).
			ParseFS(templateWire, "wire/*.tmpl"))
)

// render executes a template of JSON.
func render(name string, data any) []byte {
	var text, compact bytes.Buffer
	err := templates.ExecuteTemplate(&text, name, data)
	if err == nil {
		err = json.Compact(&compact, text.Bytes())
	}
	if err != nil {
		panic(err) // an embedded template, executed in the tests
	}
	return compact.Bytes()
}

// quote returns a JSON string.
func quote(s string) (string, error) {
	text, err := json.Marshal(s)
	return string(text), err
}

// PageTasks returns the three tasks in the example of the API reference, with the masked parts of IDs filled in.
// They have the field deliver_time_interva (sic), which is deliver_time_interval in the table of fields, and a
// record_delimiter of two characters, backslash and n.
func PageTasks() []json.RawMessage {
	instance, err := ReadInstance(strings.NewReader(pageWire))
	if err != nil {
		panic(err) // an embedded file, read in the tests
	}
	return instance.Tasks
}

// GenerateTasks returns n tasks, always the same ones. They alternate between all nine combinations of a source
// and a sink, NONE included, the five known statuses, and topics and topics_regex. Each has every documented
// field of its types.
func GenerateTasks(n int) []json.RawMessage {
	sources := []string{"NONE", "KAFKA_REPLICATOR_SOURCE", "REDIS_REPLICATOR_SOURCE"}
	sinks := []string{"NONE", "OBS_SINK", "REDIS_REPLICATOR_SINK"}
	tasks := make([]json.RawMessage, max(n, 0))
	for i := range tasks {
		tasks[i] = render("task.json.tmpl", map[string]any{
			"N":          i,
			"Turn":       i + i/9, // alternates within a combination too
			"ID":         uuid("task", i),
			"PeerID":     uuid("peer", i),
			"Source":     sources[i/3%3],
			"Sink":       sinks[i%3],
			"CreateTime": 1700000000000 + int64(i)*3600123,
		})
	}
	return tasks
}

// pick alternates between choices.
func pick(turn int, choices ...string) string {
	return choices[turn%len(choices)]
}

// uuid returns a random-looking ID, so that no test relies on the order of IDs.
func uuid(kind string, n int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", kind, n))
	sum[6], sum[8] = sum[6]&0x0f|0x40, sum[8]&0x3f|0x80 // version 4, the usual variant
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

// ReadInstance reads an instance without an ID from JSON: an array of tasks, or a complete API response, from
// which it also takes max_tasks and quota_tasks.
func ReadInstance(r io.Reader) (Instance, error) {
	content, err := io.ReadAll(r)
	if err != nil {
		return Instance{}, fmt.Errorf("reading tasks: %w", err)
	}
	content = bytes.TrimSpace(bytes.TrimPrefix(content, []byte("\xef\xbb\xbf"))) // some editors write a byte order mark
	if len(content) == 0 {
		return Instance{}, errors.New("there is no JSON: the input is empty")
	}
	if err := json.Unmarshal(content, new(any)); err != nil {
		return Instance{}, notJSON(content, err)
	}
	var response struct {
		Tasks      json.RawMessage `json:"tasks"`
		MaxTasks   int             `json:"max_tasks"`
		QuotaTasks int             `json:"quota_tasks"`
	}
	if json.Unmarshal(content, &response) == nil && response.Tasks != nil {
		content = response.Tasks
	}
	instance := Instance{MaxTasks: response.MaxTasks, QuotaTasks: response.QuotaTasks}
	if json.Unmarshal(content, &instance.Tasks) != nil || instance.Tasks == nil {
		return Instance{}, errors.New(`the input is neither a JSON array of tasks nor an object whose "tasks" is one`)
	}
	for i, task := range instance.Tasks {
		if task[0] != '{' {
			return Instance{}, fmt.Errorf("task %d of %d is not a JSON object: %.40s", i+1, len(instance.Tasks), task)
		}
	}
	return instance, nil
}

// notJSON adds the line of a syntax error, which encoding/json leaves out.
func notJSON(text []byte, err error) error {
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		line := 1 + bytes.Count(text[:min(int(syntax.Offset), len(text))], []byte("\n"))
		return fmt.Errorf("the input is not valid JSON, line %d: %w", line, err)
	}
	return fmt.Errorf("the input is not valid JSON: %w", err)
}
