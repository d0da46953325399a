// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"context"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

// An interrupt ends a request and a backoff, which would take minutes otherwise.
func TestAccInterrupt(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("a process cannot be sent an interrupt")
	}
	for name, fault := range map[string]simulator.Fault{
		"request without a response": func(_ http.ResponseWriter, r *http.Request, _ http.Handler) { <-r.Context().Done() },
		"Retry-After": func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			w.Header().Set("Retry-After", "200")
			simulator.ErrorFault(http.StatusServiceUnavailable, "DMS.1", "busy")(w, r, next)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, interrupt := context.WithCancel(t.Context())
			defer interrupt()
			c := newSimulator(t, simulator.Options{Faults: map[int]simulator.Fault{
				2: func(w http.ResponseWriter, r *http.Request, next http.Handler) {
					interrupt()
					fault(w, r, next)
				},
			}})
			w := workspace(t, map[string]string{"main.tf": userSource + c.provider + readTasks(c.instance)})
			var out bytes.Buffer
			if err := w.Run(ctx, &out, &out, "plan"); err == nil {
				t.Errorf("the plan succeeded\n%s", out.String())
			}
			// A provider that Terraform kills reports nothing.
			if !strings.Contains(out.String(), "Read Canceled") {
				t.Errorf("the read was not canceled\n%s", out.String())
			}
		})
	}
}
