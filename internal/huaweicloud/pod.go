// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// Variables that CCE sets in a pod with an identity.
const (
	PodURIVariable       = "HC_CONTAINER_CREDENTIALS_FULL_URI"
	PodTokenFileVariable = "HC_CONTAINER_AUTHORIZATION_TOKEN_FILE"
)

// podCredential requests the keys of the pod's identity.
func (i InstanceIdentity) podCredential(ctx context.Context, c *Client, number int) (Credential, error) {
	if err := checkPodURI(i.PodURI); err != nil {
		return Credential{}, permanentError{fmt.Errorf(PodURIVariable+" %w", err)}
	}
	token, err := readFile(i.PodTokenFile)
	if err != nil {
		return Credential{}, permanentError{fmt.Errorf(PodTokenFileVariable+": %w", err)}
	}
	return metadataKeys(c.metadataRequest(ctx, number, http.MethodPost, i.PodURI, http.Header{
		headerAuthorization: {strings.TrimSpace(string(token))}, "Content-Type": {"application/json"},
	}, []byte("{}")))
}

// checkPodURI returns an error if the pod's token must not be sent to uri: unencrypted, it may go to this machine
// only, that is, to loopback and link-local addresses.
func checkPodURI(uri string) error {
	u, err := url.Parse(uri)
	switch {
	case err != nil, u.User != nil, !validHost(u.Hostname()), u.Scheme != "http" && u.Scheme != "https":
		return errors.New("must be a URL")
	case u.Scheme == "http" && !isLoopback(u.Hostname()) && !isLinkLocal(u.Hostname()):
		return errors.New("must be https://, or http:// with a loopback or link-local address: the pod's token would be sent unencrypted")
	}
	return nil
}

func isLinkLocal(host string) bool {
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLinkLocalUnicast()
}
