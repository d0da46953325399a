// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package smartconnect

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/huaweicloud"
)

const (
	pageLimit        = 50 // the maximum of the API
	maxScans         = 6  // the first, and 5 restarts
	maxRequests      = 200
	maxParallelPages = 4

	// Bounds on memory, far above what the quotas of the service allow. A page is also bounded by the size of
	// a response body.
	maxListBytes = 10 << 20
	maxListItems = 100_000 // in all delimited strings
	maxItems     = 10_000  // in one of them
	maxFields    = 30_000  // on a page
	maxDepth     = 10_000  // of nested JSON, which encoding/json allows
)

// LimitError is a list of tasks that exceeds a bound of this client.
type LimitError struct {
	Max  int
	What string // the unit of Max
}

// Error implements error.
func (e *LimitError) Error() string {
	return fmt.Sprintf("the list of tasks exceeds the limit of %d %s", e.Max, e.What)
}

// Permanent is true: a retry would return the same list.
func (*LimitError) Permanent() bool { return true }

// errTooManyRequests is a list that does not end within maxRequests: nearly 10,000 tasks, or fewer on smaller pages.
var errTooManyRequests = &LimitError{Max: maxRequests, What: "requests"}

// InconsistentListError is a list that changed during every scan, or whose pages never fit together.
type InconsistentListError struct {
	Scans, Requests int
	// Repeated reports whether the scans failed in the same way: then the list did not change while it was
	// read, but the service does not paginate as documented.
	Repeated bool
	Err      error // why the pages of the last scan do not fit together
}

// Error implements error.
func (e *InconsistentListError) Error() string {
	return fmt.Sprintf("the pages of the list of tasks were inconsistent in %d scans with %d requests: %v", e.Scans, e.Requests, e.Err)
}

// Unwrap returns Err.
func (e *InconsistentListError) Unwrap() error { return e.Err }

// inconsistentError says why the pages of a scan do not fit together.
type inconsistentError struct{ err error }

func (e *inconsistentError) Error() string { return e.err.Error() }
func (e *inconsistentError) Unwrap() error { return e.err }

func inconsistentf(format string, args ...any) error {
	return &inconsistentError{fmt.Errorf(format, args...)}
}

// pageFetcher fetches a page and reports the attempts it took.
type pageFetcher func(ctx context.Context, offset, limit int) (*page, int, error)

// pager reads a list that may change while it is read; the API has no snapshots. Each page starts with
// the last task of the page before. The order is stable, so a task that exists throughout cannot be
// missed between two pages that share a task, no matter when each of them was read.
//
// Should the order not be stable, pages may never overlap. Then two consecutive scans that return the
// same tasks are proof as well, if these are as many as the total at the end of the first scan: all of
// them existed at that moment, because the second scan still returned them.
type pager struct {
	fetch                           pageFetcher
	requests, retries, bytes, items atomic.Int64
}

func listAll(ctx context.Context, f pageFetcher) (*TaskList, error) {
	r := &pager{fetch: f}
	var inconsistency *inconsistentError
	var previous *TaskList // result of the previous scan, if it may be complete
	repeated := false
	for scans := 1; ; scans++ {
		// A total that was wrong once is not trusted again.
		list, err := r.scan(ctx, scans == 1)
		if err == nil || sameTasks(previous, list) {
			list.deriveFields()
			list.PageRequests, list.Retries = int(r.requests.Load()), int(r.retries.Load())
			return list, nil
		}
		switch e, ok := errors.AsType[*inconsistentError](err); {
		case ok:
			// The first scan is not compared: it may fail at any of its parallel pages.
			repeated = scans > 2 && e.Error() == inconsistency.Error() && (repeated || scans == 3)
			inconsistency = e
		case inconsistency == nil || !errors.Is(err, errTooManyRequests):
			return nil, err
		}
		if requests := int(r.requests.Load()); scans == maxScans || requests >= maxRequests {
			return nil, &InconsistentListError{Scans: scans, Requests: min(requests, maxRequests), Repeated: repeated, Err: inconsistency.err}
		}
		if scans > 1 { // the first scan is parallel: its last page is not the latest
			previous = list
		}
	}
}

// scan reads all pages once: the first alone, since it verifies the credentials; then concurrently those
// that the total implies; then one by one up to a proven end. On inconsistency it also returns the
// tasks seen, if they match the total.
func (r *pager) scan(ctx context.Context, prefetch bool) (*TaskList, error) {
	first, err := r.page(ctx, 0, pageLimit)
	if err != nil {
		return nil, err
	}
	count, total := len(first.Tasks), deref(first.TotalNumber)
	switch {
	case count < pageLimit && total == int64(count), count == 0 && total <= 0:
		return mergePages([]*page{first})
	case count == 1 && total <= 0: // no room for an overlap, and no total
		next, err := r.page(ctx, 1, pageLimit)
		if err != nil {
			return nil, err
		}
		if len(next.Tasks) > 0 {
			return nil, inconsistentf("offset 0 with limit %d returned one task, offset 1 returned %d more", pageLimit, len(next.Tasks))
		}
		return mergePages([]*page{first})
	case count < 2:
		return nil, inconsistentf("offset 0 with limit %d returned %d of total_number %d tasks", pageLimit, count, total)
	}
	// The stride is shorter if the service returns fewer tasks than requested.
	stride := count - 1
	pages := []*page{first}
	if expectedPages := (total - 1) / int64(stride); prefetch && expectedPages < maxRequests {
		more, err := r.fetchParallel(ctx, stride, int(max(0, expectedPages)))
		if err != nil {
			return nil, err
		}
		pages = append(pages, more...)
	}
	offset := stride * (len(pages) - 1)
	for {
		last := pages[len(pages)-1]
		if last.isLast(offset, stride) {
			return mergePages(pages)
		}
		offset += len(last.Tasks) - 1
		next, err := r.nextPage(ctx, offset, stride+1)
		if err != nil {
			return nil, err
		}
		// After an inconsistency, reading on makes sense only up to the total.
		if err := checkOverlap(last, next); err != nil && deref(next.TotalNumber) < int64(offset+len(next.Tasks)) {
			return nil, err
		}
		pages = append(pages, next)
	}
}

