// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package simulator_test

import (
	"strings"
	"testing"
	"time"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

// Each letter is a request: r right, w wrong, o a right one of somebody else, e a
// wrong one of somebody unknown; and a minute passes for each m. What is wanted is
// a digit a request: 0 let in, 1 refused, 2 locked.
var lockRows = map[string]struct{ requests, want string }{
	"four wrong":                  {"wwwwr", "11110"},
	"five wrong":                  {"wwwwwr", "111112"},
	"five wrong, then wrong ones": {"wwwwwww", "1111122"},
	"right one in between":        {"wwwwrwwwwr", "1111011110"},
	"right one too late":          {"wwwwwrrr", "11111222"},
	"just before the end":         {"wwwwwmmmmr", "111112"},
	"at the end":                  {"wwwwwmmmmmr", "111110"},
	"a try does not prolong it":   {"wwwwwmmmwmmr", "1111120"},
	"the count begins anew":       {"wwwwwmmmmmwwwwr", "1111111110"},
	"locked again":                {"wwwwwmmmmmwwwwwr", "11111111112"},
	"others are not locked":       {"wwwwwor", "1111102"},
	"others do not count":         {"wwwwowr", "1111012"},
	"the unknown do not count":    {"wwwweer", "1111110"},
}

func TestKeyIsLockedAfterFiveWrongSignatures(t *testing.T) {
	right := simulator.Key{AccessKey: "KEY", SecretKey: "right"}
	keys := map[rune]simulator.Key{
		'r': right, 'w': {AccessKey: "KEY", SecretKey: "wrong"}, 'o': {AccessKey: "OTHER", SecretKey: "other"}, 'e': {AccessKey: "UNKNOWN", SecretKey: "x"},
	}
	for name, row := range lockRows {
		t.Run(name, func(t *testing.T) {
			c := newClock()
			s := simulator.New(simulator.Options{Now: c.Now, Keys: []simulator.Key{right, keys['o']}})
			var got strings.Builder
			for _, letter := range row.requests {
				if letter == 'm' {
					c.move(time.Minute)
					continue
				}
				status, a := do(t, s, call{target: tasksURL, key: keys[letter], date: c.now}.request())
				switch {
				case status == 200:
					got.WriteByte('0')
				case a.Code == "APIGW.0301" && a.Message == "Incorrect IAM authentication information: AK access failed to reach the limit,forbidden":
					got.WriteByte('2')
				case a.Code == "APIGW.0301":
					got.WriteByte('1')
				}
			}
			if got.String() != row.want {
				t.Errorf("%s gets %s, want %s", row.requests, &got, row.want)
			}
			if want := len(row.want) - strings.Count(row.want, "0"); s.UnauthorizedCount() != want {
				t.Errorf("%d refused requests, want %d", s.UnauthorizedCount(), want)
			}
		})
	}
}

func TestUserIsLockedAfterFiveWrongPasswords(t *testing.T) {
	users := map[rune]string{
		'r': `{"id":"u","password":"right"}`,
		'w': `{"name":"user","password":"wrong","domain":{"name":"d"}}`, // by whatever name
		'o': `{"id":"o","password":"other"}`,
		'e': `{"id":"x","password":"x"}`,
	}
	for name, row := range lockRows {
		t.Run(name, func(t *testing.T) {
			c := newClock()
			s := simulator.New(simulator.Options{Now: c.Now, Users: []simulator.User{
				{ID: "u", Name: "user", Password: "right", DomainName: "d"}, {ID: "o", Name: "other", Password: "other", DomainName: "d"},
			}})
			var got strings.Builder
			for _, letter := range row.requests {
				if letter == 'm' {
					c.move(time.Minute)
					continue
				}
				switch result(do(t, s, unsigned("POST", tokensURL, password(users[letter], ""), ""))) {
				case "201":
					got.WriteByte('0')
				case "401 Unauthorized: The account is locked.":
					got.WriteByte('2')
				case "401 Unauthorized: The username or password is wrong.":
					got.WriteByte('1')
				}
			}
			if got.String() != row.want {
				t.Errorf("%s gets %s, want %s", row.requests, &got, row.want)
			}
		})
	}
}

func TestOnlyWrongSignaturesLockAKey(t *testing.T) {
	c := newClock()
	s := simulator.New(simulator.Options{Now: c.Now, Keys: []simulator.Key{temporary}})
	other := temporary
	other.SecurityToken = "x"
	for range 6 {
		for name, r := range map[string]call{
			"clock":          {target: tasksURL, key: temporary, date: c.now.Add(time.Hour)},
			"security token": {target: tasksURL, key: other, date: c.now},
			"project":        {target: strings.Replace(tasksURL, simulator.ProjectID, "x", 1), key: temporary, date: c.now},
		} {
			if got := result(do(t, s, r.request())); got != "401 APIGW.0301" {
				t.Fatalf("%s: %s, want 401 APIGW.0301", name, got)
			}
		}
	}
	if got := result(do(t, s, call{target: tasksURL, key: temporary, date: c.now}.request())); got != "200" {
		t.Errorf("got %s, want 200", got)
	}
}
