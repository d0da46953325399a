// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/http2"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/memnet"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

// authority signs certificates.
type authority struct {
	key         *ecdsa.PrivateKey
	certificate *x509.Certificate
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{}
	a.certificate = &x509.Certificate{
		Subject: pkix.Name{CommonName: "test authority"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign, SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour),
	}
	pair := a.issue(t, a.certificate)
	a.key = pair.PrivateKey.(*ecdsa.PrivateKey)
	a.certificate = pair.Leaf
	return a
}

// issue signs a certificate; without a key, its own.
func (a *authority) issue(t *testing.T, template *x509.Certificate) *tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer := a.key
	if signer == nil {
		signer = key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

// issueFor signs a certificate for 127.0.0.1, unless changed.
func (a *authority) issueFor(t *testing.T, change func(*x509.Certificate)) *tls.Certificate {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	if change != nil {
		change(template)
	}
	return a.issue(t, template)
}

func pemOf(t *testing.T, c *tls.Certificate) (certificate, key string) {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Certificate[0]})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func TestTransport_tls(t *testing.T) {
	t.Parallel()
	ours, other := newAuthority(t), newAuthority(t)
	text, _ := pemOf(t, &tls.Certificate{Certificate: [][]byte{ours.certificate.Raw}, PrivateKey: ours.key})
	trusted := func(fileOrText string) func(*Config) {
		roots, err := RootCAs(fileOrText)
		if err != nil {
			t.Fatal(err)
		}
		return func(c *Config) { c.RootCAs = roots }
	}
	insecure := func(c *Config) { c.Insecure = true }
	good := ours.issueFor(t, nil)
	clients := x509.NewCertPool()
	clients.AddCert(ours.certificate)
	certificate, key := pemOf(t, ours.issueFor(t, nil))
	pair, err := ClientCertificate(certificate, key)
	if err != nil {
		t.Fatal(err)
	}
	withCertificate := func(c *Config) { trusted(text)(c); c.Certificate = pair }
	mutual := tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clients}
	// With TLS 1.3, the client may have sent its request before it is rejected.
	mutual12 := mutual.Clone()
	mutual12.MaxVersion = tls.VersionTLS12

	for _, test := range []struct {
		name   string
		server *tls.Config // nil: no TLS
		with   *tls.Certificate
		client func(*Config)
		want   string // empty: success
	}{
		{"right CA in a file", &tls.Config{}, good, trusted(writeFile(t, text)), ""},
		{"right CA as PEM", &tls.Config{}, good, trusted(text), ""},
		{"right CA after comments", &tls.Config{}, good, trusted("Bag Attributes\n    friendlyName: x\n" + text), ""},
		{"unknown CA", &tls.Config{}, other.issueFor(t, nil), trusted(text), "tls: failed to verify certificate: x509: certificate signed by unknown authority..."},
		{"only the CAs of the system", &tls.Config{}, good, nil, "tls: failed to verify certificate: x509: certificate signed by unknown authority..."},
		{"expired", &tls.Config{}, ours.issueFor(t, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Hour) }), trusted(text), "tls: failed to verify certificate: x509: certificate has expired or is not yet valid..."},
		{"not yet valid", &tls.Config{}, ours.issueFor(t, func(c *x509.Certificate) { c.NotBefore = time.Now().Add(30 * time.Minute) }), trusted(text), "tls: failed to verify certificate: x509: certificate has expired or is not yet valid..."},
		{"wrong name", &tls.Config{}, ours.issueFor(t, func(c *x509.Certificate) { c.IPAddresses, c.DNSNames = nil, []string{"dms.example.com"} }), trusted(text), "tls: failed to verify certificate: x509: cannot validate certificate for 127.0.0.1..."},
		{"for clients only", &tls.Config{}, ours.issueFor(t, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }), trusted(text), "tls: failed to verify certificate: x509: certificate specifies an incompatible key usage"},
		{"any certificate, insecure", &tls.Config{}, other.issueFor(t, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Hour) }), insecure, ""},
		{"mutual TLS", &mutual, good, withCertificate, ""},
		{"mutual TLS without a certificate", mutual12, good, trusted(text), "remote error: tls: ..."},
		{"TLS 1.2", &tls.Config{MaxVersion: tls.VersionTLS12}, good, trusted(text), ""},
		{"TLS 1.1", &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, good, trusted(text), "remote error: tls: protocol version not supported"},
		{"TLS 1.1, insecure", &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, good, insecure, "remote error: tls: protocol version not supported"},
		{"no TLS", nil, nil, trusted(text), "tls: first record does not look like a TLS handshake"},
	} {
		t.Run(test.name, func(t *testing.T) {
			cloud := simulator.New(simulator.Options{})
			server := httptest.NewUnstartedServer(cloud)
			server.Config.ErrorLog = log.New(io.Discard, "", 0)
			if test.server == nil {
				server.Start()
			} else {
				server.EnableHTTP2 = true
				server.TLS = test.server.Clone()
				server.TLS.Certificates = []tls.Certificate{*test.with}
				server.StartTLS()
			}
			defer server.Close()
			changes := []func(*Config){withEndpoint("https://" + server.Listener.Addr().String()), withRetries(3)}
			if test.client != nil {
				changes = append(changes, test.client)
			}
			attempts, err := getTasks(t.Context(), newTestClient(t, nil, changes...))
			if attempts != 1 {
				t.Errorf("%d attempts", attempts)
			}
			if test.want == "" {
				requireNoError(t, err)
				return
			}
			requireErrorText(t, err, "...: "+test.want)
			if len(cloud.Requests()) != 0 {
				t.Error("the request was sent")
			}
		})
	}
}

