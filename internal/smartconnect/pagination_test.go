// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package smartconnect

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/huaweicloud"
)

// pageRequest is a page that was asked for.
type pageRequest struct{ offset, limit int }

// fakeList is the list of tasks of an instance, in memory. Its knobs are its faults.
type fakeList struct {
	ids     []string
	most    int                           // tasks on a page, whatever the limit; 0: as many as asked for
	total   func(n int) *int64            // what total_number is for n tasks; nil: n
	pastEnd error                         // answers an offset at or past the end; nil: an empty page does
	before  func(number int) (err error)  // called before request number is served; an error is the answer
	answer  func(number int, p page) page // may replace the answer

	mu    sync.Mutex
	asked []pageRequest
}

func (s *fakeList) fetch(_ context.Context, offset, limit int) (*page, int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, pageRequest{offset, limit})
	if s.before != nil {
		if err := s.before(len(s.asked)); err != nil {
			return nil, 1, err
		}
	}
	if s.most > 0 {
		limit = min(limit, s.most)
	}
	n := len(s.ids)
	if offset > 0 && offset >= n && s.pastEnd != nil {
		return nil, 1, s.pastEnd
	}
	p := page{MaxTasks: ptr(int64(18)), QuotaTasks: ptr(int64(17)), TotalNumber: ptr(int64(n))}
	if s.total != nil {
		p.TotalNumber = s.total(n)
	}
	for _, id := range s.ids[min(offset, n):min(offset+limit, n)] {
		p.Tasks = append(p.Tasks, Task{ID: id})
	}
	if s.answer != nil {
		p = s.answer(len(s.asked), p)
	}
	return &p, 1, nil
}

// names returns n IDs from number first on.
func names(first, n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = "t" + strconv.Itoa(first+i)
	}
	return ids
}

func idsOf(list *TaskList) []string {
	ids := make([]string, len(list.Tasks))
	for i, task := range list.Tasks {
		ids[i] = task.ID
	}
	return ids
}

// mustRead reads the list, and checks that it is as the service has it now.
func mustRead(t *testing.T, s *fakeList) *TaskList {
	t.Helper()
	list, err := listAll(t.Context(), s.fetch)
	if err != nil {
		t.Fatalf("%d tasks, asked for %v: %v", len(s.ids), s.asked, err)
	}
	if !slices.Equal(idsOf(list), s.ids) {
		t.Fatalf("asked for %v: the tasks are\n%v, want\n%v", s.asked, idsOf(list), s.ids)
	}
	if list.PageRequests != len(s.asked) || list.Retries != 0 {
		t.Errorf("it says %d requests and %d retries, want %d and 0", list.PageRequests, list.Retries, len(s.asked))
	}
	if list.Tasks == nil {
		t.Error("the tasks are nil, want an empty list")
	}
	if got := []any{*list.MaxTasks, *list.QuotaTasks}; !slices.Equal(got, []any{int64(18), int64(17)}) {
		t.Errorf("the other figures are %v", got)
	}
	return list
}

// checkAsked checks what was asked for: the first page first, the others in any order.
func checkAsked(t *testing.T, s *fakeList, limit int, offsets ...int) {
	t.Helper()
	want := make([]pageRequest, len(offsets))
	for i, offset := range offsets {
		want[i] = pageRequest{offset, limit}
	}
	want[0].limit = pageLimit
	got := slices.Clone(s.asked)
	if len(got) > 0 {
		slices.SortFunc(got[1:], func(a, b pageRequest) int { return cmp.Compare(a.offset, b.offset) })
	}
	if !slices.Equal(got, want) {
		t.Errorf("asked for %v, want %v", got, want)
	}
}

