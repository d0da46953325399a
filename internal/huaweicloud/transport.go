// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const connectTimeout = 10 * time.Second

// RootCAs returns the certificate authorities of the system and those of a PEM file, given by its path or
// its content.
func RootCAs(fileOrText string) (*x509.CertPool, error) {
	text, err := readPEM(fileOrText)
	if err != nil {
		return nil, err
	}
	roots, err := x509.SystemCertPool()
	if err != nil { // a system without any
		roots = x509.NewCertPool()
	}
	if !roots.AppendCertsFromPEM(text) {
		return nil, errors.New("it contains no certificate in PEM format")
	}
	return roots, nil
}

// ClientCertificate returns a client certificate from two PEM files, given by their paths or contents.
func ClientCertificate(certificate, key string) (*tls.Certificate, error) {
	certificateText, err := readPEM(certificate)
	if err != nil {
		return nil, fmt.Errorf("cert: %w", err)
	}
	keyText, err := readPEM(key)
	if err != nil {
		return nil, fmt.Errorf("key: %w", err)
	}
	pair, err := tls.X509KeyPair(certificateText, keyText)
	if err != nil {
		return nil, err
	}
	return &pair, nil
}

func readPEM(fileOrText string) ([]byte, error) {
	if strings.Contains(fileOrText, "-----BEGIN ") { // openssl writes comments before it
		return []byte(fileOrText), nil
	}
	name, err := expandHome(fileOrText)
	if err != nil {
		return nil, err
	}
	return readFile(name)
}

// expandHome replaces a leading "~/" by the home directory of the user.
func expandHome(name string) (string, error) {
	rest, ok := strings.CutPrefix(name, "~/")
	if !ok {
		return name, nil
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, rest), err
}

// newMetadataTransport returns the transport to the metadata service, which uses no proxy. It has timeouts of
// its own, since net/http goes on connecting after a request is canceled.
func newMetadataTransport(c *Config) *http.Transport {
	return &http.Transport{
		DialContext:         c.dialer(metadataTimeout),
		TLSHandshakeTimeout: metadataTimeout,
		DisableKeepAlives:   true,
	}
}

// newTransport returns the transport to the cloud. Unlike an [http.Client] it follows no redirects: a signed
// request is meant for one host.
func newTransport(c *Config, p *proxies) *http.Transport {
	config := &tls.Config{
		MinVersion:         tls.VersionTLS12,
		RootCAs:            c.RootCAs,
		InsecureSkipVerify: c.Insecure, //nolint:gosec // the user's choice
	}
	t := &http.Transport{
		Proxy:                  p.proxyURL,
		OnProxyConnectResponse: checkConnect,
		DialContext:            c.dialer(connectTimeout),
		TLSClientConfig:        config,
		ForceAttemptHTTP2:      true,
		// All attempts share an HTTP/2 connection: a dead one must be detected within the first attempt.
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: attemptTimeout / 3, PingTimeout: attemptTimeout / 3},
		TLSHandshakeTimeout:    connectTimeout,
		MaxIdleConnsPerHost:    maxInFlight,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
	if c.Certificate != nil {
		// net/http would send it to a proxy too.
		t.DialTLSContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := t.DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			config := config.Clone()
			config.ServerName, _, _ = net.SplitHostPort(address)
			if !p.isProxy(address) {
				config.Certificates, config.NextProtos = []tls.Certificate{*c.Certificate}, []string{"h2", "http/1.1"}
			}
			ctx, cancel := context.WithTimeout(ctx, connectTimeout)
			defer cancel()
			secured := tls.Client(conn, config)
			if err := secured.HandshakeContext(ctx); err != nil {
				_ = conn.Close()
				return nil, err
			}
			return secured, nil
		}
		t.TLSClientConfig = config.Clone() // of connections through a proxy
		t.TLSClientConfig.Certificates = []tls.Certificate{*c.Certificate}
	}
	return t
}

// dialer returns the function that opens connections.
func (c *Config) dialer(timeout time.Duration) func(ctx context.Context, network, address string) (net.Conn, error) {
	if c.Dial != nil {
		return c.Dial
	}
	return (&net.Dialer{Timeout: timeout, KeepAlive: 30 * time.Second}).DialContext
}