func TestRootCAs_errors(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing")
	_, key := pemOf(t, newAuthority(t).issueFor(t, nil))
	for given, want := range map[string]string{
		writeFile(t, ""): "it contains no certificate in PEM format", writeFile(t, "canary"): "it contains no certificate in PEM format",
		key: "it contains no certificate in PEM format", "-----BEGIN canary": "it contains no certificate in PEM format",
		missing: missing + ": no such file or directory",
	} {
		roots, err := RootCAs(given)
		requireErrorText(t, err, want)
		requireNoSecrets(t, err.Error(), "canary")
		if roots != nil {
			t.Error("there are CAs beside the error")
		}
	}
}

func TestRootCAs_addedToSystem(t *testing.T) {
	system, err := x509.SystemCertPool()
	if err != nil || system.Equal(x509.NewCertPool()) {
		t.Skipf("the system has no CAs: %v", err)
	}
	certificate, _ := pemOf(t, newAuthority(t).issueFor(t, nil))
	roots, err := RootCAs(certificate)
	requireNoError(t, err)
	if roots.Equal(system) || !system.AppendCertsFromPEM([]byte(certificate)) || !roots.Equal(system) {
		t.Error("they are not those of the system and one more")
	}
}

func TestClientCertificate(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	a := newAuthority(t)
	certificate, key := pemOf(t, a.issueFor(t, nil))
	_, otherKey := pemOf(t, a.issueFor(t, nil))
	if err := os.WriteFile(filepath.Join(home, "key.pem"), []byte(key), 0o600); err != nil {
		t.Fatal(err)
	}
	comments := "Bag Attributes\n    localKeyID: 1\n"
	for _, pair := range [][2]string{
		{certificate, key}, {writeFile(t, certificate), writeFile(t, key)}, {certificate, "~/key.pem"}, {comments + certificate, comments + key}, {"\n" + certificate, "\n" + key},
	} {
		if got, err := ClientCertificate(pair[0], pair[1]); err != nil || got.Leaf == nil {
			t.Errorf("%v, %v", got, err)
		}
	}
	for want, pair := range map[string][2]string{
		"cert: missing: no such file or directory":            {"missing", key},
		"key: missing: no such file or directory":             {certificate, "missing"},
		"tls: private key does not match public key":          {certificate, otherKey},
		"...tls: found a certificate rather than a key...":    {certificate, certificate},
		"...tls: failed to find any PEM data in key input...": {certificate, writeFile(t, "canary")},
	} {
		got, err := ClientCertificate(pair[0], pair[1])
		requireErrorText(t, err, want)
		requireNoSecrets(t, err.Error(), "canary", key[30:60], otherKey[30:60])
		if got != nil {
			t.Error("there is a certificate beside the error")
		}
	}
}

