// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"bufio"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/memnet"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

// setProxy clears the variables of the environment but for the given one.
func setProxy(t *testing.T, name, value string) {
	t.Helper()
	for _, other := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy"} {
		t.Setenv(other, "")
	}
	t.Setenv(name, value)
}

func TestProxy_errors(t *testing.T) {
	for _, test := range []struct {
		name     string
		proxy    string // value of the variable
		response string // to CONNECT
		want     string
		attempts int
	}{
		{"403", "http://us3r:c4nary@proxy.test:1", "403 Forbidden", "proxy proxy.test:1: HTTP 403 Forbidden", 1},
		{"407", "http://us3r:c4nary@proxy.test:1", "407 Proxy Authentication Required", "proxy proxy.test:1: HTTP 407 Proxy Authentication Required", 1},
		{"502", "http://us3r:c4nary@proxy.test:1", "502 Bad Gateway", "proxy proxy.test:1: HTTP 502 Bad Gateway", 3},
		{"101", "http://us3r:c4nary@proxy.test:1", "101 Switching Protocols", "proxy proxy.test:1: HTTP 101 Switching Protocols", 3},
		{"refuses", "http://us3r:c4nary@127.0.0.1:1", "", "proxy 127.0.0.1:1: proxyconnect tcp: dial tcp: connection refused", 3},
		{"hash in the password", "http://us3r:c4nary#1@127.0.0.1:1", "", "variable HTTPS_PROXY: must be a URL", 1},
		{"slash in the password", "http://us3r:c4nary/1@127.0.0.1:1", "", "variable HTTPS_PROXY: must be a URL", 1},
		{"bad escape in the password", "http://us3r:c4nary%zz@127.0.0.1:1", "", "variable HTTPS_PROXY: must be a URL", 1},
		{"other scheme", "ftp://127.0.0.1:1", "", "variable HTTPS_PROXY: must be a URL", 1},
		{"no host", "http://us3r:c4nary@", "", "variable HTTPS_PROXY: must be a URL", 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			setProxy(t, "HTTPS_PROXY", test.proxy)
			synctest.Test(t, func(t *testing.T) {
				n := memnet.New()
				n.ServeConn(t, "proxy.test:1", func(conn net.Conn) {
					r, err := http.ReadRequest(bufio.NewReader(conn))
					if err != nil {
						t.Error(err)
						return
					}
					_, _ = io.WriteString(conn, "HTTP/1.1 "+test.response+" "+r.Header.Get("Proxy-Authorization")+"\r\n\r\n")
				})
				attempts, err := getTasks(t.Context(), newTestClient(t, nil, withEndpoint("https://dms.test"), withRetries(2), func(c *Config) { c.Dial = n.Dial }))
				requireErrorText(t, err, "..."+test.want+"...")
				requireNoSecrets(t, err.Error(), "us3r", "c4nary", "dXMz")
				if attempts != test.attempts {
					t.Errorf("%d attempts, want %d", attempts, test.attempts)
				}
			})
		})
	}
}

// A host that needs no proxy is reached whatever the variable holds.
func TestProxy_exemptHost(t *testing.T) {
	cloud := httptest.NewServer(simulator.New(simulator.Options{}))
	defer cloud.Close()
	setProxy(t, "HTTP_PROXY", "http://user:%zz@proxy.invalid")
	requireTasks(t, newTestClient(t, nil, withEndpoint(cloud.URL)))
}

// A 407 can repeat the password that net/http has sent.
func TestProxy_secrets(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusBadGateway)
		_, _ = io.WriteString(w, `{"error_code":"`+r.Header.Get("Proxy-Authorization")+`","error_msg":"user us3r-name with c4nary-pass"}`)
	}))
	defer proxy.Close()
	setProxy(t, "HTTP_PROXY", strings.Replace(proxy.URL, "http://", "http://us3r-name:c4nary-pass@", 1))
	_, err := getTasks(t.Context(), newTestClient(t, nil, withEndpoint("http://dms.invalid"), func(c *Config) { c.Insecure = true }))
	requireErrorText(t, err, "...HTTP 502 Bad Gateway, code ***: "+withheld)
}

// An https proxy that asks for a certificate gets none, unlike the cloud behind it.
func TestProxy_clientCertificate(t *testing.T) {
	ours := newAuthority(t)
	var shown [2]atomic.Int32 // to the proxy, to the cloud
	server := func(number int, h http.Handler) *httptest.Server {
		s := httptest.NewUnstartedServer(h)
		s.Config.ErrorLog = log.New(io.Discard, "", 0)
		s.TLS = &tls.Config{
			Certificates: []tls.Certificate{*ours.issueFor(t, nil)}, ClientAuth: tls.RequestClientCert,
			VerifyConnection: func(state tls.ConnectionState) error {
				shown[number].Add(int32(len(state.PeerCertificates)))
				return nil
			},
		}
		s.StartTLS()
		t.Cleanup(s.Close)
		return s
	}
	cloud := server(1, simulator.New(simulator.Options{}))
	proxy := server(0, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		to, err := net.Dial("tcp", cloud.Listener.Addr().String())
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		from, _, _ := http.NewResponseController(w).Hijack()
		_, _ = io.WriteString(from, "HTTP/1.1 200 OK\r\n\r\n")
		go func() { _, _ = io.Copy(to, from); _ = to.Close() }()
		_, _ = io.Copy(from, to)
		_ = from.Close()
	}))
	setProxy(t, "HTTPS_PROXY", proxy.URL)
	c := newTestClient(t, nil, withEndpoint("https://dms.invalid"), func(c *Config) { c.Insecure, c.Certificate = true, ours.issueFor(t, nil) })
	requireTasks(t, c)
	if shown[0].Load() != 0 || shown[1].Load() == 0 {
		t.Errorf("certificates shown: %d to the proxy, %d to the cloud", shown[0].Load(), shown[1].Load())
	}
}

// A proxy that does not respond to CONNECT does not hold a canceled request, nor its connection for more than a minute.
func TestProxy_cancellation(t *testing.T) {
	setProxy(t, "HTTPS_PROXY", "http://proxy.test:1")
	for name, response := range map[string]string{"before the response": "", "in the response": "HTTP/1.1 200 OK\r\n"} {
		runInBubble(t, name, func(t *testing.T) {
			n := memnet.New()
			n.ServeConn(t, "proxy.test:1", respondAndHang(response))
			c := newTestClient(t, nil, withEndpoint("https://cloud.test"), withRetries(3), func(c *Config) { c.Dial = n.Dial })
			requireCancellation(t, c, n, time.Minute) // until net/http gives up on CONNECT
		})
	}
}
