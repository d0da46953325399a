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
	"net/http"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"

	"pgregory.net/rapid"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/huaweicloud"
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

// fakeListConfig is what a service does apart from serving pages of its list.
type fakeListConfig struct {
	tasks   int                    // at the start
	edits   int                    // a task comes or goes before one in so many requests; 0: never
	total   func(int) *int64       // what total_number is for n tasks; nil: n
	lies    bool                   // total may be wrong
	most    int                    // tasks on a page; 0: as many as asked for
	varies  bool                   // most is another for each page
	deaf    bool                   // the offset is ignored
	repeats int                    // one in so many pages is the one served before; 0: none
	refuses bool                   // an offset past the end is an error, not an empty page
	order   func(w *fakePagedList) // changes the order before each request; nil: it is stable
}

// fakePagedList is a service whose list changes between any two requests.
type fakePagedList struct {
	fakeListConfig
	choose  chooser
	ids     []string
	created int
	ever    map[string]bool // was there at a time
	gone    map[string]bool // is no more
	base    []string        // at the start
	served  map[int]page    // the last page, by limit

	requests int
	mu       sync.Mutex
	pending  []*request
}

type request struct {
	offset, limit int
	reply         chan reply
	gone          bool // nobody waits for the reply
}

type reply struct {
	page *page
	err  error
}

func newWorld(k fakeListConfig, c chooser) *fakePagedList {
	w := &fakePagedList{fakeListConfig: k, choose: c, ever: map[string]bool{}, gone: map[string]bool{}, served: map[int]page{}}
	for range k.tasks {
		w.insert(len(w.ids))
	}
	w.base = slices.Clone(w.ids)
	return w
}

func (w *fakePagedList) insert(at int) {
	id := "t" + strconv.Itoa(w.created)
	w.created++
	w.ever[id] = true
	w.ids = slices.Insert(w.ids, at, id)
}

func (w *fakePagedList) remove(at int) {
	w.gone[w.ids[at]] = true
	w.ids = slices.Delete(w.ids, at, at+1)
}

// fetch waits for its turn, or for the end of its context.
func (w *fakePagedList) fetch(ctx context.Context, offset, limit int) (*page, int, error) {
	r := &request{offset: offset, limit: limit, reply: make(chan reply, 1)}
	w.mu.Lock()
	w.pending = append(w.pending, r)
	w.mu.Unlock()
	select {
	case answer := <-r.reply:
		return answer.page, 1, answer.err
	case <-ctx.Done():
		w.mu.Lock()
		r.gone = true
		w.mu.Unlock()
		return nil, 1, ctx.Err()
	}
}

// read reads the list while it changes. It needs a bubble of synctest: a choice is made when all
// requests that can be under way are, so that the choices alone decide what happens.
func (w *fakePagedList) read(ctx context.Context) (list *TaskList, err error) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	defer func() { // also when rapid ends a schedule within a choice
		cancel()
		<-done
	}()
	go func() {
		defer close(done)
		list, err = listAll(ctx, w.fetch)
	}()
	for {
		synctest.Wait()
		select {
		case <-done:
			return list, err
		default:
		}
		r := w.next()
		r.reply <- w.serve(r)
	}
}

// next takes one of the requests that are under way.
func (w *fakePagedList) next() *request {
	w.mu.Lock()
	w.pending = slices.DeleteFunc(w.pending, func(r *request) bool { return r.gone })
	slices.SortFunc(w.pending, func(a, b *request) int { return cmp.Compare(a.offset, b.offset) })
	w.mu.Unlock()
	at := 0
	if len(w.pending) > 1 {
		at = w.choose("request", len(w.pending))
	}
	r := w.pending[at]
	w.pending = slices.Delete(w.pending, at, at+1)
	return r
}

func (w *fakePagedList) serve(r *request) reply {
	w.requests++
	w.change()
	offset, limit := r.offset, r.limit
	// A page served again must have been asked for with the same limit. Cut to another it could look
	// like the end of the list, which nobody can tell. Nor can anybody tell that the first page is
	// not the first.
	if again, ok := w.served[limit]; ok && offset > 0 && w.repeats > 0 && w.choose("repeat", w.repeats) == 0 {
		return reply{page: &again}
	}
	if w.deaf {
		offset = 0
	}
	if w.varies {
		limit = min(limit, 2+w.choose("most", pageLimit-1))
	} else if w.most > 0 {
		limit = min(limit, w.most)
	}
	n := len(w.ids)
	if offset > 0 && offset >= n && w.refuses {
		return reply{err: &huaweicloud.Error{Status: http.StatusBadRequest}}
	}
	p := page{TotalNumber: ptr(int64(n))}
	if w.total != nil {
		p.TotalNumber = w.total(n)
	}
	for _, id := range w.ids[min(offset, n):min(offset+limit, n)] {
		p.Tasks = append(p.Tasks, Task{ID: id})
	}
	// A first page that is not full and as long as a wrong total says is the whole list by all that
	// can be seen of it.
	if w.lies && offset == 0 && len(p.Tasks) < n && deref(p.TotalNumber) == int64(len(p.Tasks)) {
		*p.TotalNumber++
	}
	w.served[r.limit] = p
	return reply{page: &p}
}

