// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"regexp"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/smartconnect"
)

var _ datasource.DataSourceWithConfigure = (*tasksDataSource)(nil)

func newTasksDataSource() datasource.DataSource { return &tasksDataSource{} }

// tasksDataSource reads all tasks of an instance.
type tasksDataSource struct {
	*connection
}

const defaultReadTimeout = 5 * time.Minute

// tasksModel is the configuration.
type tasksModel struct {
	InstanceID  types.String   `tfsdk:"instance_id"`
	Region      types.String   `tfsdk:"region"`
	ProjectID   types.String   `tfsdk:"project_id"`
	IDs         []string       `tfsdk:"ids"`
	Statuses    []string       `tfsdk:"statuses"`
	SourceTypes []string       `tfsdk:"source_types"`
	SinkTypes   []string       `tfsdk:"sink_types"`
	NameRegex   types.String   `tfsdk:"name_regex"`
	Timeouts    timeouts.Value `tfsdk:"timeouts"`

	// Null in a configuration; what they become is tasksResult.
	TotalNumber types.Int64 `tfsdk:"total_number"`
	MaxTasks    types.Int64 `tfsdk:"max_tasks"`
	QuotaTasks  types.Int64 `tfsdk:"quota_tasks"`
	Tasks       types.List  `tfsdk:"tasks"`
}

// tasksResult is what a read adds to the configuration.
type tasksResult struct {
	Region      string              `tfsdk:"region"`
	ProjectID   string              `tfsdk:"project_id"`
	TotalNumber *int64              `tfsdk:"total_number"`
	MaxTasks    *int64              `tfsdk:"max_tasks"`
	QuotaTasks  *int64              `tfsdk:"quota_tasks"`
	Tasks       []smartconnect.Task `tfsdk:"tasks"` // last: each one before copies what is there
}

func (d *tasksDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_tasks"
}

func (d *tasksDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "All Smart Connect tasks of a Kafka instance, or those that pass the filters. " +
			"The list is whole, in the order of the API, or the read fails. " +
			"What the API does not say is null; an empty text, zero, `false` and `-1` are values.",
		Attributes: map[string]schema.Attribute{
			"instance_id": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "ID of the Kafka instance.",
				Validators:          []validator.String{isIdentifier},
			},
			"region": schema.StringAttribute{
				Optional: true, Computed: true,
				MarkdownDescription: "Region of the instance. Default: the provider's. After the read: the one that was used.",
				Validators:          []validator.String{isIdentifier},
			},
			"project_id": schema.StringAttribute{
				Optional: true, Computed: true,
				MarkdownDescription: "ID of the project of the instance. Default: the provider's; in another region than the provider's, that of the project named like the region. After the read: the one that was used.",
				Validators:          []validator.String{isIdentifier},
			},
			"ids":          filterAttribute("Only tasks with one of these IDs."),
			"statuses":     filterAttribute("Only tasks with one of these values of `status`."),
			"source_types": filterAttribute("Only tasks with one of these values of `source_type`."),
			"sink_types":   filterAttribute("Only tasks with one of these values of `sink_type`."),
			"name_regex": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Only tasks whose `task_name` matches this regular expression ([RE2 syntax](https://github.com/google/re2/wiki/Syntax)), anywhere unless it is anchored by `^` and `$`.",
				Validators:          []validator.String{isRegexp},
			},
			"timeouts": timeouts.AttributesWithOpts(ctx, timeouts.Opts{
				ReadDescription: "How long the read may take, all its requests and pauses together, such as `30s` or `2m`. Default: `5m`.",
			}),
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
				MarkdownDescription: "The tasks.",
				NestedObject:        schema.NestedAttributeObject{Attributes: taskAttributes()},
			},
		},
	}
}

func filterAttribute(description string) schema.Attribute {
	return schema.SetAttribute{
		Optional: true, ElementType: types.StringType,
		MarkdownDescription: description + " Compared exactly. Null: all; empty: none. It must hold no null: `compact` leaves them out.",
		Validators:          []validator.Set{setvalidator.NoNullValues()},
	}
}

func (d *tasksDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	// Terraform asks for the validation of a data source before it configures the provider.
	d.connection, _ = req.ProviderData.(*connection)
}

func (d *tasksDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	defer contain(&resp.Diagnostics)
	if len(d.unknown) > 0 {
		resp.Diagnostics.Append(unknownArguments(d.unknown))
		return
	}
	var config tasksModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	timeout := defaultReadTimeout
	if !config.Timeouts.IsNull() { // which the library would log as if something was amiss
		var diags diag.Diagnostics
		timeout, diags = config.Timeouts.Read(ctx, defaultReadTimeout)
		resp.Diagnostics.Append(diags...)
	}
	if timeout <= 0 {
		resp.Diagnostics.AddAttributeError(path.Root("timeouts").AtName("read"), "Invalid timeouts.read",
			"The time for a read has to be longer than zero, such as \"30s\" or \"2m\".")
	}
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	start := time.Now()
	instance, err := d.instance(ctx, &config)
	var list *smartconnect.TaskList
	if err == nil {
		list, err = d.api.Tasks(ctx, instance)
	}
	if err != nil {
		resp.Diagnostics.Append(readError(err, instance, timeout))
		return
	}
	passed := filter(list.Tasks, &config)
	tflog.Info(ctx, "read tasks", map[string]any{
		"instance_id": instance.ID, "tasks": len(list.Tasks), "passed": len(passed), "requests": list.Requests, "retries": list.Retries,
		"duration_ms": time.Since(start).Milliseconds(),
	})
	resp.Diagnostics.Append(setState(ctx, &resp.State, tasksResult{
		Region:      instance.Region,
		ProjectID:   instance.ProjectID,
		TotalNumber: list.TotalNumber,
		MaxTasks:    list.MaxTasks,
		QuotaTasks:  list.QuotaTasks,
		Tasks:       passed,
	})...)
}

// instance returns the instance that config names, with what the provider knows of where it is.
func (d *tasksDataSource) instance(ctx context.Context, config *tasksModel) (instance smartconnect.Instance, err error) {
	instance = smartconnect.Instance{
		ID:        config.InstanceID.ValueString(),
		Region:    config.Region.ValueString(),
		ProjectID: config.ProjectID.ValueString(),
	}
	if instance.Region == "" {
		instance.Region = d.cloud.Region()
	}
	if instance.ProjectID == "" {
		instance.ProjectID, err = d.cloud.ProjectID(ctx, instance.Region)
	}
	return instance, err
}

// filter returns the tasks that pass all filters of config, of which the API has none.
func filter(tasks []smartconnect.Task, config *tasksModel) []smartconnect.Task {
	var name *regexp.Regexp
	if !config.NameRegex.IsNull() {
		name = regexp.MustCompile(config.NameRegex.ValueString()) // was validated
	}
	passed := []smartconnect.Task{}
	for _, t := range tasks {
		if passes(config.IDs, &t.ID) && passes(config.Statuses, t.Status) &&
			passes(config.SourceTypes, t.SourceType) && passes(config.SinkTypes, t.SinkType) &&
			(name == nil || t.TaskName != nil && name.MatchString(*t.TaskName)) {
			passed = append(passed, t)
		}
	}
	return passed
}

// passes reports whether value is among accepted, of which nil stands for all values.
func passes(accepted []string, value *string) bool {
	return accepted == nil || value != nil && slices.Contains(accepted, *value)
}
