// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/smartconnect"
)

// The attributes of the fields in smartconnect/testdata/fields.txt, which is written from the API reference,
// and those beside them, with their Terraform types.
var (
	documentedArguments = map[string]string{"instance_id": "string", "region": "string", "project_id": "string"}

	documentedTask = documented("tasks.", map[string]string{
		"source_task": "object", "sink_task": "object", "topic_list": "list of string", "created_at": "string",
	})
	documentedSourceTask = documented("tasks.source_task.", map[string]string{
		"redis_address_list": "list of objects", "bootstrap_server_list": "list of objects", "topic_map": "map of string",
	})
	documentedSinkTask = documented("tasks.sink_task.", map[string]string{"redis_address_list": "list of objects"})

	documentedDataSource = documented("", documentedArguments, map[string]string{
		"ids": "set of string", "task_names": "set of string", "statuses": "set of string", "source_types": "set of string",
		"sink_types": "set of string", "name_regex": "string", "tasks": "list of objects",
	})
)

// documented returns the attributes of the fields of an object, by its path, and others.
func documented(object string, others ...map[string]string) map[string]string {
	_, file, _, _ := runtime.Caller(0) // this binary also runs elsewhere, as fakeHuaweicloud
	table, err := os.ReadFile(filepath.Join(filepath.Dir(file), "../smartconnect/testdata/fields.txt"))
	if err != nil {
		panic(err)
	}
	types := mergeTypes(others...)
	for line := range strings.Lines(string(table)) {
		path, typ, ok := strings.Cut(strings.TrimSpace(line), " ")
		if name := strings.TrimPrefix(path, object); ok && path == object+name && !strings.Contains(name, ".") {
			types[name] = map[string]string{"String": "string", "Integer": "number", "Long": "number", "Boolean": "bool"}[typ]
		}
	}
	return types
}

func mergeTypes(tables ...map[string]string) map[string]string {
	all := map[string]string{}
	for _, table := range tables {
		maps.Copy(all, table)
	}
	return all
}

// jsonAttribute is an attribute in the output of `terraform providers schema -json`.
type jsonAttribute struct {
	Type       json.RawMessage `json:"type"`
	NestedType *struct {
		Attributes  map[string]jsonAttribute `json:"attributes"`
		NestingMode string                   `json:"nesting_mode"`
	} `json:"nested_type"`
	Description string `json:"description"`
	Required    bool   `json:"required"`
	Optional    bool   `json:"optional"`
	Computed    bool   `json:"computed"`
	Sensitive   bool   `json:"sensitive"`
}

func (a jsonAttribute) typeName() string {
	if a.NestedType != nil {
		return map[string]string{"single": "object", "list": "list of objects"}[a.NestedType.NestingMode]
	}
	return strings.NewReplacer(`["`, "", `","`, " of ", `"]`, "", `"`, "").Replace(string(a.Type))
}

// providersSchema returns the attributes in the output of the CLI for the built provider.
func providersSchema(t *testing.T) (provider, task, tasks map[string]jsonAttribute) {
	t.Helper()
	w := workspace(t, map[string]string{"main.tf": userSource})
	var out, diagnostics bytes.Buffer
	if err := w.Run(t.Context(), &out, &diagnostics, "providers", "schema", "-json"); err != nil {
		t.Fatalf("%v\n%s", err, diagnostics.String())
	}
	type block struct {
		Block struct {
			Attributes map[string]jsonAttribute `json:"attributes"`
			BlockTypes map[string]struct {
				NestingMode string `json:"nesting_mode"`
				Block       struct {
					Attributes  map[string]jsonAttribute `json:"attributes"`
					Description string                   `json:"description"`
				} `json:"block"`
			} `json:"block_types"`
		} `json:"block"`
	}
	var document struct {
		Schemas map[string]struct {
			Provider    block            `json:"provider"`
			DataSources map[string]block `json:"data_source_schemas"`
			Resources   map[string]any   `json:"resource_schemas"`
		} `json:"provider_schemas"`
	}
	if err := json.Unmarshal(out.Bytes(), &document); err != nil {
		t.Fatal(err)
	}
	if len(document.Schemas) != 1 {
		t.Fatalf("%d providers, want 1", len(document.Schemas))
	}
	for _, s := range document.Schemas {
		one, all := s.DataSources["smartconnect_task"].Block, s.DataSources["smartconnect_tasks"].Block
		if len(s.Resources) != 0 || len(s.DataSources) != 2 {
			t.Errorf("there is more than the data sources smartconnect_task and smartconnect_tasks")
		}
		for _, b := range []block{s.DataSources["smartconnect_task"], s.DataSources["smartconnect_tasks"]} {
			timeouts := b.Block.BlockTypes["timeouts"]
			if len(b.Block.BlockTypes) != 1 || timeouts.NestingMode != "single" || timeouts.Block.Description == "" || timeouts.Block.Attributes["read"].typeName() != "string" {
				t.Errorf("the blocks are %v, want timeouts with read", b.Block.BlockTypes)
			}
		}
		return s.Provider.Block.Attributes, one.Attributes, all.Attributes
	}
	return nil, nil, nil
}

