// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"testing"
	"time"
)

func TestRetryClass_delay(t *testing.T) {
	for _, tt := range []struct {
		class  retryClass
		least  time.Duration
		limits []time.Duration // by attempt
	}{
		{transient, 0, []time.Duration{time.Second / 4, time.Second / 2, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 8 * time.Second}},
		{throttled, time.Second, []time.Duration{2 * time.Second, 3 * time.Second, 5 * time.Second, 9 * time.Second, 17 * time.Second, 32 * time.Second, 32 * time.Second}},
	} {
		for i, limit := range tt.limits {
			shortest, longest := limit, time.Duration(0)
			for range 1000 {
				delay := tt.class.delay(i + 1)
				shortest, longest = min(shortest, delay), max(longest, delay)
			}
			// With full jitter, some of 1,000 are in the first tenth and some in the last.
			tenth := (limit - tt.least) / 10
			if shortest < tt.least || shortest > tt.least+tenth || longest >= limit || longest < limit-tenth {
				t.Errorf("class %d, delay %d is %s to %s, want nearly %s to %s", tt.class, i+1, shortest, longest, tt.least, limit)
			}
		}
		if delay := tt.class.delay(1000); delay < 0 || delay >= throttledMaxDelay {
			t.Errorf("class %d, delay 1000 is %s", tt.class, delay)
		}
	}
}
