// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

// Package provider is all that knows Terraform: the provider, its settings and its data sources.
package provider

import (
	"context"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/huaweicloud"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/smartconnect"
)

// Address is where registries have the provider.
const Address = "registry.terraform.io/smartconnect/" + typeName

const typeName = "smartconnect"

var _ provider.Provider = (*smartconnectProvider)(nil)

type smartconnectProvider struct {
	version     string
	metadataURL string // of this machine; empty: the usual
}

func (p *smartconnectProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = typeName
	resp.Version = p.version
}

func (p *smartconnectProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = providerSchema()
}

// Configure makes no request: what a plan does not read, it does not need credentials for.
func (p *smartconnectProvider) Configure(_ context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var block map[string]tftypes.Value
	if err := req.Config.Raw.As(&block); err != nil {
		resp.Diagnostics.AddError("Invalid provider block", err.Error())
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
	r.config.OnAttempt = logAttempt
	cloud, err := huaweicloud.NewClient(r.config)
	if err != nil {
		resp.Diagnostics.AddError("Invalid provider block", err.Error())
		return
	}
	resp.DataSourceData = &providerData{cloud: cloud, api: smartconnect.NewClient(cloud)}
}

func (p *smartconnectProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{newTaskDataSource, newTasksDataSource}
}

func (p *smartconnectProvider) Resources(context.Context) []func() resource.Resource {
	return nil
}

// userAgent names the provider, Terraform, and what users add for their own accounting.
func userAgent(version, terraform string, getenv func(string) string) string {
	agent := "terraform-provider-smartconnect/" + version + " Terraform/" + terraform
	for _, name := range []string{"TF_APPEND_USER_AGENT", "HW_TF_CUSTOM_UA"} {
		if text := getenv(name); text != "" && isPrintable(text) {
			agent += " " + text
		}
	}
	return agent
}
