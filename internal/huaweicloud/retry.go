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
	transientFirst = 250 * time.Millisecond
	transientMost  = 8 * time.Second
	throttledFirst = time.Second
	throttledMost  = 32 * time.Second
)

// outcome is what a failed attempt means for the next.
type outcome int

const (
	final     outcome = iota // the next would fail alike, or do harm
	transient                // the next may succeed
	throttled                // the next may succeed, later
)

// throttledCodes come with 429, but with 403 or 404 too.
var throttledCodes = []string{"APIGW.0308", "APIG.0308", "DMS.10240407"}

func (e *Error) outcome() outcome {
	switch {
	case e.Status == http.StatusTooManyRequests, slices.Contains(throttledCodes, e.Code):
		return throttled
	case e.again, e.Status >= 500, e.Status == http.StatusRequestTimeout, e.Status/100 == 2:
		return transient
	default:
		return final
	}
}

// outcomeOf classifies what an attempt returned. Whatever the network does is transient, but for
// what a person has to mend: a name that does not exist, a certificate that is not trusted.
func outcomeOf(err error) outcome {
	var (
		answer *Error
		dns    *net.DNSError
	)
	switch {
	case errors.As(err, &answer):
		return answer.outcome()
	case isPermanent(err), errors.As(err, &dns) && dns.IsNotFound, isTLS(err):
		return final
	default:
		return transient
	}
}

// isTLS reports whether the two ends cannot agree on TLS. crypto/tls has types for a part of it only.
func isTLS(err error) bool {
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
	most     int // retries
	shared   *restraint
	deadline time.Time
	started  time.Time

	attempts int
	last     error // what the last attempt returned
}

// run calls attempt until it succeeds, fails for good, or ctx or the retries end.
func (r *retrier) run(ctx context.Context, attempt func() error) error {
	r.deadline, _ = ctx.Deadline()
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		r.attempts++
		err := attempt()
		if err != nil && r.last != nil && errors.Is(err, context.Cause(ctx)) {
			err = fmt.Errorf("%w; before that: %w", err, r.last)
		}
		r.last = err
		return struct{}{}, err
	}, backoff.WithBackOff(r), backoff.WithMaxElapsedTime(0))
	switch {
	case err == nil:
		return nil
	case ctx.Err() == nil, errors.Is(r.last, context.Cause(ctx)):
		return r.last
	default:
		return fmt.Errorf("%w; before that: %w", context.Cause(ctx), r.last)
	}
}

// Reset implements [backoff.BackOff].
func (*retrier) Reset() {}

// NextBackOff implements [backoff.BackOff].
func (r *retrier) NextBackOff() time.Duration {
	what := outcomeOf(r.last)
	var held *heldError
	if what == final || errors.As(r.last, &held) {
		return backoff.Stop
	}
	pause := jitter(transientFirst, transientMost, r.attempts)
	if what == throttled {
		pause = throttledFirst + jitter(throttledFirst, throttledMost-throttledFirst, r.attempts)
	}
	var answer *Error
	if errors.As(r.last, &answer) && answer.retryAfter > 0 {
		pause = answer.retryAfter
	}
	if what == throttled {
		r.shared.hold(pause, r.last)
	}
	if r.attempts > r.most {
		return backoff.Stop
	}
	if left := time.Until(r.deadline); !r.deadline.IsZero() && pause >= left {
		r.last = fmt.Errorf("%w; the next attempt is due in %s, but only %s are left of the time for this read",
			r.last, pause.Round(time.Millisecond), left.Round(time.Millisecond))
		return backoff.Stop
	}
	if !r.shared.retry() {
		r.last = fmt.Errorf("%w; not tried again, since too many requests of this run have failed", r.last)
		return backoff.Stop
	}
	return pause
}

// jitter returns a random pause below first x 2^(attempt-1), at most most.
func jitter(first, most time.Duration, attempt int) time.Duration {
	limit := most
	if shift := attempt - 1; shift < 16 {
		limit = min(most, first<<shift)
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
