// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"context"
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

// Bounds of the backoff; see jitter.
const (
	transientBaseDelay = 250 * time.Millisecond
	transientMaxDelay  = 8 * time.Second
	throttledBaseDelay = time.Second
	throttledMaxDelay  = 32 * time.Second
)

// retryClass says whether a failed attempt is retried.
type retryClass int

const (
	permanent retryClass = iota // a retry would fail as well, or do harm
	transient                   // a retry may succeed
	throttled                   // a retry may succeed after a longer delay, as may other requests to the host
)

// throttledCodes come with statuses other than 429, too.
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

// classify returns the class of an error of an attempt. Network errors are transient, except for those
// that a person has to fix: an unknown host, an untrusted certificate.
func classify(err error) retryClass {
	var (
		response   *Error
		connection *ConnectionError
		dns        *net.DNSError
	)
	if !isPermanent(err) && errors.As(err, &connection) {
		err = connection.Err
	}
	switch {
	case errors.As(err, &response):
		return response.retryClass()
	case isPermanent(err), errors.As(err, &dns) && dns.IsNotFound, isTLSError(err):
		return permanent
	default:
		return transient
	}
}

// isTLSError reports whether a TLS handshake failed. crypto/tls has types for some of its errors only.
func isTLSError(err error) bool {
	var (
		certificate *tls.CertificateVerificationError
		notTLS      tls.RecordHeaderError
		alert       *net.OpError
	)
	return errors.As(err, &certificate) || errors.As(err, &notTLS) ||
		errors.As(err, &alert) && alert.Op == "remote error" || strings.HasPrefix(err.Error(), "tls: ")
}

// delay returns a random delay before the attempt after this one, which is at least throttledBaseDelay after
// throttling.
func (c retryClass) delay(attempt int) time.Duration {
	if c == throttled {
		return throttledBaseDelay + jitter(throttledBaseDelay, throttledMaxDelay-throttledBaseDelay, attempt)
	}
	return jitter(transientBaseDelay, transientMaxDelay, attempt)
}

// jitter returns a random delay below base, which doubles with each attempt up to maxDelay.
func jitter(base, maxDelay time.Duration, attempt int) time.Duration {
	limit := maxDelay
	if shift := attempt - 1; shift < 16 {
		limit = min(maxDelay, base<<shift)
	}
	return rand.N(limit) //nolint:gosec // spreads load, guards nothing
}

// sleep returns after a delay, or with an error when ctx ends before that.
func sleep(ctx context.Context, delay time.Duration) error {
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// parseRetryAfter parses the seconds or the date of the header. It returns 0 if it is invalid or past.
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
