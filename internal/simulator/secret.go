// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
)

const (
	upperAlphabet  = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	letterAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	base64Alphabet = letterAlphabet + "+/"
)

// secret returns a pseudo-random secret, which is the same for the same sequence of calls. The caller holds the lock.
func (s *Simulator) secret(alphabet string, length int) string {
	s.issued++
	var text strings.Builder
	for block := 0; text.Len() < length; block++ {
		for _, b := range sha256.Sum256(fmt.Appendf(nil, "secret %d, block %d", s.issued, block)) {
			text.WriteByte(alphabet[int(b)%len(alphabet)])
		}
	}
	return text.String()[:length]
}

// trackSecret adds secrets to those of Secrets. The caller holds the lock, except in New.
func (s *Simulator) trackSecret(secrets ...string) {
	for _, secret := range secrets {
		if secret != "" && !slices.Contains(s.secrets, secret) {
			s.secrets = append(s.secrets, secret)
		}
	}
}

// Secrets returns all configured and issued passwords, secret keys and tokens, for tests that nothing leaks them.
// It does not return access keys.
func (s *Simulator) Secrets() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.secrets)
}
