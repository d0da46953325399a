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

// secret makes one that looks random, but is the same again for the same calls in
// the same order. The caller holds the lock.
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

// trackSecret remembers secrets for Secrets. The caller holds the lock, or has the
// simulator to itself.
func (s *Simulator) trackSecret(secrets ...string) {
	for _, secret := range secrets {
		if secret != "" && !slices.Contains(s.secrets, secret) {
			s.secrets = append(s.secrets, secret)
		}
	}
}

// Secrets are all passwords, secret keys, security tokens and other tokens that the
// simulator was given or has issued, so that a test can look for them where they
// must not be. Access keys are not among them.
func (s *Simulator) Secrets() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.secrets)
}
