// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package smartconnect_test

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
	"github.com/smartconnect/terraform-provider-smartconnect/internal/smartconnect"
)

// A read whose context ends is back within 100 ms, with the context's error, and leaves nothing.
func TestAReadThatIsCancelledIsBackAtOnceAndLeavesNothing(t *testing.T) {
	t.Parallel()
	const when = time.Second
	cloud := newCloud(120)
	secured, authorities := newCertificate(t)
	hangs := func(f simulator.Fault) func(*faultyCloud) {
		return func(s *faultyCloud) { s.fault, s.times = f, forever }
	}
	after := func(text string) simulator.Fault { // hangs after a text
		return simulator.ConnFault(func(conn net.Conn, _ []byte) {
			_, _ = io.WriteString(conn, text)
			_, _ = io.Copy(io.Discard, conn)
		})
	}
	pause := func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.Header().Set("Retry-After", "60")
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	for _, stage := range []struct {
		name   string
		source bool // the credential is a token of IAM
		slots  int  // reads before it, side by side
		listen string
		hang   func(*faultyCloud)
	}{
		{name: "dialling", listen: "nobody accepts"},
		{name: "in the TLS handshake", listen: "nobody speaks"},
		{name: "before the header", hang: hangs(simulator.HangFault())},
		{name: "in the header", hang: hangs(after("HTTP/1.1 200 OK\r\nContent-Ty"))},
		{name: "before the body", hang: hangs(after(okLine + "Content-Length: 9\r\n\r\n"))},
		{name: "in the body", hang: hangs(after(okLine + "Content-Length: 9\r\n\r\n{\"tas"))},
		{name: "in the pause", hang: hangs(pause)},
		{name: "in the pause of all", hang: hangs(throttled("60")), slots: 1},
		{name: "waiting for a slot or a turn", hang: hangs(simulator.HangFault()), slots: 12},
		{name: "waiting for a token", hang: func(s *faultyCloud) { s.offset, s.fault, s.times = "", simulator.HangFault(), forever }, source: true},
		{name: "waiting for the token of another", hang: func(s *faultyCloud) { s.offset, s.fault, s.times = "", simulator.HangFault(), forever }, source: true, slots: 1},
	} {
		for _, page := range pages[:2] {
			if page.offset != "0" && (stage.hang == nil || stage.source) {
				continue // what comes before the first page
			}
			t.Run(stage.name+", "+page.name+" page", func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					n := newNetwork()
					s := &faultyCloud{cloud: cloud, offset: page.offset}
					if stage.hang != nil {
						stage.hang(s)
						n.serve(t, "127.0.0.1:443", s, secured.Clone())
					} else {
						l := n.listen("127.0.0.1:443")
						defer func() { _ = l.Close() }()
						if stage.listen == "nobody speaks" {
							go func() {
								conn, err := l.Accept()
								if err == nil {
									_, _ = io.Copy(io.Discard, conn)
									_ = conn.Close()
								}
							}()
						}
					}
					client := newClient(t, n, withEndpoint("https://127.0.0.1"), func(c *huaweicloud.Config) {
						c.RootCAs = authorities
						if stage.source {
							c.CredentialSource = huaweicloud.Password{UserName: simulator.UserName, Password: huaweicloud.NewSecret(simulator.Password), DomainName: simulator.DomainName}
						}
					})
					all, stop := context.WithCancel(t.Context())
					defer stop()
					var wait sync.WaitGroup
					for range stage.slots {
						wait.Go(func() { _, _ = client.Tasks(all, instance) })
					}
					synctest.Wait()
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					time.AfterFunc(when, cancel)
					checkCancelled(ctx, t, client, when)
					stop()
					wait.Wait()
					n.leavesNothing(t)
				})
			})
		}
	}
}

// checkCancelled reads under a context that ends after a while.
func checkCancelled(ctx context.Context, t *testing.T, client *smartconnect.Client, when time.Duration) {
	t.Helper()
	start := time.Now()
	list, err := client.Tasks(ctx, instance)
	if elapsed := time.Since(start); elapsed < when || elapsed > when+100*time.Millisecond {
		t.Errorf("it was back after %s, want at most 100ms after %s", elapsed, when)
	}
	if list != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("%v, %v; want no list, and the context's error", list, err)
	}
}

// Between two pages nothing is under way that could end: the read has to look by itself.
func TestAReadThatIsCancelledBetweenPagesAsksForNoMore(t *testing.T) {
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
		if asked := len(cloud.Requests()); asked != 1 {
			t.Errorf("%d pages were asked for, want 1", asked)
		}
		n.leavesNothing(t)
	})
}
