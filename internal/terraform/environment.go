// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package terraform

import (
	"maps"
	"os"
	"slices"
	"strings"
)

// foreign are the beginnings of names that would change what the CLI or the
// provider does: the user's own workspace, flags, variables and credentials.
var foreign = []string{"TF_", "HW_", "OS_", "SMARTCONNECT_"}

// environment is the process's own without what is foreign, and with extra.
// HOME stays: version managers are found through it, and with a
// TF_CLI_CONFIG_FILE the CLI leaves the configuration there alone.
func environment(extra map[string]string) []string {
	env := slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return slices.ContainsFunc(foreign, func(prefix string) bool {
			return strings.HasPrefix(strings.ToUpper(variable), prefix)
		})
	})
	// No questions, and no advice on what to type next: nobody is there.
	env = append(env,
		"CHECKPOINT_DISABLE=1",
		"NO_COLOR=1",
		"TF_CLI_ARGS=-no-color",
		"TF_IN_AUTOMATION=1",
		"TF_INPUT=0",
	)
	// Of two with one name the last counts, so extra comes last.
	for _, name := range slices.Sorted(maps.Keys(extra)) {
		env = append(env, name+"="+extra[name])
	}
	return env
}
