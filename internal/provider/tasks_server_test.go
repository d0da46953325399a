// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"reflect"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"pgregory.net/rapid"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/smartconnect"
)

// fill sets v to a random value, nil included.
func fill(t *rapid.T, v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for _, field := range v.Fields() {
			fill(t, field)
		}
	case reflect.Pointer:
		if rapid.Bool().Draw(t, "set") {
			v.Set(reflect.New(v.Type().Elem()))
			fill(t, v.Elem())
		}
	case reflect.String:
		v.SetString(rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "e\u0301 \U0001F600 \x00"})).Draw(t, "string"))
	case reflect.Int64: // also the smallest, the largest, and one that float64 cannot represent
		v.SetInt(rapid.OneOf(rapid.Int64(), rapid.SampledFrom([]int64{-1 << 63, 1<<63 - 1, 1<<53 + 1, -1, 0})).Draw(t, "int64"))
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "bool"))
	case reflect.Slice:
		if n := rapid.IntRange(-1, 3).Draw(t, "length"); n >= 0 {
			v.Set(reflect.MakeSlice(v.Type(), n, n))
			for i := range n {
				fill(t, v.Index(i))
			}
		}
	case reflect.Map:
		if n := rapid.IntRange(-1, 3).Draw(t, "length"); n >= 0 {
			v.Set(reflect.MakeMap(v.Type()))
			for range n {
				key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
				fill(t, key)
				fill(t, value)
				v.SetMapIndex(key, value)
			}
		}
	default:
		t.Fatalf("no values for %s", v.Type())
	}
}

func mustDynamicValue(t testing.TB, value tftypes.Value) tfprotov6.DynamicValue {
	t.Helper()
	dynamic, err := tfprotov6.NewDynamicValue(value.Type(), value)
	if err != nil {
		t.Fatal(err)
	}
	return dynamic
}

