// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/terraform"
)

var update = flag.Bool("update", false, "write the golden files")

// The provider's source address in tests. It has a host, since the default registries of Terraform and
// OpenTofu differ.
const (
	testHost      = "registry.example.com"
	testNamespace = "smartconnect"
)

// Environment variables for a run against a real account, beside the credentials.
const (
	envAcc      = "TF_ACC"
	envInstance = "SMARTCONNECT_TEST_INSTANCE_ID"
)

var (
	cli       string // path of Terraform or OpenTofu
	temporary string // directory that is removed after the tests
)

func TestMain(m *testing.M) {
	flag.Parse()
	code, err := runTests(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func runTests(m *testing.M) (int, error) {
	var err error
	if cli, err = terraform.Find(context.Background(), os.Stderr); err != nil {
		return 0, err
	}
	// The user's own variables are for a real account only.
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		switch {
		case strings.HasPrefix(name, "HW_"), strings.HasPrefix(name, "OS_"):
			if os.Getenv(envAcc) == "" {
				_ = os.Unsetenv(name)
			}
		case name == "TF_CLI_CONFIG_FILE", strings.HasPrefix(name, "TF_CLI_ARGS"), strings.HasPrefix(name, "TF_LOG"),
			name == "TF_WORKSPACE", name == "TF_DATA_DIR", name == "TF_APPEND_USER_AGENT":
			_ = os.Unsetenv(name)
		}
	}
	for name, value := range map[string]string{
		"TF_ACC_TERRAFORM_PATH":     cli,
		"TF_ACC_PROVIDER_HOST":      testHost,
		"TF_ACC_PROVIDER_NAMESPACE": testNamespace,
		"CHECKPOINT_DISABLE":        "1",
		"TF_CLI_CONFIG_FILE":        os.DevNull,
	} {
		if err := os.Setenv(name, value); err != nil {
			return 0, err
		}
	}
	if temporary, err = os.MkdirTemp("", "smartconnect-test-*"); err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(temporary) }()
	return m.Run(), nil
}

// build builds the provider into the temporary directory once.
var build = sync.OnceValue(func() error { return terraform.Build(context.Background(), temporary) })

func factories() map[string]func() (tfprotov6.ProviderServer, error) {
	return map[string]func() (tfprotov6.ProviderServer, error){
		typeName: func() (tfprotov6.ProviderServer, error) { return NewServer("test"), nil },
	}
}

// testCloud is the simulator or a real account.
type testCloud struct {
	*simulator.Simulator
	url      string // of the simulator
	instance string
	provider string // HCL of the provider block
}

// newTestCloud returns a simulator, or with TF_ACC the account of the environment.
func newTestCloud(t *testing.T) *testCloud {
	t.Helper()
	if os.Getenv(envAcc) == "" {
		return newSimulator(t, simulator.Options{})
	}
	instance := os.Getenv(envInstance)
	if instance == "" {
		t.Skipf("%s is set, but not %s, the ID of the Kafka instance to read with the credentials of the environment", envAcc, envInstance)
	}
	return &testCloud{instance: instance, provider: "provider \"smartconnect\" {}\n"}
}

// newSimulator starts a simulator. Its tests are skipped with a real account.
func newSimulator(t *testing.T, options simulator.Options) *testCloud {
	t.Helper()
	if os.Getenv(envAcc) != "" {
		t.Skip("needs the simulator's tasks and requests")
	}
	s := simulator.New(options)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return &testCloud{
		Simulator: s, url: server.URL, instance: simulator.InstanceID,
		provider: providerBlock(server.URL, map[string]string{
			"region": simulator.Region, "access_key": simulator.AccessKey, "secret_key": simulator.SecretKey,
		}),
	}
}

// providerBlock returns HCL with arguments in order, and the endpoints of a simulator.
func providerBlock(url string, arguments map[string]string) string {
	var b strings.Builder
	b.WriteString("provider \"smartconnect\" {\n")
	for _, s := range settingsIn("") {
		if value, ok := arguments[s.name]; ok {
			fmt.Fprintf(&b, "  %s = %q\n", s.name, value)
		}
	}
	fmt.Fprintf(&b, "  endpoints = { dms = %q, iam = %q }\n}\n", url, url)
	return b.String()
}

// config returns a configuration of the cloud's provider and body.
func (c *testCloud) config(body string) string {
	return fmt.Sprintf("terraform {\n  required_providers {\n    smartconnect = { source = %q }\n  }\n}\n",
		testHost+"/"+testNamespace+"/"+typeName) + c.provider + body
}

// aliasedProvider returns HCL of a provider configuration.
func aliasedProvider(alias, lines string) string {
	return fmt.Sprintf("provider \"smartconnect\" {\n  alias = %q\n  %s\n}\n", alias, lines)
}

// aliasedData returns HCL of a data source that uses such a configuration.
func aliasedData(alias, source, name, lines string) string {
	return fmt.Sprintf("data %q %q {\n  provider = smartconnect.%s\n  %s\n}\n", source, name, alias, lines)
}

// workspace returns a directory in which the CLI runs the built provider.
func workspace(t *testing.T, files map[string]string) *terraform.Workspace {
	t.Helper()
	if err := build(); err != nil {
		t.Fatal(err)
	}
	w, err := terraform.NewWorkspace(cli, temporary)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	for name, content := range files {
		if err := w.Write(name, []byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// run runs the CLI and returns what it printed.
func run(t *testing.T, w *terraform.Workspace, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := w.Run(t.Context(), &out, &out, args...)
	return out.String(), err
}

// userSource is the provider's source in configurations of users.
const userSource = "terraform {\n  required_providers {\n    smartconnect = { source = \"smartconnect/smartconnect\" }\n  }\n}\n"
