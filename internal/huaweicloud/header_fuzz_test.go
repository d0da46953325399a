// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"net/http"
	"strconv"
	"testing"
	"time"
)

func FuzzParseRetryAfter(f *testing.F) {
	for _, text := range []string{"", "0", "7", "-5", "+5", "1.5", "soon", "9223372036854775807", "-9223372036854775808", "99999999999999999999", "Sat, 01 Jan 2000 00:01:00 GMT", "Saturday, 01-Jan-00 00:00:05 GMT", "Sat Jan  1 00:00:05 2000", "Fri, 31 Dec 9999 23:59:59 GMT"} {
		f.Add(text, int64(946684800))
		f.Add(text, int64(-1<<62))
	}
	f.Fuzz(func(t *testing.T, text string, unix int64) {
		now := time.Unix(unix, 0)
		pause := parseRetryAfter(text, now)
		if pause < 0 || pause > 24*time.Hour {
			t.Fatalf("%q at %s is %s", text, now, pause)
		}
		seconds, err := strconv.ParseInt(text, 10, 64)
		_, noDate := http.ParseTime(text)
		switch {
		case err == nil && seconds >= 0 && seconds < 86400 && pause != time.Duration(seconds)*time.Second:
			t.Fatalf("%q is %s", text, pause)
		case err != nil && noDate != nil && pause != 0:
			t.Fatalf("%q, which says nothing, is %s", text, pause)
		}
	})
}

// The clock is corrected by whatever date an answer has, once, and not for less than the limit.
func FuzzCorrectClock(f *testing.F) {
	for _, date := range []string{"", "yesterday", "Sat, 01 Jan 2000 00:00:00 GMT", "Sat, 01 Jan 0000 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 00 Foo 0000"} {
		f.Add(date)
	}
	f.Fuzz(func(t *testing.T, date string) {
		c := &clock{}
		corrected := c.correct(response{header: http.Header{"Date": {date}}})
		skew := c.skew()
		if _, err := http.ParseTime(date); err != nil && corrected || corrected != (skew != 0) || corrected && skew.Abs() <= maxClockSkew {
			t.Fatalf("by %q the clock is corrected: %t, by %s", date, corrected, skew)
		}
		if c.correct(response{header: http.Header{"Date": {date}}, clockSkew: 1}) {
			t.Fatalf("by %q the clock is corrected again", date)
		}
	})
}
