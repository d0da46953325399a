// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

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

// providerData is what the provider's Configure passes to the data sources.
type providerData struct {
	unknown []string // provider arguments that are not known yet; if there are any, the rest is nil
	cloud   *huaweicloud.Client
	api     *smartconnect.Client
}

// fromProviderData returns nil during validation, which precedes the configuration of the provider.
func fromProviderData(req datasource.ConfigureRequest) *providerData {
	d, _ := req.ProviderData.(*providerData)
	return d
}

// instanceModel holds the arguments common to all data sources.
type instanceModel struct {
	InstanceID types.String   `tfsdk:"instance_id"`
	Region     types.String   `tfsdk:"region"`
	ProjectID  types.String   `tfsdk:"project_id"`
	Timeouts   *timeoutsModel `tfsdk:"timeouts"`
}

type timeoutsModel struct {
	Read types.String `tfsdk:"read"`
}

// Empty arguments are treated as null, like those of the provider block.
var (
	optionalIdentifierValidator = stringValidator{identifierValidator.description, func(value string) error {
		if value == "" {
			return nil
		}
		return huaweicloud.CheckIdentifier(value)
	}}
	timeoutValidator = stringValidator{`a positive duration, such as "30s" or "2m"`, func(value string) error {
		_, err := parseTimeout(value)
		return err
	}}
)

func instanceAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"instance_id": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "ID of the Kafka instance.",
			Validators:          []validator.String{identifierValidator},
		},
		"region": schema.StringAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "Region of the instance. Defaults to the provider's region. Exports the effective region.",
			Validators:          []validator.String{optionalIdentifierValidator},
		},
		"project_id": schema.StringAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "ID of the project of the instance. Defaults to the provider's project, or in another region to the project named after the region. Exports the effective project ID.",
			Validators:          []validator.String{optionalIdentifierValidator},
		},
	}
}

// instanceBlocks returns the timeouts block. In a nested attribute, Terraform would silently drop a
// misspelled argument.
func instanceBlocks() map[string]schema.Block {
	return map[string]schema.Block{
		"timeouts": schema.SingleNestedBlock{
			MarkdownDescription: "Timeouts.",
			Attributes: map[string]schema.Attribute{
				"read": schema.StringAttribute{
					Optional: true,
					MarkdownDescription: fmt.Sprintf("Maximum duration of the read, including retries, such as `30s` or `2m`. Defaults to `%s`.",
						strings.TrimSuffix(defaultReadTimeout.String(), "0s")),
					Validators: []validator.String{timeoutValidator},
				},
			},
		},
	}
}

func parseTimeout(value string) (time.Duration, error) {
	if value == "" {
		return defaultReadTimeout, nil
	}
	timeout, err := time.ParseDuration(value)
	if err != nil {
		return 0, errors.New(`must be a number with a unit, such as "30s", "2m" or "1h"`)
	}
	if timeout <= 0 {
		return 0, errors.New("must be greater than zero")
	}
	return timeout, nil
}

// read returns the tasks of the instance and sets the region and the project of data to the effective
// ones. It returns nil if it appends an error to diags.
func (d *providerData) read(ctx context.Context, data *instanceModel, diags *diag.Diagnostics) *smartconnect.TaskList {
	if len(d.unknown) > 0 {
		diags.Append(unknownArguments(d.unknown))
		return nil
	}
	timeout := defaultReadTimeout
	if data.Timeouts != nil {
		var err error
		if timeout, err = parseTimeout(data.Timeouts.Read.ValueString()); err != nil {
			diags.AddAttributeError(path.Root("timeouts").AtName("read"), "Invalid Attribute Value", "timeouts.read "+err.Error()+".")
			return nil
		}
	}
	instance := smartconnect.Instance{
		ID:        data.InstanceID.ValueString(),
		Region:    data.Region.ValueString(),
		ProjectID: data.ProjectID.ValueString(),
	}
	if instance.Region == "" {
		instance.Region = d.cloud.Region()
	}
	if instance.Region == "" {
		diags.AddAttributeError(path.Root("region"), "Missing Region",
			"Neither the data source nor the provider has a region. Set region here or in the provider block, or the HW_REGION_NAME environment variable.")
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	start := time.Now()
	var list *smartconnect.TaskList
	var err error
	if instance.ProjectID == "" {
		instance.ProjectID, err = d.cloud.ProjectID(ctx, instance.Region)
	}
	if err == nil {
		list, err = d.api.Tasks(ctx, instance)
	}
	if err != nil {
		diags.Append(readError(err, instance, timeout))
		return nil
	}
	tflog.Info(ctx, "Read Smart Connect tasks", map[string]any{
		"instance_id": instance.ID, "tasks": len(list.Tasks), "requests": list.PageRequests, "retries": list.Retries,
		"duration_ms": time.Since(start).Milliseconds(),
	})
	data.Region, data.ProjectID = types.StringValue(instance.Region), types.StringValue(instance.ProjectID)
	return list
}
