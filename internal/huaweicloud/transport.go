// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
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

const maxConcurrent = 8 // requests of the process under way at once

// RootCAs returns the system's certificate authorities and those of a file, which is PEM. The text of
// such a file is taken in place of its path.
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
		return nil, errors.New("it holds no certificate in PEM form")
	}
	return roots, nil
}

// ClientCertificate returns the certificate that the client shows, of two PEM files or their texts.
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
	if strings.HasPrefix(strings.TrimSpace(fileOrText), "-----BEGIN ") {
		return []byte(fileOrText), nil
	}
	name, err := expandHome(fileOrText)
	if err != nil {
		return nil, err
	}
	return readSmallFile(name)
}

// expandHome replaces a leading "~/" by the user's home folder.
func expandHome(name string) (string, error) {
	rest, ok := strings.CutPrefix(name, "~/")
	if !ok {
		return name, nil
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, rest), err
}

// newHTTPClient returns the one client of the process. It follows no redirect, since a signed
// request is meant for one host.
func newHTTPClient(c *Config) *http.Client {
	var certificates []tls.Certificate
	if c.Certificate != nil {
		certificates = append(certificates, *c.Certificate)
	}
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy:       http.ProxyFromEnvironment,
			DialContext: dialer.DialContext,
			TLSClientConfig: &tls.Config{
				MinVersion:         tls.VersionTLS12,
				RootCAs:            c.RootCAs,
				Certificates:       certificates,
				InsecureSkipVerify: c.Insecure, //nolint:gosec // what the user asked for
			},
			ForceAttemptHTTP2:      true,
			TLSHandshakeTimeout:    10 * time.Second,
			MaxIdleConnsPerHost:    maxConcurrent,
			IdleConnTimeout:        90 * time.Second,
			MaxResponseHeaderBytes: 64 << 10,
		},
	}
}
