// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package smartconnect

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// randomList is a list that changes between any two requests, on a service that pages in some way. A
// seed decides everything, also which of the concurrent requests is served first. It needs the virtual
// time of synctest.
type randomList struct {
	*fakeList

	random     *rand.Rand
	edits      int                 // a task is created or deleted before one in so many requests; 0: never
	reorder    func(l *randomList) // changes the order before each request; nil: it is stable
	repeats    int                 // one in so many pages is the one served before; 0: none
	anySize    bool                // each page has another maximum of tasks
	wrongTotal bool                // total may be wrong

	served map[int]page // the last page, by limit
}

// newRandomList returns an empty list that does not change.
func newRandomList(seed uint64) *randomList {
	l := &randomList{fakeList: newFakeList(0), random: rand.New(rand.NewPCG(seed, 0)), served: map[int]page{}}
	sent := map[int]uint64{}
	l.delay = func(ctx context.Context, offset int) {
		l.mu.Lock()
		sent[offset]++
		// Requests arrive in any order, so their delays cannot be of one sequence.
		delay := randomDuration(rand.New(rand.NewPCG(seed, uint64(offset)<<32|sent[offset])), time.Second)
		l.mu.Unlock()
		select {
		case <-time.After(delay):
		case <-ctx.Done():
		}
	}
	l.before = func(int) error {
		for n := 0; n < 4 && l.edits > 0 && l.random.IntN(l.edits) == 0; n++ {
			l.edit(l.random)
		}
		if l.reorder != nil {
			l.reorder(l)
		}
		if l.anySize {
			l.pageSize = 2 + l.random.IntN(pageLimit-1)
		}
		return nil
	}
	l.replace = func(number int, p page) page {
		r := l.requests[number-1]
		// A page served again must have been requested with the same limit: truncated to another one, it could
		// be indistinguishable from the end of the list. A repeated first page is indistinguishable as well.
		if again, ok := l.served[r.limit]; ok && r.offset > 0 && l.repeats > 0 && l.random.IntN(l.repeats) == 0 {
			return again
		}
		// A first page that is not full and has as many tasks as a wrong total is indistinguishable from a
		// complete list.
		first := r.offset == 0 || l.ignoresOffset
		if count := len(p.Tasks); l.wrongTotal && first && count < len(l.ids) && deref(p.TotalNumber) == int64(count) {
			p.TotalNumber = new(int64(count) + 1)
		}
		l.served[r.limit] = p
		return p
	}
	return l
}

// randomize fills the list and chooses settings, except those that are indistinguishable from a complete list.
func (l *randomList) randomize() {
	l.edits = pick(l.random, 0, 1, 2, 3, 5, 20)
	l.pastEnd = pick(l.random, nil, errPastEnd)
	l.pageSize = pick(l.random, 0, 0, 2, 3, 4, 7, 10, 49)
	l.total = pick(l.random, nil, missing, always(0), off(l.random.Int64N(81)-20), always(1+l.random.Int64N(450)))
	l.wrongTotal = l.total != nil && deref(l.total(1000)) != 0
	// With pages of any length, the total alone tells a short page from the end: another fault could not be
	// detected.
	if l.anySize = !l.wrongTotal && l.random.IntN(9) == 0; !l.anySize {
		l.ignoresOffset = l.random.IntN(8) == 0
		l.repeats = pick(l.random, 0, 0, 1, 3, 10)
	}
	// Short lists meet the ends of pages more often when pages are short.
	longest := 400
	if l.pageSize > 0 && l.random.IntN(2) == 0 {
		longest = 4 * l.pageSize
	}
	l.fill(l.random.IntN(longest + 1))
}

func pick[T any](random *rand.Rand, choices ...T) T { return choices[random.IntN(len(choices))] }

// outcomes counts the results of reads.
type outcomes struct{ right, inconsistent, tooLong, wrong, requests int }

// read reads a list and returns what must never hold of the result, or "".
func (o *outcomes) read(ctx context.Context, l *randomList) (broken string) {
	base, gone := l.snapshot()
	list, err := listAll(ctx, l.fetch)
	o.requests += len(l.requests)
	_, inconsistent := errors.AsType[*InconsistentListError](err)
	switch {
	case err == nil:
		broken = l.check(list, base, gone)
	case list != nil || !inconsistent && !errors.Is(err, errTooManyRequests):
		broken = fmt.Sprintf("list %v, error %v", list, err)
	}
	if len(l.requests) > maxRequests {
		broken = fmt.Sprintf("%d requests", len(l.requests))
	}
	switch {
	case broken != "":
		o.wrong++
	case inconsistent:
		o.inconsistent++
	case err != nil:
		o.tooLong++
	default:
		o.right++
	}
	return broken
}

func (o *outcomes) percent(n int) float64 {
	return 100 * float64(n) / float64(o.right+o.inconsistent+o.tooLong+o.wrong)
}

func (o *outcomes) String() string {
	return fmt.Sprintf("right %.2f %%, inconsistent %.2f %%, too long %.2f %%, wrong %.2f %%; %d requests",
		o.percent(o.right), o.percent(o.inconsistent), o.percent(o.tooLong), o.percent(o.wrong), o.requests)
}

// forSeeds reads lists of seeds from 0 on, and fails the test at the first that is broken.
func forSeeds(t *testing.T, count uint64, read func(ctx context.Context, l *randomList) (broken string)) {
	t.Helper()
	if long() {
		count *= 300
	}
	synctest.Test(t, func(t *testing.T) {
		for seed := range count {
			l := newRandomList(seed)
			if broken := read(t.Context(), l); broken != "" {
				t.Fatalf("seed %d, requests %v: %s", seed, l.requests, broken)
			}
		}
	})
}

