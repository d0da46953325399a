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

// values are the attributes of an object that are not null.
type values map[string]knownvalue.Check

// object checks all attributes of a table: those that are not among set must be null, lists and maps empty.
func object(table map[string]string, set values) knownvalue.Check {
	all := values{}
	for name, typ := range table {
		switch {
		case strings.HasPrefix(typ, "list "):
			all[name] = knownvalue.ListExact(nil)
		case strings.HasPrefix(typ, "map "):
			all[name] = knownvalue.MapExact(nil)
		default:
			all[name] = knownvalue.Null()
		}
	}
	for name, check := range set {
		if _, ok := all[name]; !ok {
			panic("not documented: " + name)
		}
		all[name] = check
	}
	return knownvalue.ObjectExact(all)
}

func text(s string) knownvalue.Check  { return knownvalue.StringExact(s) }
func number(n int64) knownvalue.Check { return knownvalue.Int64Exact(n) }
func boolean(b bool) knownvalue.Check { return knownvalue.Bool(b) }

func hostPort(host string, port int64) knownvalue.Check {
	return knownvalue.ObjectExact(values{"host": text(host), "port": number(port)})
}

func texts(items ...string) knownvalue.Check {
	checks := make([]knownvalue.Check, len(items))
	for i, item := range items {
		checks[i] = text(item)
	}
	return knownvalue.ListExact(checks)
}

// pageTasks are the attributes of the three tasks in the API reference.
var pageTasks = []values{
	{
		"id":          text("194917d0-3b5e-4c1f-9a47-6d0e8f2b1c35"),
		"task_name":   text("smart-connect-1571576841"),
		"topics":      text("topic-1643449744"),
		"topic_list":  texts("topic-1643449744"),
		"source_type": text("KAFKA_REPLICATOR_SOURCE"),
		"sink_type":   text("NONE"),
		"status":      text("RUNNING"),
		"create_time": number(1708427753133),
		"created_at":  text("2024-02-20T11:15:53.133Z"),
		"source_task": object(documentedSourceTask, values{
			"current_cluster_name": text("A"),
			"cluster_name":         text("B"),
			"direction":            text("pull"),
			"bootstrap_servers":    text("192.168.45.58:9092,192.168.44.1:9092,192.168.41.230:9092,192.168.43.112:9092"),
			"bootstrap_server_list": knownvalue.ListExact([]knownvalue.Check{
				hostPort("192.168.45.58", 9092), hostPort("192.168.44.1", 9092),
				hostPort("192.168.41.230", 9092), hostPort("192.168.43.112", 9092),
			}),
			"instance_id":                   text("59f6d088-7a21-4c3e-b5d9-0e6f13c8a472"),
			"consumer_strategy":             text("earliest"),
			"sync_consumer_offsets_enabled": boolean(false),
			"rename_topic_enabled":          boolean(false),
			"provenance_header_enabled":     boolean(false),
			"security_protocol":             text("PLAINTEXT"),
			"sasl_mechanism":                text("PLAIN"),
			"user_name":                     text(""),
			"topics_mapping":                text(""),
			"compression_type":              text("none"),
			"task_num":                      number(2),
			"replication_factor":            number(3),
		}),
	},
	{
		"id":           text("3c0ac4d1-82f6-4e0d-8b1a-27c95e4df063"),
		"task_name":    text("smart-connect-1"),
		"topics_regex": text("topic-obs*"),
		"source_type":  text("NONE"),
		"sink_type":    text("OBS_SINK"),
		"status":       text("RUNNING"),
		"create_time":  number(1708565483911),
		"created_at":   text("2024-02-22T01:31:23.911Z"),
		"sink_task": object(documentedSinkTask, values{
			"consumer_strategy":      text("earliest"),
			"destination_file_type":  text("TEXT"),
			"obs_bucket_name":        text("abcabc"),
			"obs_path":               text("obsTransfer-1810125534"),
			"partition_format":       text("yyyy/MM/dd/HH/mm"),
			"record_delimiter":       text(`\n`), // two characters
			"deliver_time_interval":  number(300),
			"obs_part_size":          number(5242880),
			"flush_size":             number(1000000),
			"timezone":               text("Asia/Chongqing"),
			"schema_generator_class": text("io.confluent.connect.storage.hive.schema.DefaultSchemaGenerator"),
			"partitioner_class":      text("io.confluent.connect.storage.partitioner.TimeBasedPartitioner"),
			"value_converter":        text("org.apache.kafka.connect.converters.ByteArrayConverter"),
			"key_converter":          text("org.apache.kafka.connect.converters.ByteArrayConverter"),
			"store_keys":             boolean(false),
			"kv_delimiter":           text(":"),
		}),
	},
	{
		"id":          text("8a205bbd-c914-4f7b-a3e2-5190d6b8ce4a"),
		"task_name":   text("smart-connect-121248117"),
		"topics":      text("topic-sc"),
		"topic_list":  texts("topic-sc"),
		"source_type": text("REDIS_REPLICATOR_SOURCE"),
		"sink_type":   text("REDIS_REPLICATOR_SINK"),
		"status":      text("RUNNING"),
		"create_time": number(1708427753133),
		"created_at":  text("2024-02-20T11:15:53.133Z"),
		"source_task": object(documentedSourceTask, values{
			"redis_address":       text("192.168.91.179:6379"),
			"redis_address_list":  knownvalue.ListExact([]knownvalue.Check{hostPort("192.168.91.179", 6379)}),
			"redis_type":          text("standalone"),
			"dcs_instance_id":     text("949190a2-598a-4afd-99a8-dad3cae1e7cd"),
			"sync_mode":           text("RDB_ONLY"),
			"full_sync_wait_ms":   number(13000),
			"full_sync_max_retry": number(4),
			"ratelimit":           number(-1),
		}),
		"sink_task": object(documentedSinkTask, values{
			"redis_address":      text("192.168.119.51:6379"),
			"redis_address_list": knownvalue.ListExact([]knownvalue.Check{hostPort("192.168.119.51", 6379)}),
			"redis_type":         text("standalone"),
			"dcs_instance_id":    text("9b981368-a8e3-416a-87d9-1581a968b41b"),
			"target_db":          number(-1),
		}),
	},
}

