// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/smartconnect"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/terraform"
)

const tasksAddress = "data.smartconnect_tasks.test"

// tasksFile has the attributes of the three tasks in the API reference.
const tasksFile = "testdata/tasks.json"

// result is the expected result of an instance with these tasks; set replaces values.
func result(t *testing.T, set map[string]any) map[string]any {
	t.Helper()
	all := map[string]any{
		"instance_id": simulator.InstanceID, "region": simulator.Region, "project_id": simulator.ProjectID,
		"total_number": json.Number("3"), "max_tasks": json.Number("21"), "quota_tasks": json.Number("19"),
		"tasks": decoded(t, readFile(t, tasksFile)), "timeouts": nil,
		"ids": nil, "task_names": nil, "statuses": nil, "source_types": nil, "sink_types": nil, "name_regex": nil,
	}
	maps.Copy(all, set)
	return all
}

// readTasks is HCL that reads an instance with further arguments.
func readTasks(instance string, arguments ...string) string {
	return tasksRow("test", "", instance, arguments...)
}

// tasksRow is HCL that reads an instance and outputs the result under the same name. Unless it is empty, block is
// the row's own provider block.
func tasksRow(name, block, instance string, arguments ...string) string {
	if block != "" {
		block = strings.Replace(block, "{\n", fmt.Sprintf("{\n  alias = %q\n", name), 1)
		arguments = append(arguments, "provider = smartconnect."+name)
	}
	return block + fmt.Sprintf("data \"smartconnect_tasks\" %[1]q {\n  instance_id = %[2]q\n  %[3]s\n}\noutput %[1]q {\n  value = data.smartconnect_tasks.%[1]s\n}\n",
		name, instance, strings.Join(arguments, "\n  "))
}

// applied applies a configuration, checks that the next plan is empty, and returns the outputs.
func applied(t *testing.T, config string) map[string]any {
	t.Helper()
	w := workspace(t, map[string]string{"main.tf": userSource + config})
	mustRun(t, w, "apply", "-auto-approve")
	mustRun(t, w, "plan", "-detailed-exitcode")
	return outputs(t, w)
}

// outputs returns the value of each output in the state.
func outputs(t *testing.T, w *terraform.Workspace) map[string]any {
	t.Helper()
	state := decoded(t, readFile(t, filepath.Join(w.Dir, "terraform.tfstate"))).(map[string]any)
	values := map[string]any{}
	for name, output := range state["outputs"].(map[string]any) {
		values[name] = output.(map[string]any)["value"]
	}
	return values
}

func checkEqual(t *testing.T, name string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s\ngot  %v\nwant %v", name, got, want)
	}
}

// projects are one with the instance of the three tasks, and others.
func projects(others ...simulator.Project) []simulator.Project {
	return append(others, simulator.Project{ID: simulator.ProjectID, Name: simulator.Region, Instances: []simulator.Instance{
		{ID: simulator.InstanceID, Tasks: simulator.PageTasks(), MaxTasks: 21, QuotaTasks: 19},
	}})
}

