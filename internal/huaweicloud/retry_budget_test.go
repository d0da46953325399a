// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
)

// Failing calls use up the retries of the process, and successes return some.
func TestRetryBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const retries, reads = 5, 20
		down := true
		c := newTestClient(t, roundTripperFunc(func(r *http.Request) (*http.Response, error) {
			if down {
				return reply(503, "")(r)
			}
			return page(r)
		}), withRetries(retries))
		read := func(want int) {
			t.Helper()
			attempts, err := getTasks(t.Context(), c)
			exhausted := err != nil && strings.Contains(err.Error(), "too many requests of this run have failed")
			if attempts != want || (err != nil) != down || exhausted != (down && want <= retries) {
				t.Errorf("%d attempts, want %d: %v", attempts, want, err)
			}
		}
		for range retryBudgetCalls {
			read(1 + retries)
		}
		for range reads {
			read(1)
		}
		down = false
		for range 6 { // each returns a fifth of a retry
			read(1)
		}
		down = true
		read(2)
		read(1)
	})
}
