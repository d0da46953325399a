// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package bench

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

const tasksType = "smartconnect_tasks"

// Server is a provider in this process, called as Terraform calls it.
type Server struct {
	tfprotov6.ProviderServer

	// StateType is the type of the data source's state.
	StateType tftypes.Type

	config *tfprotov6.DynamicValue
}

// NewServer configures a server to read an instance of the simulator at url.
func NewServer(ctx context.Context, server tfprotov6.ProviderServer, url string) (*Server, error) {
	s := &Server{ProviderServer: server}
	schema, err := s.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return nil, err
	}
	source := schema.DataSourceSchemas[tasksType]
	if source == nil {
		return nil, fmt.Errorf("there is no data source %s", tasksType)
	}
	s.StateType = source.ValueType()
	block, err := dynamicValue(schema.Provider.ValueType(), map[string]tftypes.Value{
		"region":     text(simulator.Region),
		"project_id": text(simulator.ProjectID),
		"access_key": text(simulator.AccessKey),
		"secret_key": text(simulator.SecretKey),
		"endpoints":  tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, map[string]tftypes.Value{"dms": text(url)}),
	})
	if err != nil {
		return nil, err
	}
	if s.config, err = dynamicValue(s.StateType, map[string]tftypes.Value{"instance_id": text(simulator.InstanceID)}); err != nil {
		return nil, err
	}
	configured, err := s.ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{Config: block, TerraformVersion: "1.0.0"})
	if err != nil {
		return nil, err
	}
	return s, errorOf(configured.Diagnostics)
}

// Read reads the data source, and returns its state.
func (s *Server) Read(ctx context.Context) (*tfprotov6.DynamicValue, error) {
	response, err := s.ReadDataSource(ctx, &tfprotov6.ReadDataSourceRequest{TypeName: tasksType, Config: s.config})
	if err != nil {
		return nil, err
	}
	return response.State, errorOf(response.Diagnostics)
}

// dynamicValue returns an object of the given attributes; all others are null.
func dynamicValue(typ tftypes.Type, given map[string]tftypes.Value) (*tfprotov6.DynamicValue, error) {
	object, ok := typ.(tftypes.Object)
	if !ok {
		return nil, fmt.Errorf("%s is no object", typ)
	}
	attributes := make(map[string]tftypes.Value, len(object.AttributeTypes))
	for name, attribute := range object.AttributeTypes {
		attributes[name] = tftypes.NewValue(attribute, nil)
	}
	maps.Copy(attributes, given)
	value, err := tfprotov6.NewDynamicValue(typ, tftypes.NewValue(typ, attributes))
	return &value, err
}

func text(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }

func errorOf(diagnostics []*tfprotov6.Diagnostic) error {
	var errs []error
	for _, d := range diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			errs = append(errs, fmt.Errorf("%s: %s", d.Summary, d.Detail))
		}
	}
	return errors.Join(errs...)
}
