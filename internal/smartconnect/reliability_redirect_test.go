// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package smartconnect_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/huaweicloud"
)

// A redirect is an error, wherever it leads: the page is asked for once, and nothing is sent elsewhere.
func TestNoRequestFollowsARedirect(t *testing.T) {
	t.Parallel()
	secured, authorities := newCertificate(t)
	cloud := newCloud(120)
	for where, location := range map[string]string{
		"same host": "https://127.0.0.1/elsewhere", "path": "/elsewhere", "other host": "https://canary.test/elsewhere",
		"downgrade": "http://127.0.0.1/elsewhere", "loopback": "https://localhost:8443/elsewhere",
	} {
		for _, status := range []int{301, 302, 303, 307, 308} {
			for _, page := range pages {
				t.Run(fmt.Sprintf("%d to %s, %s page", status, where, page.name), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						n := newNetwork()
						s := &faultyCloud{cloud: cloud, offset: page.offset, times: forever, fault: func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
							w.Header().Set("Location", location)
							w.WriteHeader(status)
						}}
						canary := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
							t.Errorf("%s was asked, with the headers %v", r.Host, r.Header)
						})
						same := http.NewServeMux()
						same.Handle("/", s)
						same.Handle("/elsewhere", canary)
						n.serve(t, "127.0.0.1:443", same, secured.Clone())
						n.serve(t, "canary.test:443", canary, secured.Clone())
						n.serve(t, "localhost:8443", canary, secured.Clone())
						n.serve(t, "127.0.0.1:80", canary, nil)
						list, err := newClient(t, n, withEndpoint("https://127.0.0.1"), func(c *huaweicloud.Config) { c.RootCAs = authorities }).Tasks(t.Context(), instance)
						if list != nil || err == nil || !strings.Contains(err.Error(), fmt.Sprintf("HTTP %d ", status)) || !strings.Contains(err.Error(), "a redirect, which is not followed") {
							t.Errorf("%v, %v; want an error that says what has happened", list, err)
						}
						if hits := s.hits.Load(); hits != 1 {
							t.Errorf("the page was asked for %d times, want once", hits)
						}
						for _, to := range n.dialled {
							if to != "127.0.0.1:443" {
								t.Errorf("there was a connection to %s", to)
							}
						}
						n.leavesNothing(t)
					})
				})
			}
		}
	}
}
