// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package smartconnect

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/huaweicloud"
)

// fakeList is the paged list of the tasks of an instance, in memory. Without settings it pages as the
// API reference documents; an offset at the end returns an empty page, which the huaweicloud provider
// relies on. The settings are what is seen of similar APIs of the service (pastEnd, pages that are
// shorter or start elsewhere) or what nothing documented rules out (the rest).
type fakeList struct {
	ids           []string
	fields        string                              // JSON of further fields of each task over HTTP, each after a comma
	pageSize      int                                 // maximum number of tasks on a page; 0: as requested
	total         func(n int) *int64                  // total_number for n tasks; nil: n
	pastEnd       error                               // the response to an offset at or past the end; nil: an empty page
	ignoresOffset bool                                // the first page is returned for every offset
	before        func(number int) error              // called before each request, from 1; an error is the response
	replace       func(number int, p page) page       // may replace the page
	delay         func(ctx context.Context, page int) // called without the lock before a request

	mu         sync.Mutex
	requests   []pageRequest
	created    int
	ever, gone map[string]bool // IDs that existed at some time, and that no longer exist
}

type pageRequest struct{ offset, limit int }

// newFakeList returns a list that records which tasks existed when.
func newFakeList(tasks int) *fakeList {
	l := &fakeList{ever: map[string]bool{}, gone: map[string]bool{}}
	l.fill(tasks)
	return l
}

// fill adds tasks at the end.
func (l *fakeList) fill(tasks int) {
	for range tasks {
		l.insert(len(l.ids))
	}
}

// edit creates or deletes a task.
func (l *fakeList) edit(random *rand.Rand) {
	at := random.IntN(2*len(l.ids) + 1) // the one more is an insert at the end
	if at >= len(l.ids) {
		l.insert(at - len(l.ids))
	} else {
		l.remove(at)
	}
}

func (l *fakeList) insert(at int) {
	id := "t" + strconv.Itoa(l.created)
	l.created++
	l.ever[id] = true
	l.ids = slices.Insert(l.ids, at, id)
}

func (l *fakeList) remove(at int) {
	l.gone[l.ids[at]] = true
	l.ids = slices.Delete(l.ids, at, at+1)
}

// fetch is a pageFetcher.
func (l *fakeList) fetch(ctx context.Context, offset, limit int) (*page, int, error) {
	if l.delay != nil {
		l.delay(ctx, offset)
		if ctx.Err() != nil {
			return nil, 1, ctx.Err()
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests = append(l.requests, pageRequest{offset, limit})
	number := len(l.requests)
	if l.before != nil {
		if err := l.before(number); err != nil {
			return nil, 1, err
		}
	}
	if l.pageSize > 0 {
		limit = min(limit, l.pageSize)
	}
	if l.ignoresOffset {
		offset = 0
	}
	n := len(l.ids)
	if offset > 0 && offset >= n && l.pastEnd != nil {
		return nil, 1, l.pastEnd
	}
	p := page{MaxTasks: new(int64(18)), QuotaTasks: new(int64(17)), TotalNumber: new(int64(n))}
	if l.total != nil {
		p.TotalNumber = l.total(n)
	}
	ids := l.ids[min(offset, n):min(offset+limit, n)]
	p.Tasks = make([]Task, 0, len(ids))
	for _, id := range ids {
		p.Tasks = append(p.Tasks, Task{ID: id})
	}
	if l.replace != nil {
		p = l.replace(number, p)
	}
	return &p, 1, nil
}

// ServeHTTP serves the list without authentication.
func (l *fakeList) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var offset, limit int
	if _, err := fmt.Sscan(r.URL.Query().Get("offset")+" "+r.URL.Query().Get("limit"), &offset, &limit); err != nil {
		http.Error(w, "no page", http.StatusBadRequest)
		return
	}
	p, _, err := l.fetch(r.Context(), offset, limit)
	if err != nil { // the client has left; there are no others without settings
		panic(http.ErrAbortHandler)
	}
	var tasks strings.Builder
	for _, t := range p.Tasks {
		tasks.WriteString(`,{"id":"` + t.ID + `"` + l.fields + "}")
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(w, `{"tasks":[%s],"total_number":%d}`, strings.TrimPrefix(tasks.String(), ","), *p.TotalNumber) // the client may leave
}

// snapshot returns the IDs of the tasks that exist, and of those that no longer do.
func (l *fakeList) snapshot() (ids, gone map[string]bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	ids, gone = map[string]bool{}, map[string]bool{}
	for _, id := range l.ids {
		ids[id] = true
	}
	for id := range l.gone {
		gone[id] = true
	}
	return ids, gone
}

// check returns what is wrong with the result of a read, before which there were the tasks of base and
// those of gone did not exist any more: "" if it has every task that existed throughout, none that
// existed at no time, and none twice.
func (l *fakeList) check(list *TaskList, base, gone map[string]bool) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	seen := map[string]bool{}
	for _, id := range idsOf(list) {
		switch {
		case !l.ever[id] || gone[id]:
			return fmt.Sprintf("task %q did not exist", id)
		case seen[id]:
			return fmt.Sprintf("task %s is there twice", id)
		}
		seen[id] = true
	}
	for id := range base {
		if !l.gone[id] && !seen[id] {
			return fmt.Sprintf("task %s existed throughout, but is missing", id)
		}
	}
	return ""
}

// sequence returns n IDs from number first on.
func sequence(first, n int) []string {
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

// Totals that prove nothing.
func missing(int) *int64                  { return nil }
func always(total int64) func(int) *int64 { return func(int) *int64 { return &total } }
func off(by int64) func(int) *int64       { return func(n int) *int64 { return new(int64(n) + by) } }

// errPastEnd is the response of similar APIs to an offset past the end.
var errPastEnd = fmt.Errorf("wrapped: %w", &huaweicloud.Error{Status: http.StatusBadRequest, Code: "DMS.00400062"})
