// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
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
		answer *Error
		dns    *net.DNSError
	)
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

// retrier runs one call's attempts. It is the [backoff.BackOff] between them as well, since how
// long to pause depends on what the last one said.
type retrier struct {
	maxRetries int // retries
	throttle   *throttle
	deadline   time.Time
	started    time.Time

	attempts int
	lastErr  error // what the last attempt returned
}

// run calls attempt until it succeeds, fails for good, or ctx or the retries end.
func (r *retrier) run(ctx context.Context, attempt func() error) error {
	r.deadline, _ = ctx.Deadline()
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		r.attempts++
		err := attempt()
		if err != nil && r.lastErr != nil && errors.Is(err, context.Cause(ctx)) {
			err = fmt.Errorf("%w; before that: %w", err, r.lastErr)
		}
		r.lastErr = err
		return struct{}{}, err
	}, backoff.WithBackOff(r), backoff.WithMaxElapsedTime(0))
	switch {
	case err == nil:
		return nil
	case ctx.Err() == nil, errors.Is(r.lastErr, context.Cause(ctx)):
		return r.lastErr
	default:
		return fmt.Errorf("%w; before that: %w", context.Cause(ctx), r.lastErr)
	}
}

// Reset implements [backoff.BackOff].
func (*retrier) Reset() {}

// NextBackOff implements [backoff.BackOff].
func (r *retrier) NextBackOff() time.Duration {
	what := classify(r.lastErr)
	var held *throttledError
	if what == permanent || errors.As(r.lastErr, &held) {
		return backoff.Stop
	}
	pause := jitter(transientBaseDelay, transientMaxDelay, r.attempts)
	if what == throttled {
		pause = throttledBaseDelay + jitter(throttledBaseDelay, throttledMaxDelay-throttledBaseDelay, r.attempts)
	}
	var answer *Error
	if errors.As(r.lastErr, &answer) && answer.retryAfter > 0 {
		pause = answer.retryAfter
	}
	if what == throttled {
		r.throttle.pause(pause, r.lastErr)
	}
	if r.attempts > r.maxRetries {
		return backoff.Stop
	}
	if left := time.Until(r.deadline); !r.deadline.IsZero() && pause >= left {
		r.lastErr = fmt.Errorf("%w; the next attempt is due in %s, but only %s are left of the time for this read",
			r.lastErr, pause.Round(time.Millisecond), left.Round(time.Millisecond))
		return backoff.Stop
	}
	if !r.throttle.take() {
		r.lastErr = fmt.Errorf("%w; not tried again, since too many requests of this run have failed", r.lastErr)
		return backoff.Stop
	}
	return pause
}

// jitter returns a random pause below first x 2^(attempt-1), at most most.
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
