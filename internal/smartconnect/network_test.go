// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package smartconnect

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/huaweicloud"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

// The reliability suites read through the complete stack, down to net/http and the bytes of a connection,
// over a network in memory and in the virtual time of synctest: delays and timeouts have their real
// length, and cost nothing.

// Tests in bubbles of synctest fail by themselves if a goroutine is left. This is for the others.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// long reports whether the suites should run for minutes.
func long() bool { return os.Getenv("SMARTCONNECT_LONG") != "" }

// network is a network in memory. Connections are refused where nothing listens.
type network struct {
	refuse func(number int) bool // refuses a connection, counted from 1; nil: none
	takes  time.Duration         // to connect
	hook   func()                // called before each read of a client; nil: none

	mu        sync.Mutex
	listeners map[string]*listener
	dialled   []string
	open      int // connections that a client has not closed
}

func newNetwork() *network { return &network{listeners: map[string]*listener{}} }

// dial is for huaweicloud.Config.
func (n *network) dial(ctx context.Context, _, address string) (net.Conn, error) {
	n.mu.Lock()
	n.dialled = append(n.dialled, address)
	l := n.listeners[address]
	refused := l == nil || n.refuse != nil && n.refuse(len(n.dialled))
	if !refused {
		n.open++
	}
	n.mu.Unlock()
	if refused {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	if n.takes > 0 {
		select {
		case <-time.After(n.takes):
		case <-ctx.Done():
		}
	}
	here, there := net.Pipe()
	reset := &atomic.Bool{}
	closed := sync.OnceFunc(func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.open--
	})
	select {
	case l.accepted <- serverEnd{there, reset}:
		return clientEnd{here, reset, n.hook, closed}, nil
	case <-ctx.Done():
	case <-l.closed:
	case <-time.After(10 * time.Second): // as a net.Dialer does: net/http goes on when a request is given up
	}
	closed()
	return nil, errors.New("nobody has accepted the connection")
}

// listen returns a listener at an address with a port.
func (n *network) listen(address string) *listener {
	l := &listener{accepted: make(chan net.Conn), closed: make(chan struct{})}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.listeners[address] = l
	return l
}

// serve serves h at an address, with a TLS configuration over TLS and HTTP/2.
func (n *network) serve(t *testing.T, address string, h http.Handler, secured *tls.Config) {
	t.Helper()
	server := &http.Server{Handler: h, TLSConfig: secured, ErrorLog: log.New(io.Discard, "", 0)}
	l := n.listen(address)
	go func() {
		if secured != nil {
			_ = server.ServeTLS(l, "", "")
		} else {
			_ = server.Serve(l)
		}
	}()
	t.Cleanup(func() { _ = server.Close() })
}

// checkNoOpenConns waits until idle connections are closed, and fails the test if one is still open.
func (n *network) checkNoOpenConns(t *testing.T) {
	t.Helper()
	<-time.After(2 * time.Minute)
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.open != 0 {
		t.Errorf("%d connections of %d are still open", n.open, len(n.dialled))
	}
}

// listener accepts the ends of pipes.
type listener struct {
	accepted chan net.Conn
	closed   chan struct{}
	once     sync.Once
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.accepted:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (*listener) Addr() net.Addr { return &net.TCPAddr{} }

// serverEnd is an end that can be reset, as one of TCP can.
type serverEnd struct {
	net.Conn

	reset *atomic.Bool
}

func (e serverEnd) SetLinger(int) error {
	e.reset.Store(true)
	return nil
}

// clientEnd is the other end, which fails as a TCP connection does.
type clientEnd struct {
	net.Conn

	reset  *atomic.Bool
	hook   func()
	closed func()
}

func (e clientEnd) Read(p []byte) (int, error) {
	if e.hook != nil {
		e.hook()
	}
	n, err := e.Conn.Read(p)
	if err != nil && e.reset.Load() {
		err = &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	}
	return n, err
}

func (e clientEnd) Close() error {
	e.closed()
	return e.Conn.Close()
}

// address is where the cloud is served, a host for which no environment sets a proxy.
const address = "127.0.0.1:80"

// readTime is the default timeout of a read.
const readTime = 5 * time.Minute

var instance = Instance{Region: simulator.Region, ProjectID: simulator.ProjectID, ID: simulator.InstanceID}

// newClient returns a client in the network n with valid keys and five retries, unless changed.
func newClient(t *testing.T, n *network, change ...func(*huaweicloud.Config)) *Client {
	t.Helper()
	config := huaweicloud.Config{
		Region:           simulator.Region,
		CredentialSource: huaweicloud.AccessKeys{AccessKey: simulator.AccessKey, SecretKey: huaweicloud.NewSecret(simulator.SecretKey)},
		Endpoints:        map[string]string{"dms": "http://" + address, "iam": "http://" + address},
		MaxRetries:       5,
		UserAgent:        "test/1",
	}
	if n != nil {
		config.Dial = n.dial
	}
	for _, f := range change {
		f(&config)
	}
	cloud, err := huaweicloud.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	return NewClient(cloud)
}

func withEndpoint(address string) func(*huaweicloud.Config) {
	return func(c *huaweicloud.Config) { c.Endpoints = map[string]string{"dms": address, "iam": address} }
}

// newCloud returns a simulator with generated tasks.
func newCloud(tasks int) *simulator.Simulator {
	s := simulator.New(simulator.Options{})
	s.SetTasks(simulator.InstanceID, simulator.GenerateTasks(tasks))
	return s
}

// faultyCloud is a cloud in which the first requests for one page meet a fault, and the others do not.
type faultyCloud struct {
	cloud  http.Handler
	fault  simulator.Fault
	offset string // of the page
	times  int32
	hits   atomic.Int32
}

func (s *faultyCloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("offset") == s.offset && s.hits.Add(1) <= s.times {
		s.fault(w, r, s.cloud)
		return
	}
	s.cloud.ServeHTTP(w, r)
}

// newCertificate returns a self-signed certificate, valid now and in the time of synctest.
func newCertificate(t *testing.T) (*tls.Config, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"canary.test", "localhost"},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	authority, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(authority)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}, pool
}
