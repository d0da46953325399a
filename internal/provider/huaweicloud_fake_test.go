// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	providerschema "github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/terraform"
)

// fakeHuaweicloud stands for the provider huaweicloud, which the guides use beside this one and the
// tests cannot install. It has three of its resources, with the arguments and attributes that their
// pages name, and creates nothing. Documented: a task is imported by <instance_id>/<task_id>, without
// its keys and password. Assumed: which arguments the cloud fills in, that each is imported as the API
// gives it, and that an empty user_name is as good as none. Left out: validation, and that a change of
// an argument replaces the resource.
type fakeHuaweicloud struct{}

const (
	fakeExecutable = "terraform-provider-huaweicloud"
	envFakeTasks   = "FAKE_HUAWEICLOUD_TASKS" // file of the tasks that there are to import
)

// Name, type, whether it is required, optional, computed or both of the latter, and the API's name if
// that is another.
const (
	fakePolicy = `
		region         string  both
		bucket         string  required
		policy         string  required
		policy_format  string  optional`

	fakeRule = `
		region             string  both
		security_group_id  string  required
		direction          string  required
		ethertype          string  required
		description        string  optional
		protocol           string  both
		port_range_min     number  both
		port_range_max     number  both
		ports              string  both
		remote_ip_prefix   string  both`

	fakeTask = `
		region            string  both
		instance_id       string  required
		task_name         string  required
		topics            set     optional
		topics_regex      string  optional
		start_later       bool    optional
		source_type       string  both
		destination_type  string  both      sink_type
		status            string  computed
		created_at        string  computed`

	fakeSourceTask = `
		current_instance_alias         string  both      current_cluster_name
		peer_instance_alias            string  both      cluster_name
		peer_instance_id               string  optional  instance_id
		peer_instance_address          set     both      bootstrap_servers
		security_protocol              string  both
		sasl_mechanism                 string  both
		user_name                      string  both
		password                       string  optional
		direction                      string  both
		sync_consumer_offsets_enabled  bool    both
		replication_factor             number  optional
		task_num                       number  optional
		rename_topic_enabled           bool    both
		topics_mapping                 set     optional
		provenance_header_enabled      bool    both
		consumer_strategy              string  both
		compression_type               string  both`

	fakeDestinationTask = `
		access_key              string  optional
		secret_key              string  optional
		consumer_strategy       string  optional
		deliver_time_interval   number  optional
		obs_bucket_name         string  optional
		partition_format        string  optional
		obs_path                string  optional
		destination_file_type   string  optional
		record_delimiter        string  optional
		store_keys              bool    optional
		obs_part_size           number  computed
		flush_size              number  computed
		timezone                string  computed
		schema_generator_class  string  computed
		partitioner_class       string  computed
		key_converter           string  computed
		value_converter         string  computed
		kv_delimiter            string  computed`
)

func (fakeHuaweicloud) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "huaweicloud"
}

func (fakeHuaweicloud) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema.Attributes = map[string]providerschema.Attribute{"region": providerschema.StringAttribute{Optional: true}}
}

func (fakeHuaweicloud) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}

func (fakeHuaweicloud) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (fakeHuaweicloud) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		func() resource.Resource { return &fakeResource{"obs_bucket_policy", fakePolicy, nil} },
		func() resource.Resource { return &fakeResource{"networking_secgroup_rule", fakeRule, nil} },
		func() resource.Resource {
			return &fakeResource{"dms_kafkav2_smart_connect_task", fakeTask, map[string]string{
				"source_task": fakeSourceTask, "destination_task": fakeDestinationTask,
			}}
		},
	}
}

// fakeResource is what the plan says that it is.
type fakeResource struct {
	name, table string
	blocks      map[string]string // tables by name
}

var _ resource.ResourceWithImportState = (*fakeResource)(nil)

func (r *fakeResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + r.name
}

func (r *fakeResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: fakeAttributes("id string computed\n" + r.table), Blocks: map[string]schema.Block{}}
	for name, table := range r.blocks {
		resp.Schema.Blocks[name] = schema.ListNestedBlock{NestedObject: schema.NestedBlockObject{Attributes: fakeAttributes(table)}}
	}
}

// rows are the words of each line of a table.
func rows(table string) (rows [][]string) {
	for line := range strings.Lines(table) {
		if words := strings.Fields(line); len(words) > 0 {
			rows = append(rows, words)
		}
	}
	return rows
}

func fakeAttributes(table string) map[string]schema.Attribute {
	attributes := map[string]schema.Attribute{}
	for _, f := range rows(table) {
		required, optional, computed := f[2] == "required", f[2] == "optional" || f[2] == "both", f[2] == "computed" || f[2] == "both"
		switch f[1] {
		case "string":
			attributes[f[0]] = schema.StringAttribute{Required: required, Optional: optional, Computed: computed}
		case "number":
			attributes[f[0]] = schema.Int64Attribute{Required: required, Optional: optional, Computed: computed}
		case "bool":
			attributes[f[0]] = schema.BoolAttribute{Required: required, Optional: optional, Computed: computed}
		case "set":
			attributes[f[0]] = schema.SetAttribute{ElementType: types.StringType, Required: required, Optional: optional, Computed: computed}
		}
	}
	return attributes
}

