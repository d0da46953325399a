// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/terraform"
)

func TestAccDemo(t *testing.T) {
	cli, err := terraform.Find(t.Context(), os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if err := terraform.Build(t.Context(), bin); err != nil {
		t.Fatal(err)
	}
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)

	t.Run("shows every task", func(t *testing.T) {
		var out bytes.Buffer
		if err := demo(t.Context(), &out, cli, bin, simulator.New(simulator.Options{})); err != nil {
			t.Fatalf("%v\n%s", err, &out)
		}
		// The CLI aligns columns by the longest name.
		text := regexp.MustCompile(`[ ]+`).ReplaceAllString(out.String(), " ")
		plan, apply, _ := strings.Cut(text, " apply demo.tfplan\n")
		for _, want := range []string{
			`+ task_name = "smart-connect-121248117"`,
			`+ task_name = "smart-connect-1"`,
			`+ task_name = "smart-connect-1571576841"`,
		} {
			if !strings.Contains(plan, want) {
				t.Errorf("the plan does not show %s", want)
			}
		}
		for _, want := range []string{
			"Apply complete! Resources: 0 added, 0 changed, 0 destroyed.\n",
			"buckets = tolist([\n \"abcabc\",\n])\n",
			"\"RUNNING\" = [\n \"smart-connect-1571576841\",\n \"smart-connect-1\",\n \"smart-connect-121248117\",\n ]\n",
			"quota_left = 15\n",
		} {
			if !strings.Contains(apply, want) {
				t.Errorf("apply does not show %s", want)
			}
		}
		if t.Failed() {
			t.Log(text)
		}
	})

	t.Run("stops when interrupted", func(t *testing.T) {
		ctx, interrupt := context.WithCancel(t.Context())
		defer interrupt()
		cloud := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			interrupt()
			<-r.Context().Done()
		})
		if err := demo(ctx, io.Discard, cli, bin, cloud); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want %v", err, context.Canceled)
		}
	})

	t.Run("fails with the CLI", func(t *testing.T) {
		var out bytes.Buffer
		err := demo(t.Context(), &out, cli, bin, http.NotFoundHandler())
		if err == nil || !strings.Contains(err.Error(), " plan -out=demo.tfplan: exit status 1") || !strings.Contains(out.String(), "Error: ") {
			t.Errorf("error %v, want one of plan; output:\n%s", err, &out)
		}
	})

	if entries, err := os.ReadDir(tmp); err != nil || len(entries) > 0 {
		t.Errorf("temporary files are left: %v (error %v)", entries, err)
	}
}