func TestAListOfAnyLengthIsReadWholeInOrderWithTheFewestRequests(t *testing.T) {
	for _, test := range []struct {
		tasks   int
		offsets []int // nil: each 49th up to the end
	}{
		{0, []int{0}},
		{1, []int{0}},
		{2, []int{0}},
		{49, []int{0}},
		{50, []int{0, 49}},
		{51, []int{0, 49}},
		{98, []int{0, 49}},
		{99, []int{0, 49, 98}},
		{100, []int{0, 49, 98}},
		{120, []int{0, 49, 98}},
		{1000, nil},
		{9800, nil},
	} {
		t.Run(strconv.Itoa(test.tasks), func(t *testing.T) {
			s := &fakeList{ids: names(0, test.tasks)}
			list := mustRead(t, s)
			if *list.TotalNumber != int64(test.tasks) {
				t.Errorf("the total is %d, want %d", *list.TotalNumber, test.tasks)
			}
			if test.offsets == nil {
				for offset := 0; offset < test.tasks; offset += 49 {
					test.offsets = append(test.offsets, offset)
				}
			}
			checkAsked(t, s, 50, test.offsets...)
			most := 1
			if test.tasks >= 50 {
				most = (test.tasks-1+48)/49 + 1
			}
			if len(s.asked) > most {
				t.Errorf("%d requests, want at most %d", len(s.asked), most)
			}
		})
	}
}

func TestAServiceThatServesFewerThanAskedIsReadWhole(t *testing.T) {
	for _, test := range []struct {
		most, tasks int
		offsets     []int
	}{
		{1, 0, []int{0}},
		{1, 1, []int{0}},
		{2, 2, []int{0}},
		{2, 3, []int{0, 1, 2}},
		{2, 4, []int{0, 1, 2, 3}},
		{10, 9, []int{0}},
		{10, 10, []int{0}},
		{10, 11, []int{0, 9}},
		{10, 40, []int{0, 9, 18, 27, 36}},
		{49, 49, []int{0}},
		{49, 50, []int{0, 48}},
		{49, 120, []int{0, 48, 96}},
	} {
		t.Run(fmt.Sprintf("%d of %d", test.most, test.tasks), func(t *testing.T) {
			s := &fakeList{ids: names(0, test.tasks), most: test.most}
			mustRead(t, s)
			checkAsked(t, s, test.most, test.offsets...)
		})
	}
	t.Run("10 of 40, in turn", func(t *testing.T) {
		s := &fakeList{ids: names(0, 40), most: 10, total: none}
		mustRead(t, s)
		checkAsked(t, s, 10, 0, 9, 18, 27, 36, 39)
	})
	t.Run("2 of 199", func(t *testing.T) {
		s := &fakeList{ids: names(0, 199), most: 2}
		if mustRead(t, s); len(s.asked) != 199 {
			t.Errorf("%d requests, want 199", len(s.asked))
		}
	})
	t.Run("a first page that is shorter than the rest", func(t *testing.T) {
		s := &fakeList{ids: names(0, 100)}
		s.before = func(number int) error {
			s.most = map[bool]int{true: 10, false: 0}[number == 1]
			return nil
		}
		mustRead(t, s)
		for _, a := range s.asked[1:] {
			if a.limit != 10 {
				t.Errorf("asked for %v, want a limit of 10", a)
			}
		}
	})
}

func TestAShortPageIsNotTheEndUnlessTheTotalSaysSo(t *testing.T) {
	for i, total := range []func(int) *int64{nil, none, zero, off(7)} {
		s := &fakeList{ids: names(0, 120), total: total}
		s.before = func(number int) error {
			s.most = map[bool]int{true: 20, false: 0}[number == 2]
			return nil
		}
		mustRead(t, s)
		if i > 0 && i < 3 && len(s.asked) != 5 {
			t.Errorf("asked for %v, want 5 pages in turn", s.asked)
		}
	}
}

func TestPagesOfOneTaskCannotProveAList(t *testing.T) {
	for _, total := range []func(int) *int64{nil, none} {
		s := &fakeList{ids: names(0, 2), most: 1, total: total}
		wantUnstable(t, s, maxScans, maxScans)
	}
}

// Totals that are no proof.
func none(int) *int64     { return nil }
func zero(int) *int64     { return ptr(int64(0)) }
func negative(int) *int64 { return ptr(int64(-1)) }

func always(total int64) func(int) *int64 {
	return func(int) *int64 { return &total }
}

func off(by int64) func(int) *int64 {
	return func(n int) *int64 { return ptr(int64(n) + by) }
}