// The result does not depend on what the API returns for the unused side of a task.
func TestAccTasksDataSource_attributes(t *testing.T) {
	t.Parallel()
	var config string
	forms := map[string]simulator.UnusedSide{"null": simulator.UnusedNull, "empty": simulator.UnusedEmpty, "missing": simulator.UnusedMissing}
	for name, unused := range forms {
		c := newSimulator(t, simulator.Options{UnusedSide: unused, Projects: projects()})
		config += tasksRow(name, c.provider, c.instance)
	}
	got := applied(t, config)
	for name := range forms {
		tasks, err := json.MarshalIndent(got[name].(map[string]any)["tasks"], "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		goldenFile(t, tasksFile, string(tasks)+"\n")
		checkEqual(t, name, got[name], result(t, nil))
	}
}

func TestAccTasksDataSource_pages(t *testing.T) {
	t.Parallel()
	tests := []struct {
		tasks   int
		offsets []int // of the pages of each read
	}{
		{0, []int{0}},
		{1, []int{0}},
		{50, []int{0, 49}},
		{120, []int{0, 49, 98}},
	}
	var config string
	clouds := make([]*testCloud, len(tests))
	for i, tt := range tests {
		clouds[i] = newSimulator(t, simulator.Options{PastEnd: simulator.PastEndError})
		clouds[i].SetTasks(simulator.InstanceID, simulator.GenerateTasks(tt.tasks))
		config += tasksRow(fmt.Sprintf("tasks%d", tt.tasks), clouds[i].provider, simulator.InstanceID)
	}
	got := applied(t, config)
	for i, tt := range tests {
		name := fmt.Sprintf("tasks%d", tt.tasks)
		checkEqual(t, name, taskIDs(got[name]), idsOf(t, simulator.GenerateTasks(tt.tasks)))
		if reads := readsOf(t, clouds[i].Requests()); !reflect.DeepEqual(reads, [][]int{tt.offsets, tt.offsets}) { // in apply and plan
			t.Errorf("%s: offsets are %v, want %v twice", name, reads, tt.offsets)
		}
	}
}

// taskIDs returns the IDs of the tasks of a result.
func taskIDs(result any) []string {
	ids := []string{}
	for _, task := range result.(map[string]any)["tasks"].([]any) {
		ids = append(ids, task.(map[string]any)["id"].(string))
	}
	return ids
}

func idsOf(t *testing.T, tasks []json.RawMessage) []string {
	t.Helper()
	ids := make([]string, len(tasks))
	for i, raw := range tasks {
		var task struct{ ID string }
		if err := json.Unmarshal(raw, &task); err != nil {
			t.Fatal(err)
		}
		ids[i] = task.ID
	}
	return ids
}

// readsOf returns the offsets of each of consecutive reads.
func readsOf(t *testing.T, requests []simulator.Request) (reads [][]int) {
	t.Helper()
	for _, r := range requests {
		if !strings.HasSuffix(r.Path, "/connector/tasks") {
			continue
		}
		offset, err := strconv.Atoi(r.Query.Get("offset"))
		if err != nil || r.Query.Get("limit") != "50" || r.Status != 200 {
			t.Errorf("unexpected request %s", r)
		}
		if offset == 0 {
			reads = append(reads, nil)
		}
		last := &reads[len(reads)-1]
		*last = append(*last, offset)
		slices.Sort(*last)
	}
	return reads
}

// lookupsOf returns the requests for projects.
func lookupsOf(requests []simulator.Request) (lookups []string) {
	for _, r := range requests {
		if strings.HasPrefix(r.Path, "/v3/") {
			lookups = append(lookups, r.Path+"?"+r.Query.Encode())
		}
	}
	return lookups
}

// A process looks the project up once, however many data sources it reads.
func TestAccTasksDataSource_projectLookup(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		argument, value string
		lookups         []string
	}{
		"region":       {"region", simulator.Region, []string{"/v3/projects?name=cn-north-4"}},
		"project_name": {"project_name", "dev", []string{"/v3/projects?name=dev"}},
		"project_id":   {"project_id", simulator.ProjectID, nil},
	}
	config, clouds := userSource, map[string]*testCloud{}
	for name, tt := range tests {
		all := projects()
		if name == "project_name" {
			all[0].Name = tt.value
		}
		clouds[name] = newSimulator(t, simulator.Options{Projects: all})
		arguments := map[string]string{"region": simulator.Region, "access_key": simulator.AccessKey, "secret_key": simulator.SecretKey, tt.argument: tt.value}
		config += tasksRow(name, providerBlock(clouds[name].url, arguments), simulator.InstanceID, "count = 2")
	}
	mustRun(t, workspace(t, map[string]string{"main.tf": config}), "plan")
	for name, tt := range tests {
		requests := clouds[name].Requests()
		if lookups := lookupsOf(requests); !slices.Equal(lookups, tt.lookups) {
			t.Errorf("%s: lookups are %q, want %q", name, lookups, tt.lookups)
		}
		if reads := readsOf(t, requests); len(reads) != 2 {
			t.Errorf("%s: %d reads, want one of each data source", name, len(reads))
		}
	}
}

