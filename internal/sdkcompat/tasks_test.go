// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package sdkcompat

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/basic"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/config"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/httphandler"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/region"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/sdkerr"
	kafka "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/kafka/v2"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/kafka/v2/model"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

var (
	permanent = simulator.Key{AccessKey: simulator.AccessKey, SecretKey: simulator.SecretKey}
	temporary = simulator.Key{AccessKey: "TEMPORARY", SecretKey: "temporary-secret", SecurityToken: "a/token+with=signs=="}
	keys      = map[string]simulator.Key{"permanent keys": permanent, "temporary keys": temporary}
)

// Lines of the record.
const (
	findsProject = "GET /v3/projects?name=" + simulator.Region + " 200"
	listsTasks   = "GET /v2/" + simulator.ProjectID + "/instances/" + simulator.InstanceID + "/connector/tasks?limit=50&offset=0 200"
)

// cloud is a simulator that is served over HTTP.
type cloud struct {
	*simulator.Simulator
	url string
}

// serve starts a cloud whose one instance holds tasks. Both keys are good for it.
func serve(t *testing.T, tasks []json.RawMessage, o simulator.Options) cloud {
	t.Helper()
	o.Keys = append(o.Keys, permanent, temporary)
	s := simulator.New(o)
	s.SetTasks(simulator.InstanceID, tasks)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return cloud{s, server.URL}
}

// sdkClient is the SDK's client, with the last answer as it came.
type sdkClient struct {
	*kafka.KafkaClient
	wire []byte
}

// sdk makes the SDK's client of c for keys. Without a projectID, it asks IAM for it now.
func (c cloud) sdk(key simulator.Key, projectID string) (*sdkClient, error) {
	credentials, err := basic.NewCredentialsBuilder().WithAk(key.AccessKey).WithSk(key.SecretKey).
		WithSecurityToken(key.SecurityToken).WithProjectId(projectID).WithIamEndpointOverride(c.url).SafeBuild()
	if err != nil {
		return nil, err
	}
	return c.sdkOf(credentials)
}

// sdkOf makes the SDK's client of c for any of its credentials.
func (c cloud) sdkOf(credentials auth.ICredential) (*sdkClient, error) {
	client := &sdkClient{}
	core, err := kafka.KafkaClientBuilder().WithCredential(credentials).WithHttpConfig(httpConfig(&client.wire)).
		WithRegion(region.NewRegion(simulator.Region, c.url)).SafeBuild()
	if err != nil {
		return nil, err
	}
	client.KafkaClient = kafka.NewKafkaClient(core)
	return client, nil
}

// httpConfig is the SDK's, with the last answer's body in wire.
func httpConfig(wire *[]byte) *config.HttpConfig {
	handler := httphandler.NewHttpHandler().AddResponseHandler(func(r http.Response) {
		*wire, _ = io.ReadAll(r.Body) // in memory already
	})
	// Without a user agent of its own, the SDK writes an ID for one into the home folder.
	return config.DefaultHttpConfig().WithHttpHandler(handler).WithUserAgent("sdkcompat")
}

// sent is the record, a line for each request.
func (c cloud) sent() []string {
	var lines []string
	for _, r := range c.Requests() {
		lines = append(lines, fmt.Sprintf("%s %d", r, r.Status))
	}
	return lines
}

// checkSent fails unless the record's lines are just these.
func (c cloud) checkSent(t *testing.T, want ...string) {
	t.Helper()
	if sent := c.sent(); !slices.Equal(sent, want) {
		t.Errorf("sent\n%s\nexpected\n%s", strings.Join(sent, "\n"), strings.Join(want, "\n"))
	}
}

