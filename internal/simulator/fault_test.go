// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package simulator_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

// struck is a server whose first request meets a fault.
func struck(t *testing.T, f simulator.Fault) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(simulator.New(simulator.Options{Faults: map[int]simulator.Fault{1: f}}))
	t.Cleanup(server.Close)
	return server
}

func TestHeaderFaultAddsToTheHealthyAnswer(t *testing.T) {
	response, body, err := send(t, struck(t, simulator.HeaderFault("Retry-After", "7")), tasksURL)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK || response.Header.Get("Retry-After") != "7" || !strings.HasPrefix(string(body), `{"tasks":[`) {
		t.Errorf("%s %v %.100q, want the healthy answer with the header", response.Status, response.Header, body)
	}
}

func TestHangFaultEndsWithTheRequest(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	arrived := make(chan struct{})
	h := struck(t, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		close(arrived)
		simulator.HangFault()(w, r, next)
	})
	go func() {
		<-arrived
		cancel()
	}()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, h.URL+tasksURL, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Client().Do(r); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v, want that of the context", err)
	}
	h.Close() // waits for the request
}

func TestConnFaultPlaysWithTheHealthyBody(t *testing.T) {
	healthyServer := httptest.NewServer(simulator.New(simulator.Options{}))
	defer healthyServer.Close()
	_, whole, err := send(t, healthyServer, tasksURL)
	if err != nil {
		t.Fatal(err)
	}
	var healthy string
	_, body, err := send(t, struck(t, simulator.ConnFault(func(conn net.Conn, body []byte) {
		healthy = string(body)
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nthis")
	})), tasksURL)
	if !errors.Is(err, io.ErrUnexpectedEOF) || string(body) != "this" || healthy != string(whole) {
		t.Errorf("%q, %v; the healthy body is %.100q, want %.100q", body, err, healthy, whole)
	}
}

func TestConnFaultNeedsAConnection(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("there was no panic")
		}
	}()
	s := simulator.New(simulator.Options{Faults: map[int]simulator.Fault{1: simulator.ResetFault("")}})
	s.ServeHTTP(httptest.NewRecorder(), call{target: tasksURL}.request())
}

func TestResetFaultResetsTheConnection(t *testing.T) {
	for _, text := range []string{"", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nthis"} {
		_, _, err := send(t, struck(t, simulator.ResetFault(text)), tasksURL)
		if !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("after %q: %v, want a reset", text, err)
		}
	}
}

func TestSlowFaultSendsByteByByte(t *testing.T) {
	began := time.Now()
	_, body, err := send(t, struck(t, simulator.SlowFault("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n12", "345", time.Millisecond)), tasksURL)
	if elapsed := time.Since(began); err != nil || string(body) != "12345" || elapsed < 3*time.Millisecond {
		t.Errorf("%q, %v after %s; want all of it after 3ms at least", body, err, elapsed)
	}
}
