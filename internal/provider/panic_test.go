// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
)

func TestPanicBecomesADiagnosticThatAsksForAReport(t *testing.T) {
	t.Parallel()
	var resp datasource.ReadResponse
	broken := &tasksDataSource{} // nobody configured it
	broken.Read(t.Context(), datasource.ReadRequest{}, &resp)
	if len(resp.Diagnostics) != 1 {
		t.Fatalf("the diagnostics are %v, expected one", resp.Diagnostics)
	}
	d := resp.Diagnostics[0]
	for _, want := range []string{"nil pointer dereference", issuesURL, "tasksDataSource", "tasks_data_source.go:"} {
		if !strings.Contains(d.Detail(), want) {
			t.Errorf("the detail lacks %q:\n%s", want, d.Detail())
		}
	}
}
