// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/bench"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/provider"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/terraform"
)

const (
	executable = "terraform-provider-smartconnect"
	fewest     = 5  // rounds of plans
	starts     = 40 // rounds of starts
	peaks      = 5  // rounds of plans of which the peak memory is taken
)

// The sides that are compared.
const (
	product = iota
	floor
	sides
)

// packages are what the sides are built from.
var packages = [sides]string{".", "./internal/bench/baseline"}

// release is how .goreleaser.yml builds.
var release = []string{"-trimpath", "-ldflags", "-s -w"}

const releaseEnv, releaseEnvValue = "CGO_ENABLED", "0"

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
  instance_id = %q
}

output "statuses" {
  value = { for t in data.smartconnect_tasks.all.tasks : t.task_name => t.status }
}
`

// scenario is a number of tasks behind a latency.
type scenario struct {
	tasks    int
	latency  time.Duration
	requests int // of a plan

	cloud  *cloud
	spaces [sides]*terraform.Workspace
	wall   [sides]samples
	cpu    [sides]samples
	peak   [sides]samples // in bytes
}

// result is all that is measured.
type result struct {
	machine   string
	scenarios []*scenario
	handshake [3]samples // of the sides, and of a provider with nothing in it
	size      int64      // of the provider
}

func measure(ctx context.Context, lasting time.Duration) (r *result, err error) {
	cli, err := terraform.Find(ctx, os.Stderr)
	if err != nil {
		return nil, err
	}
	tmp, err := os.MkdirTemp("", "smartconnect-*")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()

	if err := os.Setenv(releaseEnv, releaseEnvValue); err != nil {
		return nil, err
	}
	var binaries []string
	for i, path := range append(packages[:], "./internal/bench/empty") {
		dir := filepath.Join(tmp, fmt.Sprint(i))
		if err := terraform.BuildPackage(ctx, path, dir, release...); err != nil {
			return nil, err
		}
		binaries = append(binaries, filepath.Join(dir, executable))
	}
	r = &result{}
	info, err := os.Stat(binaries[product])
	if err != nil {
		return nil, err
	}
	r.size = info.Size()
	if r.machine, err = machine(ctx, cli); err != nil {
		return nil, err
	}
	for round := range starts {
		for i := range binaries {
			i = (i + round) % len(binaries)
			took, err := handshake(ctx, binaries[i])
			if err != nil {
				return nil, err
			}
			r.handshake[i] = append(r.handshake[i], float64(took))
		}
	}
	return r, r.plans(ctx, cli, tmp, binaries[:sides], lasting)
}

// plans measures all scenarios in turns, so that what else the machine does strikes all alike.
func (r *result) plans(ctx context.Context, cli, tmp string, binaries []string, lasting time.Duration) (err error) {
	wrapped := filepath.Join(tmp, "wrapped")
	if err := wrapper(wrapped); err != nil {
		return err
	}
	for _, tasks := range []int{18, 500} {
		for _, latency := range []time.Duration{0, 30 * time.Millisecond, 100 * time.Millisecond} {
			s := &scenario{tasks: tasks, latency: latency}
			defer func() { err = errors.Join(err, s.close()) }()
			if err := s.open(ctx, cli, tmp, binaries); err != nil {
				return err
			}
			if latency == 0 {
				if err := s.measurePeaks(ctx, cli, wrapped, binaries); err != nil {
					return err
				}
			}
			r.scenarios = append(r.scenarios, s)
		}
	}
	start := time.Now()
	for round := 0; round < fewest || time.Since(start) < lasting; round++ {
		for _, s := range r.scenarios {
			for side := range sides {
				if err := s.plan(ctx, (side+round)%sides); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// open starts the cloud, notes the state that is read from it for the floor, and checks that both sides
// plan the same.
func (s *scenario) open(ctx context.Context, cli, tmp string, binaries []string) error {
	var err error
	if s.cloud, err = startCloud(ctx, s.tasks, s.latency); err != nil {
		return err
	}
	server, err := bench.NewServer(ctx, provider.NewServer("bench"), s.cloud.url)
	if err != nil {
		return err
	}
	state, err := server.Read(ctx)
	if err != nil {
		return err
	}
	file := filepath.Join(tmp, fmt.Sprint("state-", s.tasks))
	if err := os.WriteFile(file, state.MsgPack, 0o600); err != nil {
		return err
	}
	var planned [sides][]byte
	for side, binary := range binaries {
		w, err := s.workspace(cli, filepath.Dir(binary))
		if err != nil {
			return err
		}
		s.spaces[side] = w
		w.Env = map[string]string{bench.StateVariable: file}
		if _, err := s.cloud.requests(ctx); err != nil {
			return err
		}
		if planned[side], err = plannedBy(ctx, w); err != nil {
			return err
		}
		requests, err := s.cloud.requests(ctx)
		switch {
		case err != nil:
			return err
		case side == product:
			s.requests = requests
		case requests > 0:
			return fmt.Errorf("the floor has made %d requests", requests)
		}
	}
	if !bytes.Equal(planned[product], planned[floor]) {
		return fmt.Errorf("the plans for %d tasks differ:\n%s\n%s", s.tasks, planned[product], planned[floor])
	}
	return nil
}

func (s *scenario) workspace(cli, providerDir string) (*terraform.Workspace, error) {
	w, err := terraform.NewWorkspace(cli, providerDir)
	if err != nil {
		return nil, err
	}
	err = w.Write("main.tf", fmt.Appendf(nil, configuration, simulator.Region, simulator.ProjectID,
		simulator.AccessKey, simulator.SecretKey, s.cloud.url, simulator.InstanceID))
	return w, err
}

// plannedBy returns what a plan says of the state and the outputs.
func plannedBy(ctx context.Context, w *terraform.Workspace) ([]byte, error) {
	var out bytes.Buffer
	if err := w.Run(ctx, &out, &out, "plan", "-out=plan"); err != nil {
		return nil, fmt.Errorf("%w\n%s", err, &out)
	}
	out.Reset()
	if err := w.Run(ctx, &out, io.Discard, "show", "-json", "plan"); err != nil {
		return nil, err
	}
	// All but when it was made.
	content, _, _ := bytes.Cut(out.Bytes(), []byte(`,"timestamp":`))
	return content, nil
}

// plan measures a plan of one side.
func (s *scenario) plan(ctx context.Context, side int) error {
	var out bytes.Buffer
	start := time.Now()
	state, err := s.spaces[side].Measure(ctx, &out, &out, "plan")
	took := time.Since(start)
	if err != nil {
		return fmt.Errorf("%w\n%s", err, &out)
	}
	s.wall[side] = append(s.wall[side], float64(took))
	s.cpu[side] = append(s.cpu[side], float64(state.UserTime()+state.SystemTime()))
	return nil
}

// measurePeaks is apart from the rest, since what takes the peak takes time.
func (s *scenario) measurePeaks(ctx context.Context, cli, wrapped string, binaries []string) error {
	for side, binary := range binaries {
		w, err := s.workspace(cli, wrapped)
		if err != nil {
			return err
		}
		defer func() { _ = w.Close() }()
		file := filepath.Join(w.Dir, "peaks")
		w.Env = map[string]string{
			bench.StateVariable: s.spaces[side].Env[bench.StateVariable],
			wrappedVariable:     binary, peaksVariable: file,
		}
		for range peaks {
			var out bytes.Buffer
			if err := w.Run(ctx, &out, &out, "plan"); err != nil {
				return fmt.Errorf("%w\n%s", err, &out)
			}
			peak, err := highest(file)
			if err != nil {
				return err
			}
			s.peak[side] = append(s.peak[side], float64(peak))
		}
	}
	return nil
}

func (s *scenario) close() error {
	var errs []error
	for _, w := range s.spaces {
		if w != nil {
			errs = append(errs, w.Close())
		}
	}
	if s.cloud != nil {
		errs = append(errs, s.cloud.stop())
	}
	return errors.Join(errs...)
}
