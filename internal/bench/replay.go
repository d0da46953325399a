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

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

// NewReplay answers at the URL that it returns, until ctx ends, what a simulator of n tasks has
// answered one read of p. The answers are bytes made before, sent with next to no work: a simulator
// checks signatures, and in the same process its time and its allocations would count as p's.
func NewReplay(ctx context.Context, p tfprotov6.ProviderServer, n int) (url string, err error) {
	cloud := simulator.New(simulator.Options{})
	cloud.SetTasks(simulator.InstanceID, simulator.GenerateTasks(n))
	var mu sync.Mutex
	answers := map[string][]byte{} // by the first line of the request
	recording := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorder := httptest.NewRecorder()
		cloud.ServeHTTP(recorder, r)
		body := recorder.Body.Bytes()
		mu.Lock()
		answers[r.Method+" "+r.URL.RequestURI()+" "+r.Proto] = fmt.Appendf(nil,
			"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
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
			go replay(ctx, conn, answers)
		}
	}()
	return "http://" + listener.Addr().String(), nil
}

// replay closes the connection on a request that was not recorded.
func replay(ctx context.Context, conn net.Conn, answers map[string][]byte) {
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	defer conn.Close()
	lines := bufio.NewScanner(conn)
	var answer []byte
	for lines.Scan() {
		switch line := lines.Bytes(); {
		case answer == nil:
			if answer = answers[string(line)]; answer == nil {
				return
			}
		case len(line) == 0:
			if _, err := conn.Write(answer); err != nil {
				return
			}
			answer = nil
		}
	}
}
