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
	"strings"
	"sync/atomic"
	"testing"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/huaweicloud"
)

// mustList reads the list, and checks that it is as the service has it now.
func mustList(t *testing.T, l *fakeList) {
	t.Helper()
	list, err := listAll(t.Context(), l.fetch)
	if err != nil {
		t.Fatalf("%d tasks, requests %v: %v", len(l.ids), l.requests, err)
	}
	if list.Tasks == nil || !slices.Equal(idsOf(list), l.ids) {
		t.Fatalf("requests %v: the tasks are\n%v, want\n%v", l.requests, idsOf(list), l.ids)
	}
	if list.PageRequests != len(l.requests) || list.Retries != 0 || *list.MaxTasks != 18 || *list.QuotaTasks != 17 {
		t.Errorf("%d requests of %d, %d retries, figures %d and %d", list.PageRequests, len(l.requests), list.Retries, *list.MaxTasks, *list.QuotaTasks)
	}
	total := new(int64(len(l.ids)))
	if l.total != nil {
		total = l.total(len(l.ids))
	}
	if show(list.TotalNumber) != show(total) {
		t.Errorf("the total is %s, want that of the service, %s", show(list.TotalNumber), show(total))
	}
}

// mustNotList checks that the list is inconsistent after so many scans and requests.
func mustNotList(t *testing.T, l *fakeList, scans, requests int) *InconsistentListError {
	t.Helper()
	list, err := listAll(t.Context(), l.fetch)
	inconsistent, ok := errors.AsType[*InconsistentListError](err)
	if !ok || list != nil {
		t.Fatalf("requests %v: got %v and %v, want an *InconsistentListError", l.requests, list, err)
	}
	if inconsistent.Scans != scans || inconsistent.Requests != requests || len(l.requests) != requests || errors.Unwrap(err) == nil {
		t.Errorf("%d scans and %d requests (%d were made), want %d and %d", inconsistent.Scans, inconsistent.Requests, len(l.requests), scans, requests)
	}
	return inconsistent
}

// checkOffsets checks which pages were requested: the first, then the others in any order with limit.
func checkOffsets(t *testing.T, l *fakeList, limit int, offsets ...int) {
	t.Helper()
	want := make([]pageRequest, len(offsets))
	for i, offset := range offsets {
		want[i] = pageRequest{offset, limit}
	}
	want[0].limit = pageLimit
	slices.SortFunc(l.requests[1:], func(a, b pageRequest) int { return cmp.Compare(a.offset, b.offset) })
	if !slices.Equal(l.requests, want) {
		t.Errorf("requests %v, want %v", l.requests, want)
	}
}

func TestPager_requests(t *testing.T) {
	for _, tt := range []struct {
		pageSize, tasks int
		total           func(int) *int64
		offsets         []int // nil: each page starts with the last task of the page before
	}{
		{50, 0, nil, []int{0}},
		{50, 0, always(-1), []int{0}},
		{50, 1, nil, []int{0}},
		// One task leaves no room for an overlap. Without a total the next page decides.
		{50, 1, missing, []int{0, 1}},
		{50, 1, always(0), []int{0, 1}},
		{50, 1, always(-1), []int{0, 1}},
		{50, 49, nil, []int{0}},
		{50, 50, nil, []int{0, 49}},
		{50, 98, nil, []int{0, 49}},
		{50, 99, nil, []int{0, 49, 98}},
		{50, 120, missing, []int{0, 49, 98, 119}},
		{50, 9800, nil, nil},

		{1, 1, nil, []int{0}},
		{2, 2, nil, []int{0}},
		{2, 3, nil, []int{0, 1, 2}},
		{2, 199, nil, nil},
		{10, 10, nil, []int{0}},
		{10, 11, nil, []int{0, 9}},
		{10, 40, nil, []int{0, 9, 18, 27, 36}},
		{10, 40, missing, []int{0, 9, 18, 27, 36, 39}},
		{49, 49, nil, []int{0}},
		{49, 50, nil, []int{0, 48}},
	} {
		t.Run(fmt.Sprintf("%d of %d", tt.pageSize, tt.tasks), func(t *testing.T) {
			l := &fakeList{ids: sequence(0, tt.tasks), pageSize: tt.pageSize, total: tt.total}
			mustList(t, l)
			if tt.offsets == nil {
				for offset := 0; offset < tt.tasks; offset += tt.pageSize - 1 {
					tt.offsets = append(tt.offsets, offset)
				}
			}
			checkOffsets(t, l, tt.pageSize, tt.offsets...)
		})
	}
}

