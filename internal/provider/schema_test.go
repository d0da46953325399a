// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/smartconnect"
)

// What the tables of the API's page "Querying Smart Connect Tasks" name, in its order, with the
// Terraform types of their types, and what the provider unpacks beside them. Written from the page,
// not from the code.
const (
	documentedTask = `
		task_name     string
		topics        string
		topics_regex  string
		source_type   string
		source_task   object
		sink_type     string
		sink_task     object
		id            string
		status        string
		create_time   number

		topic_list    list of string
		created_at    string`

	documentedSourceTask = `
		redis_address                  string
		redis_type                     string
		dcs_instance_id                string
		sync_mode                      string
		full_sync_wait_ms              number
		full_sync_max_retry            number
		ratelimit                      number
		current_cluster_name           string
		cluster_name                   string
		user_name                      string
		sasl_mechanism                 string
		instance_id                    string
		bootstrap_servers              string
		security_protocol              string
		direction                      string
		sync_consumer_offsets_enabled  bool
		replication_factor             number
		task_num                       number
		rename_topic_enabled           bool
		provenance_header_enabled      bool
		consumer_strategy              string
		compression_type               string
		topics_mapping                 string

		redis_address_list             list of objects
		bootstrap_server_list          list of objects
		topic_map                      map of string`

	documentedSinkTask = `
		redis_address           string
		redis_type              string
		dcs_instance_id         string
		target_db               number
		consumer_strategy       string
		destination_file_type   string
		deliver_time_interval   number
		obs_bucket_name         string
		obs_path                string
		partition_format        string
		record_delimiter        string
		store_keys              bool
		obs_part_size           number
		flush_size              number
		timezone                string
		schema_generator_class  string
		partitioner_class       string
		value_converter         string
		key_converter           string
		kv_delimiter            string

		redis_address_list      list of objects`

	documentedArguments = `
		instance_id   string
		region        string
		project_id    string`

	documentedDataSource = documentedArguments + `
		ids           set of string
		task_names    set of string
		statuses      set of string
		source_types  set of string
		sink_types    set of string
		name_regex    string
		total_number  number
		max_tasks     number
		quota_tasks   number
		tasks         list of objects`
)

// typesByName parses one of the tables above.
func typesByName(table string) map[string]string {
	types := map[string]string{}
	for line := range strings.Lines(table) {
		if name, typ, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			types[name] = strings.TrimSpace(typ)
		}
	}
	return types
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

// providersSchema is what the CLI says of the built provider.
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
		t.Fatalf("there are %d providers, expected this one", len(document.Schemas))
	}
	for _, s := range document.Schemas {
		one, all := s.DataSources["smartconnect_task"].Block, s.DataSources["smartconnect_tasks"].Block
		if len(s.Resources) != 0 || len(s.DataSources) != 2 {
			t.Errorf("there are other things than the data sources smartconnect_task and smartconnect_tasks")
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

func TestSchemaHasExactlyTheDocumentedAttributes(t *testing.T) {
	t.Parallel()
	provider, one, tasks := providersSchema(t)
	for name, a := range provider {
		if a.Description == "" || !a.Optional {
			t.Errorf("provider argument %s: has no description, or is not optional", name)
		}
	}
	task := tasks["tasks"].NestedType.Attributes
	for _, tt := range []struct {
		name       string
		attributes map[string]jsonAttribute
		table      string
		computed   bool
	}{
		{"smartconnect_task", one, documentedArguments + documentedTask, false},
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
				t.Errorf("%s: %s is not computed alone", tt.name, name)
			}
		}
		if want := typesByName(tt.table); !maps.Equal(types, want) {
			t.Errorf("%s\nhas   %v\nwants %v", tt.name, types, want)
		}
	}
}

func TestProviderArgumentsAreSensitiveWhereTheySay(t *testing.T) {
	t.Parallel()
	provider, _, _ := providersSchema(t)
	var sensitive []string
	for name, a := range provider {
		if a.Sensitive {
			sensitive = append(sensitive, name)
		}
	}
	slices.Sort(sensitive)
	if want := []string{"key", "password", "secret_key", "security_token", "token"}; !slices.Equal(sensitive, want) {
		t.Errorf("sensitive are %q, expected %q", sensitive, want)
	}
}

func TestStructsHaveAFieldForEachAttributeAndNoOther(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		models []any // all fields together are all attributes
		table  string
	}{
		{[]any{smartconnect.Task{}}, documentedTask},
		{[]any{smartconnect.SourceTask{}}, documentedSourceTask},
		{[]any{smartconnect.SinkTask{}}, documentedSinkTask},
		{[]any{instanceModel{}}, documentedArguments},
		{[]any{tasksModel{}}, documentedDataSource},
	} {
		var fields []string
		for _, model := range tt.models {
			for _, f := range reflect.VisibleFields(reflect.TypeOf(model)) {
				name := f.Tag.Get("tfsdk")
				if f.Anonymous || name == "timeouts" { // a block
					continue
				}
				fields = append(fields, name)
				wire, ok := f.Tag.Lookup("json")
				if ok && wire != "-" && wire != name {
					t.Errorf("%T: %s is %q on the wire and %q in the state", model, f.Name, wire, name)
				}
			}
		}
		slices.Sort(fields)
		if want := slices.Sorted(maps.Keys(typesByName(tt.table))); !slices.Equal(fields, want) {
			t.Errorf("%T\nhas   %v\nwants %v", tt.models, fields, want)
		}
	}
}

// tasksSchema is the data source's schema.
func tasksSchema(ctx context.Context, t testing.TB) schema.Schema {
	t.Helper()
	var resp datasource.SchemaResponse
	newTasksDataSource().Schema(ctx, datasource.SchemaRequest{}, &resp)
	if diags := resp.Schema.ValidateImplementation(ctx); diags.HasError() {
		t.Fatal(diags)
	}
	return resp.Schema
}

// emptyState is a state of which each attribute is null.
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