func TestAWrongTotalIsNoProof(t *testing.T) {
	totals := map[string]func(int) *int64{
		"missing": none, "zero": zero, "negative": negative,
		"one too small": off(-1), "much too small": always(1), "a page": always(50),
		"one too big": off(1), "much too big": off(500), "beyond all pages": off(9000), "beyond all sense": always(1 << 60),
	}
	for name, total := range totals {
		for _, tasks := range []int{0, 2, 3, 48, 49, 50, 51, 98, 99, 120} {
			for pastEndName, pastEnd := range map[string]error{"empty": nil, "400": errPastEnd} {
				if tasks == 0 && *cmp.Or(total(0), ptr(int64(0))) > 0 || tasks == 2 && name == "one too small" {
					continue // no task where there must be some, and a page of 1: see below
				}
				t.Run(fmt.Sprintf("%s of %d, %s past the end", name, tasks, pastEndName), func(t *testing.T) {
					s := &fakeList{ids: names(0, tasks), total: total, pastEnd: pastEnd}
					list := mustRead(t, s)
					if got, want := list.TotalNumber, total(tasks); show(got) != show(want) {
						t.Errorf("the total is %s, want what the service says, %s", show(got), show(want))
					}
				})
			}
		}
	}
}

var errPastEnd = fmt.Errorf("wrapped: %w", &huaweicloud.Error{Status: http.StatusBadRequest, Code: "DMS.00400062"})

func wantUnstable(t *testing.T, s *fakeList, passes, requests int) {
	t.Helper()
	list, err := listAll(t.Context(), s.fetch)
	var unstable *InconsistentListError
	if !errors.As(err, &unstable) || list != nil {
		t.Fatalf("asked for %v: got %v and the error %v, want an *UnstableError", s.asked, list, err)
	}
	if unstable.Scans != passes || unstable.Requests != requests || unstable.Requests != len(s.asked) || errors.Unwrap(err) == nil {
		t.Errorf("%d passes and %d requests (%d were made), want %d and %d", unstable.Scans, unstable.Requests, len(s.asked), passes, requests)
	}
}

func TestTasksThatAreAnnouncedButNotServedAreAnError(t *testing.T) {
	for _, tasks := range []int{0, 1} {
		s := &fakeList{ids: names(0, tasks), total: off(1)}
		wantUnstable(t, s, maxScans, maxScans)
		_, err := listAll(t.Context(), s.fetch)
		want := fmt.Sprintf("the list of tasks could not be read whole in 6 passes (6 requests): "+
			"the service says that there are %d tasks, but served %d", tasks+1, tasks)
		if err.Error() != want {
			t.Errorf("the error is %q, want %q", err, want)
		}
	}
}

func TestATaskThatComesOrGoesBetweenPagesRestartsTheRead(t *testing.T) {
	insert := func(at int) func(*fakeList) {
		return func(s *fakeList) { s.ids = slices.Insert(s.ids, at, "new") }
	}
	remove := func(from, to int) func(*fakeList) {
		return func(s *fakeList) { s.ids = slices.Delete(s.ids, from, to) }
	}
	again := []int{0, 49, 98}
	for _, test := range []struct {
		name    string
		tasks   int
		change  func(*fakeList) // before the second request
		offsets []int           // after the first three, or two
	}{
		{"insert at the start", 120, insert(0), again},
		{"delete at the start", 120, remove(0, 1), again},
		{"delete the shared task", 120, remove(49, 50), again},
		{"insert before the shared task", 120, insert(49), again},
		{"insert after the shared task", 120, insert(50), nil}, // new, so it may be in the list
		{"delete on the second page", 120, remove(60, 61), nil},
		{"delete on the third page", 120, remove(110, 111), nil},
		{"delete all but a page", 120, remove(40, 120), []int{0}},
		{"delete all", 120, remove(0, 120), []int{0}},
		{"delete what fills a page", 51, remove(0, 2), []int{0}},
		{"insert so that a page is full", 98, insert(0), again},
	} {
		for name, pastEnd := range map[string]error{"empty": nil, "400": errPastEnd} {
			t.Run(test.name+", "+name+" past the end", func(t *testing.T) {
				s := &fakeList{ids: names(0, test.tasks), pastEnd: pastEnd}
				s.before = func(number int) error {
					if number == 2 {
						test.change(s)
					}
					return nil
				}
				list := mustRead(t, s)
				if *list.TotalNumber != int64(len(s.ids)) {
					t.Errorf("the total is %d, want %d", *list.TotalNumber, len(s.ids))
				}
				restarts := 0
				for i, a := range s.asked {
					if a.offset == 0 && i > 0 {
						restarts++
					}
				}
				if want := min(len(test.offsets), 1); restarts != want {
					t.Fatalf("asked for %v, with %d restarts, want %d", s.asked, restarts, want)
				}
				// After a restart the pages are read in turn.
				var got []int
				for _, a := range s.asked[len(s.asked)-len(test.offsets):] {
					got = append(got, a.offset)
				}
				if !slices.Equal(got, test.offsets) {
					t.Errorf("asked for %v, want the offsets %v at last", s.asked, test.offsets)
				}
			})
		}
	}
}

