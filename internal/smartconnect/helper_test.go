// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package smartconnect

import (
	"net/http"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/huaweicloud"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/memnet"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

// Tests in bubbles of synctest fail by themselves if a goroutine is left. This is for the others.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// long reports whether the suites should run for minutes.
func long() bool { return os.Getenv("SMARTCONNECT_LONG") != "" }

// checkNoOpenConns waits until idle connections are closed, and fails the test if one is still open.
func checkNoOpenConns(t *testing.T, n *memnet.Network) {
	t.Helper()
	<-time.After(2 * time.Minute)
	if open := n.OpenConns(); open != 0 {
		t.Errorf("%d connections of %d are still open", open, len(n.Dialed()))
	}
}

// address is where the cloud is served, a host for which no environment sets a proxy.
const address = "127.0.0.1:80"

// readTime is the default timeout of a read.
const readTime = 5 * time.Minute

var instance = Instance{Region: simulator.Region, ProjectID: simulator.ProjectID, ID: simulator.InstanceID}

// newClient returns a client in the network n with valid keys and five retries, unless changed.
func newClient(t *testing.T, n *memnet.Network, change ...func(*huaweicloud.Config)) *Client {
	t.Helper()
	config := huaweicloud.Config{
		Region:           simulator.Region,
		CredentialSource: huaweicloud.AccessKeys{AccessKey: simulator.AccessKey, SecretKey: huaweicloud.NewSecret(simulator.SecretKey)},
		Endpoints:        map[string]string{"dms": "http://" + address, "iam": "http://" + address},
		MaxRetries:       5,
		UserAgent:        "test/1",
	}
	if n != nil {
		config.Dial = n.Dial
	}
	for _, f := range change {
		f(&config)
	}
	cloud, err := huaweicloud.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	return NewClient(cloud)
}

func withEndpoint(address string) func(*huaweicloud.Config) {
	return func(c *huaweicloud.Config) { c.Endpoints = map[string]string{"dms": address, "iam": address} }
}

// newCloud returns a simulator with generated tasks.
func newCloud(tasks int) *simulator.Simulator {
	s := simulator.New(simulator.Options{})
	s.SetTasks(simulator.InstanceID, simulator.GenerateTasks(tasks))
	return s
}

// faultyCloud is a cloud in which the first requests for one page meet a fault, and the others do not.
type faultyCloud struct {
	cloud  http.Handler
	fault  simulator.Fault
	offset string // of the page
	times  int32
	hits   atomic.Int32
}

func (s *faultyCloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("offset") == s.offset && s.hits.Add(1) <= s.times {
		s.fault(w, r, s.cloud)
		return
	}
	s.cloud.ServeHTTP(w, r)
}
