// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// MetadataURL is where an ECS asks for what it is.
const MetadataURL = "http://169.254.169.254"

// How long a machine may take to say that it has credentials: less than a user who is on another
// kind of machine should wait.
const metadataTimeout = 2 * time.Second

// Variables that CCE sets in a pod with an identity.
const (
	PodURIVariable       = "HC_CONTAINER_CREDENTIALS_FULL_URI"
	PodTokenFileVariable = "HC_CONTAINER_AUTHORIZATION_TOKEN_FILE"
)

const headerMetadataToken = "X-Metadata-Token"

// InstanceIdentity is what a machine of the cloud knows of itself: the identity of a CCE pod, else the agency
// of an ECS. It is asked without a proxy.
type InstanceIdentity struct {
	PodURI       string // where the identity of a pod is asked for; empty: this is no such pod
	PodTokenFile string // what proves the pod's identity; read each time
	Searched     string // where credentials were looked for before, for the error
}

// NoCredentialsError says where credentials were looked for.
type NoCredentialsError struct {
	Searched string
	Err      error // why the machine has none
}

// Error implements error.
func (e *NoCredentialsError) Error() string {
	return fmt.Sprintf("none was found: not in %s, and this machine has no identity (%v)", e.Searched, e.Err)
}

// Unwrap returns Err.
func (e *NoCredentialsError) Unwrap() error { return e.Err }

// Permanent is true: what the machine is does not change meanwhile.
func (*NoCredentialsError) Permanent() bool { return true }

func (InstanceIdentity) traits() sourceTraits { return sourceTraits{} }

func (m InstanceIdentity) retrieve(ctx context.Context, c *Client, _ scope) (Credential, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, metadataTimeout, fmt.Errorf("no answer within %s", metadataTimeout))
	defer cancel()
	get, kind := m.ecsCredential, "ECS metadata"
	if m.PodURI != "" {
		get, kind = m.podCredential, "CCE pod identity"
	}
	keys, err := get(ctx, c)
	if err != nil {
		return Credential{}, &NoCredentialsError{Searched: m.Searched, Err: fmt.Errorf("%s: %w", kind, err)}
	}
	return keys, nil
}

// ecsCredential asks the metadata service, in a session where there are sessions.
func (m InstanceIdentity) ecsCredential(ctx context.Context, c *Client) (Credential, error) {
	base := cmp.Or(c.config.MetadataURL, MetadataURL)
	header := http.Header{}
	status, metadataToken, err := c.metadataRequest(ctx, http.MethodPut, base+"/meta-data/latest/api/token",
		http.Header{"X-Metadata-Token-Ttl-Seconds": {"21600"}}, nil)
	switch {
	case err != nil:
		return Credential{}, err
	case status/100 == 2:
		header.Set(headerMetadataToken, strings.TrimSpace(string(metadataToken)))
	case status == http.StatusNotFound, status == http.StatusMethodNotAllowed, status == http.StatusServiceUnavailable:
		// No sessions here.
	default:
		return Credential{}, fmt.Errorf("a session was refused with HTTP %d", status)
	}
	status, body, err := c.metadataRequest(ctx, http.MethodGet, base+"/openstack/latest/securitykey", header, nil)
	switch {
	case err != nil:
		return Credential{}, err
	case status == http.StatusUnauthorized:
		return Credential{}, errors.New("no agency is bound to this ECS")
	case status != http.StatusOK:
		return Credential{}, fmt.Errorf("the keys were refused with HTTP %d", status)
	}
	return decodeKeys(body)
}

// podCredential asks for the keys of the pod's identity.
func (m InstanceIdentity) podCredential(ctx context.Context, c *Client) (Credential, error) {
	u, err := url.Parse(m.PodURI)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return Credential{}, errors.New(PodURIVariable + " is not a URL")
	}
	text, err := readFileLimited(m.PodTokenFile)
	if err != nil {
		return Credential{}, fmt.Errorf(PodTokenFileVariable+": %w", err)
	}
	status, body, err := c.metadataRequest(ctx, http.MethodPost, m.PodURI, http.Header{
		headerAuthorization: {strings.TrimSpace(string(text))}, "Content-Type": {"application/json"},
	}, []byte("{}"))
	if err != nil {
		return Credential{}, err
	}
	if status/100 != 2 {
		return Credential{}, fmt.Errorf("the keys were refused with HTTP %d", status)
	}
	var form struct {
		Credentials struct {
			AccessKeyID     string    `json:"accessKeyId"`
			SecretAccessKey string    `json:"secretAccessKey"`
			SecurityToken   string    `json:"securityToken"`
			Expiration      time.Time `json:"expiration"`
		} `json:"credentials"`
	}
	if err := json.Unmarshal(body, &form); err != nil {
		return Credential{}, redactJSONError(err)
	}
	keys := form.Credentials
	return newTemporaryCredential(keys.AccessKeyID, keys.SecretAccessKey, keys.SecurityToken, keys.Expiration)
}

// metadataRequest sends one request over the machine's own link, past any proxy.
func (c *Client) metadataRequest(ctx context.Context, method, address string, header http.Header, body []byte) (status int, answer []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header = header
	req.Header.Set("User-Agent", c.config.UserAgent)
	start := time.Now()
	defer func() {
		c.report(ctx, Attempt{
			Method: method, Host: req.URL.Host, Path: req.URL.Path, Number: 1,
			Status: status, Bytes: len(answer), Duration: time.Since(start), Err: err,
		})
	}()
	resp := response{secrets: []string{header.Get(headerAuthorization), header.Get(headerMetadataToken)}}
	err = resp.receive(ctx, c.metadataTransport, req)
	return resp.status, resp.body, err
}