func TestSchema_attributes(t *testing.T) {
	t.Parallel()
	provider, one, tasks := providersSchema(t)
	var sensitive []string
	for name, a := range provider {
		if a.Description == "" || !a.Optional {
			t.Errorf("provider argument %s has no description, or is not optional", name)
		}
		if a.Sensitive {
			sensitive = append(sensitive, name)
		}
	}
	slices.Sort(sensitive)
	if want := []string{"key", "password", "secret_key", "security_token", "token"}; !slices.Equal(sensitive, want) {
		t.Errorf("sensitive arguments are %q, want %q", sensitive, want)
	}
	task := tasks["tasks"].NestedType.Attributes
	for _, tt := range []struct {
		name       string
		attributes map[string]jsonAttribute
		want       map[string]string
		computed   bool
	}{
		{"smartconnect_task", one, mergeTypes(documentedArguments, documentedTask), false},
		{"source_task of smartconnect_task", one["source_task"].NestedType.Attributes, documentedSourceTask, true},
		{"sink_task of smartconnect_task", one["sink_task"].NestedType.Attributes, documentedSinkTask, true},
		{"smartconnect_tasks", tasks, documentedDataSource, false},
		{"tasks", task, documentedTask, true},
		{"source_task", task["source_task"].NestedType.Attributes, documentedSourceTask, true},
		{"sink_task", task["sink_task"].NestedType.Attributes, documentedSinkTask, true},
	} {
		types := map[string]string{}
		for name, a := range tt.attributes {
			types[name] = a.typeName()
			if a.Description == "" {
				t.Errorf("%s: %s has no description", tt.name, name)
			}
			if tt.computed && (!a.Computed || a.Optional || a.Required) {
				t.Errorf("%s: %s is not only computed", tt.name, name)
			}
		}
		if !maps.Equal(types, tt.want) {
			t.Errorf("%s\nhas  %v\nwant %v", tt.name, types, tt.want)
		}
	}
}

func TestSchema_models(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		model any
		want  map[string]string
	}{
		{smartconnect.Task{}, documentedTask},
		{smartconnect.SourceTask{}, documentedSourceTask},
		{smartconnect.SinkTask{}, documentedSinkTask},
		{instanceModel{}, documentedArguments},
		{tasksModel{}, documentedDataSource},
	} {
		var fields []string
		for _, f := range reflect.VisibleFields(reflect.TypeOf(tt.model)) {
			name := f.Tag.Get("tfsdk")
			if f.Anonymous || name == "timeouts" { // a block
				continue
			}
			fields = append(fields, name)
			if field, ok := f.Tag.Lookup("json"); ok && field != "-" && field != name {
				t.Errorf("%T: %s is %q in the API and %q in the state", tt.model, f.Name, field, name)
			}
		}
		slices.Sort(fields)
		if want := slices.Sorted(maps.Keys(tt.want)); !slices.Equal(fields, want) {
			t.Errorf("%T\nhas  %v\nwant %v", tt.model, fields, want)
		}
	}
}

// tasksSchema returns the schema of the data source.
func tasksSchema(ctx context.Context, t testing.TB) schema.Schema {
	t.Helper()
	var resp datasource.SchemaResponse
	newTasksDataSource().Schema(ctx, datasource.SchemaRequest{}, &resp)
	if diags := resp.Schema.ValidateImplementation(ctx); diags.HasError() {
		t.Fatal(diags)
	}
	return resp.Schema
}

// emptyState returns a state of which each attribute is null.
func emptyState(ctx context.Context, t testing.TB) tfsdk.State {
	t.Helper()
	s := tasksSchema(ctx, t)
	object := s.Type().TerraformType(ctx).(tftypes.Object)
	attributes := map[string]tftypes.Value{}
	for name, typ := range object.AttributeTypes {
		attributes[name] = tftypes.NewValue(typ, nil)
	}
	return tfsdk.State{Schema: s, Raw: tftypes.NewValue(object, attributes)}
}