// One page is shorter than requested, which is not the end of the list.
func TestPager_shortPage(t *testing.T) {
	for name, total := range map[string]func(int) *int64{"right": nil, "missing": missing, "zero": always(0), "too big": off(7)} {
		for number := 1; number <= 2; number++ {
			t.Run(fmt.Sprintf("page %d, total %s", number, name), func(t *testing.T) {
				l := &fakeList{ids: sequence(0, 120), total: total}
				l.before = func(request int) error {
					l.pageSize = 0
					if request == number {
						l.pageSize = 20
					}
					return nil
				}
				mustList(t, l)
			})
		}
	}
}

func TestPager_announcedTasks(t *testing.T) {
	for _, tasks := range []int{0, 1} {
		err := mustNotList(t, &fakeList{ids: sequence(0, tasks), total: off(1)}, maxScans, maxScans)
		want := fmt.Sprintf("the pages of the list of tasks were inconsistent in 6 scans with 6 requests: "+
			"offset 0 with limit 50 returned %d of total_number %d tasks", tasks, tasks+1)
		if err.Error() != want || !err.Repeated {
			t.Errorf("the error is %q, repeated %t; want %q, repeated", err, err.Repeated, want)
		}
	}
	// On pages of one task nothing can be proved.
	_ = mustNotList(t, &fakeList{ids: sequence(0, 2), pageSize: 1}, maxScans, maxScans)
	err := mustNotList(t, &fakeList{ids: sequence(0, 2), pageSize: 1, total: missing}, maxScans, 2*maxScans)
	if want := "offset 0 with limit 50 returned one task, offset 1 returned 1 more"; !err.Repeated || err.Err.Error() != want {
		t.Errorf("the error is %v, repeated %t; want %q, repeated", err.Err, err.Repeated, want)
	}
}

func TestPager_changeBetweenPages(t *testing.T) {
	insert := func(at int) func(*fakeList) {
		return func(l *fakeList) { l.ids = slices.Insert(l.ids, at, "new") }
	}
	remove := func(from, to int) func(*fakeList) {
		return func(l *fakeList) { l.ids = slices.Delete(l.ids, from, to) }
	}
	again := []int{0, 49, 98}
	for _, tt := range []struct {
		name    string
		tasks   int
		change  func(*fakeList) // before the second request
		restart []int           // the offsets after a restart, in order
	}{
		{"insert at the start", 120, insert(0), again},
		{"delete at the start", 120, remove(0, 1), again},
		{"delete the shared task", 120, remove(49, 50), again},
		{"insert before the shared task", 120, insert(49), again},
		{"insert after the shared task", 120, insert(50), nil},
		{"delete on the second page", 120, remove(60, 61), nil},
		{"delete on the third page", 120, remove(110, 111), nil},
		{"delete all but a page", 120, remove(40, 120), []int{0}},
		{"delete all", 120, remove(0, 120), []int{0}},
		{"delete what fills a page", 51, remove(0, 2), []int{0}},
		{"insert so that a page is full", 98, insert(0), again},
	} {
		for name, pastEnd := range map[string]error{"empty": nil, "400": errPastEnd} {
			t.Run(tt.name+", "+name+" past the end", func(t *testing.T) {
				l := &fakeList{ids: sequence(0, tt.tasks), pastEnd: pastEnd}
				l.before = func(number int) error {
					if number == 2 {
						tt.change(l)
					}
					return nil
				}
				mustList(t, l)
				var got []int
				for i, r := range l.requests[1:] {
					if r.offset == 0 {
						for _, r := range l.requests[i+1:] {
							got = append(got, r.offset)
						}
					}
				}
				if !slices.Equal(got, tt.restart) {
					t.Errorf("requests %v, want %v after a restart", l.requests, tt.restart)
				}
			})
		}
	}
}

