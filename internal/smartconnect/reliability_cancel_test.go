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
	"github.com/smartconnect/terraform-provider-smartconnect/internal/memnet"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

// A canceled read returns at once, with the error of the context, and leaves nothing behind. The stages
// of one request are in internal/huaweicloud.
func TestReliability_cancel(t *testing.T) {
	t.Parallel()
	cloud := newCloud(120)
	inBody := simulator.ConnFault(func(conn net.Conn, _ []byte) {
		_, _ = io.WriteString(conn, okLine+"Content-Length: 9\r\n\r\n{\"tas")
		_, _ = io.Copy(io.Discard, conn)
	})
	hangAfterBody := func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		_, _ = io.Copy(io.Discard, r.Body) // net/http notices only then that the client leaves
		simulator.HangFault()(w, r, next)
	}
	keys := huaweicloud.AccessKeys{AccessKey: simulator.AccessKey, SecretKey: huaweicloud.NewSecret(simulator.SecretKey)}
	password := huaweicloud.Password{UserName: simulator.UserName, Password: huaweicloud.NewSecret(simulator.Password), DomainName: simulator.DomainName}
	for _, tt := range []struct {
		name   string
		fault  simulator.Fault
		offset string // of the page with the fault; "": the token
		source huaweicloud.CredentialSource
		others int // reads that were started before
	}{
		{"in the body of the first page", inBody, "0", keys, 0},
		{"in the body of a parallel page", inBody, "49", keys, 0},
		{"in the backoff", throttled("60"), "0", keys, 0},
		{"in the backoff of a parallel page", throttled("60"), "49", keys, 0},
		{"in the backoff of another read", throttled("60"), "0", keys, 1},
		{"waiting for other reads", simulator.HangFault(), "49", keys, 20},
		{"waiting for a token", hangAfterBody, "", password, 0},
		{"waiting for the token of another read", hangAfterBody, "", password, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				n := memnet.New()
				n.Serve(t, address, &faultyCloud{cloud: cloud, offset: tt.offset, fault: tt.fault, times: forever}, nil)
				client := newClient(t, n, func(c *huaweicloud.Config) { c.CredentialSource = tt.source })
				others, stop := context.WithCancel(t.Context())
				var wait sync.WaitGroup
				for range tt.others {
					wait.Go(func() { _, _ = client.Tasks(others, instance) })
				}
				synctest.Wait()
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(time.Second, cancel)
				start := time.Now()
				list, err := client.Tasks(ctx, instance)
				if elapsed := time.Since(start); list != nil || !errors.Is(err, context.Canceled) || elapsed != time.Second {
					t.Errorf("%v, %v after %s; want context.Canceled after 1s", list, err, elapsed)
				}
				stop()
				wait.Wait()
				checkNoOpenConns(t, n)
			})
		})
	}
}
