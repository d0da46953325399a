// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

func TestProjectID(t *testing.T) {
	projects := []simulator.Project{
		{ID: "id-home", Name: simulator.Region},
		{ID: "id-sub", Name: simulator.Region + "_sub"},
		{ID: "id-other", Name: "eu-west-101"},
		{ID: "id-1", Name: "ambiguous"},
		{ID: "id-2", Name: "ambiguous"},
	}
	withProject := func(id, name string) func(*Config) {
		return func(c *Config) { c.ProjectID, c.ProjectName = id, name }
	}
	for _, test := range []struct {
		name   string
		config func(*Config)
		region string
		want   string // ID or error
		lookup string // name in the request; empty: no request
	}{
		{"configured", withProject("id-given", "unused"), simulator.Region, "id-given", ""},
		{"named like the region", withProject("", ""), simulator.Region, "id-home", simulator.Region},
		{"configured by name", withProject("", simulator.Region+"_sub"), simulator.Region, "id-sub", simulator.Region + "_sub"},
		{"of another region", withProject("id-given", "unused"), "eu-west-101", "id-other", "eu-west-101"},
		{"none", withProject("", "nobody"), simulator.Region, `no project named "nobody" exists, or the credentials have no access to it`, "nobody"},
		{"two", withProject("", "ambiguous"), simulator.Region, `2 projects are named "ambiguous": id-1, id-2`, "ambiguous"},
	} {
		runInBubble(t, test.name, func(t *testing.T) {
			cloud := simulator.New(simulator.Options{Projects: projects, Latency: time.Second})
			c := newTestClient(t, served(cloud), test.config, withRetries(5))
			for range 2 {
				concurrently(20, func(int) error {
					got, err := c.ProjectID(t.Context(), test.region)
					if err != nil {
						got += err.Error()
					}
					if got != test.want {
						t.Errorf("it is %q, want %q", got, test.want)
					}
					return err
				})
			}
			requests := cloud.Requests()
			if test.lookup == "" && len(requests) != 0 || test.lookup != "" && (len(requests) != 1 || requests[0].Query.Get("name") != test.lookup) {
				t.Errorf("the requests were %v", requests)
			}
		})
	}
}

func TestProjectID_exactName(t *testing.T) {
	// A cloud may ignore the filter, or match prefixes.
	c := newTestClient(t, reply(200, `{"projects":[{"id":"a","name":"cn-north-4_x"},{"id":"b","name":"cn-north-4"},{"id":"c","name":"CN-NORTH-4"}]}`))
	id, err := c.ProjectID(t.Context(), simulator.Region)
	if id != "b" || err != nil {
		t.Errorf("%q, %v", id, err)
	}
}

func TestProjectID_invalidResponse(t *testing.T) {
	for body, want := range map[string]string{
		`{}`:                "...it has no \"projects\"",
		`{"projects":null}`: "...it has no \"projects\"",
		`{"projects":[{"id":"../x","name":"cn-north-4"}]}`: `...the ID of a project: must contain only letters, digits, "-" and "_"`,
		`{"projects":[{"name":"cn-north-4"}]}`:             "...the ID of a project: must not be empty",
		`<html>`:                                           "...invalid character...",
		`[]`:                                               "...cannot unmarshal array...",
	} {
		_, err := newTestClient(t, reply(200, body)).ProjectID(t.Context(), simulator.Region)
		requireErrorText(t, err, want)
		if _, ok := errors.AsType[*InvalidResponseError](err); !ok {
			t.Errorf("%s: %T", body, err)
		}
	}
}

func TestProjectID_invalidResponseTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScriptedTransport(reply(200, `{"projects":[{"id":"good","name":"cn-north-4"},{"id":"../x"}]}`), reply(200, `{}`))
		id, err := newTestClient(t, s, withRetries(1)).ProjectID(t.Context(), simulator.Region)
		requireErrorText(t, err, "...it has no \"projects\" (tried 2 times...")
		if id != "" {
			t.Errorf("the ID is %q", id)
		}
	})
}
