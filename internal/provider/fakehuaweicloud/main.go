// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

// Command fakehuaweicloud stands in for the huaweicloud provider, which guides use beside this one and tests cannot
// install. It has three of its resources, with a part of their arguments, and creates nothing.
//
// Observed with version 1.97.1 of that provider: tasks are imported by <instance_id>/<task_id>, without keys and
// passwords; what an import makes of missing and empty fields (see ImportState); any difference replaces a task.
// Seen in its source: exactly one of topics and topics_regex must be set. Documented: the names of arguments.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	providerschema "github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func main() {
	err := providerserver.Serve(context.Background(), func() provider.Provider { return fakeProvider{} },
		providerserver.ServeOpts{Address: "registry.terraform.io/huaweicloud/huaweicloud"})
	if err != nil {
		log.Fatal(err)
	}
}

type fakeProvider struct{}

// envTasks names a file with the tasks that can be imported.
const envTasks = "FAKE_HUAWEICLOUD_TASKS"

// Name, type, whether it is required, optional, computed or both of the latter, and the API's name if
// that is another.
const (
	policyTable = `
		region         string  both
		bucket         string  required
		policy         string  required`

	ruleTable = `
		region             string  both
		security_group_id  string  required
		direction          string  required
		ethertype          string  required
		protocol           string  both
		port_range_min     number  both
		port_range_max     number  both
		remote_ip_prefix   string  both`

	taskTable = `
		instance_id       string  required
		task_name         string  required
		topics            set     optional
		topics_regex      string  optional
		source_type       string  both
		destination_type  string  both      sink_type
		status            string  computed`

	sourceTaskTable = `
		current_instance_alias         string  both      current_cluster_name
		peer_instance_alias            string  both      cluster_name
		peer_instance_id               string  optional  instance_id
		peer_instance_address          set     both      bootstrap_servers
		user_name                      string  optional
		password                       string  optional
		direction                      string  both
		sync_consumer_offsets_enabled  bool    both
		replication_factor             number  optional
		task_num                       number  optional
		topics_mapping                 set     optional`

	destinationTaskTable = `
		access_key             string  optional
		secret_key             string  optional
		agency_name            string  optional
		obs_bucket_name        string  optional
		obs_path               string  optional
		deliver_time_interval  number  optional
		store_keys             bool    optional`
)

func (fakeProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "huaweicloud"
}

func (fakeProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema.Attributes = map[string]providerschema.Attribute{"region": providerschema.StringAttribute{Optional: true}}
}

func (fakeProvider) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}

func (fakeProvider) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (fakeProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		func() resource.Resource { return &fakeResource{"obs_bucket_policy", tables{"": policyTable}} },
		func() resource.Resource { return &fakeResource{"networking_secgroup_rule", tables{"": ruleTable}} },
		func() resource.Resource {
			return &fakeResource{"dms_kafkav2_smart_connect_task", tables{
				"": taskTable, "source_task": sourceTaskTable, "destination_task": destinationTaskTable,
			}}
		},
	}
}

// tables are the tables of a resource by block, "" for the arguments outside of blocks.
type tables map[string]string

type field struct{ name, kind, mode, wire string }

func (t tables) fields(block string) (fields []field) {
	for line := range strings.Lines(t[block]) {
		if words := strings.Fields(line); len(words) > 0 {
			fields = append(fields, field{words[0], words[1], words[2], append(words, words[0])[3]})
		}
	}
	return fields
}

// attributes returns the arguments of a block. All that are not required are also computed, whatever the table
// says: only providers made with SDKv2 may keep values of other arguments that are not configured.
func (t tables) attributes(block string) map[string]schema.Attribute {
	attributes := map[string]schema.Attribute{}
	for _, f := range t.fields(block) {
		required := f.mode == "required"
		switch f.kind {
		case "string":
			attributes[f.name] = schema.StringAttribute{Required: required, Optional: !required, Computed: !required}
		case "number":
			attributes[f.name] = schema.Int64Attribute{Optional: true, Computed: true}
		case "bool":
			attributes[f.name] = schema.BoolAttribute{Optional: true, Computed: true}
		case "set":
			attributes[f.name] = schema.SetAttribute{ElementType: types.StringType, Optional: true, Computed: true}
		}
	}
	return attributes
}

type fakeResource struct {
	name   string
	tables tables
}

var (
	_ resource.ResourceWithImportState    = (*fakeResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*fakeResource)(nil)
	_ resource.ResourceWithValidateConfig = (*fakeResource)(nil)
)

func (r *fakeResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + r.name
}

func (r *fakeResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: r.tables.attributes(""), Blocks: map[string]schema.Block{}}
	resp.Schema.Attributes["id"] = schema.StringAttribute{Computed: true}
	for name := range r.tables {
		if name != "" {
			resp.Schema.Blocks[name] = schema.ListNestedBlock{
				NestedObject: schema.NestedBlockObject{Attributes: r.tables.attributes(name)},
			}
		}
	}
}

