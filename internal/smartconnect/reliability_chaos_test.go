// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package smartconnect

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/memnet"
)

// chaos is a cloud whose list changes and in which requests fail, as a seed decides.
type chaos struct {
	*fakeList

	faultRate, editRate float64 // of requests

	mu     sync.Mutex // of what follows
	random *rand.Rand
	faults int
}

func (c *chaos) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	before, after := randomDuration(c.random, 200*time.Millisecond), randomDuration(c.random, 200*time.Millisecond)
	fails, edits := c.random.Float64() < c.faultRate, c.random.Float64() < c.editRate
	f := faults[c.random.IntN(len(faults))]
	if fails {
		c.faults++
	}
	c.mu.Unlock()

	<-time.After(before)
	if edits {
		c.mu.Lock()
		c.fakeList.mu.Lock()
		c.edit(c.random)
		c.fakeList.mu.Unlock()
		c.mu.Unlock()
	}
	switch {
	case fails && f.inject == nil: // an established connection cannot be refused
		panic(http.ErrAbortHandler)
	case fails:
		f.inject(w, r, c.fakeList)
	default:
		c.fakeList.ServeHTTP(&delayedWriter{w, after}, r)
	}
}

func randomDuration(random *rand.Rand, limit time.Duration) time.Duration {
	return time.Duration(random.Int64N(int64(limit)))
}

// delayedWriter delays a response that has been made.
type delayedWriter struct {
	http.ResponseWriter

	delay time.Duration
}

func (w *delayedWriter) Write(p []byte) (int, error) {
	<-time.After(w.delay)
	return w.ResponseWriter.Write(p)
}

// Ten concurrent reads, with faults, changes of the list and ends of contexts in between: each gives the
// complete list or an error, and none leaves a goroutine, a connection or a timer behind. The seed decides
// what the cloud does; the delays of the client are random by themselves.
func TestReliability_chaos(t *testing.T) {
	t.Parallel()
	schedules := uint64(100)
	if long() {
		schedules = 20_000
	}
	const lanes, reads = 4, 10
	var complete, failed, wrong, faults atomic.Int64
	t.Run("schedules", func(t *testing.T) {
		for lane := range uint64(lanes) {
			t.Run(fmt.Sprint("lane ", lane), func(t *testing.T) {
				t.Parallel()
				for seed := lane; seed < schedules; seed += lanes {
					synctest.Test(t, func(t *testing.T) {
						random := rand.New(rand.NewPCG(seed, 0))
						c := &chaos{
							fakeList: newFakeList(random.IntN(130)), random: random,
							faultRate: []float64{0, 0.01, 0.05, 0.2}[random.IntN(4)], editRate: []float64{0, 0.02, 0.1, 0.3}[random.IntN(4)],
						}
						starts, ends := make([]time.Duration, reads), make([]time.Duration, reads)
						for i := range reads {
							starts[i], ends[i] = randomDuration(random, 2*time.Second), readTime
							if random.IntN(10) == 0 {
								ends[i] = randomDuration(random, 2*time.Second)
							}
						}
						n := memnet.New()
						n.Serve(t, address, c, nil)
						client := newClient(t, n)
						var wait sync.WaitGroup
						for i := range reads {
							wait.Go(func() {
								<-time.After(starts[i])
								ctx, cancel := context.WithTimeout(t.Context(), ends[i])
								defer cancel()
								base, gone := c.snapshot()
								began := time.Now()
								list, err := client.Tasks(ctx, instance)
								if elapsed := time.Since(began); elapsed > ends[i] {
									t.Errorf("seed %d, read %d: it took %s of %s", seed, i, elapsed, ends[i])
								}
								switch {
								case err != nil && list != nil:
									t.Errorf("seed %d, read %d: a list beside an error", seed, i)
								case err != nil:
									failed.Add(1)
								default:
									complete.Add(1)
									if what := c.check(list, base, gone); what != "" {
										wrong.Add(1)
										t.Errorf("seed %d, read %d: %s", seed, i, what)
									}
								}
							})
						}
						wait.Wait()
						faults.Add(int64(c.faults))
						checkNoOpenConns(t, n)
					})
				}
			})
		}
	})
	t.Logf("%d schedules of %d reads: %d complete, %d failed, %d wrong; %d faults", schedules, reads, complete.Load(), failed.Load(), wrong.Load(), faults.Load())
	if all := int64(schedules * reads); complete.Load() < all/2 || failed.Load() < all/100 {
		t.Errorf("of %d reads %d were complete and %d failed, which proves little", all, complete.Load(), failed.Load())
	}
}
