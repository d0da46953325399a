// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

// MetadataURL is the address of the metadata service of an ECS.
const MetadataURL = "http://169.254.169.254"

const (
	// metadataTimeout bounds a request: users of other machines, where nothing responds, should not wait longer.
	metadataTimeout = 2 * time.Second
	// Once the service has responded, transient failures are retried.
	metadataAttempts     = 3
	metadataRetryDelay   = 250 * time.Millisecond
	metadataTotalTimeout = 8 * time.Second
)

const headerMetadataToken = "X-Metadata-Token"

// InstanceIdentity is the identity of a CCE pod, else the agency of an ECS. Its requests use no proxy.
type InstanceIdentity struct {
	PodURI       string // of a pod's credentials; empty: not a pod with an identity
	PodTokenFile string // proves the pod's identity; read at each renewal
	Searched     string // sources that have no credentials, for errors; may be empty
}

// NoCredentialsError reports that no source has credentials and that this machine is not an ECS with an agency.
type NoCredentialsError struct {
	Searched string // may be empty
	Err      error
}

// Error implements error.
func (e *NoCredentialsError) Error() string {
	if e.Searched == "" {
		return fmt.Sprintf("this machine has no identity (%v)", e.Err)
	}
	return fmt.Sprintf("no credentials in %s, and this machine has no identity (%v)", e.Searched, e.Err)
}

// Unwrap returns Err.
func (e *NoCredentialsError) Unwrap() error { return e.Err }

// Permanent is true: the kind of machine does not change.
func (*NoCredentialsError) Permanent() bool { return true }

// InstanceIdentityError is a failure of the service that issues credentials to this machine: it responds or is
// configured, but issues none.
type InstanceIdentityError struct {
	Service string // ECS metadata service or CCE pod identity
	Err     error
}

// Error implements error.
func (e *InstanceIdentityError) Error() string { return e.Service + ": " + e.Err.Error() }

// Unwrap returns Err.
func (e *InstanceIdentityError) Unwrap() error { return e.Err }

func (InstanceIdentity) traits() sourceTraits { return sourceTraits{} }

func (i InstanceIdentity) retrieve(ctx context.Context, c *Client, _ scope) (Credential, error) {
	service := "ECS metadata service"
	m := &ecsMetadata{client: c, url: cmp.Or(c.config.MetadataURL, MetadataURL)}
	attempt := m.credential
	if i.PodURI != "" {
		service = "CCE pod identity"
		attempt = func(ctx context.Context, number int) (Credential, error) { return i.podCredential(ctx, c, number) }
	}
	keys, err := retryMetadata(ctx, attempt)
	if err == nil || ctx.Err() != nil {
		return keys, err
	}
	if i.PodURI == "" && m.isAbsent(err) {
		return Credential{}, &NoCredentialsError{Searched: i.Searched, Err: fmt.Errorf("%s: %w", service, err)}
	}
	return Credential{}, &InstanceIdentityError{Service: service, Err: err}
}

// retryMetadata retries transient failures of attempt.
func retryMetadata(ctx context.Context, attempt func(ctx context.Context, number int) (Credential, error)) (Credential, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, metadataTotalTimeout, fmt.Errorf("no credentials within %s", metadataTotalTimeout))
	defer cancel()
	var lastErr error
	for number := 1; ; number++ {
		keys, err := attempt(ctx, number)
		if err != nil && ctx.Err() != nil {
			return Credential{}, cmp.Or(lastErr, err)
		}
		if err == nil || number == metadataAttempts || isPermanent(err) {
			return keys, err
		}
		lastErr = err
		if status, ok := errors.AsType[metadataStatusError](err); ok && status < 500 && status != http.StatusTooManyRequests {
			return keys, err
		}
		if sleep(ctx, metadataRetryDelay<<number) != nil {
			return Credential{}, err
		}
	}
}

// metadataStatusError is the status of a response without credentials. *Error is for the cloud's APIs.
type metadataStatusError int

func (s metadataStatusError) Error() string {
	return fmt.Sprintf("HTTP %d %s", int(s), http.StatusText(int(s)))
}

// ecsMetadata is the metadata service during one retrieval.
type ecsMetadata struct {
	client    *Client
	url       string
	responded bool   // there is such a service
	token     string // of the session; empty: none yet, or no sessions
}

// credential requests keys, with a session token where there are sessions.
func (m *ecsMetadata) credential(ctx context.Context, number int) (Credential, error) {
	header := http.Header{}
	if m.token == "" {
		status, body, err := m.client.metadataRequest(ctx, number, http.MethodPut, m.url+"/meta-data/latest/api/token",
			http.Header{"X-Metadata-Token-Ttl-Seconds": {"21600"}}, nil)
		switch {
		case err != nil && !m.responded && isUnreachable(err):
			return Credential{}, permanentError{err}
		case err != nil:
			return Credential{}, err
		}
		m.responded = true
		switch status {
		case http.StatusOK:
			m.token = strings.TrimSpace(string(body))
		case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusServiceUnavailable:
			// no sessions here
		default:
			return Credential{}, fmt.Errorf("session token: %w", metadataStatusError(status))
		}
	}
	if m.token != "" {
		header.Set(headerMetadataToken, m.token)
	}
	return metadataKeys(m.client.metadataRequest(ctx, number, http.MethodGet, m.url+"/openstack/latest/securitykey", header, nil))
}

// metadataKeys returns the keys of a response.
func metadataKeys(status int, body []byte, err error) (Credential, error) {
	switch {
	case err != nil:
		return Credential{}, err
	case status/100 != 2:
		return Credential{}, fmt.Errorf("keys: %w", metadataStatusError(status))
	}
	keys, err := decodeKeys(body)
	if err != nil {
		return Credential{}, permanentError{err}
	}
	return keys, nil
}

// isAbsent reports whether err means that this machine is not an ECS, or has no agency.
func (m *ecsMetadata) isAbsent(err error) bool {
	status, _ := errors.AsType[metadataStatusError](err)
	return !m.responded && isUnreachable(err) || status == http.StatusUnauthorized || status == http.StatusNotFound
}

// isUnreachable reports whether there was no connection, or no response in time.
func isUnreachable(err error) bool {
	if errors.Is(err, errMetadataTimeout) {
		return true
	}
	connection, ok := errors.AsType[*ConnectionError](err)
	if !ok {
		return false
	}
	op, ok := errors.AsType[*net.OpError](connection.Err)
	return ok && op.Op == "dial"
}

var errMetadataTimeout = fmt.Errorf("no response within %s", metadataTimeout)

// metadataRequest sends one request without a proxy.
func (c *Client) metadataRequest(ctx context.Context, number int, method, address string, header http.Header, body []byte) (status int, content []byte, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, metadataTimeout, errMetadataTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header = header
	req.Header.Set("User-Agent", c.config.UserAgent)
	start := time.Now()
	defer func() {
		c.report(ctx, Attempt{
			Method: method, Host: req.URL.Host, Path: req.URL.Path, Number: number,
			Status: status, Bytes: len(content), Duration: time.Since(start), Err: err,
		})
	}()
	resp := response{secrets: []string{header.Get(headerAuthorization), header.Get(headerMetadataToken)}}
	err = issuingError(resp.receive(ctx, c.metadataTransport, req))
	return resp.status, resp.body, err
}
