// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/terraform"
)

const (
	milliseconds = 1e6
	megabytes    = 1e6
)

type samples []float64

func (s samples) median() float64 {
	sorted := slices.Sorted(slices.Values(s))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

// in is the median in a unit, and the minimum.
func (s samples) in(unit float64, digits int) string {
	return fmt.Sprintf("%.*f (%.*f)", digits, s.median()/unit, digits, slices.Min(s)/unit)
}

// over is the ratio of the medians, and that of the minima.
func (s samples) over(other samples) string {
	return fmt.Sprintf("%.2f (%.2f)", s.median()/other.median(), slices.Min(s)/slices.Min(other))
}

// table is Markdown.
func (r *result) table() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Medians of %d plans each, in ms; minima, and the ratios of minima, in brackets. Measured on %s.\n\n", len(r.scenarios[0].wall[product]), r.machine)
	b.WriteString("| tasks | latency | requests | wall: provider | floor | difference | ratio | CPU: provider | floor | ratio |\n|---|---|---|---|---|---|---|---|---|---|\n")
	for _, s := range r.scenarios {
		fmt.Fprintf(&b, "| %d | %d ms | %d | %s | %s | %.0f | %s | %s | %s | %s |\n", s.tasks, s.latency.Milliseconds(), s.requests,
			s.wall[product].in(milliseconds, 0), s.wall[floor].in(milliseconds, 0),
			(s.wall[product].median()-s.wall[floor].median())/milliseconds, s.wall[product].over(s.wall[floor]),
			s.cpu[product].in(milliseconds, 0), s.cpu[floor].in(milliseconds, 0), s.cpu[product].over(s.cpu[floor]))
	}
	b.WriteString("\n| the provider's process | provider | floor | ratio |\n|---|---|---|---|\n")
	row := func(what string, s, floor samples, unit float64, digits int) {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", what, s.in(unit, digits), floor.in(unit, digits), s.over(floor))
	}
	row("start to handshake, ms", r.handshake[product], r.handshake[floor], milliseconds, 1)
	row("the same, the floor being a provider with nothing in it", r.handshake[product], r.handshake[sides], milliseconds, 1)
	for _, s := range r.scenarios {
		if len(s.peak[product]) > 0 {
			row(fmt.Sprintf("peak memory, %d tasks, MB", s.tasks), s.peak[product], s.peak[floor], megabytes, 1)
		}
	}
	fmt.Fprintf(&b, "| binary, %s/%s, stripped, MB | %.1f | | |\n", runtime.GOOS, runtime.GOARCH, float64(r.size)/megabytes)
	return b.String()
}

// csv has a line for each group of bars.
func (r *result) csv() string {
	var b strings.Builder
	b.WriteString("tasks,wall time in ms,provider,floor\n")
	for _, s := range r.scenarios {
		fmt.Fprintf(&b, "%d tasks,%d ms latency,%.1f,%.1f\n", s.tasks, s.latency.Milliseconds(),
			s.wall[product].median()/milliseconds, s.wall[floor].median()/milliseconds)
	}
	return b.String()
}

// machine says in a line what the figures are of.
func machine(ctx context.Context, cli string) (string, error) {
	cpu := "an unknown processor"
	content, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(content)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			cpu = strings.TrimSpace(value)
		}
	}
	w, err := terraform.NewWorkspace(cli, os.TempDir())
	if err != nil {
		return "", err
	}
	defer func() { _ = w.Close() }()
	var out bytes.Buffer
	if err := w.Run(ctx, &out, os.Stderr, "version", "-json"); err != nil {
		return "", err
	}
	var version struct {
		Terraform string `json:"terraform_version"`
	}
	if err := json.Unmarshal(out.Bytes(), &version); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s (%d processors), %s, %s, Terraform %s", cpu, runtime.NumCPU(), runtime.GOOS, runtime.Version(), version.Terraform), nil
}