// Pages that never fit together: every scan fails, and the error says whether all failed in the same way.
func TestPager_inconsistent(t *testing.T) {
	for _, tt := range []struct {
		name     string
		tasks    int
		settings func(l *fakeList)
		repeated bool
		want     string // of the last scan
	}{
		{"the list changes before each page", 120, func(l *fakeList) {
			l.before = func(number int) error {
				l.ids = slices.Insert(l.ids, 0, "new"+strconv.Itoa(number))
				return nil
			}
		}, false, "the page at offset 49 starts with task "},
		{
			"the offset is ignored", 120, func(l *fakeList) { l.ignoresOffset = true }, true,
			`the page at offset 98 starts with task "t0", not with "t49", the last one of the page before`,
		},
		{
			"the offset is ignored, and the list changes once", 120, func(l *fakeList) {
				l.ignoresOffset = true
				l.before = func(number int) error {
					if number == 10 {
						l.ids[0] = "new"
					}
					return nil
				}
			}, false,
			`the page at offset 98 starts with task "new", not with "t49"`,
		},
		{"a page has a task twice", 3, func(l *fakeList) { l.ids[2] = "t0" }, true, `task "t0" is on two pages`},
		{"400 for the second page", 60, func(l *fakeList) {
			l.before = func(int) error {
				if l.requests[len(l.requests)-1].offset > 0 {
					return errPastEnd
				}
				return nil
			}
		}, true, errPastEnd.Error()},
		// The order is stable here. Before the second page of each scan two tasks go, so that t48 is missed;
		// before the third one comes, so that one is there twice. Each scan returns as many tasks as there
		// are, but not all of them, and since an ID is never used again, never the same as the scan before.
		{"as many tasks, but not the same", 120, func(l *fakeList) {
			l.before = func(number int) error {
				n := strconv.Itoa(number)
				switch l.requests[number-1].offset {
				case 0:
					l.ids = slices.Insert(sequence(0, 120), 10, "x"+n, "y"+n)
				case 49:
					l.ids = sequence(0, 120)
				default:
					l.ids = slices.Insert(sequence(0, 120), 0, "z"+n)
				}
				return nil
			}
		}, true, `the page at offset 49 starts with task "t49", not with "t47"`},
		// A wrong total that matches the pages of a stale cache: five tasks of six, in each scan the same.
		// But not every page is as long as that total says.
		{"pages shorter than their total says", 6, func(l *fakeList) {
			l.pageSize, l.total = 3, always(5)
			l.replace = func(number int, p page) page {
				if l.requests[number-1].offset > 0 {
					p.Tasks = []Task{{ID: "t4"}, {ID: "t5"}}
				}
				return p
			}
		}, true, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := &fakeList{ids: sequence(0, tt.tasks)}
			tt.settings(l)
			list, err := listAll(t.Context(), l.fetch)
			inconsistent, ok := errors.AsType[*InconsistentListError](err)
			if !ok || list != nil || inconsistent.Scans != maxScans || inconsistent.Requests != len(l.requests) {
				t.Fatalf("requests %v: got %v and %v, want an *InconsistentListError after %d scans", l.requests, list, err, maxScans)
			}
			if inconsistent.Repeated != tt.repeated || !strings.HasPrefix(inconsistent.Err.Error(), tt.want) {
				t.Errorf("the error is %v, repeated %t; want %s, repeated %t", inconsistent.Err, inconsistent.Repeated, tt.want, tt.repeated)
			}
		})
	}
	// A total that matches what is returned for each offset must not make two equal scans a proof.
	for i, total := range []func(int) *int64{missing, always(0), always(49), always(50), always(51), always(99), always(500)} {
		l := &fakeList{ids: sequence(0, 120), total: total, ignoresOffset: true}
		if list, err := listAll(t.Context(), l.fetch); err == nil {
			t.Errorf("total %d: requests %v gave %v", i, l.requests, list)
		}
	}
}

