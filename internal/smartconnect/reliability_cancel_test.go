// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package smartconnect

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/huaweicloud"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

// A cancelled read returns within 100 ms, with the error of the context, and leaves nothing behind.
func TestReliability_cancel(t *testing.T) {
	t.Parallel()
	const when = time.Second
	cloud := newCloud(120)
	// A hijacked connection takes HTTP/1.1, so all but the handshake is over plain HTTP.
	after := func(text string) simulator.Fault { // hangs after a text
		return simulator.ConnFault(func(conn net.Conn, _ []byte) {
			_, _ = io.WriteString(conn, text)
			_, _ = io.Copy(io.Discard, conn)
		})
	}
	hangAfterBody := func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		_, _ = io.Copy(io.Discard, r.Body) // net/http notices only then that the client leaves
		simulator.HangFault()(w, r, next)
	}
	for _, stage := range []struct {
		name  string
		hang  simulator.Fault // of the page, or of the token
		token bool            // the credential is a token of IAM
		other int             // other reads that were started before
	}{
		{name: "in the header", hang: after("HTTP/1.1 200 OK\r\nContent-Ty")},
		{name: "before the header", hang: simulator.HangFault()},
		{name: "before the body", hang: after(okLine + "Content-Length: 9\r\n\r\n")},
		{name: "in the body", hang: after(okLine + "Content-Length: 9\r\n\r\n{\"tas")},
		{name: "in the backoff", hang: throttled("60")},
		{name: "in the backoff of another read", hang: throttled("60"), other: 1},
		{name: "waiting for other reads", hang: simulator.HangFault(), other: 20},
		{name: "waiting for a token", hang: hangAfterBody, token: true},
		{name: "waiting for the token of another read", hang: hangAfterBody, token: true, other: 1},
	} {
		for _, page := range pages[:2] {
			if stage.token && page.offset != "0" {
				continue
			}
			t.Run(stage.name+", "+page.name+" page", func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					n := newNetwork()
					s := &faultyCloud{cloud: cloud, offset: page.offset, fault: stage.hang, times: forever}
					if stage.token {
						s.offset = ""
					}
					n.serve(t, address, s, nil)
					client := newClient(t, n, func(c *huaweicloud.Config) {
						if stage.token {
							c.CredentialSource = huaweicloud.Password{UserName: simulator.UserName, Password: huaweicloud.NewSecret(simulator.Password), DomainName: simulator.DomainName}
						}
					})
					others, stop := context.WithCancel(t.Context())
					defer stop()
					var wait sync.WaitGroup
					for range stage.other {
						wait.Go(func() { _, _ = client.Tasks(others, instance) })
					}
					synctest.Wait()
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					time.AfterFunc(when, cancel)
					checkCancelled(ctx, t, client, when)
					stop()
					wait.Wait()
					n.checkNoOpenConns(t)
				})
			})
		}
	}
	for _, name := range []string{"dialling", "in the TLS handshake"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				n := newNetwork()
				l := n.listen("127.0.0.1:443")
				defer func() { _ = l.Close() }()
				if name != "dialling" {
					go func() { // accepts a connection, and is silent
						if conn, err := l.Accept(); err == nil {
							_, _ = io.Copy(io.Discard, conn)
							_ = conn.Close()
						}
					}()
				}
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				time.AfterFunc(when, cancel)
				checkCancelled(ctx, t, newClient(t, n, withEndpoint("https://127.0.0.1")), when)
				n.checkNoOpenConns(t)
			})
		})
	}
}

// checkCancelled reads under a context that ends after a while.
func checkCancelled(ctx context.Context, t *testing.T, client *Client, when time.Duration) {
	t.Helper()
	start := time.Now()
	list, err := client.Tasks(ctx, instance)
	if elapsed := time.Since(start); elapsed < when || elapsed > when+100*time.Millisecond {
		t.Errorf("it returned after %s, want at most 100ms after %s", elapsed, when)
	}
	if list != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("%v, %v; want no list, and the error of the context", list, err)
	}
}

// Between two pages there is no request that could end: the read itself has to check the context.
func TestReliability_cancelBetweenPages(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cloud := newCloud(120)
		n := newNetwork()
		n.serve(t, address, cloud, nil)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		client := newClient(t, n, func(c *huaweicloud.Config) {
			c.OnAttempt = func(context.Context, huaweicloud.Attempt) { cancel() }
		})
		checkCancelled(ctx, t, client, 0)
		if requests := len(cloud.Requests()); requests != 1 {
			t.Errorf("%d requests, want 1", requests)
		}
		n.checkNoOpenConns(t)
	})
}
