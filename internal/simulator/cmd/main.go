// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

// Command cmd serves the simulated cloud and prints the Terraform blocks to use it.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

const blocks = `# The simulated cloud is at %[1]s until it is interrupted.
# Its keys are public: they open nothing else.

terraform {
  required_providers {
    smartconnect = {
      source = "smartconnect/smartconnect"
    }
  }
}

provider "smartconnect" {
  region     = %[2]q
  access_key = %[3]q
  secret_key = %[4]q

  endpoints = {
    dms = %[1]q
    iam = %[1]q
  }
}

data "smartconnect_tasks" "all" {
  instance_id = %[5]q
}

output "tasks" {
  value = data.smartconnect_tasks.all.tasks
}
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "simulator:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends, which is no error.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	listen, options, err := settings(args, stdout)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	logger := log.New(stderr, "", log.Ltime)
	options.Log = func(r simulator.Request) { logger.Println(r, r.Status) }

	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", listen)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w", listen, err)
	}
	server := &http.Server{Handler: simulator.New(options), ReadHeaderTimeout: 10 * time.Second, ErrorLog: logger}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()

	_, err = fmt.Fprintf(stdout, blocks, endpoint(listener.Addr()),
		simulator.Region, simulator.AccessKey, simulator.SecretKey, simulator.InstanceID)
	if err == nil {
		select {
		case err = <-served:
		case <-ctx.Done():
		}
	}
	// Answers under way get a moment, whatever -latency says.
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if errors.Is(server.Shutdown(last), context.DeadlineExceeded) {
		err = cmp.Or(err, server.Close())
	}
	return err
}

// settings reads the flags. Help goes to stdout, errors to the caller only.
func settings(args []string, stdout io.Writer) (listen string, o simulator.Options, err error) {
	flags := flag.NewFlagSet("simulator", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&listen, "listen", "127.0.0.1:0", "`address` to listen on; port 0 takes any free one")
	file := flags.String("tasks", "", "`file` of tasks: a JSON array, or a whole answer of the API (default: the API page's three)")
	generate := flags.Int("generate", 0, "serve this `number` of generated tasks")
	flags.DurationVar(&o.Latency, "latency", 0, "pause before each answer, such as 300ms")
	flags.Func("unused-side", "how the unused side of a task is served: `form` null, empty or missing (default null)",
		choice(&o.UnusedSide, map[string]simulator.UnusedSide{
			"null": simulator.UnusedNull, "empty": simulator.UnusedEmpty, "missing": simulator.UnusedMissing,
		}, "null, empty or missing"))
	flags.Func("past-end", "what an offset past the end gets: `answer` empty or error (default empty)",
		choice(&o.PastEnd, map[string]simulator.PastEnd{
			"empty": simulator.PastEndEmpty, "error": simulator.PastEndError,
		}, "empty or error"))

	given := make(map[string]bool)
	err = flags.Parse(args)
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	switch {
	case errors.Is(err, flag.ErrHelp):
		flags.SetOutput(stdout)
		flags.Usage()
		return listen, o, err
	case err != nil:
		return listen, o, fmt.Errorf("%w; -help lists the flags", err)
	case flags.NArg() > 0:
		return listen, o, fmt.Errorf("unexpected argument %q: there are only flags", flags.Arg(0))
	case given["generate"] && *file != "":
		return listen, o, errors.New("-tasks and -generate exclude each other")
	case given["generate"] && *generate < 0:
		return listen, o, fmt.Errorf("-generate is %d, but must be 0 or more", *generate)
	case o.Latency < 0:
		return listen, o, fmt.Errorf("-latency is %s, but must be 0 or more", o.Latency)
	}

	tasks := simulator.PageTasks()
	switch {
	case *file != "":
		if tasks, err = readFile(*file); err != nil {
			return listen, o, fmt.Errorf("-tasks: %w", err)
		}
	case given["generate"]:
		tasks = simulator.GenerateTasks(*generate)
	}
	o.Projects = []simulator.Project{{
		ID:        simulator.ProjectID,
		Name:      simulator.Region,
		Instances: []simulator.Instance{{ID: simulator.InstanceID, Tasks: tasks}},
	}}
	return listen, o, nil
}

// choice sets target to what the flag's text stands for.
func choice[T any](target *T, choices map[string]T, names string) func(string) error {
	return func(text string) error {
		value, known := choices[text]
		if !known {
			return errors.New("it must be " + names)
		}
		*target = value
		return nil
	}
}

func readFile(name string) ([]json.RawMessage, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	tasks, err := simulator.ReadTasks(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return tasks, nil
}

// endpoint is the URL of a listener. The unspecified address is no place to call.
func endpoint(address net.Addr) string {
	if tcp, ok := address.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return fmt.Sprintf("http://127.0.0.1:%d", tcp.Port)
	}
	return "http://" + address.String()
}
