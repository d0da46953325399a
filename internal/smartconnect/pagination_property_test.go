// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package smartconnect

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"

	"pgregory.net/rapid"
)

// A hundred schedules, as rapid tries by itself, say little, and these take seconds. A long run has
// -rapid.checks=100000, or RAPID_CHECKS in the environment.
func init() {
	if _, ok := os.LookupEnv("RAPID_CHECKS"); !ok {
		_ = flag.Set("rapid.checks", "2000")
	}
}

// chooser makes one of n choices. Those of rapid shrink, those of a seed are fast.
type chooser func(what string, n int) int

func drawn(t *rapid.T) chooser {
	return func(what string, n int) int { return rapid.IntRange(0, n-1).Draw(t, what) }
}

func seeded(r *rand.Rand) chooser {
	return func(_ string, n int) int { return r.IntN(n) }
}

// fakeListConfig is what a scheduled list does besides paging.
type fakeListConfig struct {
	tasks      int                    // at the start
	edits      int                    // a task is created or deleted before one in so many requests; 0: never
	total      func(int) *int64       // as of fakeList
	wrongTotal bool                   // total may be wrong
	pageSize   int                    // as of fakeList
	varies     bool                   // pageSize is another one for each page
	ignores    bool                   // the offset is ignored
	repeats    int                    // one in so many pages is the one served before; 0: none
	pastEnd    bool                   // an offset past the end is an error, not an empty page
	reorder    func(l *scheduledList) // changes the order before each request; nil: it is stable
}

// scheduledList is a list of which a chooser decides what changes between any two requests, and in
// which order concurrent requests are served.
type scheduledList struct {
	*fakeList
	fakeListConfig

	choose     chooser
	base, gone map[string]bool // as of fakeList.check
	served     map[int]page    // the last page, by limit
	count      int             // requests served

	mu      sync.Mutex
	pending []*request
}

type request struct {
	pageRequest

	reply     chan reply
	abandoned bool // nobody waits for the reply
}

type reply struct {
	page *page
	err  error
}

func newScheduledList(k fakeListConfig, c chooser) *scheduledList {
	l := &scheduledList{fakeList: newFakeList(k.tasks), fakeListConfig: k, choose: c, served: map[int]page{}}
	l.fakeList.total, l.fakeList.pageSize, l.ignoresOffset = k.total, k.pageSize, k.ignores
	if k.pastEnd {
		l.fakeList.pastEnd = errPastEnd
	}
	l.base, l.gone = l.snapshot()
	return l
}

// fetch waits for its turn, or for the end of its context.
func (l *scheduledList) fetch(ctx context.Context, offset, limit int) (*page, int, error) {
	r := &request{pageRequest: pageRequest{offset, limit}, reply: make(chan reply, 1)}
	l.mu.Lock()
	l.pending = append(l.pending, r)
	l.mu.Unlock()
	select {
	case reply := <-r.reply:
		return reply.page, 1, reply.err
	case <-ctx.Done():
		l.mu.Lock()
		r.abandoned = true
		l.mu.Unlock()
		return nil, 1, ctx.Err()
	}
}

// read reads the list while it changes, within a bubble of synctest: a choice is made when no more
// requests can come, so the choices alone decide what happens.
func (l *scheduledList) read(ctx context.Context) (list *TaskList, err error) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	defer func() { // also when rapid ends a schedule within a choice
		cancel()
		<-done
	}()
	go func() {
		defer close(done)
		list, err = listAll(ctx, l.fetch)
	}()
	for {
		synctest.Wait()
		select {
		case <-done:
			return list, err
		default:
		}
		r := l.next()
		r.reply <- l.serve(r) //nolint:contextcheck // the context is that of the request
	}
}

// next takes one of the pending requests.
func (l *scheduledList) next() *request {
	l.mu.Lock()
	l.pending = slices.DeleteFunc(l.pending, func(r *request) bool { return r.abandoned })
	slices.SortFunc(l.pending, func(a, b *request) int { return cmp.Compare(a.offset, b.offset) })
	l.mu.Unlock()
	at := 0
	if len(l.pending) > 1 {
		at = l.choose("request", len(l.pending))
	}
	r := l.pending[at]
	l.pending = slices.Delete(l.pending, at, at+1)
	return r
}

func (l *scheduledList) serve(r *request) reply {
	l.count++
	l.change()
	// A page served again must have been requested with the same limit: cut to another one it could look
	// like the end of the list, which nobody can tell. Nor can anybody tell that a first page is not the
	// first.
	if again, ok := l.served[r.limit]; ok && r.offset > 0 && l.repeats > 0 && l.choose("repeat", l.repeats) == 0 {
		return reply{page: &again}
	}
	if l.varies {
		l.fakeList.pageSize = 2 + l.choose("page size", pageLimit-1)
	}
	p, _, err := l.fakeList.fetch(context.Background(), r.offset, r.limit)
	if err != nil {
		return reply{err: err}
	}
	// A first page that is not full and as long as a wrong total says is the complete list by all that
	// can be seen of it.
	first := r.offset == 0 || l.ignores
	if count := len(p.Tasks); l.wrongTotal && first && count < len(l.ids) && deref(p.TotalNumber) == int64(count) {
		p.TotalNumber = new(int64(count) + 1)
	}
	l.served[r.limit] = *p
	return reply{page: p}
}

