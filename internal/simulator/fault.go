// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"bytes"
	"maps"
	"net"
	"net/http"
	"strconv"
	"time"
)

// Fault answers a request in place of the healthy cloud, which is next.
type Fault func(w http.ResponseWriter, r *http.Request, next http.Handler)

// ErrorFault answers with an error of the API: in the gateway's form, with a
// request_id, if the code begins with APIG, else in the service's form.
func ErrorFault(status int, code, message string) Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		writeFailure(w, failure{status, code, message})
	}
}

// BodyFault answers with any body, such as a proxy's page. As it does not come
// from the cloud, it has no request ID.
func BodyFault(status int, contentType, body string) Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.Header().Del("X-Request-Id")
		w.Header().Del("X-Iam-Trace-Id")
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body)) // it fails only when the client is gone, or for a 204
	}
}

// AbortFault cuts the connection without an answer. Like [CutFault] it panics with
// [http.ErrAbortHandler], which a server takes as just that.
func AbortFault() Fault {
	return func(http.ResponseWriter, *http.Request, http.Handler) {
		panic(http.ErrAbortHandler)
	}
}

// TruncateFault gives the healthy answer, but cuts the connection after n bytes of its
// body, or after all of it if it is shorter: Content-Length always promises more.
func TruncateFault(n int) Fault {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		next.ServeHTTP(&truncatingWriter{ResponseWriter: w, left: max(n, 0)}, r)
		_ = http.NewResponseController(w).Flush() // if it fails, the connection is cut already
		panic(http.ErrAbortHandler)
	}
}

// truncatingWriter lets only the first bytes of a body through.
type truncatingWriter struct {
	http.ResponseWriter
	left int
}

func (c *truncatingWriter) WriteHeader(status int) {
	length, _ := strconv.Atoi(c.Header().Get("Content-Length")) // write sets it always
	c.Header().Set("Content-Length", strconv.Itoa(max(length, c.left+1)))
	c.ResponseWriter.WriteHeader(status)
}

func (c *truncatingWriter) Write(p []byte) (int, error) {
	sent, err := c.ResponseWriter.Write(p[:min(len(p), c.left)])
	c.left -= sent
	return len(p), err
}

// HangFault gives no answer until the client leaves.
func HangFault() Fault {
	return func(_ http.ResponseWriter, r *http.Request, _ http.Handler) {
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	}
}

// HeaderFault gives the healthy answer under a further header.
func HeaderFault(name, value string) Fault {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		w.Header().Set(name, value)
		next.ServeHTTP(w, r)
	}
}

// ConnFault takes the connection of an HTTP/1.1 request from the server and gives
// it to play, with the body of the healthy answer; afterwards it closes it. It is
// for whatever a server does not send by itself. It panics where there is no such
// connection.
func ConnFault(play func(conn net.Conn, body []byte)) Fault {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		healthy := &keeper{header: w.Header().Clone()}
		next.ServeHTTP(healthy, r)
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		defer func() { _ = conn.Close() }()
		play(conn, healthy.body.Bytes())
	}
}

// ResetFault sends text, which is of any kind, and resets the connection.
func ResetFault(text string) Fault {
	return ConnFault(func(conn net.Conn, _ []byte) {
		_, _ = conn.Write([]byte(text)) // it fails only when the client is gone
		if l, ok := conn.(interface{ SetLinger(seconds int) error }); ok {
			_ = l.SetLinger(0) // without waiting for what was not sent, Close resets
		}
	})
}

// SlowFault sends the text at once, and then the slow one byte by byte, with a pause
// before each.
func SlowFault(text, slow string, each time.Duration) Fault {
	return ConnFault(func(conn net.Conn, _ []byte) {
		_, err := conn.Write([]byte(text))
		for i := 0; i < len(slow) && err == nil; i++ {
			<-time.After(each)
			_, err = conn.Write([]byte{slow[i]})
		}
	})
}

// keeper keeps an answer in place of sending it.
type keeper struct {
	header http.Header
	body   bytes.Buffer
}

func (k *keeper) Header() http.Header         { return k.header }
func (k *keeper) WriteHeader(int)             {}
func (k *keeper) Write(p []byte) (int, error) { return k.body.Write(p) }

// SetFaults replaces the faults, by number of the request. The count goes on;
// [Simulator.Reset] starts it anew.
func (s *Simulator) SetFaults(faults map[int]Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = maps.Clone(faults)
}