// The state that encodeTasks writes must decode to what the framework makes of the same structs.
func TestEncodeTasks(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	empty := emptyState(ctx, t)
	encoded := mustDynamicValue(t, empty.Raw)
	check := func(t interface{ Fatal(...any) }, tasks []smartconnect.Task) {
		want := empty
		if diags := want.SetAttribute(ctx, path.Root("tasks"), tasks); diags.HasError() {
			t.Fatal(diags)
		}
		msgPack, err := encodeTasks(encoded.MsgPack, tasks)
		if err != nil {
			t.Fatal(err)
		}
		got, err := tfprotov6.DynamicValue{MsgPack: msgPack}.Unmarshal(empty.Raw.Type())
		if err != nil {
			t.Fatal(err)
		}
		if !got.Equal(want.Raw) {
			t.Fatal("got", got, "\nwant", want.Raw)
		}
	}
	t.Run("random", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(rt *rapid.T) {
			var tasks []smartconnect.Task
			fill(rt, reflect.ValueOf(&tasks).Elem())
			check(rt, tasks)
		})
	})
	t.Run("tasks already set", func(t *testing.T) {
		t.Parallel()
		msgPack, err := encodeTasks(encoded.MsgPack, []smartconnect.Task{{}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := encodeTasks(msgPack, []smartconnect.Task{}); err == nil {
			t.Error("no error")
		}
	})
}

// stubProvider has data sources whose Read is read.
type stubProvider struct {
	smartconnectProvider

	read func(context.Context, *datasource.ReadResponse)
}

func (p *stubProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{func() datasource.DataSource { return &stubDataSource{read: p.read} }}
}

type stubDataSource struct {
	tasksDataSource

	read func(context.Context, *datasource.ReadResponse)
}

func (d *stubDataSource) Read(ctx context.Context, _ datasource.ReadRequest, resp *datasource.ReadResponse) {
	defer recoverPanic(&resp.Diagnostics)
	d.read(ctx, resp)
}

// The response must be that of the framework's server for a Read that sets tasks in the state.
func TestTasksServer_response(t *testing.T) {
	t.Parallel()
	name := "a"
	tasks := []smartconnect.Task{{ID: "1", TaskName: &name}, {ID: "2"}}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, tt := range map[string]struct {
		ctx        context.Context //nolint:containedctx // of a row
		tasks      []smartconnect.Task
		read       func(ctx context.Context, resp *datasource.ReadResponse)
		incomplete bool // Terraform ignores the state of a read that fails
	}{
		"tasks":    {t.Context(), tasks, func(context.Context, *datasource.ReadResponse) {}, false},
		"no tasks": {t.Context(), []smartconnect.Task{}, func(context.Context, *datasource.ReadResponse) {}, false},
		"warning": {t.Context(), tasks, func(_ context.Context, resp *datasource.ReadResponse) {
			resp.Diagnostics.AddAttributeWarning(path.Root("statuses"), "Warning", "detail")
		}, false},
		"error": {t.Context(), tasks, func(_ context.Context, resp *datasource.ReadResponse) {
			resp.Diagnostics.AddAttributeError(path.Root("ids"), "Error", "detail")
		}, true},
		"panic": {t.Context(), tasks, func(context.Context, *datasource.ReadResponse) { panic("reason") }, true},
		"canceled": {canceled, tasks, func(ctx context.Context, resp *datasource.ReadResponse) {
			if ctx.Err() != nil {
				resp.Diagnostics.AddError("Canceled", ctx.Err().Error())
			}
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			empty := emptyState(t.Context(), t)
			config := mustDynamicValue(t, empty.Raw)
			read := func(newServer func() tfprotov6.ProviderServer) (tftypes.Value, []*tfprotov6.Diagnostic) {
				t.Helper()
				resp, err := newServer().ReadDataSource(tt.ctx, &tfprotov6.ReadDataSourceRequest{TypeName: "smartconnect_tasks", Config: &config})
				if err != nil {
					t.Fatal(err)
				}
				state, err := resp.State.Unmarshal(empty.Raw.Type())
				if err != nil {
					t.Fatal(err)
				}
				return state, resp.Diagnostics
			}
			want, wantDiags := read(providerserver.NewProtocol6(&stubProvider{read: func(ctx context.Context, resp *datasource.ReadResponse) {
				if !tt.incomplete {
					resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("tasks"), tt.tasks)...)
				}
				tt.read(ctx, resp)
			}}))
			got, gotDiags := read(func() tfprotov6.ProviderServer {
				return newServer(&stubProvider{read: func(ctx context.Context, resp *datasource.ReadResponse) {
					setTasks(ctx, tt.tasks)
					tt.read(ctx, resp)
				}})
			})
			if !got.Equal(want) {
				t.Errorf("state is\n%s\nwant\n%s", got, want)
			}
			if len(gotDiags) != len(wantDiags) || tt.incomplete != (len(gotDiags) > 0 && gotDiags[0].Severity == tfprotov6.DiagnosticSeverityError) {
				t.Fatalf("diagnostics are %v, want %v", gotDiags, wantDiags)
			}
			for i := range gotDiags {
				if name != "panic" && !reflect.DeepEqual(gotDiags[i], wantDiags[i]) { // a stack trace differs
					t.Errorf("diagnostic is %v, want %v", gotDiags[i], wantDiags[i])
				}
			}
		})
	}
}

// countingServer counts the reads that begin before their context ends.
type countingServer struct {
	tfprotov6.ProviderServer

	reads int
}

func (*countingServer) ConfigureProvider(context.Context, *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	return nil, nil
}

func (*countingServer) StopProvider(context.Context, *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	return nil, nil
}

func (s *countingServer) ReadDataSource(ctx context.Context, _ *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	if ctx.Err() == nil {
		s.reads++
	}
	return nil, nil
}

// Terraform starts reads after it has stopped the provider. They end at once, until it is configured again.
func TestTasksServer_stop(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	counting := &countingServer{}
	s := &tasksServer{ProviderServer: counting}
	for i, step := range []func(){
		func() {},
		func() { _, _ = s.ConfigureProvider(ctx, nil) },
		func() { _, _ = s.StopProvider(ctx, nil) },
		func() { _, _ = s.ConfigureProvider(ctx, nil) },
	} {
		step()
		_, _ = s.ReadDataSource(ctx, nil)
		if want := []int{1, 2, 2, 3}[i]; counting.reads != want {
			t.Errorf("step %d: %d reads have begun, want %d", i, counting.reads, want)
		}
	}
}
