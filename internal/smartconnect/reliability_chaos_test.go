// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package smartconnect_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// small are the faults without those that are large, which would take most of the time.
var small = slices.DeleteFunc(slices.Clone(faults), func(f fault) bool { return f.name == "gzip bomb" || f.name == "header of 5 MB" })

// chaos is a cloud whose list changes, and in which requests fail, as a seed says.
type chaos struct {
	*list

	faulty float64 // the share of requests that fail
	edited float64 // the share of requests before which a task comes or goes

	turn   sync.Mutex
	random *rand.Rand
	struck int
}

func (c *chaos) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.turn.Lock()
	before, after := upTo(c.random, 200*time.Millisecond), upTo(c.random, 200*time.Millisecond)
	fails, edits := c.random.Float64() < c.faulty, c.random.Float64() < c.edited
	f, at := small[c.random.IntN(len(small))], c.random.Float64()
	c.turn.Unlock()

	<-time.After(before)
	if edits {
		c.edit(at)
	}
	if fails {
		c.turn.Lock()
		c.struck++
		c.turn.Unlock()
		if f.by != nil {
			f.by(w, r, c.list)
			return
		}
		panic(http.ErrAbortHandler) // an established connection is not refused
	}
	page := &slowly{ResponseWriter: w, by: after}
	c.list.ServeHTTP(page, r)
}

func upTo(random *rand.Rand, most time.Duration) time.Duration {
	return time.Duration(random.Int64N(int64(most)))
}

// slowly has a pause between what an answer is made of and its way.
type slowly struct {
	http.ResponseWriter

	by time.Duration
}

func (s *slowly) Write(p []byte) (int, error) {
	<-time.After(s.by)
	return s.ResponseWriter.Write(p)
}

// edit lets a task come or go at a share of the list.
func (c *chaos) edit(at float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n := len(c.ids); n > 0 && int(at*1e6)%2 == 0 {
		c.remove(int(at * float64(n)))
	} else {
		c.insert(int(at * float64(n+1)))
	}
}

// wrong says what is wrong with a read that began when base was there, and the others were gone.
func (c *chaos) wrong(base, got []string, goneBefore map[string]bool) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	seen := map[string]bool{}
	for _, id := range got {
		switch {
		case !c.ever[id]:
			return fmt.Sprintf("task %q never was", id)
		case goneBefore[id]:
			return fmt.Sprintf("task %s was gone before", id)
		case seen[id]:
			return fmt.Sprintf("task %s is there twice", id)
		}
		seen[id] = true
	}
	for _, id := range base {
		if !c.gone[id] && !seen[id] {
			return fmt.Sprintf("task %s was there throughout, but is not in the list", id)
		}
	}
	return ""
}

// begin returns what is there, and what is no more.
func (c *chaos) begin() (ids []string, gone map[string]bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	gone = make(map[string]bool, len(c.gone))
	for id := range c.gone {
		gone[id] = true
	}
	return slices.Clone(c.ids), gone
}

// Ten reads side by side, with faults, changes of the list and the ends of their contexts in between:
// each is whole or an error, and none leaves a goroutine, a connection or a timer behind. The seed
// chooses all that the cloud does; the pauses of the client are random by themselves.
func TestReadsInChaosAreWholeOrFail(t *testing.T) {
	t.Parallel()
	schedules := uint64(200)
	if long() {
		schedules = 20_000
	}
	const lanes, reads = 4, 10
	var whole, failed, wrong, struck atomic.Int64
	t.Run("schedules", func(t *testing.T) {
		for lane := range uint64(lanes) {
			t.Run(fmt.Sprint("lane ", lane), func(t *testing.T) {
				t.Parallel()
				for seed := lane; seed < schedules; seed += lanes {
					synctest.Test(t, func(t *testing.T) {
						random := rand.New(rand.NewPCG(seed, 0))
						c := &chaos{
							list: newList(random.IntN(130)), random: random,
							faulty: []float64{0, 0.01, 0.05, 0.2}[random.IntN(4)], edited: []float64{0, 0.02, 0.1, 0.3}[random.IntN(4)],
						}
						starts, ends := make([]time.Duration, reads), make([]time.Duration, reads)
						for i := range reads {
							starts[i], ends[i] = upTo(random, 2*time.Second), readTime
							if random.IntN(10) == 0 {
								ends[i] = upTo(random, 2*time.Second)
							}
						}
						n := newNetwork()
						n.serve(t, address, c, nil)
						client := newClient(t, n)
						var wait sync.WaitGroup
						for i := range reads {
							wait.Go(func() {
								<-time.After(starts[i])
								ctx, cancel := context.WithTimeout(t.Context(), ends[i])
								defer cancel()
								base, gone := c.begin()
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
									whole.Add(1)
									if what := c.wrong(base, idsOf(list), gone); what != "" {
										wrong.Add(1)
										t.Errorf("seed %d, read %d: %s", seed, i, what)
									}
								}
							})
						}
						wait.Wait()
						struck.Add(int64(c.struck))
						n.leavesNothing(t)
					})
				}
			})
		}
	})
	t.Logf("%d schedules of %d reads: %d whole, %d failed, %d wrong; %d requests were struck", schedules, reads, whole.Load(), failed.Load(), wrong.Load(), struck.Load())
	if all := int64(schedules * reads); whole.Load() < all/2 || failed.Load() < all/100 {
		t.Errorf("of %d reads %d were whole and %d failed, which says little", all, whole.Load(), failed.Load())
	}
}
