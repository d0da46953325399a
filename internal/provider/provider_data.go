// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/huaweicloud"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/smartconnect"
)

const defaultReadTimeout = 5 * time.Minute

// providerData is what the provider's Configure hands to the data sources.
type providerData struct {
	unknown []string // arguments not known yet; if there are any, there is nothing else
	cloud   *huaweicloud.Client
	api     *smartconnect.Client
}

// fromProviderData returns nil when Terraform asks for a validation, before it configures the provider.
func fromProviderData(req datasource.ConfigureRequest) *providerData {
	c, _ := req.ProviderData.(*providerData)
	return c
}

// instanceModel is what every data source is told: which instance to read, where, and for how long.
type instanceModel struct {
	InstanceID types.String   `tfsdk:"instance_id"`
	Region     types.String   `tfsdk:"region"`
	ProjectID  types.String   `tfsdk:"project_id"`
	Timeouts   timeouts.Value `tfsdk:"timeouts"`
}

// instanceAttributes describes instanceConfig.
func instanceAttributes(ctx context.Context) map[string]schema.Attribute {
	timeoutsAttribute := timeouts.AttributesWithOpts(ctx, timeouts.Opts{
		ReadDescription: fmt.Sprintf("How long the read may take, all its requests and pauses together, such as `30s` or `2m`. Default: `%s`.",
			strings.TrimSuffix(defaultReadTimeout.String(), "0s")),
	})
	if object, ok := timeoutsAttribute.(schema.SingleNestedAttribute); ok {
		object.MarkdownDescription = "Limits of time."
		timeoutsAttribute = object
	}
	return map[string]schema.Attribute{
		"instance_id": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "ID of the Kafka instance.",
			Validators:          []validator.String{identifierValidator},
		},
		"region": schema.StringAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "Region of the instance. Default: the provider's. After the read: the one that was used.",
			Validators:          []validator.String{identifierValidator},
		},
		"project_id": schema.StringAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "ID of the project of the instance. Default: the provider's; in another region than the provider's, that of the project named like the region. After the read: the one that was used.",
			Validators:          []validator.String{identifierValidator},
		},
		"timeouts": timeoutsAttribute,
	}
}

// read returns the tasks of the instance and sets the region and the project that were used. It returns
// nil if it appends an error to diags.
func (c *providerData) read(ctx context.Context, data *instanceModel, diags *diag.Diagnostics) *smartconnect.TaskList {
	if len(c.unknown) > 0 {
		diags.Append(unknownArguments(c.unknown))
		return nil
	}
	timeout := defaultReadTimeout
	if !data.Timeouts.IsNull() { // which the library would log as if something was amiss
		var timeoutDiags diag.Diagnostics
		timeout, timeoutDiags = data.Timeouts.Read(ctx, defaultReadTimeout)
		diags.Append(timeoutDiags...)
	}
	if timeout <= 0 {
		diags.AddAttributeError(path.Root("timeouts").AtName("read"), "Invalid timeouts.read",
			"The time for a read has to be longer than zero, such as \"30s\" or \"2m\".")
	}
	if diags.HasError() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	start := time.Now()
	instance, err := c.instance(ctx, data)
	var list *smartconnect.TaskList
	if err == nil {
		list, err = c.api.Tasks(ctx, instance)
	}
	if err != nil {
		diags.Append(readError(err, instance, timeout))
		return nil
	}
	data.Region, data.ProjectID = types.StringValue(instance.Region), types.StringValue(instance.ProjectID)
	tflog.Info(ctx, "read tasks", map[string]any{
		"instance_id": instance.ID, "tasks": len(list.Tasks), "requests": list.PageRequests, "retries": list.Retries,
		"duration_ms": time.Since(start).Milliseconds(),
	})
	return list
}

func (c *providerData) instance(ctx context.Context, data *instanceModel) (instance smartconnect.Instance, err error) {
	instance = smartconnect.Instance{
		ID:        data.InstanceID.ValueString(),
		Region:    data.Region.ValueString(),
		ProjectID: data.ProjectID.ValueString(),
	}
	if instance.Region == "" {
		instance.Region = c.cloud.Region()
	}
	if instance.ProjectID == "" {
		instance.ProjectID, err = c.cloud.ProjectID(ctx, instance.Region)
	}
	return instance, err
}