// Arguments of the data source take precedence over the provider's; empty ones are treated as null.
func TestAccTasksDataSource_regionAndProject(t *testing.T) {
	t.Parallel()
	const region, project, instance = "eu-west-101", "fedcba9876543210fedcba9876543210", "elsewhere"
	elsewhere := map[string]any{"instance_id": instance, "region": region, "project_id": project}
	tests := map[string]struct {
		provider  string // region of the provider block
		arguments []string
		instance  string
		lookups   int
		want      map[string]any
	}{
		"region":                {simulator.Region, []string{`region = "` + region + `"`}, instance, 1, elsewhere},
		"region_alone":          {"", []string{`region = "` + region + `"`}, instance, 1, elsewhere},
		"project_id":            {region, []string{`project_id = "` + project + `"`}, instance, 0, elsewhere},
		"region_and_project_id": {simulator.Region, []string{`region = "` + region + `"`, `project_id = "` + project + `"`}, instance, 0, elsewhere},
		"empty":                 {simulator.Region, []string{`region = ""`, `project_id = ""`}, simulator.InstanceID, 1, nil},
	}
	var config string
	clouds := map[string]*testCloud{}
	for name, tt := range tests {
		clouds[name] = newSimulator(t, simulator.Options{Projects: projects(simulator.Project{ID: project, Name: region, Instances: []simulator.Instance{
			{ID: instance, Tasks: simulator.PageTasks(), MaxTasks: 21, QuotaTasks: 19},
		}})})
		arguments := map[string]string{"access_key": simulator.AccessKey, "secret_key": simulator.SecretKey}
		if tt.provider != "" {
			arguments["region"] = tt.provider
		}
		config += tasksRow(name, providerBlock(clouds[name].url, arguments), tt.instance, tt.arguments...)
	}
	got := applied(t, config)
	for name, tt := range tests {
		checkEqual(t, name, got[name], result(t, tt.want))
		if lookups := len(lookupsOf(clouds[name].Requests())); lookups != 2*tt.lookups { // in apply and plan
			t.Errorf("%s: %d lookups of the project, want %d", name, lookups, 2*tt.lookups)
		}
	}
}

// Each filter of the configuration reaches the tasks; TestTasksFilterModel has the rules.
func TestAccTasksDataSource_filters(t *testing.T) {
	t.Parallel()
	const kafka, obs, redis = "194917d0-3b5e-4c1f-9a47-6d0e8f2b1c35", "3c0ac4d1-82f6-4e0d-8b1a-27c95e4df063", "8a205bbd-c914-4f7b-a3e2-5190d6b8ce4a"
	tests := []struct {
		arguments string
		want      []string
	}{
		{`ids = null`, []string{kafka, obs, redis}},
		{`ids = []`, nil},
		{`ids = ["` + redis + `", "` + kafka + `"]`, []string{kafka, redis}},
		{`task_names = ["smart-connect-1"]`, []string{obs}},
		{`statuses = ["PAUSED"]`, nil},
		{`source_types = ["NONE"]`, []string{obs}},
		{`sink_types = ["OBS_SINK"]`, []string{obs}},
		{`name_regex = "^smart-connect-1$"`, []string{obs}},
		{"name_regex = \"\"\n  timeouts {\n    read = \"\"\n  }", []string{kafka, obs, redis}},
	}
	c := newSimulator(t, simulator.Options{})
	config := c.provider
	for i, tt := range tests {
		config += tasksRow(fmt.Sprintf("filter%d", i), "", c.instance, tt.arguments)
	}
	got := applied(t, config)
	for i, tt := range tests {
		result := got[fmt.Sprintf("filter%d", i)]
		checkEqual(t, tt.arguments, taskIDs(result), append([]string{}, tt.want...))
		checkEqual(t, tt.arguments, result.(map[string]any)["total_number"], json.Number("3"))
	}
}