func (r *fakeResource) ValidateConfig(_ context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config map[string]tftypes.Value
	if err := req.Config.Raw.As(&config); err != nil {
		resp.Diagnostics.AddError("Unreadable configuration", err.Error())
		return
	}
	topics, ok := config["topics"]
	if ok && topics.IsKnown() && topics.IsNull() == config["topics_regex"].IsNull() {
		resp.Diagnostics.AddError("Invalid combination of arguments", "exactly one of `topics,topics_regex` must be specified")
	}
}

// ModifyPlan keeps what is not configured if it is computed or zero. Any other difference replaces the resource.
func (r *fakeResource) ModifyPlan(_ context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() || req.State.Raw.IsNull() {
		return
	}
	plan, err := tftypes.Transform(req.Config.Raw, func(at *tftypes.AttributePath, v tftypes.Value) (tftypes.Value, error) {
		if !v.IsNull() {
			return v, nil
		}
		found, _, err := tftypes.WalkAttributePath(req.State.Raw, at)
		prior, ok := found.(tftypes.Value)
		if err == nil && ok && (r.computed(at) || isZero(prior)) {
			return prior, nil
		}
		return v, nil // also where the block is new
	})
	if err != nil {
		resp.Diagnostics.AddError("Unusable plan", err.Error())
		return
	}
	resp.Plan.Raw = plan
	differences, err := plan.Diff(req.State.Raw)
	if err != nil {
		resp.Diagnostics.AddError("Unusable plan", err.Error())
	}
	for _, d := range differences {
		if steps := d.Path.Steps(); len(steps) > 0 {
			resp.RequiresReplace = append(resp.RequiresReplace, path.Root(fmt.Sprint(steps[0])))
		}
	}
}

func (r *fakeResource) computed(at *tftypes.AttributePath) bool {
	var names []string
	for _, step := range at.Steps() {
		if name, ok := step.(tftypes.AttributeName); ok {
			names = append(names, string(name))
		}
	}
	if len(names) == 1 {
		names = []string{"", names[0]}
	}
	return len(names) == 2 && (names[1] == "id" || slices.ContainsFunc(r.tables.fields(names[0]), func(f field) bool {
		return f.name == names[1] && (f.mode == "both" || f.mode == "computed")
	}))
}

func isZero(v tftypes.Value) bool {
	return v.Equal(tftypes.NewValue(tftypes.String, "")) || v.Equal(tftypes.NewValue(tftypes.Number, 0)) ||
		v.Equal(tftypes.NewValue(tftypes.Bool, false)) ||
		v.Equal(tftypes.NewValue(tftypes.Set{ElementType: tftypes.String}, []tftypes.Value{}))
}

func (r *fakeResource) Create(_ context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	resp.State.Raw = known(req.Plan.Raw)
}

func (r *fakeResource) Update(_ context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.State.Raw = known(req.Plan.Raw)
}

func (r *fakeResource) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (r *fakeResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

// known replaces unknown values by null.
func known(value tftypes.Value) tftypes.Value {
	value, err := tftypes.Transform(value, func(_ *tftypes.AttributePath, v tftypes.Value) (tftypes.Value, error) {
		if !v.IsKnown() {
			return tftypes.NewValue(v.Type(), nil), nil
		}
		return v, nil
	})
	if err != nil {
		panic(err) // the type stays what it is
	}
	return value
}

// ImportState imports a task as that provider does: topics are a set, empty for none; a side that is null or
// missing is a block of zero values, only an empty object is none; empty strings are null.
func (r *fakeResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	instance, id, _ := strings.Cut(req.ID, "/")
	content, err := os.ReadFile(os.Getenv(envTasks))
	var tasks []map[string]any
	if err == nil {
		err = json.Unmarshal(content, &tasks)
	}
	i := slices.IndexFunc(tasks, func(task map[string]any) bool { return task["id"] == id })
	if err != nil || i < 0 {
		resp.Diagnostics.AddError("Cannot import non-existent remote object", fmt.Sprintf("task %s: %v", id, err))
		return
	}
	set := func(to path.Path, block string, values map[string]any) {
		for _, f := range r.tables.fields(block) {
			value := values[f.wire]
			text, _ := value.(string)
			number, _ := value.(float64)
			switch {
			case f.name == "peer_instance_address":
				value = strings.Split(text, ",") // of nothing: one empty address
			case f.kind == "set":
				value = strings.FieldsFunc(text, func(r rune) bool { return r == ',' })
			case f.kind == "number":
				value = int64(number)
			case f.kind == "bool":
				value = value == true
			case text == "":
				continue
			}
			resp.Diagnostics.Append(resp.State.SetAttribute(ctx, to.AtName(f.name), value)...)
		}
	}
	task := tasks[i]
	task["instance_id"] = instance
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), id)...)
	set(path.Empty(), "", task)
	for block, wire := range map[string]string{"source_task": "source_task", "destination_task": "sink_task"} {
		if side, ok := task[wire].(map[string]any); !ok || len(side) > 0 {
			set(path.Root(block).AtListIndex(0), block, side)
		}
	}
}
