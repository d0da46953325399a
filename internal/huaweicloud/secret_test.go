// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// fmt calls no methods of unexported fields, of a pointer in a struct under verbs that pointers do not
// have, and for %p: then it must print no more than an address.
func TestSecret_neverPrinted(t *testing.T) {
	const text = "p4ssw0rd"
	secret := NewSecret(text)
	credential := Credential{AccessKey: "ACCESSKEY", SecretKey: secret, SecurityToken: secret}
	config := Config{CredentialSource: AccessKeys{AccessKey: "ACCESSKEY", SecretKey: secret, SecurityToken: secret}}
	forms := []string{text[:3], fmt.Sprintf("%x", text), fmt.Sprintf("%X", text), fmt.Sprintf("% x", text), fmt.Sprintf("%d", []byte(text))}
	for _, value := range []any{
		secret, &secret,
		[]Secret{secret},
		map[string]Secret{"k": secret},
		map[Secret]int{secret: 1},
		credential, &credential,
		struct{ Inner struct{ Credential } }{struct{ Credential }{credential}},
		struct{ c Credential }{credential},
		struct{ C *Credential }{&credential},
		config, &Client{config: config}, fmt.Errorf("rejected: %w", fmt.Errorf("key %s, token %q", secret, secret)),
	} {
		printed := []string{fmt.Sprintln("a", value)}
		for verb := range strings.FieldsSeq("%v %+v %#v %q %#q %x %X %s %d %5.3s %-20v %t %c %U %o %b %e %p") {
			printed = append(printed, fmt.Sprintf(verb, value))
		}
		if encoded, err := json.Marshal(value); err == nil { // a function cannot be encoded
			printed = append(printed, string(encoded))
		}
		for _, output := range printed {
			for _, form := range forms {
				if strings.Contains(output, form) {
					t.Errorf("%T is printed as %s", value, output)
				}
			}
		}
	}
	encoded, err := json.Marshal(secret)
	if got := fmt.Sprintf("%v %#v %x %s %s", secret, secret, secret, secret.String(), encoded); got != `*** *** *** *** "***"` || err != nil || secret.Reveal() != text {
		t.Errorf("it is printed as %s, %v, and reveals %s", got, err, secret.Reveal())
	}
}
