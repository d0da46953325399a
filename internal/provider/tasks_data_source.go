// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"maps"
	"regexp"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"golang.org/x/text/unicode/norm"

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

// tasksFilterModel holds the filters. A nil filter matches all tasks.
type tasksFilterModel struct {
	IDs         []string     `tfsdk:"ids"`
	TaskNames   []string     `tfsdk:"task_names"`
	Statuses    []string     `tfsdk:"statuses"`
	SourceTypes []string     `tfsdk:"source_types"`
	SinkTypes   []string     `tfsdk:"sink_types"`
	NameRegex   types.String `tfsdk:"name_regex"`
}

func (d *tasksDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_tasks"
}

func (d *tasksDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := instanceAttributes()
	maps.Copy(attributes, map[string]schema.Attribute{
		"ids":          filterAttribute("IDs of the tasks to return."),
		"task_names":   filterAttribute("Names of the tasks to return."),
		"statuses":     filterAttribute("Values of `status` of the tasks to return."),
		"source_types": filterAttribute("Values of `source_type` of the tasks to return."),
		"sink_types":   filterAttribute("Values of `sink_type` of the tasks to return."),
		"name_regex": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Regular expression ([RE2 syntax](https://github.com/google/re2/wiki/Syntax)) that `task_name` must match. It can match any part of the name; anchor it with `^` and `$` to match the complete name.",
			Validators:          []validator.String{nameRegexValidator},
		},
		"total_number": schema.Int64Attribute{
			Computed:            true,
			MarkdownDescription: "Number of tasks of the instance as returned by the API, regardless of filters.",
		},
		"max_tasks": schema.Int64Attribute{
			Computed:            true,
			MarkdownDescription: "Maximum number of tasks of the instance.",
		},
		"quota_tasks": schema.Int64Attribute{
			Computed:            true,
			MarkdownDescription: "Task quota of the instance. The API reference does not distinguish it from `max_tasks`.",
		},
		"tasks": schema.ListNestedAttribute{
			Computed:            true,
			MarkdownDescription: "Tasks that match all filters, in the order of the API. Empty if none matches.",
			NestedObject:        schema.NestedAttributeObject{Attributes: taskAttributes(), CustomType: newTaskType()},
		},
	})
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the Smart Connect tasks of a Kafka instance. " +
			"The list is complete or the read fails. Attributes that the API response omits are null.",
		Attributes: attributes,
		Blocks:     instanceBlocks(),
	}
}

func filterAttribute(description string) schema.Attribute {
	return schema.SetAttribute{
		Optional: true, ElementType: types.StringType,
		MarkdownDescription: description + " Compared exactly. Omit to return all tasks; an empty set returns none. Must not contain null (use `compact`).",
		Validators:          []validator.Set{noNulls{}},
	}
}

var nameRegexValidator = stringValidator{"a regular expression in RE2 syntax", func(value string) error {
	_, err := regexp.Compile(value)
	if lookAround.MatchString(value) && err != nil {
		return errors.New("RE2 does not support look-around such as (?=...) or (?!...); filter the tasks with a for expression instead")
	}
	return err
}}

var lookAround = regexp.MustCompile(`\(\?<?[=!]`)

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
	tasks := data.apply(list.Tasks)
	resp.Diagnostics.Append(totalWarning(list)...)
	resp.Diagnostics.Append(data.warnings(list.Tasks)...)
	resp.Diagnostics.Append(taskWarnings(list.Warnings, tasks)...)
	data.TotalNumber, data.MaxTasks, data.QuotaTasks = list.TotalNumber, list.MaxTasks, list.QuotaTasks
	resp.Diagnostics.Append(resp.State.Set(ctx, &data)...)
	setTasks(ctx, tasks)
}

// filter is an argument that selects tasks by the exact value of an attribute.
type filter struct {
	argument   string
	accepted   []string // nil: all
	documented []string
	value      func(*smartconnect.Task) *string
}

// Values in the API reference, and CREATING, which the API returns too.
var (
	documentedStatuses    = []string{"RUNNING", "PAUSED", "WAITING", "RESTARTING", "CREATING"}
	documentedSourceTypes = []string{"NONE", "KAFKA_REPLICATOR_SOURCE", "REDIS_REPLICATOR_SOURCE"}
	documentedSinkTypes   = []string{"NONE", "OBS_SINK", "REDIS_REPLICATOR_SINK"}
)

func (m *tasksFilterModel) filters() []filter {
	return []filter{
		{"ids", m.IDs, nil, func(t *smartconnect.Task) *string { return &t.ID }},
		{"task_names", m.TaskNames, nil, func(t *smartconnect.Task) *string { return t.TaskName }},
		{"statuses", m.Statuses, documentedStatuses, func(t *smartconnect.Task) *string { return t.Status }},
		{"source_types", m.SourceTypes, documentedSourceTypes, func(t *smartconnect.Task) *string { return t.SourceType }},
		{"sink_types", m.SinkTypes, documentedSinkTypes, func(t *smartconnect.Task) *string { return t.SinkType }},
	}
}

// apply returns the tasks that match all filters.
func (m *tasksFilterModel) apply(tasks []smartconnect.Task) []smartconnect.Task {
	filters := m.filters()
	name := regexp.MustCompile(m.NameRegex.ValueString()) // validated before
	matched := make([]smartconnect.Task, 0, len(tasks))
	for _, t := range tasks {
		if m.NameRegex.ValueString() != "" && (t.TaskName == nil || !name.MatchString(norm.NFC.String(*t.TaskName))) {
			continue
		}
		if !slices.ContainsFunc(filters, func(f filter) bool { return !f.matches(&t) }) {
			matched = append(matched, t)
		}
	}
	return matched
}

func (f *filter) matches(t *smartconnect.Task) bool {
	value := f.value(t)
	return f.accepted == nil || value != nil && slices.Contains(f.accepted, norm.NFC.String(*value)) // as Terraform normalizes
}
