// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

//go:build linux

// Command cli measures terraform plan with the provider, with the baseline, and with other builds of the
// provider, and writes the results as a table and as a chart.
//
// Terraform starts this command in place of each provider. It runs the provider, so that the processor
// time and the peak memory of that process are known.
package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/bench"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/provider"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/terraform"
)

const (
	executable = "terraform-provider-smartconnect"
	tasks      = 18 // of each instance, as the API's quota is
	handshakes = 20

	// Environment of this command in place of a provider.
	wrappedVariable = "BENCH_WRAPPED"
	usageVariable   = "BENCH_USAGE"
)

const configuration = `terraform {
  required_providers {
    smartconnect = { source = "smartconnect/smartconnect" }
  }
}

provider "smartconnect" {
  region     = %q
  project_id = %q
  access_key = %q
  secret_key = %q
  endpoints  = { dms = %q }
}

data "smartconnect_tasks" "all" {
  count       = %d
  instance_id = %q
}

output "statuses" {
  value = [for instance in data.smartconnect_tasks.all : { for t in instance.tasks : t.task_name => t.status }]
}
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	var err error
	if wrapped := os.Getenv(wrappedVariable); wrapped != "" {
		err = wrap(ctx, wrapped)
	} else {
		err = run(ctx, os.Args[1:])
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// side is a provider that is measured.
type side struct {
	name, binary string
	size         int64
	handshake    []float64
}

// scenario is a number of instances behind a latency.
type scenario struct {
	instances int
	latency   time.Duration
	plans     [][]plan // by side
}

// plan is what a plan took, of times in seconds, of memory in MB.
type plan struct{ wall, terraform, provider, peak float64 }

func run(ctx context.Context, args []string) (err error) {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	rounds := flags.Int("rounds", 5, "plans of each provider in each scenario")
	output := flags.String("o", ".", "`directory` for results.md and results.svg")
	other := flags.String("other", "", "`binary` of another build of the provider to compare")
	if err := flags.Parse(args); err != nil {
		return err
	}
	cli, err := terraform.Find(ctx, os.Stderr)
	if err != nil {
		return err
	}
	tmp, err := os.MkdirTemp("", "smartconnect-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	sides, err := build(ctx, tmp, *other)
	if err != nil {
		return err
	}
	for range handshakes {
		for i := range sides {
			took, err := handshake(ctx, sides[i].binary)
			if err != nil {
				return err
			}
			sides[i].handshake = append(sides[i].handshake, took)
		}
	}
	var scenarios []scenario
	for _, n := range []int{1, 10, 100, 300} {
		for _, latency := range []time.Duration{0, 100 * time.Millisecond} {
			scenarios = append(scenarios, scenario{instances: n, latency: latency})
		}
	}
	for i := range scenarios {
		if err := scenarios[i].measure(ctx, cli, tmp, sides, *rounds); err != nil {
			return err
		}
	}
	return errors.Join(os.WriteFile(filepath.Join(*output, "results.md"), []byte(table(sides, scenarios, *rounds)), 0o644), //nolint:gosec // a page of the repository
		os.WriteFile(filepath.Join(*output, "results.svg"), chart(sides, scenarios), 0o644)) //nolint:gosec // the same
}

// build builds the provider and the baseline like a release.
func build(ctx context.Context, tmp, other string) ([]side, error) {
	var sides []side
	for i, name := range []string{"provider", "baseline"} {
		dir := filepath.Join(tmp, name)
		if err := terraform.BuildPackage(ctx, []string{".", "./internal/bench/baseline"}[i], dir, "-trimpath"); err != nil {
			return nil, err
		}
		sides = append(sides, side{name: name, binary: filepath.Join(dir, executable)})
	}
	if other != "" {
		path, err := filepath.Abs(other)
		if err != nil {
			return nil, err
		}
		sides = append(sides, side{name: "other", binary: path})
	}
	for i := range sides {
		info, err := os.Stat(sides[i].binary)
		if err != nil {
			return nil, err
		}
		sides[i].size = info.Size()
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(tmp, "wrapper")
	return sides, errors.Join(os.Mkdir(dir, 0o755), os.Symlink(self, filepath.Join(dir, executable)))
}

// measure takes turns between the sides, after it has checked that all of them plan the same.
func (s *scenario) measure(ctx context.Context, cli, tmp string, sides []side, rounds int) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	url, err := bench.NewReplay(ctx, provider.NewServer("bench"), tasks, s.latency)
	if err != nil {
		return err
	}
	server, err := bench.NewServer(ctx, provider.NewServer("bench"), url)
	if err != nil {
		return err
	}
	state, err := server.Read(ctx)
	if err != nil {
		return err
	}
	file := filepath.Join(tmp, "state")
	if err := os.WriteFile(file, state.MsgPack, 0o600); err != nil {
		return err
	}
	s.plans = make([][]plan, len(sides))
	spaces := make([]*terraform.Workspace, len(sides))
	var first []byte
	for i := range sides {
		w, err := terraform.NewWorkspace(cli, filepath.Join(tmp, "wrapper"))
		if err != nil {
			return err
		}
		defer func() { _ = w.Close() }()
		spaces[i] = w
		w.Env = map[string]string{bench.StateVariable: file, wrappedVariable: sides[i].binary, usageVariable: filepath.Join(w.Dir, "usage")}
		if err := w.Write("main.tf", fmt.Appendf(nil, configuration, simulator.Region, simulator.ProjectID,
			simulator.AccessKey, simulator.SecretKey, url, s.instances, simulator.InstanceID)); err != nil {
			return err
		}
		planned, err := plannedBy(ctx, w)
		if err != nil {
			return err
		}
		if first == nil {
			first = planned
		}
		if sides[i].name != "other" && !bytes.Equal(planned, first) {
			return fmt.Errorf("%s does not plan what %s does", sides[i].name, sides[0].name)
		}
	}
	for round := range rounds {
		for i := range sides {
			i = (i + round) % len(sides)
			p, err := measurePlan(ctx, spaces[i])
			if err != nil {
				return err
			}
			s.plans[i] = append(s.plans[i], p)
		}
	}
	return nil
}

// plannedBy returns the plan without the time at which it was made.
func plannedBy(ctx context.Context, w *terraform.Workspace) ([]byte, error) {
	var out bytes.Buffer
	if err := w.Run(ctx, &out, &out, "plan", "-out=plan"); err != nil {
		return nil, fmt.Errorf("%w\n%s", err, &out)
	}
	out.Reset()
	err := w.Run(ctx, &out, io.Discard, "show", "-json", "plan")
	content, _, _ := bytes.Cut(out.Bytes(), []byte(`,"timestamp":`))
	return content, err
}

func measurePlan(ctx context.Context, w *terraform.Workspace) (p plan, err error) {
	usage := w.Env[usageVariable]
	if err := os.Remove(usage); err != nil && !errors.Is(err, os.ErrNotExist) {
		return p, err
	}
	var out bytes.Buffer
	start := time.Now()
	state, err := w.Measure(ctx, &out, &out, "plan")
	p.wall = time.Since(start).Seconds()
	if err != nil {
		return p, fmt.Errorf("%w\n%s", err, &out)
	}
	content, err := os.ReadFile(usage)
	for line := range strings.Lines(string(content)) {
		var seconds, peak float64
		if _, err := fmt.Sscan(line, &seconds, &peak); err != nil {
			return p, err
		}
		p.provider += seconds
		p.peak = max(p.peak, peak)
	}
	p.terraform = (state.UserTime() + state.SystemTime()).Seconds() - p.provider
	return p, err
}

// wrap runs a provider and appends its processor time in seconds and its peak memory in MB to a file.
func wrap(ctx context.Context, binary string) error {
	signal.Ignore(os.Interrupt) // Terraform stops a provider by a call
	cmd := exec.CommandContext(context.WithoutCancel(ctx), binary)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	err := cmd.Run()
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return errors.Join(err, errors.New("no usage of the provider's process"))
	}
	file, openErr := os.OpenFile(os.Getenv(usageVariable), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if openErr != nil {
		return errors.Join(err, openErr)
	}
	seconds := (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	_, writeErr := fmt.Fprintln(file, seconds, float64(usage.Maxrss)*1024/1e6)
	return errors.Join(err, writeErr, file.Close())
}

// handshake returns the seconds from the start of a provider to the line that says where it listens.
func handshake(ctx context.Context, binary string) (float64, error) {
	cmd := exec.CommandContext(ctx, binary)
	cmd.Env = append(os.Environ(), "PLUGIN_PROTOCOL_VERSIONS=6", bench.StateVariable+"="+os.DevNull,
		"TF_PLUGIN_MAGIC_COOKIE=d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2") // of every provider
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	took := time.Since(start)
	_ = cmd.Process.Kill()
	_ = cmd.Wait() // killed
	if err != nil || !strings.HasPrefix(line, "1|6|unix|") {
		return 0, fmt.Errorf("%s printed %q: %w", binary, line, err)
	}
	return took.Seconds(), nil
}

func median[T any](items []T, value func(T) float64) float64 {
	values := make([]float64, len(items))
	for i, item := range items {
		values[i] = value(item)
	}
	slices.Sort(values)
	return (values[(len(values)-1)/2] + values[len(values)/2]) / 2
}

var columns = []struct {
	name   string
	format string
	value  func(plan) float64
}{
	{"wall time, s", "%.2f", func(p plan) float64 { return p.wall }},
	{"processor time of Terraform, s", "%.2f", func(p plan) float64 { return p.terraform }},
	{"processor time of the provider, s", "%.3f", func(p plan) float64 { return p.provider }},
	{"peak memory of the provider, MB", "%.1f", func(p plan) float64 { return p.peak }},
}

// table has a row for each side of each scenario.
func table(sides []side, scenarios []scenario, rounds int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Medians of %d plans of instances with %d tasks each. %s, %d processors, %s.\n\n", rounds, tasks, runtime.GOOS, runtime.NumCPU(), runtime.Version())
	b.WriteString("| instances | latency, ms | |")
	for _, c := range columns {
		b.WriteString(" " + c.name + " |")
	}
	b.WriteString("\n|---|---|---|" + strings.Repeat("---|", len(columns)) + "\n")
	for _, s := range scenarios {
		for i, side := range sides {
			fmt.Fprintf(&b, "| %d | %d | %s |", s.instances, s.latency.Milliseconds(), side.name)
			for _, c := range columns {
				fmt.Fprintf(&b, " "+c.format+" |", median(s.plans[i], c.value))
			}
			b.WriteString("\n")
		}
	}
	b.WriteString("\n| | start to handshake, ms | binary, MB |\n|---|---|---|\n")
	for _, side := range sides {
		fmt.Fprintf(&b, "| %s | %.1f | %.1f |\n", side.name, median(side.handshake, func(seconds float64) float64 { return seconds * 1e3 }), float64(side.size)/1e6)
	}
	return b.String()
}

// chart draws a bar of the wall time for each row of the table.
func chart(sides []side, scenarios []scenario) []byte {
	const left, row, perSecond = 260, 18, 75
	var b bytes.Buffer
	width, y := 0.0, row
	for _, s := range scenarios {
		for i, side := range sides {
			seconds := median(s.plans[i], columns[0].value)
			end := left + seconds*perSecond
			fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="end">%d instances, %s: %s</text>`+"\n", left-8, y+13, s.instances, s.latency, side.name)
			fmt.Fprintf(&b, `<rect x="%d" y="%d" width="%.0f" height="%d" fill="%s"/>`+"\n", left, y+2, end-left, row-4, []string{"#1f4e9c", "#b9c4d6", "#d08770"}[i])
			fmt.Fprintf(&b, `<text x="%.0f" y="%d">%.2f s</text>`+"\n", end+6, y+13, seconds)
			width = max(width, end+60)
			y += row
		}
		y += row / 2
	}
	return fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %[1]d %[2]d" font-family="sans-serif" font-size="12">
<title>Wall time of terraform plan</title>
<rect width="%[1]d" height="%[2]d" fill="white"/>
%[3]s</svg>
`, int(width), y, b.String())
}
