// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
)

func TestRecoverPanic(t *testing.T) {
	t.Parallel()
	var resp datasource.ReadResponse
	broken := &tasksDataSource{} // not configured
	broken.Read(t.Context(), datasource.ReadRequest{}, &resp)
	if len(resp.Diagnostics) != 1 {
		t.Fatalf("diagnostics are %v, want one", resp.Diagnostics)
	}
	d := resp.Diagnostics[0]
	for _, want := range []string{"nil pointer dereference", issuesURL, "tasksDataSource", "tasks_data_source.go:"} {
		if !strings.Contains(d.Detail(), want) {
			t.Errorf("detail lacks %q:\n%s", want, d.Detail())
		}
	}
}