// The promise, whatever is created and deleted between any two pages: an error, or a list with every task
// that existed throughout, none that existed at no time, and none twice. For a stable order it has a
// proof: see pager.
func TestPager_completeOrError(t *testing.T) {
	t.Parallel()
	var all outcomes
	forSeeds(t, 300, func(ctx context.Context, l *randomList) string {
		l.randomize()
		return all.read(ctx, l)
	})
	t.Log(&all)
}

// The promise for an order that is not stable, while no task is created or deleted, is the same: a scan
// is accepted if it has as many different tasks as its pages have places.
func TestPager_completeOrErrorInAnyOrder(t *testing.T) {
	t.Parallel()
	var all outcomes
	forSeeds(t, 300, func(ctx context.Context, l *randomList) string {
		l.randomize()
		l.edits, l.ignoresOffset, l.repeats, l.anySize = 0, false, 0, false
		l.reorder = orders[pick(l.random, "any", "ties", "replicas", "moves")]
		return all.read(ctx, l)
	})
	t.Log(&all)
}

// A list that does not change is read, if the service merely serves short pages or gives a wrong total:
// caution must not end in errors.
func TestPager_unchangedList(t *testing.T) {
	t.Parallel()
	forSeeds(t, 300, func(ctx context.Context, l *randomList) string {
		l.randomize()
		l.edits, l.ignoresOffset, l.repeats, l.anySize = 0, false, 0, false
		if l.pageSize > 0 {
			l.ids = l.ids[:min(len(l.ids), 20*(l.pageSize-1))] // within the budget of requests, also after a restart
		}
		if len(l.ids) < 2 {
			l.total = nil // see TestPager_announcedTasks
		}
		if list, err := listAll(ctx, l.fetch); err != nil || !slices.Equal(idsOf(list), l.ids) {
			return fmt.Sprintf("%v, list %v", err, list)
		}
		return ""
	})
}

// Ways in which an order can change from request to request.
var orders = map[string]func(l *randomList){
	"any": func(l *randomList) { l.shuffle(0, len(l.ids)) },
	// The order is by something that up to three tasks have in common, such as a time.
	"ties": func(l *randomList) {
		slices.Sort(l.ids)
		for i := 0; i < len(l.ids); i += 3 {
			l.shuffle(i, min(i+3, len(l.ids)))
		}
	},
	// Two replicas respond in turn, and one of them has two adjacent tasks swapped.
	"replicas": func(l *randomList) {
		slices.Sort(l.ids)
		if len(l.ids) > 49 && l.random.IntN(2) == 1 {
			l.ids[48], l.ids[49] = l.ids[49], l.ids[48]
		}
	},
	// One task has moved.
	"moves": func(l *randomList) {
		if n := len(l.ids); n > 0 {
			from := l.random.IntN(n)
			moved := l.ids[from]
			l.ids = slices.Insert(slices.Delete(l.ids, from, from+1), l.random.IntN(n), moved)
		}
	},
}

func (l *randomList) shuffle(from, to int) {
	l.random.Shuffle(to-from, func(i, j int) { l.ids[from+i], l.ids[from+j] = l.ids[from+j], l.ids[from+i] })
}

// How often a read succeeds, with 50 tasks or more on a service that pages as documented. With fewer there
// is one page, which is complete in any order.
//
// Nothing proves a list whose order changes while tasks are created and deleted: a deleted task can stand
// for a missed one, and the pages fit together all the same. Then it is only promised to be rare. One
// edit in 20 requests is far more than the service will see: creating a task takes seconds, and an
// instance may have 18.
func TestPager_successRate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name         string
		tasks, edits int
		order        string
		right, wrong float64 // at least and at most, in percent
	}{
		{"nothing changes", 400, 0, "", 100, 0},
		{"one edit in 100 requests", 400, 100, "", 100, 0},
		{"one edit in 20 requests", 400, 20, "", 99.9, 0},
		{"one edit in 5 requests", 400, 5, "", 98, 0},
		{"one edit in 2 requests", 400, 2, "", 65, 0},
		{"one edit in 2 requests, few tasks", 60, 2, "", 99, 0},

		{"order by ties", 400, 0, "ties", 50, 0},
		{"order by ties, few tasks", 60, 0, "ties", 85, 0},
		{"two replicas", 400, 0, "replicas", 100, 0},
		{"a task moves before each request", 400, 0, "moves", 60, 0},
		{"any order at each request", 400, 0, "any", 0, 0},

		{"order by ties, one edit in 20 requests", 400, 20, "ties", 40, 1},
		{"order by ties, one edit in 20 requests, few tasks", 60, 20, "ties", 80, 3},
		{"two replicas, one edit in 20 requests", 400, 20, "replicas", 95, 2},
		{"a task moves before each request, one edit in 20 requests", 400, 20, "moves", 50, 3},
		{"any order at each request, one edit in 20 requests", 400, 20, "any", 0, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var all outcomes
			forSeeds(t, 30, func(ctx context.Context, l *randomList) string {
				l.fill(50 + l.random.IntN(tt.tasks-49))
				l.edits, l.reorder = tt.edits, orders[tt.order]
				_ = all.read(ctx, l) // what is wrong is counted
				return ""
			})
			t.Log(&all)
			if right, wrong := all.percent(all.right), all.percent(all.wrong); right < tt.right || wrong > tt.wrong {
				t.Errorf("right are %.1f %% and wrong %.1f %%, want at least %g and at most %g", right, wrong, tt.right, tt.wrong)
			}
		})
	}
}
