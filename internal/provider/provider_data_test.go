// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

// With each method, tasks are read in the region of the data source: in its project, and at its endpoint. That
// region is not the provider's, or the provider has none.
func TestProviderData_region(t *testing.T) {
	t.Parallel()
	const region, instance = "eu-west-101", "66666666-7777-4888-8999-000000000000"
	s := simulator.New(simulator.Options{
		Projects: []simulator.Project{
			{ID: simulator.ProjectID, Name: simulator.Region},
			{ID: "fedcba9876543210fedcba9876543210", Name: region, Instances: []simulator.Instance{{ID: instance, Tasks: simulator.PageTasks()}}},
		},
		Keys: []simulator.Key{
			{AccessKey: simulator.AccessKey, SecretKey: simulator.SecretKey},
			{AccessKey: "TEMPORARY", SecretKey: "canary", SecurityToken: "canary-token"},
		},
		Agencies: []simulator.Agency{{Name: "reader", DomainName: simulator.DomainName, DomainID: simulator.DomainID}},
	})
	keys := arguments{"access_key": simulator.AccessKey, "secret_key": simulator.SecretKey}
	password := arguments{"user_name": simulator.UserName, "password": simulator.Password, "domain_name": simulator.DomainName}
	oidc := arguments{"assume_role_with_oidc": arguments{"idp_id": simulator.IdpID, "id_token": simulator.IDToken}}
	byName := arguments{"assume_role": []arguments{{"agency_name": "reader", "domain_name": simulator.DomainName}}}
	byID := arguments{"assume_role": []arguments{{"agency_name": "reader", "domain_id": simulator.DomainID}}}
	profile := profileFile(t, map[string]string{"name": "p", "mode": "AKSK", "accessKeyId": simulator.AccessKey, "secretAccessKey": simulator.SecretKey})
	for name, credentials := range map[string]arguments{
		"keys":                     keys,
		"temporary keys":           {"access_key": "TEMPORARY", "secret_key": "canary", "security_token": "canary-token"},
		"password":                 password,
		"OIDC":                     oidc,
		"profile":                  {"shared_config_file": profile},
		"instance identity":        {},
		"agency on keys":           merge(keys, byName),
		"agency on password":       merge(password, byName),
		"trust agency on keys":     merge(keys, byID),
		"trust agency on password": merge(password, byID),
		"trust agency on OIDC":     merge(oidc, byID),
		"token":                    {"token": s.IssueToken("fedcba9876543210fedcba9876543210")},
	} {
		for _, providerRegion := range []string{simulator.Region, ""} {
			t.Run(name+", provider in "+providerRegion, func(t *testing.T) {
				t.Parallel()
				var mu sync.Mutex
				var hosts []string
				server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					mu.Lock()
					hosts = append(hosts, r.Host)
					mu.Unlock()
					s.ServeHTTP(w, r)
				}))
				t.Cleanup(server.Close)
				metadata := httptest.NewServer(s.Metadata(simulator.MetadataOptions{}))
				t.Cleanup(metadata.Close)
				block := merge(credentials, arguments{"region": providerRegion, "insecure": true, "cloud": "cloud.test"})
				data := configured(t, block, nil, metadata.URL, func(ctx context.Context, network, address string) (net.Conn, error) {
					if strings.Contains(address, "cloud.test") {
						address = server.Listener.Addr().String()
					}
					return new(net.Dialer).DialContext(ctx, network, address)
				})
				model := &instanceModel{InstanceID: types.StringValue(instance), Region: types.StringValue(region)}
				var diags diag.Diagnostics
				list := data.read(t.Context(), model, &diags)
				if name == "token" && providerRegion != "" {
					if list != nil || len(diags) != 1 || diags[0].Summary() != "Token for Another Region" {
						t.Errorf("got %v and %v, want the error that a token is valid in one region", list, diags)
					}
					return
				}
				if len(diags) > 0 || list == nil || len(list.Tasks) != len(simulator.PageTasks()) {
					t.Fatalf("got %v and %v", list, diags)
				}
				if !slices.Contains(hosts, "dms."+region+".cloud.test") || slices.ContainsFunc(hosts, func(host string) bool {
					return strings.HasPrefix(host, "dms.") && host != "dms."+region+".cloud.test" || strings.Contains(host, "..")
				}) {
					t.Errorf("the hosts are %q", hosts)
				}
			})
		}
	}
}