// change creates and deletes tasks, and changes the order if it is not stable.
func (l *scheduledList) change() {
	for range 4 {
		if l.edits == 0 || l.choose("edit", l.edits) != l.edits-1 {
			break
		}
		at := l.choose("at", 2*len(l.ids)+1) // the one more is an insert at the end
		if at >= len(l.ids) {
			l.insert(at - len(l.ids))
		} else {
			l.remove(at)
		}
	}
	if l.reorder != nil {
		l.reorder(l)
	}
}

// drawConfig draws any settings that can be told from a list that is complete.
func drawConfig(t *rapid.T) fakeListConfig {
	k := fakeListConfig{
		edits:   rapid.SampledFrom([]int{0, 1, 2, 3, 5, 20}).Draw(t, "edits"),
		pastEnd: rapid.Bool().Draw(t, "400 past the end"),
	}
	switch rapid.IntRange(0, 3).Draw(t, "total") {
	case 0: // right
	case 1:
		k.total = missing
	case 2:
		k.total = always(0)
	default:
		k.wrongTotal = true
		if rapid.Bool().Draw(t, "off") {
			k.total = off(int64(rapid.IntRange(-20, 60).Draw(t, "by")))
		} else {
			k.total = always(int64(rapid.IntRange(1, 450).Draw(t, "wrong")))
		}
	}
	if size := rapid.SampledFrom([]int{0, 0, 2, 3, 4, 7, 10, 49, pageLimit + 1}).Draw(t, "page size"); size <= pageLimit {
		k.pageSize = size
	} else {
		k.varies = true
	}
	// With pages of any length a short one is the end by its total alone: a wrong page beside it cannot be
	// told.
	if k.varies && k.wrongTotal {
		k.varies = false
	}
	if !k.varies {
		k.ignores = rapid.IntRange(0, 7).Draw(t, "ignores the offset") == 7
		k.repeats = rapid.SampledFrom([]int{0, 0, 1, 3, 10}).Draw(t, "repeats")
	}
	// Short lists meet the ends of pages more often when pages are short.
	longest := 400
	if k.pageSize > 0 && rapid.Bool().Draw(t, "short") {
		longest = 4 * k.pageSize
	}
	k.tasks = rapid.IntRange(0, longest).Draw(t, "tasks")
	return k
}

// outcomeCounts counts the results of reads.
type outcomeCounts struct{ right, inconsistent, tooLong, wrong, requests int }

func (c *outcomeCounts) add(l *scheduledList, list *TaskList, err error) {
	c.requests += l.count
	_, inconsistent := errors.AsType[*InconsistentListError](err)
	switch {
	case inconsistent:
		c.inconsistent++
	case err != nil:
		c.tooLong++
	case l.check(list, l.base, l.gone) != "":
		c.wrong++
	default:
		c.right++
	}
}

func (c *outcomeCounts) percent(n int) float64 {
	return 100 * float64(n) / float64(c.right+c.inconsistent+c.tooLong+c.wrong)
}

func (c *outcomeCounts) String() string {
	all := c.right + c.inconsistent + c.tooLong + c.wrong
	return fmt.Sprintf("%d reads: right %.3f %%, inconsistent %.3f %%, too long %.3f %%, wrong %.3f %%; %.1f requests each",
		all, c.percent(c.right), c.percent(c.inconsistent), c.percent(c.tooLong), c.percent(c.wrong), float64(c.requests)/float64(all))
}

// checkRead checks what must hold of each read, whatever the service does.
func checkRead(t *rapid.T, l *scheduledList, list *TaskList, err error) {
	t.Helper()
	if l.count > maxRequests {
		t.Fatalf("%d requests, want at most %d", l.count, maxRequests)
	}
	_, inconsistent := errors.AsType[*InconsistentListError](err)
	switch {
	case err == nil:
		if wrong := l.check(list, l.base, l.gone); wrong != "" {
			t.Fatalf("%s: %v", wrong, idsOf(list))
		}
	case list != nil:
		t.Fatalf("there are a list and an error: %v", err)
	case !inconsistent && !errors.Is(err, errTooManyRequests):
		t.Fatalf("the error is %v", err)
	}
}

