// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"crypto/tls"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// How long a failed attempt is followed by a pause: full jitter below the first, doubled by each
// further attempt up to the most.
const (
	transientBaseDelay = 250 * time.Millisecond
	transientMaxDelay  = 8 * time.Second
	throttledBaseDelay = time.Second
	throttledMaxDelay  = 32 * time.Second
)

// retryClass is what a failed attempt means for the next.
type retryClass int

const (
	permanent retryClass = iota // the next would fail alike, or do harm
	transient                   // the next may succeed
	throttled                   // the next may succeed, later
)

// throttledCodes come with 429, but with 403 or 404 too.
var throttledCodes = []string{"APIGW.0308", "APIG.0308", "DMS.10240407"}

func (e *Error) retryClass() retryClass {
	switch {
	case e.Status == http.StatusTooManyRequests, slices.Contains(throttledCodes, e.Code):
		return throttled
	case e.clockCorrected, e.Status >= 500, e.Status == http.StatusRequestTimeout, e.Status/100 == 2:
		return transient
	default:
		return permanent
	}
}

// classify classifies what an attempt returned. Whatever the network does is transient, but for
// what a person has to mend: a name that does not exist, a certificate that is not trusted.
func classify(err error) retryClass {
	var (
		answer     *Error
		connection *ConnectionError
		dns        *net.DNSError
	)
	if !isPermanent(err) && errors.As(err, &connection) {
		err = connection.Err
	}
	switch {
	case errors.As(err, &answer):
		return answer.retryClass()
	case isPermanent(err), errors.As(err, &dns) && dns.IsNotFound, isTLSError(err):
		return permanent
	default:
		return transient
	}
}

// isTLSError reports whether the two ends cannot agree on TLS. crypto/tls has types for a part of it only.
func isTLSError(err error) bool {
	var (
		certificate *tls.CertificateVerificationError
		notTLS      tls.RecordHeaderError
		alert       *net.OpError
	)
	return errors.As(err, &certificate) || errors.As(err, &notTLS) ||
		errors.As(err, &alert) && alert.Op == "remote error" || strings.HasPrefix(err.Error(), "tls: ")
}

// delay returns a random delay before the attempt after this one: full jitter below the base, doubled
// by each attempt up to the maximum.
func (c retryClass) delay(attempt int) time.Duration {
	if c == throttled {
		return throttledBaseDelay + jitter(throttledBaseDelay, throttledMaxDelay-throttledBaseDelay, attempt)
	}
	return jitter(transientBaseDelay, transientMaxDelay, attempt)
}

func jitter(base, maxDelay time.Duration, attempt int) time.Duration {
	limit := maxDelay
	if shift := attempt - 1; shift < 16 {
		limit = min(maxDelay, base<<shift)
	}
	return rand.N(limit) //nolint:gosec // spreads load, guards nothing
}

// parseRetryAfter reads the header's seconds or date. It returns 0 for what is neither, or is past.
func parseRetryAfter(text string, now time.Time) time.Duration {
	const most = 24 * time.Hour
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.Duration(max(0, min(seconds, int64(most/time.Second)))) * time.Second
	}
	if date, err := http.ParseTime(text); err == nil {
		return max(0, min(date.Sub(now), most))
	}
	return 0
}
