// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"context"
	"errors"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/vmihailenco/msgpack/v5"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/smartconnect"
)

// NewServer returns the provider's server, for the version that it reports.
func NewServer(version string) tfprotov6.ProviderServer {
	return newServer(&smartconnectProvider{version: version})
}

func newServer(p provider.Provider) tfprotov6.ProviderServer {
	return &tasksServer{ProviderServer: providerserver.NewProtocol6(p)()}
}

// tasksServer wraps the framework's server and writes the attribute tasks into the state itself. After
// a read, the framework walks, copies and compares the state value by value, which takes most of the
// time of a large list. Read passes the tasks through the context and leaves the attribute null.
//
// It also ends reads that Terraform starts after it has stopped the provider, as it does when it is
// interrupted: the framework ends only those that have begun.
type tasksServer struct {
	tfprotov6.ProviderServer

	mu    sync.Mutex
	reads context.Context //nolint:containedctx // ends when the provider is stopped; nil: it is not configured
	stop  context.CancelFunc
}

// ConfigureProvider implements [tfprotov6.ProviderServer].
func (s *tasksServer) ConfigureProvider(ctx context.Context, req *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	s.mu.Lock()
	s.reads, s.stop = context.WithCancel(context.Background())
	s.mu.Unlock()
	return s.ProviderServer.ConfigureProvider(ctx, req)
}

// StopProvider implements [tfprotov6.ProviderServer].
func (s *tasksServer) StopProvider(ctx context.Context, req *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	s.mu.Lock()
	if s.stop != nil {
		s.stop()
	}
	s.mu.Unlock()
	return s.ProviderServer.StopProvider(ctx, req)
}

// untilStopped returns ctx, which also ends when the provider is stopped.
func (s *tasksServer) untilStopped(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.reads == nil {
		return ctx, cancel
	}
	if s.reads.Err() != nil {
		cancel()
	}
	release := context.AfterFunc(s.reads, cancel)
	return ctx, func() {
		release()
		cancel()
	}
}

type tasksKey struct{}

// setTasks sets the attribute tasks of a read that succeeds. It panics if ctx is not a tasksServer's.
func setTasks(ctx context.Context, tasks []smartconnect.Task) {
	target, _ := ctx.Value(tasksKey{}).(*[]smartconnect.Task)
	*target = tasks
}

// ReadDataSource implements [tfprotov6.ProviderServer].
func (s *tasksServer) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	ctx, cancel := s.untilStopped(ctx)
	defer cancel()
	var tasks []smartconnect.Task
	resp, err := s.ProviderServer.ReadDataSource(context.WithValue(ctx, tasksKey{}, &tasks), req)
	if err != nil || tasks == nil {
		return resp, err
	}
	for _, d := range resp.Diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			return resp, nil
		}
	}
	resp.State.MsgPack, err = encodeTasks(resp.State.MsgPack, tasks)
	return resp, err
}

// encodeTasks returns the MessagePack encoding of state with tasks in place of null.
func encodeTasks(state []byte, tasks []smartconnect.Task) ([]byte, error) {
	var attributes map[string]any
	if err := msgpack.Unmarshal(state, &attributes); err != nil {
		return nil, err
	}
	if value, ok := attributes["tasks"]; !ok || value != nil {
		return nil, errors.New("the attribute tasks of the state must be null")
	}
	attributes["tasks"] = tasks
	var b bytes.Buffer
	b.Grow(len(state) + len(tasks)<<11) // about twice the size of a usual task
	encoder := msgpack.NewEncoder(&b)
	encoder.SetCustomStructTag("tfsdk")
	encoder.SetSortMapKeys(true)
	encoder.UseCompactInts(true)
	err := encoder.Encode(attributes)
	return b.Bytes(), err
}