func TestAListThatChangesBeforeEachPageIsAnError(t *testing.T) {
	s := &fakeList{ids: names(0, 120)}
	s.before = func(number int) error {
		s.ids = slices.Insert(s.ids, 0, "new"+strconv.Itoa(number))
		return nil
	}
	_, err := listAll(t.Context(), s.fetch)
	var unstable *InconsistentListError
	if !errors.As(err, &unstable) || unstable.Scans != maxScans || unstable.Requests != len(s.asked) {
		t.Errorf("the error is %v after %d requests, want an *UnstableError after %d passes", err, len(s.asked), maxScans)
	}
}

func TestAPageThatIsServedAgainIsFoundOut(t *testing.T) {
	var first page
	again := func(from, to int) *fakeList {
		return &fakeList{ids: names(0, 120), answer: func(number int, p page) page {
			if number == 1 {
				first = p
			}
			if number >= from && number <= to {
				return first
			}
			return p
		}}
	}
	t.Run("once", func(t *testing.T) {
		mustRead(t, again(2, 2))
	})
	t.Run("always", func(t *testing.T) {
		// As a service does that ignores the offset.
		s := again(2, 1000)
		_, err := listAll(t.Context(), s.fetch)
		var unstable *InconsistentListError
		if !errors.As(err, &unstable) || unstable.Scans != maxScans {
			t.Errorf("the error is %v, want an *UnstableError after %d passes", err, maxScans)
		}
	})
}

// A service that ignores the offset, and gives what it served as the total, says the same in each
// pass. That must not be taken for two passes that agree.
func TestAServiceThatIgnoresTheOffsetIsFoundOut(t *testing.T) {
	for i, total := range []func(int) *int64{nil, none, zero, always(49), always(50), always(51), always(99), always(500)} {
		s := &fakeList{ids: names(0, 120), total: total}
		_, err := listAll(t.Context(), func(ctx context.Context, _, limit int) (*page, int, error) {
			return s.fetch(ctx, 0, limit)
		})
		var unstable *InconsistentListError
		if !errors.As(err, &unstable) {
			t.Errorf("total %d: asked for %v, the error is %v, want an *UnstableError", i, s.asked, err)
		}
	}
}

func TestATaskOnTwoPagesIsFoundOut(t *testing.T) {
	// It moved from the first page to the second between the two, past the task that they share.
	s := &fakeList{ids: names(0, 60)}
	s.before = func(number int) error {
		if number == 2 {
			moved := s.ids[10]
			s.ids = slices.Insert(slices.Delete(s.ids, 10, 11), 55, moved)
			s.ids[48], s.ids[49] = s.ids[49], s.ids[48]
		}
		return nil
	}
	mustRead(t, s)
	if len(s.asked) != 4 {
		t.Errorf("asked for %v, want two passes", s.asked)
	}
	// As the page itself holds it twice, no pass can be right.
	wantUnstable(t, &fakeList{ids: []string{"a", "b", "a"}}, maxScans, maxScans)
}