// The last two tasks of the first page have changed places when the second page is read, in each scan.
func TestPager_twoEqualScans(t *testing.T) {
	for _, tt := range []struct {
		name     string
		tasks    int
		total    func(int) *int64
		requests int // 0: an error
	}{
		{"two pages", 60, nil, 6},
		{"three pages", 120, nil, 9},
		{"no total", 60, missing, 0},
		{"total too small", 60, off(-1), 0},
		{"total too big", 60, off(1), 0},
		{"total too big, all pages full", 99, off(1), 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := &fakeList{ids: sequence(0, tt.tasks), total: tt.total}
			l.before = func(number int) error {
				l.ids = sequence(0, tt.tasks)
				if l.requests[number-1].offset > 0 {
					l.ids[48], l.ids[49] = l.ids[49], l.ids[48]
				}
				return nil
			}
			list, err := listAll(t.Context(), l.fetch)
			if tt.requests == 0 {
				if inconsistent, ok := errors.AsType[*InconsistentListError](err); !ok || inconsistent.Scans != maxScans {
					t.Errorf("got %v and %v, want an *InconsistentListError after %d scans", list, err, maxScans)
				}
				return
			}
			// The tasks are in the order of the last scan, whose first page came before the change.
			if err != nil || !slices.Equal(idsOf(list), sequence(0, tt.tasks)) || list.PageRequests != tt.requests {
				t.Errorf("%v after %d requests, want all tasks after %d", err, len(l.requests), tt.requests)
			}
		})
	}
}

func TestSameTasks(t *testing.T) {
	one, two, reordered := &TaskList{Tasks: []Task{{ID: "a"}}}, &TaskList{Tasks: []Task{{ID: "a"}, {ID: "b"}}}, &TaskList{Tasks: []Task{{ID: "b"}, {ID: "a"}}}
	if !sameTasks(two, reordered) || sameTasks(two, one) || sameTasks(one, two) || sameTasks(one, nil) || sameTasks(nil, one) {
		t.Error("lists must be the same if they have the same tasks in any order")
	}
}

func TestPager_limits(t *testing.T) {
	endless := func(total *int64, size, items int) pageFetcher {
		return func(_ context.Context, offset, limit int) (*page, int, error) {
			p := &page{TotalNumber: total, bytes: size, items: items}
			for _, id := range sequence(offset, limit) {
				p.Tasks = append(p.Tasks, Task{ID: id})
			}
			return p, 1, nil
		}
	}
	for _, tt := range []struct {
		name     string
		fetch    pageFetcher
		requests int64
		want     string
	}{
		{"no total", endless(nil, 0, 0), 200, "200 requests"},
		{"total 0", endless(new(int64(0)), 0, 0), 200, "200 requests"},
		{"total 10,001", endless(new(int64(10_001)), 0, 0), 200, "200 requests"},
		{"total 1e18", endless(new(int64(1e18)), 0, 0), 200, "200 requests"},
		{"10,001 tasks", (&fakeList{ids: sequence(0, 10_001)}).fetch, 200, "200 requests"},
		{"bytes", endless(nil, 1<<20, 0), 11, "10 MiB"},
		{"items", endless(nil, 0, 10_000), 11, "100000 items in delimited strings"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var requests atomic.Int64
			list, err := listAll(t.Context(), func(ctx context.Context, offset, limit int) (*page, int, error) {
				requests.Add(1)
				return tt.fetch(ctx, offset, limit)
			})
			limit, ok := errors.AsType[*LimitError](err)
			if list != nil || !ok || limit.Error() != "the list of tasks exceeds the limit of "+tt.want || requests.Load() != tt.requests {
				t.Errorf("%d requests, %v; want the limit of %s after %d", requests.Load(), err, tt.want, tt.requests)
			}
		})
	}
	t.Run("restarts", func(t *testing.T) {
		l := &fakeList{ids: sequence(0, 4000)}
		l.before = func(number int) error {
			l.ids[0], l.ids[3999] = "first"+strconv.Itoa(number), "last"+strconv.Itoa(number)
			l.ids[49] = "shared" + strconv.Itoa(number)
			return nil
		}
		_ = mustNotList(t, l, 3, maxRequests)
	})
}