func TestTasksFilterModel(t *testing.T) {
	t.Parallel()
	task := func(id, name, status, source, sink string) smartconnect.Task {
		return smartconnect.Task{ID: id, TaskName: &name, Status: &status, SourceType: &source, SinkType: &sink}
	}
	tasks := []smartconnect.Task{
		task("1", "copy", "RUNNING", "NONE", "OBS_SINK"),
		task("12", "copy-2", "PAUSED", "KAFKA_REPLICATOR_SOURCE", "NONE"),
		task("3", "e\u0301", "RUNNING", "NONE", "NONE"), // as the API returns it; Terraform's strings are in NFC
		{ID: "4"},
	}
	for name, tt := range map[string]struct {
		filters tasksFilterModel
		want    string // IDs
	}{
		"none":                           {tasksFilterModel{}, "1 12 3 4"},
		"ids":                            {tasksFilterModel{IDs: []string{"4", "1"}}, "1 4"},
		"no ids":                         {tasksFilterModel{IDs: []string{}}, ""},
		"task_names":                     {tasksFilterModel{TaskNames: []string{"copy"}}, "1"},
		"statuses":                       {tasksFilterModel{Statuses: []string{"RUNNING"}}, "1 3"},
		"no statuses":                    {tasksFilterModel{Statuses: []string{}}, ""},
		"source_types":                   {tasksFilterModel{SourceTypes: []string{"NONE"}}, "1 3"},
		"sink_types":                     {tasksFilterModel{SinkTypes: []string{"NONE", "OBS_SINK"}}, "1 12 3"},
		"no sink_types":                  {tasksFilterModel{SinkTypes: []string{}}, ""},
		"prefix of values":               {tasksFilterModel{Statuses: []string{"RUN", "PAUSE", ""}}, ""},
		"prefix of IDs":                  {tasksFilterModel{IDs: []string{"1"}}, "1"},
		"case":                           {tasksFilterModel{Statuses: []string{"running"}, TaskNames: []string{"Copy"}}, ""},
		"normalized name":                {tasksFilterModel{TaskNames: []string{"\u00e9"}}, "3"},
		"name_regex anywhere":            {tasksFilterModel{NameRegex: types.StringValue("op")}, "1 12"},
		"name_regex anchored":            {tasksFilterModel{NameRegex: types.StringValue("^copy$")}, "1"},
		"name_regex normalized":          {tasksFilterModel{NameRegex: types.StringValue("^\u00e9$")}, "3"},
		"name_regex any, but not a null": {tasksFilterModel{NameRegex: types.StringValue(".*")}, "1 12 3"},
		"empty name_regex":               {tasksFilterModel{NameRegex: types.StringValue("")}, "1 12 3 4"},
		"all filters":                    {tasksFilterModel{IDs: []string{"1", "3"}, TaskNames: []string{"copy"}, Statuses: []string{"RUNNING"}, SourceTypes: []string{"NONE"}, SinkTypes: []string{"OBS_SINK"}, NameRegex: types.StringValue("c")}, "1"},
		"one filter does not match":      {tasksFilterModel{IDs: []string{"1"}, Statuses: []string{"PAUSED"}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := tt.filters.apply(tasks)
			var ids []string
			for _, task := range got {
				ids = append(ids, task.ID)
			}
			if got == nil || strings.Join(ids, " ") != tt.want {
				t.Errorf("got %q, want %q", ids, tt.want)
			}
		})
	}
}

// The lists of documented values in the code are those of the attributes' descriptions.
func TestTasksFilterModel_documentedValues(t *testing.T) {
	t.Parallel()
	attributes := taskAttributes()
	for name, documented := range map[string][]string{"status": documentedStatuses, "source_type": documentedSourceTypes, "sink_type": documentedSinkTypes} {
		_, possible, _ := strings.Cut(attributes[name].GetMarkdownDescription(), "Possible values:")
		var described []string
		for _, value := range regexp.MustCompile("`([A-Z_]+)`").FindAllStringSubmatch(possible, -1) {
			described = append(described, value[1])
		}
		if slices.Sort(described); !slices.Equal(described, slices.Sorted(slices.Values(documented))) {
			t.Errorf("%s: the description has %q, the filter %q", name, described, documented)
		}
	}
}

// deferred is HCL in which the instance is known only after apply.
const deferred = `
resource "terraform_data" "instance" {
  input = %[1]q
}

data "smartconnect_tasks" "test" {
  instance_id = terraform_data.instance.output
}

data "smartconnect_tasks" "depends_on" {
  instance_id = %[1]q
  depends_on  = [terraform_data.instance]
}

resource "terraform_data" "downstream" {
  input = [for t in data.smartconnect_tasks.test.tasks : t.task_name]
}

output "tasks" {
  value = jsonencode(data.smartconnect_tasks.test.tasks)
}

output "complete" {
  value = length(data.smartconnect_tasks.test.tasks) == data.smartconnect_tasks.test.total_number
}

output "count" {
  value = length(data.smartconnect_tasks.depends_on.tasks)
}
`

// deferredTask is the same of one of the simulator's tasks.
const deferredTask = `
resource "terraform_data" "name" {
  input = "smart-connect-1"
}

data "smartconnect_task" "test" {
  instance_id = %q
  task_name   = terraform_data.name.output
}

output "bucket" {
  value = data.smartconnect_task.test.sink_task.obs_bucket_name
}
`

