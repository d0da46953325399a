// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import "time"

const (
	maxRefused = 5 // in a row
	lockLife   = 5 * time.Minute
)

// attempts are those to use a key or a password.
type attempts struct {
	refused int       // in a row
	locked  time.Time // until then
}

// outcome is what becomes of an attempt.
type outcome int

const (
	allowed outcome = iota
	denied
	locked // right or not
)

// authAttempt counts an attempt to use what name stands for, and says what becomes of it.
func (s *Simulator) authAttempt(name string, right bool) outcome {
	now := s.options.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.attempts[name]
	switch {
	case now.Before(a.locked):
		return locked
	case right:
		delete(s.attempts, name)
		return allowed
	}
	a.refused++
	if a.refused == maxRefused {
		a = attempts{locked: now.Add(lockLife)}
	}
	s.attempts[name] = a
	return denied
}
