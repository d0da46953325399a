// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

func TestLogHasOneLineAReadAtInfoAndOneAnAttemptAtDebug(t *testing.T) {
	t.Parallel()
	read := regexp.MustCompile(`(?m)^.*\[INFO\] +provider\S*: read tasks: .*$`)
	attempt := regexp.MustCompile(`(?m)^.*\[DEBUG\] +provider\S*: request: .*$`)
	for name, tt := range map[string]struct {
		env      map[string]string
		attempts int
	}{
		"info":                      {map[string]string{"TF_LOG_PROVIDER": "INFO"}, 0},
		"debug":                     {map[string]string{"TF_LOG_PROVIDER": "DEBUG"}, 3}, // the project, one that fails, one that does not
		"info of this provider":     {map[string]string{"TF_LOG": "DEBUG", "TF_LOG_PROVIDER_SMARTCONNECT": "INFO"}, 0},
		"nothing of this provider ": {map[string]string{"TF_LOG": "DEBUG", "TF_LOG_PROVIDER_SMARTCONNECT": "ERROR"}, -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newSimulator(t, simulator.Options{Faults: map[int]simulator.Fault{
				2: simulator.BodyFault(http.StatusServiceUnavailable, "text/plain", "busy"),
			}})
			w := workspace(t, map[string]string{"main.tf": userSource + c.provider + readTasks(c.instance)})
			file := filepath.Join(t.TempDir(), "log")
			w.Env = with(tt.env, "TF_LOG_PATH", file)
			if out, err := run(t, w, "plan"); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			log, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if attempts := len(attempt.FindAll(log, -1)); attempts != max(tt.attempts, 0) {
				t.Errorf("the log has %d attempts, expected %d", attempts, tt.attempts)
			}
			lines := read.FindAllString(string(log), -1)
			if tt.attempts < 0 {
				if len(lines) > 0 {
					t.Errorf("the log has %q, expected nothing", lines)
				}
				return
			}
			if len(lines) != 1 {
				t.Fatalf("the log has the lines %q, expected one", lines)
			}
			for _, field := range []string{`tasks=3`, `requests=1`, `retries=1`, `instance_id=` + c.instance, `duration_ms=\d+`} {
				if !slices.ContainsFunc(lines, regexp.MustCompile(`\b`+field+`\b`).MatchString) {
					t.Errorf("%s lacks %s", lines[0], field)
				}
			}
		})
	}
}
