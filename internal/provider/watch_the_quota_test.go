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

// The check warns and then the precondition fails, unless the API gives no figures.
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

	g.cloud.Reset()
	g.cloud.SetFaults(map[int]simulator.Fault{2: withoutFigures, 3: withoutFigures})
	mustRun(t, g.Workspace, "apply", "-auto-approve")
	checkOutputs(t, g.Workspace, `{"quota": {"total": 18, "limits": [], "new": ["orders-to-obs"], "left": null}}`)
}

// withoutFigures leaves the numbers of tasks out of an answer.
func withoutFigures(w http.ResponseWriter, r *http.Request, next http.Handler) {
	healthy := httptest.NewRecorder()
	next.ServeHTTP(healthy, r)
	tasks, _, _ := strings.Cut(healthy.Body.String(), `,"total_number"`)
	simulator.BodyFault(healthy.Code, "application/json", tasks+"}")(w, r, next)
}