// Deferred reads are unknown in the plan, complete after apply, and followed by empty plans; also in a real account.
func TestAccDataSources_deferred(t *testing.T) {
	t.Parallel()
	c := newTestCloud(t)
	const dependent, one = "data.smartconnect_tasks.depends_on", "data.smartconnect_task.test"
	config := c.config(fmt.Sprintf(deferred, c.instance))
	unknown := []plancheck.PlanCheck{
		plancheck.ExpectUnknownValue(tasksAddress, tfjsonpath.New("tasks")),
		plancheck.ExpectUnknownValue(tasksAddress, tfjsonpath.New("total_number")),
		plancheck.ExpectUnknownValue(dependent, tfjsonpath.New("tasks")),
		plancheck.ExpectUnknownOutputValue("count"),
		plancheck.ExpectUnknownValue("terraform_data.downstream", tfjsonpath.New("input")),
	}
	checks := []statecheck.StateCheck{
		statecheck.ExpectKnownValue(tasksAddress, tfjsonpath.New("instance_id"), knownvalue.StringExact(c.instance)),
		statecheck.ExpectKnownValue(tasksAddress, tfjsonpath.New("region"), knownvalue.NotNull()),
		statecheck.ExpectKnownValue(tasksAddress, tfjsonpath.New("project_id"), knownvalue.NotNull()),
		statecheck.ExpectKnownOutputValue("complete", knownvalue.Bool(true)),
	}
	if c.Simulator != nil {
		config += fmt.Sprintf(deferredTask, c.instance)
		unknown = append(unknown,
			plancheck.ExpectUnknownValue(one, tfjsonpath.New("id")),
			plancheck.ExpectUnknownValue(one, tfjsonpath.New("sink_task")),
			plancheck.ExpectUnknownOutputValue("bucket"))
		checks = append(checks,
			statecheck.ExpectKnownOutputValue("tasks", knownvalue.StringFunc(func(tasks string) error {
				checkEqual(t, "tasks", decoded(t, tasks), decoded(t, readFile(t, tasksFile)))
				return nil
			})),
			statecheck.ExpectKnownOutputValue("count", knownvalue.Int64Exact(3)),
			statecheck.ExpectKnownOutputValue("bucket", knownvalue.StringExact("abcabc")),
			statecheck.ExpectKnownValue("terraform_data.downstream", tfjsonpath.New("output").AtSliceIndex(1), knownvalue.StringExact("smart-connect-1")))
	}
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(),
		Steps: []resource.TestStep{{
			Config: config,
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply:             unknown,
				PostApplyPreRefresh:  []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
				PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
			},
			ConfigStateChecks: checks,
		}},
	})
}

// A deferred read uses the resolved provider arguments, not the environment's.
func TestAccTasksDataSource_unknownProviderArguments(t *testing.T) {
	t.Parallel()
	c := newSimulator(t, simulator.Options{})
	w := workspace(t, map[string]string{"main.tf": userSource + fmt.Sprintf(`
resource "terraform_data" "account" {
  input = { region = %q, access_key = %q, secret_key = %q, address = %q }
}

provider "smartconnect" {
  region     = terraform_data.account.output.region
  access_key = terraform_data.account.output.access_key
  secret_key = terraform_data.account.output.secret_key
  endpoints  = { dms = terraform_data.account.output.address, iam = terraform_data.account.output.address }
}

data "smartconnect_tasks" "test" {
  instance_id = %q
  depends_on  = [terraform_data.account]
}

output "names" {
  value = data.smartconnect_tasks.test.tasks[*].task_name
}
`, simulator.Region, simulator.AccessKey, simulator.SecretKey, c.url, c.instance)})
	w.Env = map[string]string{"HW_REGION_NAME": "elsewhere", "HW_ACCESS_KEY": "AK", "HW_SECRET_KEY": "SK"}
	mustRun(t, w, "apply", "-auto-approve")
	checkEqual(t, "names", outputs(t, w)["names"], []any{"smart-connect-1571576841", "smart-connect-1", "smart-connect-121248117"})
}

// No request is made, and no credentials or region are needed, if nothing is read.
func TestAccTasksDataSource_noReadNeedsNoCredentials(t *testing.T) {
	t.Parallel()
	w := workspace(t, map[string]string{
		"main.tf": userSource + "provider \"smartconnect\" {}\nresource \"terraform_data\" \"other\" {}\n" +
			"data \"smartconnect_tasks\" \"none\" {\n  count = 0\n  instance_id = \"x\"\n}\n" +
			"data \"smartconnect_tasks\" \"later\" {\n  instance_id = \"x\"\n  depends_on = [terraform_data.other]\n}\n",
	})
	w.Env = map[string]string{"HTTPS_PROXY": "http://127.0.0.1:1", "HTTP_PROXY": "http://127.0.0.1:1"} // no request succeeds
	mustRun(t, w, "validate")
	mustRun(t, w, "plan")
}
