// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package bench

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

// NewReplay serves at the URL that it returns, until ctx ends, the responses of a simulator with n tasks
// to one read of p, each after a latency. The responses are recorded, so that serving them takes next to
// no processor time; a simulator checks signatures.
func NewReplay(ctx context.Context, p tfprotov6.ProviderServer, n int, latency time.Duration) (url string, err error) {
	cloud := simulator.New(simulator.Options{})
	cloud.SetTasks(simulator.InstanceID, simulator.GenerateTasks(n))
	var mu sync.Mutex
	responses := map[string][]byte{} // by the first line of the request
	recording := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorder := httptest.NewRecorder()
		cloud.ServeHTTP(recorder, r)
		body := recorder.Body.Bytes()
		mu.Lock()
		responses[r.Method+" "+r.URL.RequestURI()+" "+r.Proto] = fmt.Appendf(nil,
			"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Request-Id: %s\r\nContent-Length: %d\r\n\r\n%s",
			recorder.Header().Get("X-Request-Id"), len(body), body)
		mu.Unlock()
		w.WriteHeader(recorder.Code)
		_, _ = w.Write(body)
	}))
	defer recording.Close()
	server, err := NewServer(ctx, p, recording.URL)
	if err != nil {
		return "", err
	}
	if _, err := server.Read(ctx); err != nil {
		return "", err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	context.AfterFunc(ctx, func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go replay(ctx, conn, responses, latency)
		}
	}()
	return "http://" + listener.Addr().String(), nil
}

// replay closes the connection on a request that was not recorded.
func replay(ctx context.Context, conn net.Conn, responses map[string][]byte, latency time.Duration) {
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	defer conn.Close()
	lines := bufio.NewScanner(conn)
	var response []byte
	for lines.Scan() {
		switch line := lines.Bytes(); {
		case response == nil:
			if response = responses[string(line)]; response == nil {
				return
			}
		case len(line) == 0:
			select {
			case <-time.After(latency):
			case <-ctx.Done():
				return
			}
			if _, err := conn.Write(response); err != nil {
				return
			}
			response = nil
		}
	}
}
