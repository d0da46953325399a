// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

// Command terraform-provider-smartconnect is the Terraform provider for Smart Connect, a feature of
// Huawei Cloud DMS for Kafka.
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	runtimedebug "runtime/debug"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/provider"
)

// version is set by the linker.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "serve for a debugger and print the value of TF_REATTACH_PROVIDERS")
	printVersion := flag.Bool("version", false, "print the version")
	flag.Parse()
	if *printVersion {
		fmt.Println(version) //nolint:forbidigo // the plugin protocol has not started
		return
	}
	if err := serve(*debug); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(debug bool) error {
	// Above this, which only the longest lists reach, garbage is collected more often.
	runtimedebug.SetMemoryLimit(48 << 20)
	var options []tf6server.ServeOpt
	if debug {
		options = append(options, tf6server.WithManagedDebug())
	} else {
		// net/http logs parts of unexpected responses, which may contain secrets.
		log.SetOutput(io.Discard)
		if err := disableUnreadLogs(); err != nil {
			return err
		}
	}
	return tf6server.Serve(provider.Address, func() tfprotov6.ProviderServer { return provider.NewServer(version) }, options...)
}

// disableUnreadLogs turns logging off unless a variable asks for it. Without a level, terraform-plugin-log
// writes all trace lines as JSON, for Terraform to parse and drop: a third of the time of a large plan.
func disableUnreadLogs() error {
	const own, sdk = "TF_LOG_PROVIDER_SMARTCONNECT", "TF_LOG_SDK"
	for _, variable := range os.Environ() {
		name, value, _ := strings.Cut(variable, "=")
		if value != "" && (name == "TF_LOG" || name == "TF_LOG_PROVIDER" || name == own || strings.HasPrefix(name, sdk)) {
			return nil
		}
	}
	if err := os.Setenv(own, "off"); err != nil {
		return err
	}
	return os.Setenv(sdk, "off")
}
