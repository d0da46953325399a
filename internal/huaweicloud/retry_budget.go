// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import "sync"

const (
	// retryBudgetCalls is how many calls may use up their retries before all others go without.
	retryBudgetCalls = 4
	// refundPerSuccess is what a success returns to the budget, so that sporadic errors never exhaust it.
	refundPerSuccess = 0.2
)

// retryBudget bounds the retries of the process, so that they do not burden a failing service further.
type retryBudget struct {
	mu        sync.Mutex
	left, max float64
}

func newRetryBudget(maxRetries int) *retryBudget {
	size := float64(retryBudgetCalls * maxRetries)
	return &retryBudget{left: size, max: size}
}

// take takes a retry from the budget, if one is left.
func (b *retryBudget) take() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left < 1 {
		return false
	}
	b.left--
	return true
}

// refund is called after a success.
func (b *retryBudget) refund() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left = min(b.max, b.left+refundPerSuccess)
}
