// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import "time"

const (
	maxFailed       = 5 // in a row
	lockoutDuration = 5 * time.Minute
)

// attempts counts failed attempts to authenticate with a key or a password.
type attempts struct {
	failed int       // in a row
	locked time.Time // until
}

// outcome is the result of an attempt.
type outcome int

const (
	allowed outcome = iota
	denied
	locked // whether valid or not
)

// authAttempt records an attempt with a key or a user of that name, and returns its outcome.
func (s *Simulator) authAttempt(name string, valid bool) outcome {
	now := s.options.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.attempts[name]
	switch {
	case now.Before(a.locked):
		return locked
	case valid:
		delete(s.attempts, name)
		return allowed
	}
	a.failed++
	if a.failed == maxFailed {
		a = attempts{locked: now.Add(lockoutDuration)}
	}
	s.attempts[name] = a
	return denied
}
