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
	pageLimit        = 50 // the most that the API takes
	maxScans         = 6  // the first, and 5 restarts
	maxRequests      = 200
	maxParallelPages = 4 // pages of one read asked for at once
)

// InconsistentListError is a list that was not the same for long enough to be read whole.
type InconsistentListError struct {
	Scans, Requests int
	Err             error // what was wrong with the last pass
}

// Error implements error.
func (e *InconsistentListError) Error() string {
	return fmt.Sprintf("the list of tasks could not be read whole in %d passes (%d requests): %v", e.Scans, e.Requests, e.Err)
}

// Unwrap returns Err.
func (e *InconsistentListError) Unwrap() error { return e.Err }

// inconsistentError says why the pages of a pass are not pages of one list.
type inconsistentError struct{ err error }

func (e *inconsistentError) Error() string { return e.err.Error() }
func (e *inconsistentError) Unwrap() error { return e.err }

func inconsistentf(format string, args ...any) error {
	return &inconsistentError{fmt.Errorf(format, args...)}
}

// ErrTooManyRequests is a list that is not read to its end, since there may be none: nearly 10,000 tasks, or
// as many requests for fewer on each page.
var ErrTooManyRequests = fmt.Errorf("the list of tasks did not end within %d requests", maxRequests)

// pageFetcher asks for a page, and says in how many attempts it came.
type pageFetcher func(ctx context.Context, offset, limit int) (*page, int, error)

// pager reads a list that may change meanwhile, and of which the API keeps no snapshot. A page
// starts at the last task of the one before. Since the order is stable, a task that is there
// throughout cannot slip through between two pages that share a task, whenever each was read.
//
// Should the order not be stable, pages may never fit together. Then two passes in a row that saw
// the same tasks are proof as well, if those are as many as there were when the first of the two
// ended: all of them existed at that moment, since the second pass saw them still.
type pager struct {
	fetch             pageFetcher
	requests, retries atomic.Int64
}

func listAll(ctx context.Context, f pageFetcher) (*TaskList, error) {
	r := &pager{fetch: f}
	var inconsistency *inconsistentError
	var before *TaskList // what the pass before saw, if that may be all
	for scans := 1; ; scans++ {
		// A total that led astray once is not trusted again.
		list, err := r.scan(ctx, scans == 1)
		switch {
		case err == nil, sameTasks(before, list):
			list.deriveFields()
			list.PageRequests, list.Retries = int(r.requests.Load()), int(r.retries.Load())
			return list, nil
		case !errors.As(err, &inconsistency) && (inconsistency == nil || !errors.Is(err, ErrTooManyRequests)):
			return nil, err
		case scans == maxScans || r.requests.Load() >= maxRequests:
			return nil, &InconsistentListError{Scans: scans, Requests: int(min(r.requests.Load(), maxRequests)), Err: inconsistency.err}
		}
		if scans > 1 { // the first pass reads side by side: its last page is not the latest
			before = list
		}
	}
}

// scan reads all pages once: the first alone, since it proves the credentials; then, side by side,
// those that the total promises; then one by one up to a proven end. With a breach comes what it
// saw nonetheless, if that is as many tasks as there are.
func (r *pager) scan(ctx context.Context, prefetch bool) (*TaskList, error) {
	first, err := r.page(ctx, 0, pageLimit)
	if err != nil {
		return nil, err
	}
	count, total := len(first.Tasks), deref(first.TotalNumber)
	switch {
	case count < pageLimit && total == int64(count), count == 0 && total <= 0:
		return mergePages([]*page{first})
	case count < 2: // no room for an overlap
		return nil, inconsistentf("the service says that there are %d tasks, but served %d", total, count)
	}
	// A service that serves fewer than asked has shorter strides.
	stride := count - 1
	pages := []*page{first}
	offset := 0 // of the last of pages
	if expectedPages := (total - 1) / int64(stride); prefetch && expectedPages < maxRequests {
		more, err := r.fetchParallel(ctx, stride, int(max(0, expectedPages)))
		if err != nil {
			return nil, err
		}
		pages = append(pages, more...)
		offset = stride * len(more)
	}
	for {
		last := pages[len(pages)-1]
		end := offset + len(last.Tasks)
		if len(pages) > 1 && last.isLast(offset, stride) {
			return mergePages(pages)
		}
		offset = end - 1
		next, err := r.page(ctx, offset, stride+1)
		if err != nil {
			return nil, err
		}
		// After a breach there is an end to read on to only if the total says so.
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
			pages[i], err = r.page(ctx, (i+1)*stride, stride+1)
			return err
		})
	}
	return pages, group.Wait()
}

// PanicError is a panic of a goroutine, which would otherwise end the process and all other reads.
type PanicError struct {
	Value any
	Stack []byte
}

// Error implements error.
func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v\n\n%s", e.Value, e.Stack) }

// recoverPanic makes an error of a panic.
func recoverPanic(err *error) {
	if value := recover(); value != nil {
		*err = &PanicError{Value: value, Stack: debug.Stack()}
	}
}

// page reads one page. Past the first, there must be something on it: it starts at a known task.
func (r *pager) page(ctx context.Context, offset, limit int) (*page, error) {
	if ctx.Err() != nil { // no request, so none to count
		return nil, context.Cause(ctx)
	}
	if r.requests.Add(1) > maxRequests {
		return nil, ErrTooManyRequests
	}
	p, attempts, err := r.fetch(ctx, offset, limit)
	r.retries.Add(int64(max(0, attempts-1)))
	var refused *huaweicloud.Error
	switch {
	case offset > 0 && errors.As(err, &refused) && refused.Status == http.StatusBadRequest:
		return nil, &inconsistentError{err} // how sister calls answer an offset past the end
	case err != nil:
		return nil, err
	case offset > 0 && len(p.Tasks) == 0:
		return nil, inconsistentf("the service served no task at offset %d, where one had been", offset)
	}
	return p, nil
}

// isLast reports whether a page at offset is proven to be the last: there is nothing on it but the
// overlap, or fewer tasks than were asked for, which agree with the total.
func (p *page) isLast(offset, stride int) bool {
	count := len(p.Tasks)
	return count == 1 || count <= stride && deref(p.TotalNumber) == int64(offset+count)
}

// checkOverlap checks that next starts with the task that p ends with.
func checkOverlap(p, next *page) error {
	if last := p.Tasks[len(p.Tasks)-1].ID; next.Tasks[0].ID != last {
		return inconsistentf("a page starts with task %.100q, where %.100q was expected", next.Tasks[0].ID, last)
	}
	return nil
}

// mergePages makes one list of pages that must overlap by one. The figures are those of the last
// page, which proved the end. With a breach comes the list of all tasks that were seen, if those are
// as many as the total, and as there are places on pages of which each is full but the last.
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
				inconsistency = inconsistentf("task %.100q was served twice", t.ID)
			}
		}
	}
	if inconsistency != nil && (len(list.Tasks) != wantTasks || deref(list.TotalNumber) != int64(wantTasks)) {
		return nil, inconsistency
	}
	return list, inconsistency
}

// sameTasks reports whether there are two lists, and of the same tasks. Neither holds one twice.
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

func deref(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}
