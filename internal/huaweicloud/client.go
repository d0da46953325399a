// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

// Package huaweicloud is the cloud under the API: where its services are, how requests are signed,
// which project they are for, and what is done when one fails. It knows nothing of Terraform.
package huaweicloud

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
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
	Region           string           // empty: each request names one
	ProjectID        string           // of Region; empty: looked up
	ProjectName      string           // by this name; empty: that of the region
	CredentialSource CredentialSource // of credentials

	Cloud     string            // domain; empty: the public cloud that the region belongs to
	AuthURL   string            // of IAM; empty: derived from region and cloud
	Endpoints map[string]string // by Service; wins over all else

	MetadataURL string // empty: [MetadataURL]

	Insecure    bool             // accept any certificate, and http
	RootCAs     *x509.CertPool   // nil: the system's
	Certificate *tls.Certificate // of the client; nil: none
	MaxRetries  int              // further attempts after a failed one
	UserAgent   string

	// Dial opens connections to the cloud, under a time limit of its own; nil: the system does.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)

	// Observe is told of each attempt; nil: nobody is.
	OnAttempt func(context.Context, Attempt)
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
	config            Config
	http              http.RoundTripper
	metadataTransport http.RoundTripper // to this machine
	inFlight          *semaphore.Weighted
	throttle          *throttle
	clockSkew         atomic.Int64  // what to add to this machine's clock, in ns
	requestGuard      *lockoutGuard // of a credential that cannot be renewed; nil: it can
	authGuard         *lockoutGuard // of what the source signs in with

	mu          sync.Mutex
	projects    map[string]*cachedValue[string]    // IDs by name
	credentials map[scope]*cachedValue[Credential] // with a scope where they are for one project
}

