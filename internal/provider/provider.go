// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

// Package provider implements the Terraform provider: its configuration and its data sources.
package provider

import (
	"context"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/huaweicloud"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/smartconnect"
)

// Address is the provider's source address.
const Address = "registry.terraform.io/smartconnect/" + typeName

const typeName = "smartconnect"

var _ provider.ProviderWithValidateConfig = (*smartconnectProvider)(nil)

type smartconnectProvider struct {
	version     string
	metadataURL string // empty: the default
}

func (p *smartconnectProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = typeName
	resp.Version = p.version
}

func (p *smartconnectProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = providerSchema()
}

// ValidateConfig runs before Configure, and in terraform validate.
func (p *smartconnectProvider) ValidateConfig(_ context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse) {
	if block := providerArguments(req.Config, &resp.Diagnostics); block != nil {
		resp.Diagnostics.Append(validateBlock(block)...)
	}
}

// Configure makes no request: a plan without data sources to read needs no credentials.
func (p *smartconnectProvider) Configure(_ context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	block := providerArguments(req.Config, &resp.Diagnostics)
	if block == nil {
		return
	}
	r := resolve(block, os.Getenv, p.metadataURL)
	resp.Diagnostics.Append(r.diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if len(r.unknown) > 0 {
		resp.DataSourceData = &providerData{unknown: r.unknown}
		return
	}
	r.config.UserAgent = userAgent(p.version, req.TerraformVersion, os.Getenv)
	if os.Getenv("TF_LOG_PROVIDER_SMARTCONNECT") != "off" { // main turns it off if nothing reads the logs
		r.config.OnAttempt = logAttempt
	}
	cloud, err := huaweicloud.NewClient(r.config)
	if err != nil {
		resp.Diagnostics.AddError("Invalid Provider Configuration", err.Error())
		return
	}
	resp.DataSourceData = &providerData{cloud: cloud, api: smartconnect.NewClient(cloud)}
}

// providerArguments returns the arguments of the provider block, nil after an error.
func providerArguments(config tfsdk.Config, diags *diag.Diagnostics) map[string]tftypes.Value {
	arguments := map[string]tftypes.Value{}
	if err := config.Raw.As(&arguments); err != nil {
		diags.AddError("Invalid Provider Configuration", err.Error())
		return nil
	}
	return arguments
}

func (p *smartconnectProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{newTaskDataSource, newTasksDataSource}
}

func (p *smartconnectProvider) Resources(context.Context) []func() resource.Resource {
	return nil
}

// userAgent returns the User-Agent header with the suffixes that users set.
func userAgent(version, terraform string, getenv func(string) string) string {
	agent := "terraform-provider-smartconnect/" + version + " Terraform/" + terraform
	for _, name := range []string{"TF_APPEND_USER_AGENT", "HW_TF_CUSTOM_UA"} {
		if text := getenv(name); text != "" && isPrintable(text) {
			agent += " " + text
		}
	}
	return agent
}
