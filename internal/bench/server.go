// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package bench

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

// Server is a provider in this process, called like Terraform calls it.
type Server struct{ tfprotov6.ProviderServer }

// NewServer configures a server to read an instance of the simulator at url.
func NewServer(ctx context.Context, server tfprotov6.ProviderServer, url string) (*Server, error) {
	block := fmt.Appendf(nil, `{"region": %q, "project_id": %q, "access_key": %q, "secret_key": %q, "endpoints": {"dms": %q}}`,
		simulator.Region, simulator.ProjectID, simulator.AccessKey, simulator.SecretKey, url)
	resp, err := server.ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{
		Config: &tfprotov6.DynamicValue{JSON: block}, TerraformVersion: "1.0.0",
	})
	if err != nil {
		return nil, err
	}
	return &Server{server}, check(resp.Diagnostics)
}

// Read reads the data source and returns its state.
func (s *Server) Read(ctx context.Context) (*tfprotov6.DynamicValue, error) {
	resp, err := s.ReadDataSource(ctx, &tfprotov6.ReadDataSourceRequest{
		TypeName: "smartconnect_tasks",
		Config:   &tfprotov6.DynamicValue{JSON: fmt.Appendf(nil, `{"instance_id": %q}`, simulator.InstanceID)},
	})
	if err != nil {
		return nil, err
	}
	return resp.State, check(resp.Diagnostics)
}

func check(diagnostics []*tfprotov6.Diagnostic) error {
	for _, d := range diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			return fmt.Errorf("%s: %s", d.Summary, d.Detail)
		}
	}
	return nil
}
