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

// An interrupt reaches the provider through Terraform, and ends what would otherwise take minutes: a
// request that nobody answers, or a pause.
func TestInterruptEndsAReadAtOnce(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("has no SIGINT to send")
	}
	for name, fault := range map[string]simulator.Fault{
		"request without an answer": func(_ http.ResponseWriter, r *http.Request, _ http.Handler) { <-r.Context().Done() },
		"pause that was asked for": func(w http.ResponseWriter, r *http.Request, next http.Handler) {
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
			// Whoever had to be killed would not have said it.
			if !strings.Contains(out.String(), "Reading the tasks was cancelled") {
				t.Errorf("the read did not end by itself\n%s", out.String())
			}
		})
	}
}