// pageObjects checks the list of pageTasks.
func pageObjects() knownvalue.Check {
	var objects []knownvalue.Check
	for _, set := range pageTasks {
		objects = append(objects, object(documentedTask, set))
	}
	return knownvalue.ListExact(objects)
}

// readTasks is HCL that reads an instance with further arguments.
func readTasks(instance string, arguments ...string) string {
	return readIDs(instance, arguments...) + `
output "all" {
  value = data.smartconnect_tasks.test
}
`
}

// readIDs is readTasks without the output of all attributes, which takes the CLI seconds for 1,000 tasks.
func readIDs(instance string, arguments ...string) string {
	return fmt.Sprintf(`
data "smartconnect_tasks" "test" {
  instance_id = %q
  %s
}

output "ids" {
  value = data.smartconnect_tasks.test.tasks[*].id
}
`, instance, strings.Join(arguments, "\n  "))
}

// tasksRow is HCL that reads an instance with an alias of a provider block and further arguments, if it is not
// empty, and outputs the result, all under one name.
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

// appliedIDs applies the configuration in a workspace and returns its output ids.
func appliedIDs(t *testing.T, w *terraform.Workspace) (ids []string) {
	t.Helper()
	mustRun(t, w, "apply", "-auto-approve")
	for _, id := range outputs(t, w)["ids"].([]any) {
		ids = append(ids, id.(string))
	}
	return ids
}

func checkValue(t *testing.T, name string, got any, want knownvalue.Check) {
	t.Helper()
	if err := want.CheckValue(got); err != nil {
		t.Errorf("%s: %v", name, err)
	}
}

// expectResult checks all attributes of a data source that reads the three tasks; set replaces defaults.
func expectResult(set values) knownvalue.Check {
	all := values{
		"instance_id":  text(simulator.InstanceID),
		"region":       text(simulator.Region),
		"project_id":   text(simulator.ProjectID),
		"total_number": number(3),
		"max_tasks":    number(21),
		"quota_tasks":  number(19),
		"tasks":        pageObjects(),
	}
	maps.Copy(all, set)
	all["timeouts"] = knownvalue.Null()
	return object(mergeTypes(documentedDataSource, map[string]string{"timeouts": "object"}), all)
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
		checkValue(t, name, got[name], expectResult(nil))
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
		checkValue(t, name, taskIDs(got[name]), texts(idsOf(t, simulator.GenerateTasks(tt.tasks))...))
		if reads := readsOf(t, clouds[i].Requests()); !reflect.DeepEqual(reads, [][]int{tt.offsets, tt.offsets}) { // in apply and plan
			t.Errorf("%s: offsets are %v, want %v twice", name, reads, tt.offsets)
		}
	}
}

// taskIDs returns the IDs of the tasks of a result.
func taskIDs(result any) []any {
	ids := []any{}
	for _, task := range result.(map[string]any)["tasks"].([]any) {
		ids = append(ids, task.(map[string]any)["id"])
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
	elsewhere := values{"instance_id": text(instance), "region": text(region), "project_id": text(project)}
	tests := map[string]struct {
		provider  string // region of the provider block
		arguments []string
		instance  string
		lookups   int
		want      values
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
		checkValue(t, name, got[name], expectResult(tt.want))
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
		checkValue(t, tt.arguments, taskIDs(result), texts(tt.want...))
		checkValue(t, tt.arguments, result.(map[string]any)["total_number"], number(3))
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

output "all" {
  value = data.smartconnect_tasks.test
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
		statecheck.ExpectKnownValue(tasksAddress, tfjsonpath.New("instance_id"), text(c.instance)),
		statecheck.ExpectKnownValue(tasksAddress, tfjsonpath.New("region"), knownvalue.NotNull()),
		statecheck.ExpectKnownValue(tasksAddress, tfjsonpath.New("project_id"), knownvalue.NotNull()),
		statecheck.ExpectKnownOutputValue("complete", boolean(true)),
	}
	if c.Simulator != nil {
		config += fmt.Sprintf(deferredTask, c.instance)
		unknown = append(unknown,
			plancheck.ExpectUnknownValue(one, tfjsonpath.New("id")),
			plancheck.ExpectUnknownValue(one, tfjsonpath.New("sink_task")),
			plancheck.ExpectUnknownOutputValue("bucket"))
		checks = append(checks,
			statecheck.ExpectKnownOutputValue("all", expectResult(values{"max_tasks": number(18), "quota_tasks": number(18)})),
			statecheck.ExpectKnownOutputValue("count", number(3)),
			statecheck.ExpectKnownOutputValue("bucket", text("abcabc")),
			statecheck.ExpectKnownValue("terraform_data.downstream", tfjsonpath.New("output"),
				knownvalue.TupleExact([]knownvalue.Check{text("smart-connect-1571576841"), text("smart-connect-1"), text("smart-connect-121248117")})))
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
	checkValue(t, "names", outputs(t, w)["names"], texts("smart-connect-1571576841", "smart-connect-1", "smart-connect-121248117"))
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