func TestTwoPassesThatSawTheSameTasksAreTaken(t *testing.T) {
	// The two tasks at the first page's end have changed places when the second page is read.
	swapped := func(s *fakeList, offset int) {
		s.ids = names(0, len(s.ids))
		if offset > 0 {
			s.ids[48], s.ids[49] = s.ids[49], s.ids[48]
		}
	}
	for _, test := range []struct {
		name     string
		tasks    int
		total    func(int) *int64
		before   func(s *fakeList, offset int)
		requests int // 0: an error
	}{
		{"two pages", 60, nil, swapped, 6},
		{"three pages", 120, nil, swapped, 9},
		{"without a total", 60, none, swapped, 0},
		{"with too small a total", 60, off(-1), swapped, 0},
		{"with too big a total", 60, off(1), swapped, 0},
		{"with too big a total, all pages full", 99, off(1), swapped, 0},
		{"as many, but not the same", 60, nil, func(s *fakeList, offset int) {
			swapped(s, offset)
			s.ids[3] = "new" + strconv.Itoa(len(s.asked)/2) // another in each pass
		}, 0},
		{"the same, but not all", 60, nil, func(s *fakeList, offset int) {
			swapped(s, offset)
			if offset > 0 { // of these two, the second page does not show the one that the first lacks
				s.ids[20], s.ids[55] = s.ids[55], s.ids[20]
			}
		}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := &fakeList{ids: names(0, test.tasks), total: test.total}
			s.before = func(number int) error {
				test.before(s, s.asked[number-1].offset)
				return nil
			}
			list, err := listAll(t.Context(), s.fetch)
			if test.requests == 0 {
				var unstable *InconsistentListError
				if !errors.As(err, &unstable) || unstable.Scans != maxScans {
					t.Errorf("got %v and %v, want an *UnstableError after %d passes", list, err, maxScans)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			// In the order of the last pass, in which the first page came before the change.
			if got := idsOf(list); !slices.Equal(got, names(0, test.tasks)) {
				t.Errorf("the tasks are %v", got)
			}
			if len(s.asked) != test.requests || list.PageRequests != test.requests || *list.TotalNumber != int64(test.tasks) {
				t.Errorf("%d requests and a total of %d, want %d and %d", len(s.asked), *list.TotalNumber, test.requests, test.tasks)
			}
		})
	}
}

// The order is stable here. Before the second page of each pass two tasks go, so that t48 is missed;
// before the third one comes, so that two are served again. Each pass sees as many tasks as there
// are, but not all of them, and since an ID is never used again, never the same as the pass before.
func TestPassesThatSawEnoughButNotTheSameTasksAreNotTaken(t *testing.T) {
	s := &fakeList{ids: names(0, 120)}
	s.before = func(number int) error {
		n := strconv.Itoa(number)
		switch s.asked[number-1].offset {
		case 0:
			s.ids = slices.Insert(names(0, 120), 10, "x"+n, "y"+n)
		case 49:
			s.ids = names(0, 120)
		default:
			s.ids = slices.Insert(names(0, 120), 0, "z"+n)
		}
		return nil
	}
	wantUnstable(t, s, maxScans, 3*maxScans)
}

// A wrong total that agrees with the pages that a stale cache serves: they hold five tasks of six,
// in each pass the same, and the total is five. But not each page is as long as that total says.
func TestPagesThatAreShorterThanTheirTotalSaysAreNotTaken(t *testing.T) {
	s := &fakeList{ids: names(0, 6), most: 3, total: always(5)}
	s.answer = func(number int, p page) page {
		if s.asked[number-1].offset > 0 {
			p.Tasks = []Task{{ID: "t4"}, {ID: "t5"}}
		}
		return p
	}
	wantUnstable(t, s, maxScans, 4+3*(maxScans-1))
}

func TestAnEndlessListIsAnErrorWithin200Requests(t *testing.T) {
	for name, total := range map[string]*int64{"no total": nil, "total 0": ptr(int64(0)), "total 10,001": ptr(int64(10_001)), "total 1e18": ptr(int64(1e18))} {
		t.Run(name, func(t *testing.T) {
			requests := 0
			list, err := listAll(t.Context(), func(_ context.Context, offset, limit int) (*page, int, error) {
				requests++
				p := &page{TotalNumber: total}
				for _, id := range names(offset, limit) {
					p.Tasks = append(p.Tasks, Task{ID: id})
				}
				return p, 1, nil
			})
			if list != nil || !errors.Is(err, ErrTooManyRequests) || requests != maxRequests {
				t.Errorf("%d requests, %v; want an error after %d", requests, err, maxRequests)
			}
		})
	}
}

func TestAListOfMoreTasksThan200RequestsHoldIsAnError(t *testing.T) {
	s := &fakeList{ids: names(0, 10_001)}
	list, err := listAll(t.Context(), s.fetch)
	if list != nil || !errors.Is(err, ErrTooManyRequests) || len(s.asked) > maxRequests {
		t.Errorf("%d requests, %v; want an error after at most %d", len(s.asked), err, maxRequests)
	}
	if want := "the list of tasks did not end within 200 requests"; err.Error() != want {
		t.Errorf("the error is %q, want %q", err, want)
	}
}

func TestRestartsCountInTheBudgetOfRequests(t *testing.T) {
	s := &fakeList{ids: names(0, 4000)}
	s.before = func(number int) error {
		s.ids[0], s.ids[3999] = "first"+strconv.Itoa(number), "last"+strconv.Itoa(number)
		s.ids[49] = "shared" + strconv.Itoa(number)
		return nil
	}
	_, err := listAll(t.Context(), s.fetch)
	var unstable *InconsistentListError
	if !errors.As(err, &unstable) || unstable.Requests != maxRequests || len(s.asked) != maxRequests || unstable.Scans != 3 {
		t.Errorf("%d requests, %v; want an *UnstableError after %d, in the third pass", len(s.asked), err, maxRequests)
	}
}

func TestTheFirstPageIsReadAloneAndTheRestFourAtOnce(t *testing.T) {
	for _, test := range []struct {
		tasks  int
		rounds int // of one second: the first page, then four at once
	}{
		{49, 1}, {51, 2}, {100, 2}, {196, 2}, {245, 2}, {246, 3}, {1000, 6},
	} {
		t.Run(strconv.Itoa(test.tasks), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &fakeList{ids: names(0, test.tasks)}
				var mu sync.Mutex
				var now, most int
				var firstDone bool
				start := time.Now()
				_, err := listAll(t.Context(), func(ctx context.Context, offset, limit int) (*page, int, error) {
					mu.Lock()
					if offset > 0 && !firstDone {
						t.Errorf("asked for offset %d before the first page was there", offset)
					}
					now++
					most = max(most, now)
					mu.Unlock()
					<-time.After(time.Second)
					mu.Lock()
					defer mu.Unlock()
					now--
					firstDone = true
					return s.fetch(ctx, offset, limit)
				})
				if err != nil {
					t.Fatal(err)
				}
				if want := min(len(s.asked)-1, 4); most > 4 || test.tasks > 50 && most != want {
					t.Errorf("%d pages at once, want %d", most, want)
				}
				if took := time.Since(start); took != time.Duration(test.rounds)*time.Second {
					t.Errorf("it took %s, want %d s", took, test.rounds)
				}
			})
		})
	}
}

