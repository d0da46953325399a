// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bufio"
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

func TestAccCommand_version(t *testing.T) {
	t.Parallel()
	if err := build(); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), filepath.Join(temporary, "terraform-provider-smartconnect"), "-version").CombinedOutput()
	if err != nil || string(out) != "dev\n" {
		t.Errorf("-version prints %q (%v), want the version", out, err)
	}
}

// debugSource is userSource for TF_REATTACH_PROVIDERS, with a host, since OpenTofu's default is another one.
var debugSource = strings.Replace(userSource, `"smartconnect/smartconnect"`, strconv.Quote(Address), 1)

// A provider started with -debug serves Terraform, and logs.
func TestAccCommand_debug(t *testing.T) {
	t.Parallel()
	c := newSimulator(t, simulator.Options{})
	w := workspace(t, map[string]string{"main.tf": debugSource + c.provider + readTasks(c.instance)})
	p := startProvider(t)
	w.Env = p.env
	if out, err := run(t, w, "plan"); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if stderr := p.stop(t); !strings.Contains(stderr, "Read Smart Connect tasks") {
		t.Errorf("the log lacks the read:\n%.2000s", stderr)
	}
}

// startedProvider is a provider that was started with -debug.
type startedProvider struct {
	cmd    *exec.Cmd
	stderr bytes.Buffer
	env    map[string]string // makes the CLI use it
}

// startProvider starts the built provider with variables.
func startProvider(t *testing.T, variables ...string) *startedProvider {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("a process cannot be sent an interrupt")
	}
	if err := build(); err != nil {
		t.Fatal(err)
	}
	p := &startedProvider{cmd: exec.CommandContext(t.Context(), filepath.Join(temporary, "terraform-provider-smartconnect"), "-debug")}
	p.cmd.Env = append(os.Environ(), variables...)
	p.cmd.Stderr = &p.stderr
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(stdout); p.env == nil && lines.Scan(); {
		if value, ok := strings.CutPrefix(strings.TrimSpace(lines.Text()), "TF_REATTACH_PROVIDERS="); ok {
			p.env = map[string]string{"TF_REATTACH_PROVIDERS": strings.Trim(value, "'")}
		}
	}
	return p
}

// stop interrupts the provider and returns what it logged.
func (p *startedProvider) stop(t *testing.T) string {
	t.Helper()
	if err := errors.Join(p.cmd.Process.Signal(os.Interrupt), p.cmd.Wait()); err != nil {
		t.Error(err)
	}
	return p.stderr.String()
}