// NewClient returns a client. It makes no request. Its errors are about the addresses of c.
func NewClient(c Config) (*Client, error) {
	if err := c.checkEndpoints(); err != nil {
		return nil, err
	}
	client := &Client{
		config:            c,
		http:              newTransport(&c),
		metadataTransport: newMetadataTransport(),
		authGuard:         newLockoutGuard(),
		inFlight:          semaphore.NewWeighted(maxInFlight),
		throttle:          newThrottle(c.MaxRetries),
		projects:          map[string]*cachedValue[string]{},
		credentials:       map[scope]*cachedValue[Credential]{},
	}
	if !c.CredentialSource.traits().renewable {
		client.requestGuard = newLockoutGuard()
	}
	return client, nil
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
// which returns true is final. Errors are a *RequestError, one about the credentials, or the context's.
func (c *Client) Get(ctx context.Context, r Request, decode func(body []byte) error) (attempts int, err error) {
	return c.do(ctx, apiCall{
		Request: r, method: http.MethodGet, authenticated: true,
		decode: func(a response) error { return decode(a.body) },
	})
}

// apiCall is a request of any kind.
type apiCall struct {
	Request
	method  string
	header  http.Header
	body    any      // goes out as JSON; nil: none
	secrets []string // in header and body

	// authenticated calls are the user's, with a credential of the source. Others have the one
	// that is given, or none: those by which a source gets a credential.
	authenticated bool
	credential    *Credential

	decode func(response) error
}

// do sends a call until accept takes an answer.
func (c *Client) do(ctx context.Context, r apiCall) (attempts int, err error) {
	u, err := c.config.endpoint(r.Service, r.Region)
	if err != nil {
		return 0, fmt.Errorf("address of %s: %w", r.Service, err)
	}
	u.Path += r.Path
	u.RawQuery = r.Query.Encode()
	retry := retrier{maxRetries: c.config.MaxRetries, throttle: c.throttle, started: time.Now()}
	if r.authenticated {
		err = c.doAuthenticated(ctx, u, r, &retry)
	} else {
		err = retry.run(ctx, func() error { return c.attempt(ctx, u, r, retry.attempts) })
	}
	if err != nil && retry.attempts > 0 {
		err = &RequestError{
			Service: r.Service, Method: r.method, URL: u.Scheme + "://" + u.Host + u.Path,
			Attempts: retry.attempts, Elapsed: time.Since(retry.started), Err: err,
		}
	}
	return retry.attempts, err
}

// doAuthenticated sends a call with the source's credential. One that has expired is renewed, once.
func (c *Client) doAuthenticated(ctx context.Context, u *url.URL, r apiCall, retry *retrier) error {
	in := scope{region: r.Region, projectID: r.ProjectID}
	for renewed := false; ; renewed = true {
		credential, err := c.credentialFor(ctx, in)
		if err != nil {
			return err
		}
		r.credential = &credential
		err = retry.run(ctx, func() error {
			return c.requestGuard.do(ctx, in, func() error { return c.attempt(ctx, u, r, retry.attempts) })
		})
		if renewed || !isUnauthorized(err) || !c.config.CredentialSource.traits().renewable {
			return err
		}
		if err := c.invalidateCredential(ctx, in, credential); err != nil {
			return err
		}
	}
}

// attempt is one request, from the wait for a slot to the verdict on the answer.
func (c *Client) attempt(ctx context.Context, u *url.URL, r apiCall, number int) error {
	if err := c.throttle.wait(ctx); err != nil {
		return err
	}
	if err := c.inFlight.Acquire(ctx, 1); err != nil {
		return err
	}
	defer c.inFlight.Release(1)

	start := time.Now()
	a, err := c.roundTrip(ctx, u, r)
	if err == nil {
		err = c.checkResponse(a, r)
	}
	if err == nil {
		c.throttle.refund()
	}
	c.observe(ctx, Attempt{
		Method: r.method, Host: u.Host, Path: u.Path, Query: r.Query, Number: number,
		Status: a.status, RequestID: sanitize(requestID(a.header), a.secrets), Bytes: len(a.body),
		Duration: time.Since(start), Err: err,
	})
	return err
}

func (c *Client) observe(ctx context.Context, a Attempt) {
	if c.config.OnAttempt != nil {
		c.config.OnAttempt(ctx, a)
	}
}

// response is a whole answer, and what is needed to judge it.
type response struct {
	status    int
	header    http.Header
	body      []byte
	secrets   []string      // what the request held that must not be repeated
	clockSkew time.Duration // what the request was signed with
}

// roundTrip sends one request and reads the whole answer, whatever its status.
func (c *Client) roundTrip(ctx context.Context, u *url.URL, r apiCall) (response, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, attemptTimeout, errAttemptTimeout)
	defer cancel()
	var body []byte
	if r.body != nil {
		var err error
		if body, err = json.Marshal(r.body); err != nil {
			return response{}, err
		}
	}
	req, err := http.NewRequestWithContext(ctx, r.method, u.String(), bytes.NewReader(body))
	if err != nil {
		return response{}, err
	}
	maps.Copy(req.Header, r.header)
	if r.ProjectID != "" {
		req.Header.Set(headerProjectID, r.ProjectID)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("User-Agent", c.config.UserAgent)
	a := response{clockSkew: time.Duration(c.clockSkew.Load()), secrets: r.secrets}
	if r.credential != nil {
		r.credential.authenticate(req, body, time.Now().Add(a.clockSkew))
		a.secrets = append(r.credential.secrets(req), a.secrets...)
	}

	resp, err := c.http.RoundTrip(req)
	if err != nil {
		return a, networkError(ctx, err, a.secrets)
	}
	defer func() { _ = resp.Body.Close() }()
	a.status, a.header = resp.StatusCode, resp.Header
	a.body, err = io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	switch {
	case a.status/100 != 2:
		// The status says enough: a refusal whose body breaks off must not be tried again.
	case err != nil:
		return a, fmt.Errorf("the answer broke off after %d bytes: %w", len(a.body), networkError(ctx, err, a.secrets))
	case len(a.body) > maxBody:
		return a, errResponseTooLarge
	}
	return a, nil
}

// checkResponse returns nil for an answer that the call takes.
func (c *Client) checkResponse(a response, r apiCall) error {
	if a.status/100 != 2 {
		refused := newError(a)
		signed := r.credential != nil && r.credential.Token.IsEmpty()
		refused.clockCorrected = signed && a.status == http.StatusUnauthorized && c.correctClock(a)
		return refused
	}
	err := r.decode(a)
	if err == nil || isPermanent(err) {
		return err
	}
	if refused := newError(a); refused.Code != "" {
		return refused
	}
	return &InvalidResponseError{Status: a.status, ContentType: sanitize(a.header.Get("Content-Type"), a.secrets), Err: err}
}

// correctClock reports whether the request was refused for this machine's clock, which is then
// corrected for all that follow; once, since every further refusal brings the key nearer to its lock.
func (c *Client) correctClock(a response) bool {
	date, err := http.ParseTime(a.header.Get("Date"))
	if err != nil || a.clockSkew != 0 {
		return false
	}
	skew := time.Until(date)
	if skew.Abs() <= maxClockSkew {
		return false
	}
	c.clockSkew.CompareAndSwap(0, int64(skew))
	return true
}

var (
	errAttemptTimeout   = fmt.Errorf("no whole answer within %s", attemptTimeout)
	errResponseTooLarge = permanentError{fmt.Errorf("the answer is larger than %d MiB", maxBody>>20)}
)

// networkError names the time limit that struck. Some errors of net/http repeat what came.
func networkError(ctx context.Context, err error, secrets []string) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return &redactedError{text: sanitize(err.Error(), secrets), err: err}
}

// redactedError is an error whose text is fit to be seen.
type redactedError struct {
	text string
	err  error
}

func (e *redactedError) Error() string { return e.text }

func (e *redactedError) Unwrap() error { return e.err }

type permanentError struct{ error }

func (permanentError) Permanent() bool { return true }

func isPermanent(err error) bool {
	var permanent interface{ Permanent() bool }
	return errors.As(err, &permanent) && permanent.Permanent()
}
