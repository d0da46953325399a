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
	"time"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

// An interrupt ends a backoff, which would take minutes otherwise. TestAccHostile interrupts requests.
func TestAccInterrupt(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("a process cannot be sent an interrupt")
	}
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	c := newSimulator(t, simulator.Options{Faults: map[int]simulator.Fault{
		2: func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			w.Header().Set("Retry-After", "200")
			simulator.ErrorFault(http.StatusServiceUnavailable, "DMS.1", "busy")(w, r, next)
			time.AfterFunc(100*time.Millisecond, interrupt)
		},
	}})
	w := workspace(t, map[string]string{"main.tf": userSource + c.provider + readTasks(c.instance)})
	var out bytes.Buffer
	// A provider that Terraform kills reports nothing.
	if err := w.Run(ctx, &out, &out, "plan"); err == nil || !strings.Contains(out.String(), "Read Canceled") {
		t.Errorf("the read was not canceled: %v\n%s", err, out.String())
	}
}