func TestTransport_handshakeTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := memnet.New()
		n.ServeConn(t, "dms.test:443", respondAndHang(""))
		start := time.Now()
		_, err := getTasks(t.Context(), newTestClient(t, nil, withEndpoint("https://dms.test"), func(c *Config) { c.Dial = n.Dial }))
		requireErrorText(t, err, "...TLS handshake timeout")
		if elapsed := time.Since(start); elapsed != 10*time.Second {
			t.Errorf("it took %s, want 10s", elapsed)
		}
	})
}

// With HTTP/2 all attempts share a connection, so that a dead one would fail them all.
func TestTransport_deadConnection(t *testing.T) {
	certificate := newAuthority(t).issueFor(t, func(c *x509.Certificate) {
		c.DNSNames, c.NotBefore = []string{"dms.test"}, time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)
	})
	synctest.Test(t, func(t *testing.T) {
		n := memnet.New()
		n.Serve(t, "dms.test:443", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"tasks":[]}`) }),
			&tls.Config{Certificates: []tls.Certificate{*certificate}, MinVersion: tls.VersionTLS12})
		c := newTestClient(t, nil, withEndpoint("https://dms.test"), withRetries(5), func(c *Config) { c.Insecure, c.Dial = true, n.Dial })
		requireTasks(t, c)
		n.Silence()
		start := time.Now()
		attempts, err := getTasks(t.Context(), c)
		requireNoError(t, err)
		if elapsed := time.Since(start); attempts != 2 || len(n.Dialed()) != 2 || elapsed > attemptTimeout {
			t.Errorf("%d attempts, %d connections, %s", attempts, len(n.Dialed()), elapsed)
		}
	})
}

// A server that sends frames without end, each of which has to be acknowledged, neither holds a read nor takes memory.
func TestTransport_frameFlood(t *testing.T) {
	certificate := newAuthority(t).issueFor(t, nil)
	for name, flood := range map[string]func(*http2.Framer) error{
		"PING":     func(f *http2.Framer) error { return f.WritePing(false, [8]byte{}) },
		"SETTINGS": func(f *http2.Framer) error { return f.WriteSettings() },
	} {
		for _, acknowledged := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, acknowledgments are read: %t", name, acknowledged), func(t *testing.T) {
				n := memnet.New()
				ctx, cancel := context.WithCancel(t.Context())
				n.ServeConn(t, "dms.test:443", func(conn net.Conn) {
					context.AfterFunc(t.Context(), func() { _ = conn.Close() })
					server := tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{*certificate}, NextProtos: []string{"h2"}, MinVersion: tls.VersionTLS12})
					if _, err := io.ReadFull(server, make([]byte, len(http2.ClientPreface))); err != nil {
						return
					}
					time.AfterFunc(50*time.Millisecond, cancel)
					if acknowledged {
						go func() { _, _ = io.Copy(io.Discard, server) }()
					}
					framer := http2.NewFramer(server, nil)
					for err := framer.WriteSettings(); err == nil; {
						err = flood(framer)
					}
				})
				c := newTestClient(t, nil, withEndpoint("https://dms.test"), func(c *Config) { c.Insecure, c.Dial = true, n.Dial })
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				_, err := getTasks(ctx, c)
				runtime.ReadMemStats(&after)
				if !errors.Is(err, context.Canceled) || after.HeapInuse > before.HeapInuse+32<<20 { // not the time limit of an attempt
					t.Errorf("%v, with %d and then %d bytes of memory", err, before.HeapInuse, after.HeapInuse)
				}
			})
		}
	}
}
