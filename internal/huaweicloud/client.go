// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

// Package huaweicloud is a minimal Huawei Cloud client: endpoints, signing, credentials, project
// lookup, retries. It knows nothing of Terraform.
package huaweicloud

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// Config configures a [Client].
type Config struct {
	Region           string // empty: each request names one
	ProjectID        string // of Region; empty: looked up
	ProjectName      string // looked up instead of the region's own project
	CredentialSource CredentialSource

	Cloud     string            // domain; empty: the public cloud of the region
	AuthURL   string            // of IAM; empty: derived from region and cloud
	Endpoints map[string]string // by Service; take precedence

	MetadataURL string // empty: [MetadataURL]

	Insecure    bool             // accept any certificate, and http
	RootCAs     *x509.CertPool   // nil: the system's
	Certificate *tls.Certificate // of the client; nil: none
	MaxRetries  int              // of one call
	UserAgent   string

	// Dial opens connections, with its own timeout; nil: a [net.Dialer] does.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)

	// OnAttempt is called after each attempt; may be nil.
	OnAttempt func(context.Context, Attempt)

	transport http.RoundTripper // replaces the network in tests; nil: the network
}

// Client calls the cloud's services. It is safe for concurrent use.
type Client struct {
	config            Config
	proxies           *proxies
	handler           handler           // of calls to the cloud
	transport         http.RoundTripper // to the cloud
	metadataTransport http.RoundTripper // to the metadata service of this machine
	throttle          *throttle
	budget            *retryBudget
	clock             *clock

	mu          sync.Mutex
	projects    map[string]*cachedValue[string]    // IDs by name
	credentials map[scope]*cachedValue[Credential] // see cacheKey
}

// NewClient returns a client. It makes no request. Its errors are about the endpoints of c.
func NewClient(c Config) (*Client, error) {
	if err := c.checkEndpoints(); err != nil {
		return nil, err
	}
	client := &Client{
		config:            c,
		proxies:           proxiesFromEnvironment(),
		transport:         c.transport,
		metadataTransport: c.transport,
		throttle:          newThrottle(),
		budget:            newRetryBudget(c.MaxRetries),
		clock:             &clock{},
		projects:          map[string]*cachedValue[string]{},
		credentials:       map[scope]*cachedValue[Credential]{},
	}
	if c.transport == nil {
		client.transport, client.metadataTransport = newTransport(&c, client.proxies), newMetadataTransport(&c)
	}
	client.handler = newHandler(client)
	return client, nil
}

// Region returns the region of the configuration.
func (c *Client) Region() string { return c.config.Region }

// Request is a GET request to a service of a region.
type Request struct {
	Service   Service
	Region    string
	Path      string // unescaped, from the root of the service
	Query     url.Values
	ProjectID string // sent in a header; empty: none
}

// Get sends r until decode accepts the body of a response, and returns the number of attempts.
// An error of decode fails the attempt like any other; one that has a method Permanent() bool
// which returns true is not retried. Errors are a *RequestError, one about the credentials, or the
// context's.
func (c *Client) Get(ctx context.Context, r Request, decode func(body []byte) error) (attempts int, err error) {
	return c.do(ctx, apiCall{
		Request: r, method: http.MethodGet, authenticated: true,
		decode: func(resp response) error { return decode(resp.body) },
	})
}

// apiCall is an internal request, with or without the credentials of the source.
type apiCall struct {
	Request
	method  string
	header  http.Header
	body    any      // sent as JSON; nil: none
	secrets []string // in header and body

	// An authenticated call uses a credential of the source. A call by which a source obtains one uses
	// credential; nil: none.
	authenticated bool
	credential    *Credential

	decode     func(response) error
	tokenScope scope // of the token that is requested; zero: none is
	// issuesCredential reports whether the response contains a credential. Then no error repeats a successful response.
	issuesCredential bool

	// Set on the way through the handlers:
	url      *url.URL
	attempts int
	lastErr  error // of the previous attempt
	detached bool  // the request continues after the caller's deadline, since lockoutGuard needs the response
}

// scope returns the scope of the credential that the call needs or requests.
func (c *apiCall) scope() scope {
	if c.tokenScope != (scope{}) {
		return c.tokenScope
	}
	return scope{region: c.Region, projectID: c.ProjectID}
}

// do sends a call until decode accepts a response.
func (c *Client) do(ctx context.Context, call apiCall) (attempts int, err error) {
	call.url, err = c.config.endpoint(call.Service, call.Region)
	if err != nil {
		return 0, fmt.Errorf("endpoint of %s: %w", call.Service, err)
	}
	call.url.Path += call.Path
	call.url.RawQuery = call.Query.Encode()
	start := time.Now()
	_, err = c.handler.do(ctx, &call)
	if call.credential != nil && call.credential.ssoProfile != "" && isUnauthorized(err) {
		err = &SSOError{Profile: call.credential.ssoProfile, Err: err}
	}
	if err != nil && call.attempts > 0 {
		err = &RequestError{
			Service: call.Service, Method: call.method, URL: call.url.Scheme + "://" + call.url.Host + call.url.Path,
			Attempts: call.attempts, Elapsed: time.Since(start), Err: err,
		}
	}
	return call.attempts, err
}
