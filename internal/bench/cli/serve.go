// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

//go:build linux

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
)

// recordPath answers with the number of requests since it was last asked.
const recordPath = "/record"

// serve serves so many tasks with a latency until standard input ends, and prints where.
func serve(ctx context.Context, args []string) error {
	if len(args) != 2 {
		return errors.New("usage: serve TASKS LATENCY")
	}
	tasks, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	latency, err := time.ParseDuration(args[1])
	if err != nil {
		return err
	}
	cloud := simulator.New(simulator.Options{Latency: latency})
	cloud.SetTasks(simulator.InstanceID, simulator.GenerateTasks(tasks))
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == recordPath {
			_, _ = fmt.Fprint(w, len(cloud.Requests()))
			cloud.Reset()
			return
		}
		cloud.ServeHTTP(w, r)
	})}
	fmt.Println("http://" + listener.Addr().String())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = server.Close()
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// cloud is a simulator in a process of its own.
type cloud struct {
	url  string
	stop func() error
}

func startCloud(ctx context.Context, tasks int, latency time.Duration) (*cloud, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, "serve", strconv.Itoa(tasks), latency.String())
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	c := &cloud{url: strings.TrimSpace(line), stop: func() error { return errors.Join(stdin.Close(), cmd.Wait()) }}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("starting the simulator: %w", err), c.stop())
	}
	return c, nil
}

// requests is how many there were since it was last asked.
func (c *cloud) requests(ctx context.Context) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url+recordPath, http.NoBody)
	if err != nil {
		return 0, err
	}
	resp, err := new(http.Transport).RoundTrip(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(string(text))
}
