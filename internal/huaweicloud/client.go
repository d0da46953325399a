// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

// Package huaweicloud is the cloud under the API: where its services are, how requests are signed,
// which project they are for, and what is done when one fails. It knows nothing of Terraform.
package huaweicloud

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
)

const (
	attemptTimeout = 30 * time.Second
	maxBody        = 8 << 20
	maxClockSkew   = 4 * time.Minute // the cloud refuses at 15
)

// Config says how to reach the cloud, and as whom.
type Config struct {
	Region      string
	ProjectID   string // of Region; empty: looked up
	ProjectName string // by this name; empty: that of the region
	Credential  Credential

	Cloud     string            // domain; empty: the public cloud that the region belongs to
	AuthURL   string            // of IAM; empty: derived from region and cloud
	Endpoints map[string]string // by Service; wins over all else

	Insecure   bool           // accept any certificate, and http
	RootCAs    *x509.CertPool // nil: the system's
	MaxRetries int            // further attempts after a failed one
	UserAgent  string

	// Observe is told of each attempt; nil: nobody is.
	Observe func(context.Context, Attempt)
}

// Attempt is all that may be known outside this package of one HTTP request. It holds no secret.
type Attempt struct {
	Method, Host, Path string
	Query              url.Values
	Number             int // 1 for the first
	Status             int // 0: there was no answer
	RequestID          string
	Bytes              int // of the body, decompressed
	Duration           time.Duration
	Err                error // nil: success
}

// Client calls the cloud's services. It is safe for concurrent use.
type Client struct {
	config Config
	http   *http.Client
	slots  *semaphore.Weighted
	skew   atomic.Int64 // what to add to this machine's clock, in ns

	mu       sync.Mutex
	projects map[string]*lookup[string] // IDs by name
}

// NewClient returns a client. It makes no request. Its errors are about the addresses of c.
func NewClient(c Config) (*Client, error) {
	for _, service := range Services() {
		if _, err := c.endpoint(service, c.Region); err != nil {
			return nil, fmt.Errorf("address of %s: %w", service, err)
		}
	}
	return &Client{
		config:   c,
		http:     newHTTPClient(&c),
		slots:    semaphore.NewWeighted(maxConcurrent),
		projects: map[string]*lookup[string]{},
	}, nil
}

// Region returns the region of the configuration.
func (c *Client) Region() string { return c.config.Region }

// Request is a GET of one service in one region.
type Request struct {
	Service   Service
	Region    string
	Path      string // unescaped, from the root of the service
	Query     url.Values
	ProjectID string // goes into a header; empty: none
}

// Get sends r until accept takes the body of an answer, and returns how many attempts that took.
// An error of accept is a failed attempt like any other; one that has a method Permanent() bool
// which returns true is final. Errors are a *RequestError, or the context's.
func (c *Client) Get(ctx context.Context, r Request, accept func(body []byte) error) (attempts int, err error) {
	u, err := c.config.endpoint(r.Service, r.Region)
	if err != nil {
		return 0, fmt.Errorf("address of %s: %w", r.Service, err)
	}
	u.Path += r.Path
	u.RawQuery = r.Query.Encode()
	retry := retrier{most: c.config.MaxRetries}
	err = retry.run(ctx, func() error {
		return c.attempt(ctx, u, r, retry.attempts, accept)
	})
	if err != nil {
		err = &RequestError{
			Service: r.Service, Method: http.MethodGet, URL: u.Scheme + "://" + u.Host + u.Path,
			Attempts: retry.attempts, Elapsed: time.Since(retry.started), Err: err,
		}
	}
	return retry.attempts, err
}

// attempt is one request, from the wait for a slot to the verdict on the answer.
func (c *Client) attempt(ctx context.Context, u *url.URL, r Request, number int, accept func([]byte) error) error {
	if err := c.slots.Acquire(ctx, 1); err != nil {
		return err
	}
	defer c.slots.Release(1)

	start := time.Now()
	a, err := c.exchange(ctx, u, r)
	if err == nil {
		err = c.judge(a, accept)
	}
	if c.config.Observe != nil {
		c.config.Observe(ctx, Attempt{
			Method: http.MethodGet, Host: u.Host, Path: u.Path, Query: r.Query, Number: number,
			Status: a.status, RequestID: clean(a.header.Get("X-Request-Id"), a.secrets), Bytes: len(a.body),
			Duration: time.Since(start), Err: err,
		})
	}
	return err
}

// answer is a whole answer, and what is needed to judge it.
type answer struct {
	status  int
	header  http.Header
	body    []byte
	secrets []string      // what the request held that must not be repeated
	skew    time.Duration // what the request was signed with
}

// exchange sends one signed request and reads the whole answer, whatever its status.
func (c *Client) exchange(ctx context.Context, u *url.URL, r Request) (answer, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, attemptTimeout, errSlow)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), http.NoBody)
	if err != nil {
		return answer{}, err
	}
	if r.ProjectID != "" {
		req.Header.Set(headerProjectID, r.ProjectID)
	}
	skew := time.Duration(c.skew.Load())
	Sign(req, nil, c.config.Credential, time.Now().Add(skew))
	req.Header.Set("User-Agent", c.config.UserAgent)
	a := answer{skew: skew, secrets: c.config.Credential.secrets(req)}

	resp, err := c.http.Do(req)
	if err != nil {
		return a, networkError(ctx, err)
	}
	defer func() { _ = resp.Body.Close() }()
	a.status, a.header = resp.StatusCode, resp.Header
	a.body, err = io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	switch {
	case err != nil:
		return a, fmt.Errorf("the answer broke off after %d bytes: %w", len(a.body), networkError(ctx, err))
	case len(a.body) > maxBody:
		return a, errLarge
	}
	return a, nil
}

// judge returns nil for an answer that accept takes.
func (c *Client) judge(a answer, accept func([]byte) error) error {
	refused := newError(a.status, a.header, a.body, a.secrets, time.Now())
	if a.status/100 != 2 {
		refused.clock = a.status == http.StatusUnauthorized && c.correctClock(a)
		return refused
	}
	err := accept(a.body)
	switch {
	case err == nil, isPermanent(err):
		return err
	case refused.Code != "":
		return refused
	}
	return &InvalidAnswerError{Status: a.status, ContentType: clean(a.header.Get("Content-Type"), a.secrets), Err: err}
}

// correctClock reports whether the request was refused for this machine's clock, which is then
// corrected for all that follow; once, since every further refusal brings the key nearer to its lock.
func (c *Client) correctClock(a answer) bool {
	date, err := http.ParseTime(a.header.Get("Date"))
	if err != nil || a.skew != 0 {
		return false
	}
	skew := time.Until(date)
	if skew.Abs() <= maxClockSkew {
		return false
	}
	c.skew.CompareAndSwap(0, int64(skew))
	return true
}

var (
	errSlow  = fmt.Errorf("no whole answer within %s", attemptTimeout)
	errLarge = permanentError{fmt.Errorf("the answer is larger than %d MiB", maxBody>>20)}
)

// networkError leaves out what [RequestError] says already, and names the time limit that struck.
func networkError(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

type permanentError struct{ error }

func (permanentError) Permanent() bool { return true }

func isPermanent(err error) bool {
	var permanent interface{ Permanent() bool }
	return errors.As(err, &permanent) && permanent.Permanent()
}