func (c cloud) mustSDK(t *testing.T, key simulator.Key) *sdkClient {
	t.Helper()
	client, err := c.sdk(key, simulator.ProjectID)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// list reads one page and compares it with the wire. A negative offset or limit is not sent.
func (c *sdkClient) list(t *testing.T, offset, limit int) (*model.ListConnectorTasksResponse, comparison) {
	t.Helper()
	request := &model.ListConnectorTasksRequest{InstanceId: simulator.InstanceID}
	if offset >= 0 {
		request.Offset = new(int32)
		*request.Offset = int32(offset)
	}
	if limit >= 0 {
		request.Limit = new(int32)
		*request.Limit = int32(limit)
	}
	answer, err := c.ListConnectorTasks(request)
	if err != nil {
		t.Fatal(err)
	}
	if answer.HttpStatusCode != http.StatusOK {
		t.Errorf("status %d", answer.HttpStatusCode)
	}
	return answer, compare(read(t, c.wire), readBack(t, answer))
}

func TestSDKReadsTheTasksOfThePage(t *testing.T) {
	t.Parallel()
	sides := map[string]simulator.UnusedSide{
		"null": simulator.UnusedNull, "empty": simulator.UnusedEmpty, "missing": simulator.UnusedMissing,
	}
	for name, key := range keys {
		for form, side := range sides {
			t.Run(name+", unused side "+form, func(t *testing.T) {
				t.Parallel()
				c := serve(t, simulator.PageTasks(), simulator.Options{UnusedSide: side})
				answer, compared := c.mustSDK(t, key).list(t, -1, -1)
				compared.check(t, append(slices.Clone(unknownToSDK), misspelled)...)
				if n := len(*answer.Tasks); n != 3 || *answer.TotalNumber != 3 || *answer.MaxTasks != 18 || *answer.QuotaTasks != 18 {
					t.Errorf("got %s", answer)
				}
				for _, r := range c.Requests() {
					if r.Header.Get("X-Security-Token") != key.SecurityToken || r.Header.Get(projectHeader) != simulator.ProjectID {
						t.Errorf("%s: sent with another token or project", r)
					}
				}
			})
		}
	}
}

func TestSDKPagesThroughGeneratedTasks(t *testing.T) {
	t.Parallel()
	const total = 40
	tests := []struct{ limit, most int }{{-1, 10}, {1, 1}, {7, 7}, {10, 10}, {39, 39}, {40, 40}, {50, 50}}
	for name, key := range keys {
		for _, test := range tests {
			t.Run(fmt.Sprintf("%s, limit %d", name, test.limit), func(t *testing.T) {
				t.Parallel()
				tasks := simulator.GenerateTasks(total)
				client := serve(t, tasks, simulator.Options{}).mustSDK(t, key)
				var served []json.RawMessage
				var names []string
				all := compare(nil, nil)
				for offset := 0; offset < total; offset += test.most {
					answer, compared := client.list(t, offset, test.limit)
					all.add(compared)
					if *answer.TotalNumber != total || len(*answer.Tasks) != min(test.most, total-offset) {
						t.Fatalf("offset %d: %d tasks of %d", offset, len(*answer.Tasks), *answer.TotalNumber)
					}
					for _, task := range *answer.Tasks {
						names = append(names, *task.TaskName)
					}
					var page struct{ Tasks []json.RawMessage }
					if err := json.Unmarshal(client.wire, &page); err != nil {
						t.Fatal(err)
					}
					served = append(served, page.Tasks...)
				}
				all.check(t, unknownToSDK...)
				if !reflect.DeepEqual(served, tasks) {
					t.Error("the pages together are not the instance's tasks")
				}
				for i, name := range names {
					if name != fmt.Sprintf("smart-connect-%d", i) {
						t.Errorf("task %d is %s", i, name)
					}
				}
			})
		}
	}
}

// The other tests compare what tasks of the known kinds have; this one, every field there is.
func TestSDKReadsEveryFieldThatItKnows(t *testing.T) {
	t.Parallel()
	source, sink := map[string]any{}, map[string]any{}
	task := map[string]any{"source_task": source, "sink_task": sink}
	objects := map[string]map[string]any{"tasks": task, "tasks.source_task": source, "tasks.sink_task": sink}
	for path, kind := range documentedFields(t) {
		dot := max(strings.LastIndexByte(path, '.'), 0)
		if object := objects[path[:dot]]; object != nil {
			object[path[dot+1:]] = map[string]any{
				"String": "the text of " + path, "Boolean": true, "Integer": 1<<31 - 1 - len(path), "Long": int64(1<<53 + 1),
			}[kind]
		}
	}
	text, err := json.Marshal(task)
	if err != nil {
		t.Fatal(err)
	}
	client := serve(t, []json.RawMessage{text}, simulator.Options{}).mustSDK(t, permanent)
	_, compared := client.list(t, 0, 50)
	compared.check(t, unknownToSDK...)
	for _, path := range slices.Sorted(maps.Keys(sdkFields())) {
		if !compared.read[path] {
			t.Errorf("%s was not compared", path)
		}
	}
}

func TestSDKFindsTheProject(t *testing.T) {
	t.Parallel()
	for name, key := range keys {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			key.AccessKey = rand.Text() // the SDK remembers projects by access key and region
			c := serve(t, simulator.PageTasks(), simulator.Options{Keys: []simulator.Key{key}})
			client, err := c.sdk(key, "")
			if err != nil {
				t.Fatal(err)
			}
			if answer, _ := client.list(t, 0, 50); len(*answer.Tasks) != 3 {
				t.Errorf("got %s", answer)
			}
			c.checkSent(t, findsProject, listsTasks)
		})
	}
}

func TestSDKReadsRefusals(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		secretKey, instanceID string
		status                int
		code                  string
	}{
		"wrong secret key": {"wrong", simulator.InstanceID, http.StatusUnauthorized, "APIGW.0301"},
		"no such instance": {simulator.SecretKey, "other", http.StatusNotFound, "DMS.00404022"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := serve(t, nil, simulator.Options{})
			key := permanent
			key.SecretKey = test.secretKey
			_, err := c.mustSDK(t, key).ListConnectorTasks(&model.ListConnectorTasksRequest{InstanceId: test.instanceID})
			var refusal *sdkerr.ServiceResponseError
			if !errors.As(err, &refusal) {
				t.Fatalf("got %v", err)
			}
			if refusal.StatusCode != test.status || refusal.ErrorCode != test.code || refusal.ErrorMessage == "" ||
				refusal.RequestId != c.Requests()[0].RequestID {
				t.Errorf("got %+v", refusal)
			}
		})
	}
}
