// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"golang.org/x/text/unicode/norm"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/smartconnect"
)

var (
	_ datasource.DataSourceWithConfigure      = (*taskDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*taskDataSource)(nil)
)

func newTaskDataSource() datasource.DataSource { return &taskDataSource{} }

// taskDataSource reads one task of an instance.
type taskDataSource struct {
	*providerData
}

// taskSelector holds the arguments that select the task. Exactly one of them is not empty.
type taskSelector struct {
	ID       types.String `tfsdk:"id"`
	TaskName types.String `tfsdk:"task_name"`
}

func (d *taskDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_task"
}

func (d *taskDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := instanceAttributes()
	maps.Copy(attributes, taskAttributes())
	attributes["id"] = schema.StringAttribute{
		Optional: true, Computed: true,
		MarkdownDescription: "ID of the task. Exactly one of `id` and `task_name` must be set.",
	}
	attributes["task_name"] = schema.StringAttribute{
		Optional: true, Computed: true,
		MarkdownDescription: "Name of the task, compared exactly. If several tasks have this name, the read fails; set `id` instead.",
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads one Smart Connect task of a Kafka instance by ID or name. The read fails if there is no such task. " +
			"Attributes that the API response omits are null.",
		Attributes: attributes,
		Blocks:     instanceBlocks(),
	}
}

func (d *taskDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	d.providerData = fromProviderData(req)
}

func (d *taskDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var selector taskSelector
	resp.Diagnostics.Append(selector.get(ctx, req.Config)...)
}

func (d *taskDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	defer recoverPanic(&resp.Diagnostics)
	var data struct {
		instanceModel
		smartconnect.Task
	}
	var selector taskSelector
	resp.Diagnostics.Append(selector.get(ctx, req.Config)...)
	for name, target := range map[string]any{ // Config.Get fails if id is null, since Task.ID is not a pointer
		"instance_id": &data.InstanceID, "region": &data.Region, "project_id": &data.ProjectID, "timeouts": &data.Timeouts,
	} {
		resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root(name), target)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	list := d.read(ctx, &data.instanceModel, &resp.Diagnostics)
	if list == nil {
		return
	}
	found := selector.find(list.Tasks)
	if len(found) != 1 {
		resp.Diagnostics.Append(taskNotUnique(&selector, data.InstanceID.ValueString(), found, list.Tasks))
		return
	}
	resp.Diagnostics.Append(taskWarnings(list.Warnings, found)...)
	data.Task = found[0]
	resp.Diagnostics.Append(resp.State.Set(ctx, &data)...)
}

// get reads the selector and checks that exactly one argument is set, as far as they are known.
func (s *taskSelector) get(ctx context.Context, config tfsdk.Config) diag.Diagnostics {
	diags := config.GetAttribute(ctx, path.Root("id"), &s.ID)
	diags.Append(config.GetAttribute(ctx, path.Root("task_name"), &s.TaskName)...)
	if s.ID.IsUnknown() || s.TaskName.IsUnknown() {
		return diags
	}
	switch hasID, hasName := s.ID.ValueString() != "", s.TaskName.ValueString() != ""; {
	case hasID && hasName:
		diags.AddAttributeError(path.Root("task_name"), "Invalid Attribute Combination", "Exactly one of id and task_name must be set, but both are. Remove one of them.")
	case !hasID && !hasName:
		diags.AddError("Invalid Attribute Combination", "Exactly one of id and task_name must be set, but neither is.")
	}
	return diags
}

// find returns the tasks that match the selector.
func (s *taskSelector) find(tasks []smartconnect.Task) (found []smartconnect.Task) {
	id, name := s.ID.ValueString(), s.TaskName.ValueString()
	for _, t := range tasks {
		// Terraform normalizes strings, so names are compared as it sees them.
		if id != "" && norm.NFC.String(t.ID) == id || name != "" && t.TaskName != nil && norm.NFC.String(*t.TaskName) == name {
			found = append(found, t)
		}
	}
	return found
}

// maxListed is how many tasks an error lists.
const maxListed = 50

// taskNotUnique reports no match or several, listing candidates.
func taskNotUnique(s *taskSelector, instanceID string, found, all []smartconnect.Task) diag.Diagnostic {
	argument, value := "task_name", s.TaskName.ValueString()
	if value == "" {
		argument, value = "id", s.ID.ValueString()
	}
	summary, candidates := "Task Not Found", all
	var detail string
	switch {
	case len(found) > 0:
		summary, candidates = "Multiple Tasks Found", found
		detail = fmt.Sprintf("Instance %s has %d tasks with %s = %.100q. Set id instead of task_name. The tasks are:\n", instanceID, len(found), argument, value)
	case len(all) == 0:
		detail = fmt.Sprintf("Instance %s has no tasks. Check instance_id, region and project_id.", instanceID)
	default:
		detail = fmt.Sprintf("Instance %s has no task with %s = %.100q (case-sensitive). Check %[2]s and instance_id. The tasks are:\n", instanceID, argument, value)
	}
	descriptions := make([]string, len(candidates))
	for i := range candidates {
		descriptions[i] = describeTask(&candidates[i])
	}
	return diag.NewAttributeErrorDiagnostic(path.Root(argument), summary, detail+lines(descriptions, maxListed))
}