// The promise, whatever is created and deleted between any two pages: an error, or a list with every task
// that existed throughout, none that existed at no time, and none twice. For a stable order it has a
// proof: see pager.
func TestPager_completeOrError(t *testing.T) {
	var outcomes outcomeCounts
	rapid.Check(t, func(t *rapid.T) {
		rapid.SyncTest(t, func(t *rapid.T) {
			l := newScheduledList(drawConfig(t), drawn(t))
			list, err := l.read(t.Context())
			checkRead(t, l, list, err)
			outcomes.add(l, list, err)
		})
	})
	t.Log(&outcomes)
}

// A list that does not change is read, if the service merely serves short pages or gives a wrong total:
// caution must not end in errors.
func TestPager_unchangedList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rapid.SyncTest(t, func(t *rapid.T) {
			k := drawConfig(t)
			k.edits, k.ignores, k.repeats, k.varies = 0, false, 0, false
			if k.pageSize > 0 {
				k.tasks = min(k.tasks, 20*(k.pageSize-1)) // within the budget of requests, also after a restart
			}
			if k.tasks < 2 {
				k.total = nil // see TestPager_announcedTasks
			}
			l := newScheduledList(k, drawn(t))
			list, err := l.read(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(idsOf(list), l.ids) {
				t.Fatalf("the tasks are %v, want %v", idsOf(list), l.ids)
			}
		})
	})
}

// Ways in which an order can change from request to request.
var orders = map[string]func(l *scheduledList){
	"any": func(l *scheduledList) { l.shuffle(0, len(l.ids)) },
	// The order is by something that up to three tasks have in common, such as a time.
	"ties": func(l *scheduledList) {
		slices.Sort(l.ids)
		for i := 0; i < len(l.ids); i += 3 {
			l.shuffle(i, min(i+3, len(l.ids)))
		}
	},
	// Two replicas respond in turn, of which one has two neighbours the other way round.
	"replicas": func(l *scheduledList) {
		slices.Sort(l.ids)
		if len(l.ids) > 49 && l.choose("replica", 2) == 1 {
			l.ids[48], l.ids[49] = l.ids[49], l.ids[48]
		}
	},
	// One task has moved.
	"moves": func(l *scheduledList) {
		if len(l.ids) > 0 {
			from := l.choose("from", len(l.ids))
			moved := l.ids[from]
			l.ids = slices.Insert(slices.Delete(l.ids, from, from+1), l.choose("to", len(l.ids)), moved)
		}
	},
}

func (l *scheduledList) shuffle(from, to int) {
	for i := to - 1; i > from; i-- {
		j := from + l.choose("shuffle", i-from+1)
		l.ids[i], l.ids[j] = l.ids[j], l.ids[i]
	}
}

// The promise for an order that is not stable, while no task is created or deleted, is the same: a scan
// is accepted if it has as many different tasks as its pages have places.
func TestPager_completeOrErrorInAnyOrder(t *testing.T) {
	var outcomes outcomeCounts
	rapid.Check(t, func(t *rapid.T) {
		rapid.SyncTest(t, func(t *rapid.T) {
			k := drawConfig(t)
			k.edits, k.ignores, k.repeats, k.varies = 0, false, 0, false
			k.reorder = orders[rapid.SampledFrom([]string{"any", "ties", "replicas", "moves"}).Draw(t, "order")]
			k.tasks = min(k.tasks, 100) // a shuffle is as many draws
			l := newScheduledList(k, drawn(t))
			list, err := l.read(t.Context())
			checkRead(t, l, list, err)
			outcomes.add(l, list, err)
		})
	})
	t.Log(&outcomes)
}

// How often a read succeeds, with 50 tasks or more on a service that pages as documented. With fewer there
// is one page, which is complete in any order.
//
// Nothing proves a list whose order changes while tasks are created and deleted: a deleted task can stand
// for a missed one, and the pages fit together all the same. Then it is only promised to be rare. One
// edit in 20 requests is far more than the service will see: creating a task takes seconds, and an
// instance may have 18.
func TestPager_successRate(t *testing.T) {
	checks, err := strconv.ParseUint(flag.Lookup("rapid.checks").Value.String(), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	seeds := max(100, checks/20)
	for _, test := range []struct {
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
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var outcomes outcomeCounts
				for seed := range seeds {
					r := rand.New(rand.NewPCG(seed, 0))
					k := fakeListConfig{tasks: 50 + r.IntN(test.tasks-49), edits: test.edits, reorder: orders[test.order]}
					l := newScheduledList(k, seeded(r))
					list, err := l.read(t.Context())
					outcomes.add(l, list, err)
				}
				t.Log(&outcomes)
				if right, wrong := outcomes.percent(outcomes.right), outcomes.percent(outcomes.wrong); right < test.right || wrong > test.wrong {
					t.Errorf("right are %.1f %% and wrong %.1f %%, want at least %g and at most %g", right, wrong, test.right, test.wrong)
				}
			})
		})
	}
}
