// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

// First the check warns, then the precondition fails.
func watchTheQuota(t *testing.T, g *guideRun) {
	t.Helper()
	generate := func(n int) { g.cloud.SetTasks(simulator.InstanceID, simulator.GenerateTasks(n)) }
	generate(14)
	if out := mustRun(t, g.Workspace, "plan"); strings.Contains(out, "quota is") {
		t.Errorf("there are 3 left:\n%s", out)
	}
	generate(15)
	goldenFile(t, filepath.Join(g.folder, "warning.txt"), fromCheck(t, mustRun(t, g.Workspace, "plan")))
	generate(18)
	out, err := run(t, g.Workspace, "plan")
	if err == nil {
		t.Error("the plan succeeded")
	}
	goldenFile(t, filepath.Join(g.folder, "errors.txt"), fromCheck(t, out))

	// Without figures the gate is closed.
	g.cloud.Reset()
	g.cloud.SetFaults(map[int]simulator.Fault{2: withoutFigures, 3: withoutFigures})
	if out, err := run(t, g.Workspace, "plan"); err == nil || !strings.Contains(out, "18 tasks, 1 new, limit unknown.") {
		t.Errorf("error %v:\n%s", err, out)
	}
}

// withoutFigures removes total_number and the quotas from a response.
func withoutFigures(w http.ResponseWriter, r *http.Request, next http.Handler) {
	healthy := httptest.NewRecorder()
	next.ServeHTTP(healthy, r)
	tasks, _, _ := strings.Cut(healthy.Body.String(), `,"total_number"`)
	simulator.BodyFault(healthy.Code, "application/json", tasks+"}")(w, r, next)
}