func (r *fakeResource) Create(_ context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	resp.State.Raw = known(req.Plan.Raw)
}

func (r *fakeResource) Update(_ context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.State.Raw = known(req.Plan.Raw)
}

func (r *fakeResource) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (r *fakeResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

// known puts null where a value is not known yet.
func known(value tftypes.Value) tftypes.Value {
	value, err := tftypes.Transform(value, func(_ *tftypes.AttributePath, v tftypes.Value) (tftypes.Value, error) {
		if !v.IsKnown() {
			return tftypes.NewValue(v.Type(), nil), nil
		}
		return v, nil
	})
	if err != nil {
		panic(err) // the type stays what it is
	}
	return value
}

func (r *fakeResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	instance, id, _ := strings.Cut(req.ID, "/")
	text, err := os.ReadFile(os.Getenv(envFakeTasks))
	var tasks []map[string]any
	if err == nil {
		err = json.Unmarshal(text, &tasks)
	}
	if err != nil {
		resp.Diagnostics.AddError("No tasks", err.Error())
		return
	}
	set := func(to path.Path, table string, values map[string]any) {
		for _, f := range rows(table) {
			value, ok := values[append(f, f[0])[3]] // by the API's name
			switch v := value.(type) {
			case float64:
				value = int64(v)
			case string:
				if f[1] == "set" {
					value = strings.FieldsFunc(v, func(r rune) bool { return r == ',' })
				}
			}
			if ok {
				resp.Diagnostics.Append(resp.State.SetAttribute(ctx, to.AtName(f[0]), value)...)
			}
		}
	}
	for _, task := range tasks {
		if task["id"] != id {
			continue
		}
		task["instance_id"] = instance
		set(path.Empty(), "id string computed\n"+r.table, task)
		for name, wire := range map[string]string{"source_task": "source_task", "destination_task": "sink_task"} {
			if side, ok := task[wire].(map[string]any); ok {
				set(path.Root(name).AtListIndex(0), r.blocks[name], side)
			}
		}
		return
	}
	resp.Diagnostics.AddError("Cannot import non-existent remote object", fmt.Sprintf("There is no task %s.", id))
}

// serveFake serves the provider if this process was started as it.
func serveFake() (bool, error) {
	if filepath.Base(os.Args[0]) != fakeExecutable {
		return false, nil
	}
	return true, providerserver.Serve(context.Background(), func() provider.Provider { return fakeHuaweicloud{} },
		providerserver.ServeOpts{Address: "registry.terraform.io/huaweicloud/huaweicloud"})
}

// fakeEnvironment has the CLI use the stand-in, beside the provider that was built.
func fakeEnvironment(t *testing.T) map[string]string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(self, filepath.Join(dir, fakeExecutable)); err != nil {
		t.Fatal(err)
	}
	tasks, err := json.Marshal(simulator.PageTasks())
	if err != nil {
		t.Fatal(err)
	}
	tasks = bytes.ReplaceAll(tasks, []byte("deliver_time_interva\""), []byte("deliver_time_interval\"")) // as its own page has it
	return map[string]string{
		"GORACE":     "atexit_sleep_ms=0", // a process with the race detector otherwise ends a second late
		envFakeTasks: writeFile(t, "tasks.json", string(tasks)),
		"TF_CLI_CONFIG_FILE": writeFile(t, "cli.tfrc", fmt.Sprintf("provider_installation {\n  dev_overrides {\n"+
			"    \"smartconnect/smartconnect\" = %q\n    \"huaweicloud/huaweicloud\" = %q\n  }\n}\n", temporary, dir)),
	}
}

// fakeResources returns what there is of the stand-in's resources: what is not null, as text, by address.
func fakeResources(t *testing.T, w *terraform.Workspace) map[string]any {
	t.Helper()
	var state struct {
		Values struct {
			RootModule struct {
				Resources []struct {
					Address string
					Values  map[string]any
				}
			} `json:"root_module"`
		}
	}
	if err := json.Unmarshal([]byte(mustRun(t, w, "show", "-json")), &state); err != nil {
		t.Fatal(err)
	}
	resources := map[string]any{}
	for _, r := range state.Values.RootModule.Resources {
		if name, ok := strings.CutPrefix(r.Address, "huaweicloud_"); ok {
			values := map[string]any{}
			for name, value := range r.Values {
				if value != nil {
					values[name] = fmt.Sprint(value)
				}
			}
			resources[name] = values
		}
	}
	return resources
}
