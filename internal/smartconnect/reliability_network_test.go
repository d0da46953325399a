// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package smartconnect_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/huaweicloud"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/smartconnect"
)

// The suites of reliability read through all that a real read goes through, down to net/http and the
// bytes on a connection. Their network is one in memory and their time that of a bubble, where a
// test says nothing else: pauses and time limits are then as long as in earnest, and cost nothing.

// Tests in bubbles fail by themselves if a goroutine is left. This is for the others.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// long reports whether the suites are to take minutes, with as many schedules as that allows.
func long() bool { return os.Getenv("SMARTCONNECT_LONG") != "" }

// network is one in memory. Where nothing is served, connections are refused.
type network struct {
	refuse func(number int) bool // a connection, the first is 1; nil: none
	takes  time.Duration         // to connect
	hook   func()                // called before each read of a client; nil: nothing is

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

// listen makes a listener at an address, which has a port.
func (n *network) listen(address string) *listener {
	l := &listener{accepted: make(chan net.Conn), closed: make(chan struct{})}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.listeners[address] = l
	return l
}

// serve lets h answer at an address; with a TLS configuration over TLS, and HTTP/2 if that says so.
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

// leavesNothing waits until idle connections are closed, and fails the test if any is open then.
func (n *network) leavesNothing(t *testing.T) {
	t.Helper()
	<-time.After(2 * time.Minute)
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.open != 0 {
		t.Errorf("%d connections of %d are still open", n.open, len(n.dialled))
	}
}

// listener hands over the ends of pipes.
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

// clientEnd is the other end, which sees what a client of TCP does.
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

// address is where the cloud is served. It is one for which no environment has a proxy.
const address = "127.0.0.1:80"

// readTime is what a read has by default.
const readTime = 5 * time.Minute

var instance = smartconnect.Instance{Region: simulator.Region, ProjectID: simulator.ProjectID, ID: simulator.InstanceID}

// newClient returns a client with the right keys and five retries, unless change says otherwise, to
// which n is the network.
func newClient(t *testing.T, n *network, change ...func(*huaweicloud.Config)) *smartconnect.Client {
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
	return smartconnect.NewClient(cloud)
}

func withEndpoint(address string) func(*huaweicloud.Config) {
	return func(c *huaweicloud.Config) { c.Endpoints = map[string]string{"dms": address, "iam": address} }
}

// newCloud returns a simulator that serves so many generated tasks.
func newCloud(tasks int) *simulator.Simulator {
	s := simulator.New(simulator.Options{})
	s.SetTasks(simulator.InstanceID, simulator.GenerateTasks(tasks))
	return s
}

// faultyCloud is a cloud in which the first requests for one page meet a fault.
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

// list is a cloud that asks nobody who he is, and has tasks of an ID alone.
type list struct {
	mu      sync.Mutex
	ids     []string
	created int
	ever    map[string]bool // was there at a time
	gone    map[string]bool // is no more
}

func newList(tasks int) *list {
	l := &list{ever: map[string]bool{}, gone: map[string]bool{}}
	for i := range tasks {
		l.insert(i)
	}
	return l
}

func (l *list) insert(at int) {
	id := fmt.Sprint("t", l.created)
	l.created++
	l.ever[id] = true
	l.ids = slices.Insert(l.ids, at, id)
}

func (l *list) remove(at int) {
	l.gone[l.ids[at]] = true
	l.ids = slices.Delete(l.ids, at, at+1)
}

// now returns the IDs.
func (l *list) now() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.ids)
}

func (l *list) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var offset, limit int
	if _, err := fmt.Sscan(r.URL.Query().Get("offset")+" "+r.URL.Query().Get("limit"), &offset, &limit); err != nil {
		http.Error(w, "no page", http.StatusBadRequest)
		return
	}
	ids := l.now()
	n := len(ids)
	var b strings.Builder
	b.WriteString(`{"tasks":[`)
	for i, id := range ids[min(offset, n):min(offset+limit, n)] {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`{"id":"` + id + `"}`)
	}
	fmt.Fprintf(&b, `],"total_number":%d}`, n)
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, b.String()) // the client may leave
}

func idsOf(list *smartconnect.TaskList) []string {
	ids := make([]string, len(list.Tasks))
	for i, task := range list.Tasks {
		ids[i] = task.ID
	}
	return ids
}

// newCertificate returns a certificate of hosts, which is its own authority, for now and in bubbles.
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