// change lets tasks come and go, and changes the order if it is not stable.
func (w *fakePagedList) change() {
	if w.edits > 0 {
		for range 4 {
			if w.choose("edit", w.edits) != w.edits-1 {
				break
			}
			at := w.choose("at", 2*len(w.ids)+1) // the one more is an insert at the end
			if at >= len(w.ids) {
				w.insert(at - len(w.ids))
			} else {
				w.remove(at)
			}
		}
	}
	if w.order != nil {
		w.order(w)
	}
}

// wrong says what is wrong with a list: "" if each task that was there throughout is in it, none
// that never was, and none twice.
func (w *fakePagedList) wrong(list *TaskList) string {
	seen := map[string]bool{}
	for _, id := range idsOf(list) {
		if !w.ever[id] {
			return fmt.Sprintf("task %q never was", id)
		}
		if seen[id] {
			return fmt.Sprintf("task %s is there twice", id)
		}
		seen[id] = true
	}
	for _, id := range w.base {
		if !w.gone[id] && !seen[id] {
			return fmt.Sprintf("task %s was there throughout, but is not in the list", id)
		}
	}
	return ""
}

// drawKind draws any kind of service whose faults can be told from a list that is whole.
func drawKind(t *rapid.T) fakeListConfig {
	k := fakeListConfig{
		edits:   rapid.SampledFrom([]int{0, 1, 2, 3, 5, 20}).Draw(t, "edits"),
		refuses: rapid.Bool().Draw(t, "refuses"),
	}
	switch rapid.IntRange(0, 3).Draw(t, "total") {
	case 0: // right
	case 1:
		k.total = none
	case 2:
		k.total = zero
	default:
		k.lies = true
		if rapid.Bool().Draw(t, "off") {
			k.total = off(int64(rapid.IntRange(-20, 60).Draw(t, "by")))
		} else {
			k.total = always(int64(rapid.IntRange(1, 450).Draw(t, "wrong")))
		}
	}
	if most := rapid.SampledFrom([]int{0, 0, 2, 3, 4, 7, 10, 49, pageLimit + 1}).Draw(t, "most"); most <= pageLimit {
		k.most = most
	} else {
		k.varies = true
	}
	// With pages of any length a short one is the end by its total alone: a page that is wrong beside
	// it cannot be told.
	if k.varies && k.lies {
		k.varies = false
	}
	if !k.varies {
		k.deaf = rapid.IntRange(0, 7).Draw(t, "deaf") == 7
		k.repeats = rapid.SampledFrom([]int{0, 0, 1, 3, 10}).Draw(t, "repeats")
	}
	// Short lists meet the ends of pages more often when pages are short.
	longest := 400
	if k.most > 0 && rapid.Bool().Draw(t, "short") {
		longest = 4 * k.most
	}
	k.tasks = rapid.IntRange(0, longest).Draw(t, "tasks")
	return k
}

// outcomeCounts counts what reads came to.
type outcomeCounts struct{ right, unstable, tooLong, wrong, requests int }

func (c *outcomeCounts) add(w *fakePagedList, list *TaskList, err error) {
	var unstable *InconsistentListError
	c.requests += w.requests
	switch {
	case errors.As(err, &unstable):
		c.unstable++
	case err != nil:
		c.tooLong++
	case w.wrong(list) != "":
		c.wrong++
	default:
		c.right++
	}
}

func (c *outcomeCounts) percent(n int) float64 {
	return 100 * float64(n) / float64(c.right+c.unstable+c.tooLong+c.wrong)
}

func (c *outcomeCounts) String() string {
	all := c.right + c.unstable + c.tooLong + c.wrong
	return fmt.Sprintf("%d reads: right %.3f %%, unstable %.3f %%, too long %.3f %%, wrong %.3f %%; %.1f requests each",
		all, c.percent(c.right), c.percent(c.unstable), c.percent(c.tooLong), c.percent(c.wrong), float64(c.requests)/float64(all))
}

// checkRead checks what must hold of each read, whatever the service does.
func checkRead(t *rapid.T, w *fakePagedList, list *TaskList, err error) {
	t.Helper()
	if w.requests > maxRequests {
		t.Fatalf("%d requests, want at most %d", w.requests, maxRequests)
	}
	var unstable *InconsistentListError
	switch {
	case err == nil:
		if wrong := w.wrong(list); wrong != "" {
			t.Fatalf("%s: %v", wrong, idsOf(list))
		}
	case list != nil:
		t.Fatalf("there are a list and an error: %v", err)
	case !errors.As(err, &unstable) && !errors.Is(err, ErrTooManyRequests):
		t.Fatalf("the error is %v", err)
	}
}