// fetchParallel reads count pages from the second on.
func (r *pager) fetchParallel(ctx context.Context, stride, count int) ([]*page, error) {
	pages := make([]*page, count)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(maxParallelPages)
	for i := range pages {
		group.Go(func() (err error) {
			defer recoverPanic(&err)
			pages[i], err = r.nextPage(ctx, (i+1)*stride, stride+1)
			return err
		})
	}
	return pages, group.Wait()
}

// PanicError is a panic in a goroutine. It would otherwise end the process and all other reads.
type PanicError struct {
	Value any
	Stack []byte
}

// Error implements error.
func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v\n\n%s", e.Value, e.Stack) }

// recoverPanic converts a panic into a *PanicError.
func recoverPanic(err *error) {
	if value := recover(); value != nil {
		*err = &PanicError{Value: value, Stack: debug.Stack()}
	}
}

// nextPage reads a page that starts with a known task, so that it cannot be empty.
func (r *pager) nextPage(ctx context.Context, offset, limit int) (*page, error) {
	p, err := r.page(ctx, offset, limit)
	if err == nil && len(p.Tasks) == 0 {
		return nil, inconsistentf("offset %d returned no task, where there had been one", offset)
	}
	return p, err
}

// page reads a page and checks the bounds of the list.
func (r *pager) page(ctx context.Context, offset, limit int) (*page, error) {
	if ctx.Err() != nil { // no request, so none to count
		return nil, context.Cause(ctx)
	}
	if r.requests.Add(1) > maxRequests {
		return nil, errTooManyRequests
	}
	p, attempts, err := r.fetch(ctx, offset, limit)
	r.retries.Add(int64(max(0, attempts-1)))
	var response *huaweicloud.Error
	switch {
	case offset > 0 && errors.As(err, &response) && response.Status == http.StatusBadRequest:
		return nil, &inconsistentError{err} // similar APIs reject an offset beyond the end
	case err != nil:
		return nil, err
	case r.bytes.Add(int64(p.bytes)) > maxListBytes:
		return nil, &LimitError{Max: maxListBytes >> 20, What: "MiB"}
	case r.items.Add(int64(p.items)) > maxListItems:
		return nil, &LimitError{Max: maxListItems, What: "items in delimited strings"}
	}
	p.offset = offset
	return p, nil
}

// isLast reports whether a page at offset is proven to be the last: it has only the overlap, or fewer
// tasks than requested and they match the total.
func (p *page) isLast(offset, stride int) bool {
	count := len(p.Tasks)
	return count == 1 || count <= stride && deref(p.TotalNumber) == int64(offset+count)
}

// checkOverlap checks that next starts with the last task of p.
func checkOverlap(p, next *page) error {
	if last := p.Tasks[len(p.Tasks)-1].ID; next.Tasks[0].ID != last {
		return inconsistentf("the page at offset %d starts with task %.100q, not with %.100q, the last one of the page before", next.offset, next.Tasks[0].ID, last)
	}
	return nil
}

// mergePages merges pages that must overlap by one task. The total and the quotas are those of the last page,
// which proved the end. On inconsistency it also returns the tasks seen, if they are as many as the total and
// as pages of which all but the last are full can hold.
func mergePages(pages []*page) (*TaskList, error) {
	last := pages[len(pages)-1]
	wantTasks := (len(pages)-1)*(len(pages[0].Tasks)-1) + len(last.Tasks)
	list := &TaskList{TotalNumber: last.TotalNumber, MaxTasks: last.MaxTasks, QuotaTasks: last.QuotaTasks, Tasks: make([]Task, 0, wantTasks)}
	seen := make(map[string]bool, wantTasks)
	var inconsistency error
	for i, p := range pages {
		tasks := p.Tasks
		if i > 0 {
			if err := checkOverlap(pages[i-1], p); err == nil {
				tasks = tasks[1:]
			} else if inconsistency == nil {
				inconsistency = err
			}
		}
		for _, t := range tasks {
			switch {
			case !seen[t.ID]:
				seen[t.ID] = true
				list.Tasks = append(list.Tasks, t)
			case inconsistency == nil:
				inconsistency = inconsistentf("task %.100q is on two pages", t.ID)
			}
		}
	}
	if inconsistency != nil && (len(list.Tasks) != wantTasks || deref(list.TotalNumber) != int64(wantTasks)) {
		return nil, inconsistency
	}
	return list, inconsistency
}

// sameTasks reports whether two lists, without duplicates, have the same tasks.
func sameTasks(a, b *TaskList) bool {
	if a == nil || b == nil || len(a.Tasks) != len(b.Tasks) {
		return false
	}
	ids := make(map[string]bool, len(a.Tasks))
	for _, t := range a.Tasks {
		ids[t.ID] = true
	}
	for _, t := range b.Tasks {
		if !ids[t.ID] {
			return false
		}
	}
	return true
}

func deref[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
