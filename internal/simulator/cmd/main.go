// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

// Command cmd serves the simulated cloud and prints the environment variables, or a Terraform configuration,
// that point the provider to it.
package main

import (
	"cmp"
	"context"
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

const environment = `# Simulated cloud, until interrupted. The keys are public, and valid nowhere else.
# Instances in ` + simulator.Region + `: ` + simulator.InstanceID + `, ` + simulator.IdleInstanceID + `
# Instance in ` + simulator.ArchiveRegion + `: ` + simulator.ArchiveInstanceID + `
export HW_REGION_NAME=` + simulator.Region + `
export HW_ACCESS_KEY=` + simulator.AccessKey + `
export HW_SECRET_KEY=` + simulator.SecretKey + `
export SMARTCONNECT_ENDPOINT_DMS=%[1]s
export SMARTCONNECT_ENDPOINT_IAM=%[1]s
export SMARTCONNECT_ENDPOINT_STS=%[1]s
# Instead of the keys (unset them), a user or an ID token:
# export HW_USER_NAME=` + simulator.UserName + ` HW_DOMAIN_NAME=` + simulator.DomainName + ` HW_USER_PASSWORD=` + simulator.Password + `
# export HW_ASSUME_ROLE_IDP_ID=` + simulator.IdpID + ` HW_ASSUME_ROLE_ID_TOKEN=` + simulator.IDToken + `
# With any of them, an agency:
# export HW_ASSUME_ROLE_AGENCY_NAME=` + simulator.AgencyName + ` HW_ASSUME_ROLE_DOMAIN_NAME=` + simulator.DomainName + `
`

const configuration = `# Simulated cloud, until interrupted. The keys are public, and valid nowhere else.

terraform {
  required_providers {
    smartconnect = {
      source = "smartconnect/smartconnect"
    }
  }
}

provider "smartconnect" {
  region     = "` + simulator.Region + `"
  access_key = "` + simulator.AccessKey + `"
  secret_key = "` + simulator.SecretKey + `"

  endpoints = {
    dms = "%[1]s"
    iam = "%[1]s"
    sts = "%[1]s"
  }
}

data "smartconnect_tasks" "all" {
  instance_id = "` + simulator.InstanceID + `"
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

// run serves until ctx is done, which is not an error.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	s, err := parseFlags(args, stdout)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	logger := log.New(stderr, "", log.Ltime)
	s.options.Log = func(r simulator.Request) { logger.Println(r, r.Status) }

	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", s.listen)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w", s.listen, err)
	}
	server := &http.Server{Handler: simulator.New(s.options), ReadHeaderTimeout: 10 * time.Second, ErrorLog: logger}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()

	if _, err = fmt.Fprintf(stdout, s.output, endpoint(listener.Addr())); err == nil {
		select {
		case err = <-served:
		case <-ctx.Done():
		}
	}
	// Requests in progress get a second, whatever -latency is.
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if errors.Is(server.Shutdown(grace), context.DeadlineExceeded) {
		err = cmp.Or(err, server.Close())
	}
	return err
}

type settings struct {
	listen  string
	output  string // format of what is printed, with the endpoint as its argument
	options simulator.Options
}

// parseFlags writes the help to stdout; errors are only returned.
func parseFlags(args []string, stdout io.Writer) (s settings, err error) {
	flags := flag.NewFlagSet("simulator", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&s.listen, "listen", "127.0.0.1:0", "`address` to listen on; port 0 selects a free one")
	hcl := flags.Bool("hcl", false, "print a Terraform configuration instead of environment variables")
	file := flags.String("tasks", "",
		"`file` with the tasks of instance "+simulator.InstanceID+": a JSON array,\nor a complete API response, whose quotas are served too (default: the tasks of the API reference)")
	generate := flags.Int("generate", 0, "serve this `number` of generated tasks")
	flags.DurationVar(&s.options.Latency, "latency", 0, "delay of each response, such as 300ms")
	flags.Func("unused-side", "`form` of a source_task or sink_task that is not used: null, empty or missing (default null)",
		choice(&s.options.UnusedSide, map[string]simulator.UnusedSide{
			"null": simulator.UnusedNull, "empty": simulator.UnusedEmpty, "missing": simulator.UnusedMissing,
		}, "null, empty or missing"))
	flags.Func("past-end", "`response` to an offset past the end: empty or error (default empty)",
		choice(&s.options.PastEnd, map[string]simulator.PastEnd{
			"empty": simulator.PastEndEmpty, "error": simulator.PastEndError,
		}, "empty or error"))

	given := make(map[string]bool)
	err = flags.Parse(args)
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	switch {
	case errors.Is(err, flag.ErrHelp):
		flags.SetOutput(stdout)
		flags.Usage()
		return s, err
	case err != nil:
		return s, fmt.Errorf("%w; -help lists the flags", err)
	case flags.NArg() > 0:
		return s, fmt.Errorf("unexpected argument %q: only flags are accepted", flags.Arg(0))
	case given["generate"] && *file != "":
		return s, errors.New("-tasks and -generate are mutually exclusive")
	case *generate < 0:
		return s, fmt.Errorf("-generate is %d, must be 0 or more", *generate)
	case s.options.Latency < 0:
		return s, fmt.Errorf("-latency is %s, must be 0 or more", s.options.Latency)
	}
	s.output = environment
	if *hcl {
		s.output = configuration
	}

	s.options.Projects = simulator.DefaultProjects()
	instance := &s.options.Projects[0].Instances[0]
	switch {
	case *file != "":
		if *instance, err = readFile(*file); err != nil {
			return s, fmt.Errorf("-tasks: %w", err)
		}
		instance.ID = simulator.InstanceID
	case given["generate"]:
		instance.Tasks = simulator.GenerateTasks(*generate)
	}
	return s, nil
}

// choice sets target to the value that the flag names.
func choice[T any](target *T, choices map[string]T, names string) func(string) error {
	return func(name string) error {
		value, known := choices[name]
		if !known {
			return errors.New("must be " + names)
		}
		*target = value
		return nil
	}
}

func readFile(name string) (simulator.Instance, error) {
	file, err := os.Open(name)
	if err != nil {
		return simulator.Instance{}, err
	}
	defer file.Close()
	instance, err := simulator.ReadInstance(file)
	if err != nil {
		return instance, fmt.Errorf("%s: %w", name, err)
	}
	return instance, nil
}

// endpoint is the URL of a listener; the unspecified address cannot be called.
func endpoint(address net.Addr) string {
	if tcp, ok := address.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return fmt.Sprintf("http://127.0.0.1:%d", tcp.Port)
	}
	return "http://" + address.String()
}