// The promise, whatever comes and goes between any two pages: an error, or a list with every task
// that was there throughout, none that never was, and none twice. It has a proof for an order that
// is stable: see reader.
func TestAListThatChangesIsReadRightOrNotAtAll(t *testing.T) {
	var outcomes outcomeCounts
	rapid.Check(t, func(t *rapid.T) {
		rapid.SyncTest(t, func(t *rapid.T) {
			w := newWorld(drawKind(t), drawn(t))
			list, err := w.read(t.Context())
			checkRead(t, w, list, err)
			outcomes.add(w, list, err)
		})
	})
	t.Log(&outcomes)
}

// A list that does not change is read, if its service does nothing but serve few tasks at once or
// give a wrong total: being careful must not end in errors.
func TestAListThatDoesNotChangeIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rapid.SyncTest(t, func(t *rapid.T) {
			k := drawKind(t)
			k.edits, k.deaf, k.repeats, k.varies = 0, false, 0, false
			if k.most > 0 {
				k.tasks = min(k.tasks, 20*(k.most-1)) // within the budget of requests, also after a restart
			}
			if k.tasks < 2 {
				k.total = nil // see TestPagesOfOneTaskCannotProveAList
			}
			w := newWorld(k, drawn(t))
			list, err := w.read(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(idsOf(list), w.ids) {
				t.Fatalf("the tasks are %v, want %v", idsOf(list), w.ids)
			}
		})
	})
}

// Ways in which an order can change from request to request.
var orders = map[string]func(w *fakePagedList){
	"any": func(w *fakePagedList) { w.shuffle(0, len(w.ids)) },
	// The order is by something that up to three tasks have in common, such as a time.
	"ties": func(w *fakePagedList) {
		slices.Sort(w.ids)
		for i := 0; i < len(w.ids); i += 3 {
			w.shuffle(i, min(i+3, len(w.ids)))
		}
	},
	// Two replicas answer in turn, of which one has two neighbours the other way round.
	"replicas": func(w *fakePagedList) {
		slices.Sort(w.ids)
		if len(w.ids) > 49 && w.choose("replica", 2) == 1 {
			w.ids[48], w.ids[49] = w.ids[49], w.ids[48]
		}
	},
	// One task has moved.
	"moves": func(w *fakePagedList) {
		if len(w.ids) > 0 {
			from := w.choose("from", len(w.ids))
			moved := w.ids[from]
			w.ids = slices.Insert(slices.Delete(w.ids, from, from+1), w.choose("to", len(w.ids)), moved)
		}
	},
}

func (w *fakePagedList) shuffle(from, to int) {
	for i := to - 1; i > from; i-- {
		j := from + w.choose("shuffle", i-from+1)
		w.ids[i], w.ids[j] = w.ids[j], w.ids[i]
	}
}

// The promise for an order that is not stable, while no task comes or goes: the same. A pass that
// is taken holds as many tasks as there are places on its pages, each another one.
func TestAListWhoseOrderChangesIsReadRightOrNotAtAll(t *testing.T) {
	var outcomes outcomeCounts
	rapid.Check(t, func(t *rapid.T) {
		rapid.SyncTest(t, func(t *rapid.T) {
			k := drawKind(t)
			k.edits, k.deaf, k.repeats, k.varies = 0, false, 0, false
			k.order = orders[rapid.SampledFrom([]string{"any", "ties", "replicas", "moves"}).Draw(t, "order")]
			k.tasks = min(k.tasks, 100) // a shuffle is as many draws
			w := newWorld(k, drawn(t))
			list, err := w.read(t.Context())
			checkRead(t, w, list, err)
			outcomes.add(w, list, err)
		})
	})
	t.Log(&outcomes)
}

// How often a read comes to what, with 50 tasks or more on a service that serves its list as it
// should. With fewer there is one page, which is whole in any order.
//
// Nothing proves a list whose order changes while tasks come and go: what went can stand for what
// was missed, and the pages fit together all the same. Then nothing is promised but that it is rare.
// One edit in 20 requests is far more than the service will see: it takes seconds to make a task,
// and an instance may have 18.
func TestHowOftenAListIsReadRight(t *testing.T) {
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
					k := fakeListConfig{tasks: 50 + r.IntN(test.tasks-49), edits: test.edits, order: orders[test.order]}
					w := newWorld(k, seeded(r))
					list, err := w.read(t.Context())
					outcomes.add(w, list, err)
				}
				t.Log(&outcomes)
				if right, wrong := outcomes.percent(outcomes.right), outcomes.percent(outcomes.wrong); right < test.right || wrong > test.wrong {
					t.Errorf("right are %.1f %% and wrong %.1f %%, want at least %g and at most %g", right, wrong, test.right, test.wrong)
				}
			})
		})
	}
}
