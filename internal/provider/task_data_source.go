// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/smartconnect"
)

var (
	_ datasource.DataSourceWithConfigure        = (*taskDataSource)(nil)
	_ datasource.DataSourceWithConfigValidators = (*taskDataSource)(nil)
)

func newTaskDataSource() datasource.DataSource { return &taskDataSource{} }

// taskDataSource reads one task of an instance.
type taskDataSource struct {
	*providerData
}

// taskSelector is the argument that says which task is meant: one of them is null.
type taskSelector struct {
	ID       types.String `tfsdk:"id"`
	TaskName types.String `tfsdk:"task_name"`
}

func (d *taskDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_task"
}

func (d *taskDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := instanceAttributes(ctx)
	maps.Copy(attributes, taskAttributes())
	attributes["id"] = schema.StringAttribute{
		Optional: true, Computed: true,
		MarkdownDescription: "ID of the task. Either this or `task_name` has to be given.",
	}
	attributes["task_name"] = schema.StringAttribute{
		Optional: true, Computed: true,
		MarkdownDescription: "Name of the task, compared exactly. It is an error if several tasks have it: then give `id`.",
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "One Smart Connect task of a Kafka instance, by its ID or name. " +
			"It is an error if there is no such task. " +
			"What the API does not say is null; an empty text, zero, `false` and `-1` are values.",
		Attributes: attributes,
	}
}

func (d *taskDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{
		datasourcevalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot("task_name")),
	}
}

func (d *taskDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	d.providerData = fromProviderData(req)
}

func (d *taskDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	defer recoverPanic(&resp.Diagnostics)
	var instance instanceModel
	var selector taskSelector
	for name, target := range map[string]any{
		"instance_id": &instance.InstanceID, "region": &instance.Region, "project_id": &instance.ProjectID,
		"timeouts": &instance.Timeouts, "id": &selector.ID, "task_name": &selector.TaskName,
	} {
		resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root(name), target)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	list := d.read(ctx, &instance, &resp.Diagnostics)
	if list == nil {
		return
	}
	found := selector.find(list.Tasks)
	if len(found) != 1 {
		resp.Diagnostics.Append(taskNotUnique(&selector, instance.InstanceID.ValueString(), found, list.Tasks))
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &struct {
		instanceModel
		smartconnect.Task
	}{instance, found[0]})...)
}

// find returns the tasks that the key is that of.
func (k *taskSelector) find(tasks []smartconnect.Task) (found []smartconnect.Task) {
	for _, t := range tasks {
		if t.ID == k.ID.ValueString() && !k.ID.IsNull() ||
			t.TaskName != nil && *t.TaskName == k.TaskName.ValueString() && !k.TaskName.IsNull() {
			found = append(found, t)
		}
	}
	return found
}
