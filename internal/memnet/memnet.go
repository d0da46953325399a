// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

// Package memnet is a network in memory for tests. In the virtual time of testing/synctest, delays and
// timeouts of net/http have their real length and cost nothing.
package memnet

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// Network connects clients to servers by address. Connections are refused where nothing listens.
type Network struct {
	Refuse  func(number int) bool // refuses a connection, counted from 1; nil: none
	Latency time.Duration         // of connecting
	OnRead  func()                // called before each read of a client; nil: nothing

	mu        sync.Mutex
	listeners map[string]*listener
	dialed    []string
	open      map[*clientConn]bool
}

// New returns a network without servers.
func New() *Network {
	return &Network{listeners: map[string]*listener{}, open: map[*clientConn]bool{}}
}

// Dial connects to a server. It gives up after 10 seconds, as package huaweicloud does.
func (n *Network) Dial(ctx context.Context, _, address string) (net.Conn, error) {
	n.mu.Lock()
	n.dialed = append(n.dialed, address)
	l := n.listeners[address]
	refused := l == nil || n.Refuse != nil && n.Refuse(len(n.dialed))
	n.mu.Unlock()
	if refused {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	if n.Latency > 0 {
		select {
		case <-time.After(n.Latency):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	client, server := net.Pipe()
	conn := &clientConn{Conn: client, network: n, closed: make(chan struct{})}
	n.mu.Lock()
	n.open[conn] = true
	n.mu.Unlock()
	select {
	case l.accepted <- serverConn{server, conn}:
		return conn, nil
	case <-ctx.Done():
	case <-l.closed:
	case <-time.After(10 * time.Second):
	}
	_ = conn.Close()
	return nil, errors.New("i/o timeout")
}

// Listen returns a listener at an address with a port, which is closed at the end of the test.
func (n *Network) Listen(t testing.TB, address string) net.Listener {
	t.Helper()
	l := &listener{accepted: make(chan net.Conn), closed: make(chan struct{})}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.listeners[address] = l
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// Serve serves h at an address; with a TLS configuration, over TLS and HTTP/2.
func (n *Network) Serve(t testing.TB, address string, h http.Handler, config *tls.Config) {
	t.Helper()
	server := &http.Server{Handler: h, TLSConfig: config, ErrorLog: log.New(io.Discard, "", 0)} //nolint:gosec // no client is slow
	l := n.Listen(t, address)
	t.Cleanup(func() { _ = server.Close() })
	go func() {
		if config != nil {
			_ = server.ServeTLS(l, "", "")
		} else {
			_ = server.Serve(l)
		}
	}()
}

// ServeConn calls serve with each connection to an address, and then closes it.
func (n *Network) ServeConn(t testing.TB, address string, serve func(net.Conn)) {
	t.Helper()
	l := n.Listen(t, address)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				serve(conn)
			}()
		}
	}()
}

// Silence makes the open connections silent, like a firewall that forgets them: nothing arrives any more,
// not even that they are closed.
func (n *Network) Silence() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for conn := range n.open {
		conn.silent.Store(true)
	}
}

// OpenConns returns the number of connections that the clients have not closed.
func (n *Network) OpenConns() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.open)
}

// Dialed returns the addresses that were connected to, in order.
func (n *Network) Dialed() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]string(nil), n.dialed...)
}

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

// serverConn is the server's end of a connection. It can be reset, like a TCP connection.
type serverConn struct {
	net.Conn

	client *clientConn
}

func (c serverConn) SetLinger(int) error {
	c.client.reset.Store(true)
	return nil
}

// clientConn is the client's end of a connection.
type clientConn struct {
	net.Conn

	network       *Network
	reset, silent atomic.Bool
	closed        chan struct{}
	once          sync.Once
}

func (c *clientConn) Read(p []byte) (int, error) {
	if c.network.OnRead != nil {
		c.network.OnRead()
	}
	n, err := c.Conn.Read(p)
	if c.silent.Load() {
		<-c.closed
		return 0, net.ErrClosed
	}
	if err != nil && c.reset.Load() {
		err = &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	}
	return n, err
}

func (c *clientConn) Write(p []byte) (int, error) {
	if c.silent.Load() {
		return len(p), nil
	}
	return c.Conn.Write(p)
}

func (c *clientConn) Close() error {
	c.once.Do(func() {
		close(c.closed)
		c.network.mu.Lock()
		delete(c.network.open, c)
		c.network.mu.Unlock()
	})
	return c.Conn.Close()
}