func TestACancelledContextEndsTheReadBetweenPages(t *testing.T) {
	for name, total := range map[string]func(int) *int64{"side by side": nil, "in turn": none} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			s := &fakeList{ids: names(0, 1000), total: total}
			s.before = func(int) error {
				cancel() // and then serve the page, as if the answer had come just before
				return nil
			}
			list, err := listAll(ctx, s.fetch)
			if list != nil || !errors.Is(err, context.Canceled) || len(s.asked) != 1 {
				t.Errorf("%d requests, %v; want context.Canceled after 1", len(s.asked), err)
			}
		})
	}
	t.Run("before the first page", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		s := &fakeList{}
		if _, err := listAll(ctx, s.fetch); !errors.Is(err, context.Canceled) || len(s.asked) != 0 {
			t.Errorf("%d requests, %v; want context.Canceled after none", len(s.asked), err)
		}
	})
	t.Run("within a page", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			s := &fakeList{ids: names(0, 1000)}
			_, err := listAll(ctx, func(ctx context.Context, offset, limit int) (*page, int, error) {
				if offset > 0 {
					<-ctx.Done()
					return nil, 1, ctx.Err()
				}
				return s.fetch(ctx, offset, limit)
			})
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the error is %v, want context.DeadlineExceeded", err)
			}
		})
	})
}

