// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package sdkcompat

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/kafka/v2/model"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/huaweicloud"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/smartconnect"
)

// sourceOf returns our credential source of a key.
func sourceOf(key simulator.Key) huaweicloud.CredentialSource {
	return huaweicloud.AccessKeys{
		AccessKey:     key.AccessKey,
		SecretKey:     huaweicloud.NewSecret(key.SecretKey),
		SecurityToken: huaweicloud.NewSecret(key.SecurityToken),
	}
}

// ours returns the values of all tasks that our client lists. Without a projectID, it looks the project up.
func (c cloud) ours(t *testing.T, source huaweicloud.CredentialSource, projectID string, change ...func(*huaweicloud.Config)) values {
	t.Helper()
	config := huaweicloud.Config{
		Region:           simulator.Region,
		ProjectID:        projectID,
		CredentialSource: source,
		Endpoints:        map[string]string{string(huaweicloud.DMS): c.url, string(huaweicloud.IAM): c.url, string(huaweicloud.STS): c.url},
	}
	for _, f := range change {
		f(&config)
	}
	client, err := huaweicloud.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	projectID, err = client.ProjectID(t.Context(), simulator.Region)
	if err != nil {
		t.Fatal(err)
	}
	list, err := smartconnect.NewClient(client).Tasks(t.Context(), smartconnect.Instance{
		Region: simulator.Region, ProjectID: projectID, ID: simulator.InstanceID,
	})
	if err != nil {
		t.Fatal(err)
	}
	return flatten(t, map[string]any{
		"tasks": list.Tasks, "total_number": list.TotalNumber, "max_tasks": list.MaxTasks, "quota_tasks": list.QuotaTasks,
	})
}

func TestClient_sameTasksAsSDK(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		tasks     []json.RawMessage
		different []string // what our client decodes and the SDK does not
	}{
		"none":       {nil, nil},
		"documented": {simulator.PageTasks(), []string{"tasks[1].sink_task.deliver_time_interval: no value was decoded as \"300\""}},
		"one":        {simulator.GenerateTasks(1), nil},
		"40":         {simulator.GenerateTasks(40), nil},
		"full page":  {simulator.GenerateTasks(50), nil},
		"pages":      {simulator.GenerateTasks(123), nil},
	}
	for which, test := range tests {
		t.Run(which, func(t *testing.T) {
			t.Parallel()
			c := serve(t, test.tasks, simulator.Options{})
			ours := c.ours(t, sourceOf(permanent), "")
			known := sdkFields()
			maps.DeleteFunc(ours, func(jsonPath string, _ any) bool { return known[fieldOf(jsonPath)] == "" })

			client := c.sdk(permanent)
			var complete model.ListConnectorTasksResponse
			var tasks []model.SmartConnectTaskEntity
			for offset := 0; offset == 0 || offset < len(test.tasks); offset += 50 {
				page, _ := client.list(t, offset, 50)
				tasks = append(tasks, *page.Tasks...)
				complete = *page
			}
			complete.Tasks = &tasks
			if len(tasks) != len(test.tasks) {
				t.Errorf("the SDK listed %d of %d tasks", len(tasks), len(test.tasks))
			}
			compared := compare(flatten(t, complete), ours)
			if !slices.Equal(compared.differences, test.different) {
				t.Errorf("got %q, want %q", compared.differences, test.different)
			}
			compared.differences = nil
			compared.check(t)
		})
	}
}

// Unlike the SDK, our client decodes all fields.
func TestClient_allFields(t *testing.T) {
	t.Parallel()
	c := serve(t, simulator.GenerateTasks(40), simulator.Options{})
	client := c.sdk(permanent)
	client.list(t, 0, 50)
	compared := compare(flattenJSON(t, client.wire), c.ours(t, sourceOf(permanent), ""))
	compared.check(t)
	for field := range documentedFields(t) {
		if !compared.covered[field] {
			t.Errorf("%s is not covered", field)
		}
	}
}
