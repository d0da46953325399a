// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"os"
	"testing"
)

func TestDisableUnreadLogs(t *testing.T) {
	variables := []string{"TF_LOG", "TF_LOG_CORE", "TF_LOG_PROVIDER", "TF_LOG_PROVIDER_SMARTCONNECT", "TF_LOG_SDK", "TF_LOG_SDK_PROTO"}
	for variable, off := range map[string]bool{
		"":                             true,
		"TF_LOG":                       false,
		"TF_LOG_CORE":                  true,
		"TF_LOG_PROVIDER":              false,
		"TF_LOG_PROVIDER_SMARTCONNECT": false,
		"TF_LOG_SDK":                   false,
		"TF_LOG_SDK_PROTO":             false,
	} {
		t.Run(variable, func(t *testing.T) {
			for _, name := range variables {
				t.Setenv(name, "") // like unset
			}
			if variable != "" {
				t.Setenv(variable, "TRACE")
			}
			if err := disableUnreadLogs(); err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{"TF_LOG_PROVIDER_SMARTCONNECT", "TF_LOG_SDK"} {
				if got := os.Getenv(name) == "off"; got != off {
					t.Errorf("%s is off: %t, want %t", name, got, off)
				}
			}
		})
	}
}
