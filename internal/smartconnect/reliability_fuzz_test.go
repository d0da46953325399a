// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package smartconnect

import (
	"errors"
	"net/http"
	"net/url"
	"testing"
	"testing/synctest"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/huaweicloud"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/memnet"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

// Whatever the ID of an instance is, requests go to the configured host, signed as sent. An ID that
// passes the provider's validation stands in the path as it is, and names no other call.
func FuzzInstanceID(f *testing.F) {
	for _, id := range []string{
		simulator.InstanceID, "", "none", "..", "../..", "a/b", "a%2fb", "?offset=1", "#", "@canary.test", "//canary.test/", "ü", "\x00", "\r\nX-Injected: 1", "\xff", " ",
	} {
		f.Add(id)
	}
	cloud := newCloud(3)
	f.Fuzz(func(t *testing.T, id string) {
		synctest.Test(t, func(t *testing.T) {
			cloud.Reset()
			n := memnet.New()
			n.Serve(t, address, cloud, nil)
			list, err := newClient(t, n).Tasks(t.Context(), Instance{Region: simulator.Region, ProjectID: simulator.ProjectID, ID: id})
			var response *huaweicloud.Error
			switch {
			case id == simulator.InstanceID:
				if err != nil || len(list.Tasks) != 3 {
					t.Errorf("%v", err)
				}
			case err == nil:
				t.Errorf("there is a list for %q", id)
			case errors.As(err, &response) && response.Status == http.StatusUnauthorized:
				t.Errorf("the signature for %q is wrong: %v", id, err)
			}
			for _, to := range n.Dialed() {
				if to != address {
					t.Errorf("there was a connection to %s", to)
				}
			}
			for _, r := range cloud.Requests() {
				path := "/v2/" + simulator.ProjectID + "/instances/" + id + "/connector/tasks"
				if sent, _ := url.PathUnescape(r.Path); sent != path || r.Header.Get("X-Injected") != "" || r.Query.Encode() != "limit=50&offset=0" {
					t.Errorf("the request is %s, want the path %q", r, path)
				}
				if huaweicloud.CheckIdentifier(id) == nil && r.Path != path {
					t.Errorf("%q stands in the path as %s", id, r.Path)
				}
			}
			checkNoOpenConns(t, n)
		})
	})
}
