// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package simulator_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

// Each letter is a request: v valid, w wrong, o a valid one of another key or user, u an unknown one; m is a
// minute. Each digit is a response: 0 accepted, 1 rejected, 2 locked.
var lockoutRows = map[string]struct{ requests, want string }{
	"four wrong":             {"wwwwv", "11110"},
	"five wrong":             {"wwwwwvw", "1111122"},
	"valid one in between":   {"wwwwvwwwwv", "1111011110"},
	"end of the lockout":     {"wwwwwmmmmvmv", "1111120"},
	"not prolonged":          {"wwwwwmmmwmmv", "1111120"},
	"count begins again":     {"wwwwwmmmmmwwwwv", "1111111110"},
	"others are not counted": {"wwwwouuwov", "1111011102"},
}

// checkLockout compares the responses to each row.
func checkLockout(t *testing.T, start func(c *clock) func(letter rune) byte) {
	t.Helper()
	for name, row := range lockoutRows {
		c := newClock()
		send := start(c)
		var got strings.Builder
		for _, letter := range row.requests {
			if letter == 'm' {
				c.move(time.Minute)
			} else {
				got.WriteByte(send(letter))
			}
		}
		if got.String() != row.want {
			t.Errorf("%s: %s gets %s, want %s", name, row.requests, &got, row.want)
		}
	}
}

func TestLockout_keys(t *testing.T) {
	keys := map[rune]simulator.Key{
		'v': {AccessKey: "KEY", SecretKey: "valid"}, 'w': {AccessKey: "KEY", SecretKey: "wrong"},
		'o': {AccessKey: "OTHER", SecretKey: "other"}, 'u': {AccessKey: "UNKNOWN", SecretKey: "x"},
	}
	checkLockout(t, func(c *clock) func(rune) byte {
		s := simulator.New(simulator.Options{Now: c.Now, Keys: []simulator.Key{keys['v'], keys['o']}})
		return func(letter rune) byte {
			status, body := do(t, s, call{target: tasksURL, key: keys[letter], date: c.now}.request())
			switch {
			case status == http.StatusOK:
				return '0'
			case strings.HasSuffix(body.Message, ": AK access failed to reach the limit,forbidden"):
				return '2'
			}
			return '1'
		}
	})
}

func TestLockout_users(t *testing.T) {
	users := map[rune]string{
		'v': `{"id":"u","password":"valid"}`,
		'w': `{"name":"user","password":"wrong","domain":{"name":"d"}}`,
		'o': `{"id":"o","password":"other"}`,
		'u': `{"id":"x","password":"x"}`,
	}
	results := map[string]byte{"201": '0', "401 The username or password is wrong.": '1', "401 The account is locked.": '2'}
	checkLockout(t, func(c *clock) func(rune) byte {
		s := simulator.New(simulator.Options{Now: c.Now, Users: []simulator.User{
			{ID: "u", Name: "user", Password: "valid", DomainName: "d"}, {ID: "o", Name: "other", Password: "other", DomainName: "d"},
		}})
		return func(letter rune) byte {
			return results[result(do(t, s, unsigned("POST", tokensURL, password(users[letter], ""), "")))]
		}
	})
}

func TestLockout_wrongSignaturesOnly(t *testing.T) {
	c := newClock()
	s := simulator.New(simulator.Options{Now: c.Now, Keys: []simulator.Key{temporary}})
	other := temporary
	other.SecurityToken = "x"
	for name, rejected := range map[string]call{
		"clock":          {target: tasksURL, key: temporary, date: c.now.Add(time.Hour)},
		"security token": {target: tasksURL, key: other, date: c.now},
		"project":        {target: strings.Replace(tasksURL, simulator.ProjectID, "x", 1), key: temporary, date: c.now},
	} {
		for range 6 {
			if got := result(do(t, s, rejected.request())); got != "401 APIGW.0301" {
				t.Errorf("%s: %s", name, got)
			}
		}
		if got := result(do(t, s, call{target: tasksURL, key: temporary, date: c.now}.request())); got != "200" {
			t.Errorf("%s: %s, want 200", name, got)
		}
	}
}
