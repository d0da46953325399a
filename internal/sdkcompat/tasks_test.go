// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package sdkcompat

import (
	"encoding/json"
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
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/config"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/httphandler"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/region"
	kafka "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/kafka/v2"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/kafka/v2/model"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

var (
	permanent = simulator.Key{AccessKey: simulator.AccessKey, SecretKey: simulator.SecretKey}
	temporary = simulator.Key{AccessKey: "TEMPORARY", SecretKey: "temporary-secret", SecurityToken: "a/token+with=signs=="}
)

// Requests in the simulator's record.
const (
	findProject = "GET /v3/projects?name=" + simulator.Region + " 200"
	listTasks   = "GET /v2/" + simulator.ProjectID + "/instances/" + simulator.InstanceID + "/connector/tasks?limit=50&offset=0 200"
)

// cloud is a simulator behind an HTTP server.
type cloud struct {
	*simulator.Simulator
	url string
}

// serve starts a cloud with tasks, which accepts both keys.
func serve(t *testing.T, tasks []json.RawMessage, o simulator.Options) cloud {
	t.Helper()
	o.Keys = append(o.Keys, permanent, temporary)
	s := simulator.New(o)
	s.SetTasks(simulator.InstanceID, tasks)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return cloud{s, server.URL}
}

// sdkClient is the SDK's client, with the body of the last response.
type sdkClient struct {
	*kafka.KafkaClient
	wire []byte
}

// sdkOf returns the SDK's client of c with credentials.
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

// httpConfig returns a configuration of the SDK that stores the body of the last response in wire.
func httpConfig(wire *[]byte) *config.HttpConfig {
	handler := httphandler.NewHttpHandler().AddResponseHandler(func(r http.Response) {
		*wire, _ = io.ReadAll(r.Body) // in memory already
	})
	// Without a user agent of its own, the SDK writes an ID for one into the home directory.
	return config.DefaultHttpConfig().WithHttpHandler(handler).WithUserAgent("sdkcompat")
}

// sent returns the recorded requests with their status.
func (c cloud) sent() []string {
	var lines []string
	for _, r := range c.Requests() {
		lines = append(lines, fmt.Sprintf("%s %d", r, r.Status))
	}
	return lines
}

// checkSent compares the recorded requests.
func (c cloud) checkSent(t *testing.T, want ...string) {
	t.Helper()
	if sent := c.sent(); !slices.Equal(sent, want) {
		t.Errorf("sent\n%s\nwant\n%s", strings.Join(sent, "\n"), strings.Join(want, "\n"))
	}
}

// sdk returns the SDK's client of c with a key.
func (c cloud) sdk(key simulator.Key) *sdkClient { return must(c.sdkOf(signedBy(key))) }

// list gets one page and compares it with the response's JSON. A negative offset or limit is not sent.
func (c *sdkClient) list(t *testing.T, offset, limit int) (*model.ListConnectorTasksResponse, comparison) {
	t.Helper()
	request := &model.ListConnectorTasksRequest{InstanceId: simulator.InstanceID}
	if offset >= 0 {
		request.Offset = new(int32(offset))
	}
	if limit >= 0 {
		request.Limit = new(int32(limit))
	}
	response, err := c.ListConnectorTasks(request)
	if err != nil {
		t.Fatal(err)
	}
	if response.HttpStatusCode != http.StatusOK {
		t.Errorf("status %d", response.HttpStatusCode)
	}
	return response, compare(flattenJSON(t, c.wire), flatten(t, response))
}

func TestSDK_documentedTasks(t *testing.T) {
	t.Parallel()
	for form, side := range map[string]simulator.UnusedSide{
		"null": simulator.UnusedNull, "empty": simulator.UnusedEmpty, "missing": simulator.UnusedMissing,
	} {
		t.Run("unused side "+form, func(t *testing.T) {
			t.Parallel()
			c := serve(t, simulator.PageTasks(), simulator.Options{UnusedSide: side})
			response, compared := c.sdk(permanent).list(t, -1, -1)
			compared.check(t, append(slices.Clone(unknownToSDK), misspelled)...)
			if n := len(*response.Tasks); n != 3 || *response.TotalNumber != 3 || *response.MaxTasks != 18 || *response.QuotaTasks != 18 {
				t.Errorf("got %s", response)
			}
		})
	}
}

func TestSDK_pagination(t *testing.T) {
	t.Parallel()
	const total = 40
	for _, test := range []struct{ limit, size int }{{-1, 10}, {1, 1}, {39, 39}, {40, 40}, {50, 50}} {
		t.Run(fmt.Sprint("limit ", test.limit), func(t *testing.T) {
			t.Parallel()
			tasks := simulator.GenerateTasks(total)
			client := serve(t, tasks, simulator.Options{}).sdk(temporary)
			var served []json.RawMessage
			all := compare(nil, nil)
			for offset := 0; offset < total; offset += test.size {
				response, compared := client.list(t, offset, test.limit)
				all.add(compared)
				if *response.TotalNumber != total || len(*response.Tasks) != min(test.size, total-offset) {
					t.Fatalf("offset %d: %d tasks of %d", offset, len(*response.Tasks), *response.TotalNumber)
				}
				var page struct{ Tasks []json.RawMessage }
				if err := json.Unmarshal(client.wire, &page); err != nil {
					t.Fatal(err)
				}
				served = append(served, page.Tasks...)
			}
			all.check(t, unknownToSDK...)
			if !reflect.DeepEqual(served, tasks) {
				t.Error("the pages do not make up the tasks of the instance")
			}
		})
	}
}

// Unlike in the other tests, one task has every documented field.
func TestSDK_allFields(t *testing.T) {
	t.Parallel()
	source, sink := map[string]any{}, map[string]any{}
	task := map[string]any{"source_task": source, "sink_task": sink}
	objects := map[string]map[string]any{"tasks": task, "tasks.source_task": source, "tasks.sink_task": sink}
	for path, kind := range documentedFields(t) {
		dot := max(strings.LastIndexByte(path, '.'), 0)
		if object := objects[path[:dot]]; object != nil {
			object[path[dot+1:]] = map[string]any{
				"String": "the value of " + path, "Boolean": true, "Integer": 1<<31 - 1 - len(path), "Long": int64(1<<53 + 1),
			}[kind]
		}
	}
	text, err := json.Marshal(task)
	if err != nil {
		t.Fatal(err)
	}
	client := serve(t, []json.RawMessage{text}, simulator.Options{}).sdk(permanent)
	_, compared := client.list(t, 0, 50)
	compared.check(t, unknownToSDK...)
	for _, path := range slices.Sorted(maps.Keys(sdkFields())) {
		if !compared.covered[path] {
			t.Errorf("%s is not covered", path)
		}
	}
}

func TestSDK_errors(t *testing.T) {
	t.Parallel()
	wrong := permanent
	wrong.SecretKey = "wrong"
	for name, test := range map[string]struct {
		key        simulator.Key
		instanceID string
		status     int
		code, text string
	}{
		"wrong secret key": {wrong, simulator.InstanceID, 401, "APIGW.0301", "verify aksk signature fail"},
		"no such instance": {permanent, "other", 404, "DMS.00404022", "does not exist"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := serve(t, nil, simulator.Options{})
			_, err := c.sdk(test.key).ListConnectorTasks(&model.ListConnectorTasksRequest{InstanceId: test.instanceID})
			checkRejection(t, c, err, test.status, test.code, test.text)
		})
	}
}