func TestPager_cancel(t *testing.T) {
	for name, total := range map[string]func(int) *int64{"between parallel pages": nil, "between sequential pages": missing} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			l := &fakeList{ids: sequence(0, 1000), total: total}
			l.before = func(int) error {
				cancel() // the page is served, as if the response had come just before
				return nil
			}
			list, err := listAll(ctx, l.fetch)
			if list != nil || !errors.Is(err, context.Canceled) || len(l.requests) != 1 {
				t.Errorf("%d requests, %v; want context.Canceled after 1", len(l.requests), err)
			}
		})
	}
	t.Run("before the first page", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		l := &fakeList{}
		if _, err := listAll(ctx, l.fetch); !errors.Is(err, context.Canceled) || len(l.requests) != 0 {
			t.Errorf("%d requests, %v; want context.Canceled after none", len(l.requests), err)
		}
	})
}

func TestPager_errors(t *testing.T) {
	broken := errors.New("broken")
	for _, tt := range []struct {
		name   string
		number int // of the request that fails
		total  func(int) *int64
		err    error
	}{
		{"first page", 1, nil, broken},
		{"parallel page", 2, nil, broken},
		{"sequential page", 2, missing, broken},
		{"last sequential page", 3, missing, broken},
		{"invalid field", 2, nil, &FieldError{Field: "status", Err: broken}},
		// Only after the first page does it mean an offset past the end.
		{"400 for the first page", 1, nil, &huaweicloud.Error{Status: http.StatusBadRequest}},
		{"404 for another page", 2, nil, &huaweicloud.Error{Status: http.StatusNotFound}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := &fakeList{ids: sequence(0, 120), total: tt.total}
			l.before = func(number int) error {
				if number == tt.number {
					return tt.err
				}
				return nil
			}
			list, err := listAll(t.Context(), l.fetch)
			if list != nil || !errors.Is(err, tt.err) || err.Error() != tt.err.Error() || slices.Contains(l.requests[1:], l.requests[0]) {
				t.Errorf("requests %v: got %v and %v, want %v", l.requests, list, err, tt.err)
			}
		})
	}
	t.Run("after a restart", func(t *testing.T) {
		l := &fakeList{ids: sequence(0, 120), ignoresOffset: true, before: func(number int) error {
			if number == 5 {
				return broken
			}
			return nil
		}}
		if list, err := listAll(t.Context(), l.fetch); list != nil || !errors.Is(err, broken) || len(l.requests) != 5 {
			t.Errorf("requests %v: got %v and %v, want %v", l.requests, list, err, broken)
		}
	})
	t.Run("panic", func(t *testing.T) {
		l := &fakeList{ids: sequence(1, 200), delay: func(_ context.Context, offset int) {
			if offset > 0 {
				panic("broken")
			}
		}}
		_, err := listAll(t.Context(), l.fetch)
		panicked, ok := errors.AsType[*PanicError](err)
		if !ok || panicked.Value != "broken" || !bytes.Contains(panicked.Stack, []byte("pagination_test.go")) {
			t.Errorf("the error is %v, want the panic with its stack", err)
		}
	})
}

func TestPager_figures(t *testing.T) {
	l := &fakeList{ids: sequence(0, 60), replace: func(number int, p page) page {
		p.MaxTasks, p.QuotaTasks = new(int64(number)), nil
		return p
	}}
	list, err := listAll(t.Context(), func(ctx context.Context, offset, limit int) (*page, int, error) {
		p, _, err := l.fetch(ctx, offset, limit)
		return p, 1 + offset/49, err // one and two attempts
	})
	if err != nil || *list.MaxTasks != 2 || list.QuotaTasks != nil || *list.TotalNumber != 60 || list.PageRequests != 2 || list.Retries != 1 {
		t.Errorf("%v, %+v; want the figures of the second page, 2 requests and 1 retry", err, list)
	}
}