func TestAnErrorOfAPageIsTheErrorOfTheRead(t *testing.T) {
	broken := errors.New("broken")
	for _, test := range []struct {
		name   string
		tasks  int
		number int
		total  func(int) *int64
		err    error
	}{
		{"first page", 120, 1, nil, broken},
		{"side by side", 120, 2, nil, broken},
		{"in turn", 120, 2, none, broken},
		{"last page in turn", 120, 3, none, broken},
		{"not understood", 120, 2, nil, &FieldError{Field: "status", Err: broken}},
		// Only past the first page does it mean an offset past the end.
		{"400 for the first page", 120, 1, nil, &huaweicloud.Error{Status: http.StatusBadRequest}},
		{"404 for another page", 120, 2, nil, &huaweicloud.Error{Status: http.StatusNotFound}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := &fakeList{ids: names(0, test.tasks), total: test.total}
			s.before = func(number int) error {
				if number == test.number {
					return test.err
				}
				return nil
			}
			list, err := listAll(t.Context(), s.fetch)
			if list != nil || !errors.Is(err, test.err) || err.Error() != test.err.Error() {
				t.Errorf("got %v and %v, want %v", list, err, test.err)
			}
			for _, a := range s.asked[1:] {
				if a.offset == 0 {
					t.Errorf("asked for %v: the read was begun again", s.asked)
				}
			}
		})
	}
	t.Run("400 for another page each time", func(t *testing.T) {
		s := &fakeList{ids: names(0, 60)}
		s.before = func(number int) error {
			if number%2 == 0 {
				return errPastEnd
			}
			return nil
		}
		_, err := listAll(t.Context(), s.fetch)
		var unstable *InconsistentListError
		var refused *huaweicloud.Error
		if !errors.As(err, &unstable) || !errors.As(err, &refused) || len(s.asked) != 2*maxScans {
			t.Errorf("the error is %v, want an *UnstableError with the refusal in it", err)
		}
	})
}

func TestFurtherAttemptsAtPagesAreCounted(t *testing.T) {
	s := &fakeList{ids: names(0, 120)}
	list, err := listAll(t.Context(), func(ctx context.Context, offset, limit int) (*page, int, error) {
		p, _, err := s.fetch(ctx, offset, limit)
		return p, 1 + offset/49, err // 1, 2 and 3 attempts
	})
	if err != nil || list.PageRequests != 3 || list.Retries != 3 {
		t.Errorf("%v, %+v; want 3 requests and 3 retries", err, list)
	}
}

func TestTheFiguresAreThoseOfTheLastPage(t *testing.T) {
	s := &fakeList{ids: names(0, 60), answer: func(number int, p page) page {
		p.MaxTasks, p.QuotaTasks = ptr(int64(number)), nil
		return p
	}}
	list, err := listAll(t.Context(), s.fetch)
	if err != nil || *list.MaxTasks != 2 || list.QuotaTasks != nil || *list.TotalNumber != 60 {
		t.Errorf("%v, %+v; want the second page's figures", err, list)
	}
}

func TestAPanicOnAPageIsAnErrorThatSaysWhereItWas(t *testing.T) {
	t.Parallel()
	s := &fakeList{ids: names(1, 200), before: func(number int) error {
		if number > 1 {
			panic("broken")
		}
		return nil
	}}
	_, err := listAll(t.Context(), s.fetch)
	var panicked *PanicError
	if !errors.As(err, &panicked) || panicked.Value != "broken" || !bytes.Contains(panicked.Stack, []byte("pagination_test.go")) {
		t.Errorf("error %v, expected the panic and where it was", err)
	}
}
