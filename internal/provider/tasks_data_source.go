// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"maps"
	"regexp"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/smartconnect"
)

var _ datasource.DataSourceWithConfigure = (*tasksDataSource)(nil)

func newTasksDataSource() datasource.DataSource { return &tasksDataSource{} }

// tasksDataSource reads all tasks of an instance.
type tasksDataSource struct {
	*providerData
}

// tasksModel is the configuration and the state.
type tasksModel struct {
	instanceModel
	tasksFilterModel

	TotalNumber *int64              `tfsdk:"total_number"`
	MaxTasks    *int64              `tfsdk:"max_tasks"`
	QuotaTasks  *int64              `tfsdk:"quota_tasks"`
	Tasks       []smartconnect.Task `tfsdk:"tasks"` // always nil; see tasksServer
}

// tasksFilterModel are the arguments that say which tasks are meant. Null is nil: all.
type tasksFilterModel struct {
	IDs         []string     `tfsdk:"ids"`
	Statuses    []string     `tfsdk:"statuses"`
	SourceTypes []string     `tfsdk:"source_types"`
	SinkTypes   []string     `tfsdk:"sink_types"`
	NameRegex   types.String `tfsdk:"name_regex"`
}

func (d *tasksDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_tasks"
}

func (d *tasksDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := instanceAttributes(ctx)
	maps.Copy(attributes, map[string]schema.Attribute{
		"ids":          filterAttribute("Only tasks with one of these IDs."),
		"statuses":     filterAttribute("Only tasks with one of these values of `status`."),
		"source_types": filterAttribute("Only tasks with one of these values of `source_type`."),
		"sink_types":   filterAttribute("Only tasks with one of these values of `sink_type`."),
		"name_regex": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Only tasks whose `task_name` matches this regular expression ([RE2 syntax](https://github.com/google/re2/wiki/Syntax)), anywhere unless it is anchored by `^` and `$`.",
			Validators:          []validator.String{regexpValidator},
		},
		"total_number": schema.Int64Attribute{
			Computed:            true,
			MarkdownDescription: "Number of tasks of the instance, whatever the filters leave.",
		},
		"max_tasks": schema.Int64Attribute{
			Computed:            true,
			MarkdownDescription: "Most tasks that the instance can have.",
		},
		"quota_tasks": schema.Int64Attribute{
			Computed:            true,
			MarkdownDescription: "Quota of tasks of the instance. The API does not say how it differs from `max_tasks`; its page has 18 for both.",
		},
		"tasks": schema.ListNestedAttribute{
			Computed:            true,
			MarkdownDescription: "The tasks that pass the filters, in the order of the API. Empty if none does.",
			NestedObject:        schema.NestedAttributeObject{Attributes: taskAttributes()},
		},
	})
	resp.Schema = schema.Schema{
		MarkdownDescription: "All Smart Connect tasks of a Kafka instance, or those that pass the filters. " +
			"The list is whole, in the order of the API, or the read fails. " +
			"What the API does not say is null; an empty text, zero, `false` and `-1` are values.",
		Attributes: attributes,
	}
}

func filterAttribute(description string) schema.Attribute {
	return schema.SetAttribute{
		Optional: true, ElementType: types.StringType,
		MarkdownDescription: description + " Compared exactly. Null: all; empty: none. It must hold no null: `compact` leaves them out.",
		Validators:          []validator.Set{noNulls{}},
	}
}

func (d *tasksDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	d.providerData = fromProviderData(req)
}

func (d *tasksDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	defer recoverPanic(&resp.Diagnostics)
	var data tasksModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &data)...)
	if resp.Diagnostics.HasError() {
		return
	}
	list := d.read(ctx, &data.instanceModel, &resp.Diagnostics)
	if list == nil {
		return
	}
	data.TotalNumber, data.MaxTasks, data.QuotaTasks = list.TotalNumber, list.MaxTasks, list.QuotaTasks
	resp.Diagnostics.Append(resp.State.Set(ctx, &data)...)
	setTasks(ctx, data.apply(list.Tasks))
}

// apply returns the tasks that pass all filters, of which the API has none.
func (f *tasksFilterModel) apply(tasks []smartconnect.Task) []smartconnect.Task {
	var name *regexp.Regexp
	if !f.NameRegex.IsNull() {
		name = regexp.MustCompile(f.NameRegex.ValueString()) // was validated
	}
	passed := []smartconnect.Task{}
	for _, t := range tasks {
		if matches(f.IDs, &t.ID) && matches(f.Statuses, t.Status) &&
			matches(f.SourceTypes, t.SourceType) && matches(f.SinkTypes, t.SinkType) &&
			(name == nil || t.TaskName != nil && name.MatchString(*t.TaskName)) {
			passed = append(passed, t)
		}
	}
	return passed
}

// matches reports whether value is among accepted, of which nil stands for all values.
func matches(accepted []string, value *string) bool {
	return accepted == nil || value != nil && slices.Contains(accepted, *value)
}
