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
	pageLimit = 50 // the most that the API takes
	maxPasses = 6  // the first, and 5 restarts
	maxPages  = 200
	abreast   = 4 // pages of one read asked for at once
)

// UnstableError is a list that was not the same for long enough to be read whole.
type UnstableError struct {
	Passes, Requests int
	Err              error // what was wrong with the last pass
}

// Error implements error.
func (e *UnstableError) Error() string {
	return fmt.Sprintf("the list of tasks could not be read whole in %d passes (%d requests): %v", e.Passes, e.Requests, e.Err)
}

// Unwrap returns Err.
func (e *UnstableError) Unwrap() error { return e.Err }

// breachError says why the pages of a pass are not pages of one list.
type breachError struct{ err error }

func (e *breachError) Error() string { return e.err.Error() }
func (e *breachError) Unwrap() error { return e.err }

func breach(format string, args ...any) error {
	return &breachError{fmt.Errorf(format, args...)}
}

// ErrTooLong is a list that is not read to its end, since there may be none: nearly 10,000 tasks, or
// as many requests for fewer on each page.
var ErrTooLong = fmt.Errorf("the list of tasks did not end within %d requests", maxPages)

// fetch asks for a page, and says in how many attempts it came.
type fetch func(ctx context.Context, offset, limit int) (*page, int, error)

// reader reads a list that may change meanwhile, and of which the API keeps no snapshot. A page
// starts at the last task of the one before. Since the order is stable, a task that is there
// throughout cannot slip through between two pages that share a task, whenever each was read.
//
// Should the order not be stable, pages may never fit together. Then two passes in a row that saw
// the same tasks are proof as well, if those are as many as there were when the first of the two
// ended: all of them existed at that moment, since the second pass saw them still.
type reader struct {
	fetch             fetch
	requests, retries atomic.Int64
}

func readList(ctx context.Context, f fetch) (*TaskList, error) {
	r := &reader{fetch: f}
	var broken *breachError
	var before *TaskList // what the pass before saw, if that may be all
	for passes := 1; ; passes++ {
		// A total that led astray once is not trusted again.
		list, err := r.pass(ctx, passes == 1)
		switch {
		case err == nil, sameTasks(before, list):
			list.Requests, list.Retries = int(r.requests.Load()), int(r.retries.Load())
			return list, nil
		case !errors.As(err, &broken) && (broken == nil || !errors.Is(err, ErrTooLong)):
			return nil, err
		case passes == maxPasses || r.requests.Load() >= maxPages:
			return nil, &UnstableError{Passes: passes, Requests: int(min(r.requests.Load(), maxPages)), Err: broken.err}
		}
		if passes > 1 { // the first pass reads side by side: its last page is not the latest
			before = list
		}
	}
}

// pass reads all pages once: the first alone, since it proves the credentials; then, side by side,
// those that the total promises; then one by one up to a proven end. With a breach comes what it
// saw nonetheless, if that is as many tasks as there are.
func (r *reader) pass(ctx context.Context, ahead bool) (*TaskList, error) {
	first, err := r.page(ctx, 0, pageLimit)
	if err != nil {
		return nil, err
	}
	count, total := len(first.Tasks), valueOf(first.TotalNumber)
	switch {
	case count < pageLimit && total == int64(count), count == 0 && total <= 0:
		return joinPages([]*page{first})
	case count < 2: // no room for an overlap
		return nil, breach("the service says that there are %d tasks, but served %d", total, count)
	}
	// A service that serves fewer than asked has shorter strides.
	stride := count - 1
	pages := []*page{first}
	offset := 0 // of the last of pages
	if promised := (total - 1) / int64(stride); ahead && promised < maxPages {
		more, err := r.abreast(ctx, stride, int(max(0, promised)))
		if err != nil {
			return nil, err
		}
		pages = append(pages, more...)
		offset = stride * len(more)
	}
	for {
		last := pages[len(pages)-1]
		end := offset + len(last.Tasks)
		if len(pages) > 1 && last.isEnd(offset, stride) {
			return joinPages(pages)
		}
		offset = end - 1
		next, err := r.page(ctx, offset, stride+1)
		if err != nil {
			return nil, err
		}
		// After a breach there is an end to read on to only if the total says so.
		if err := overlap(last, next); err != nil && valueOf(next.TotalNumber) < int64(offset+len(next.Tasks)) {
			return nil, err
		}
		pages = append(pages, next)
	}
}

// abreast reads count pages from the second on.
func (r *reader) abreast(ctx context.Context, stride, count int) ([]*page, error) {
	pages := make([]*page, count)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(abreast)
	for i := range pages {
		group.Go(func() (err error) {
			defer contain(&err)
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

// contain makes an error of a panic.
func contain(err *error) {
	if value := recover(); value != nil {
		*err = &PanicError{Value: value, Stack: debug.Stack()}
	}
}

// page reads one page. Past the first, there must be something on it: it starts at a known task.
func (r *reader) page(ctx context.Context, offset, limit int) (*page, error) {
	if ctx.Err() != nil { // no request, so none to count
		return nil, context.Cause(ctx)
	}
	if r.requests.Add(1) > maxPages {
		return nil, ErrTooLong
	}
	p, attempts, err := r.fetch(ctx, offset, limit)
	r.retries.Add(int64(max(0, attempts-1)))
	var refused *huaweicloud.Error
	switch {
	case offset > 0 && errors.As(err, &refused) && refused.Status == http.StatusBadRequest:
		return nil, &breachError{err} // how sister calls answer an offset past the end
	case err != nil:
		return nil, err
	case offset > 0 && len(p.Tasks) == 0:
		return nil, breach("the service served no task at offset %d, where one had been", offset)
	}
	return p, nil
}

// isEnd reports whether a page at offset is proven to be the last: there is nothing on it but the
// overlap, or fewer tasks than were asked for, which agree with the total.
func (p *page) isEnd(offset, stride int) bool {
	count := len(p.Tasks)
	return count == 1 || count <= stride && valueOf(p.TotalNumber) == int64(offset+count)
}

// overlap checks that next starts with the task that p ends with.
func overlap(p, next *page) error {
	if last := p.Tasks[len(p.Tasks)-1].ID; next.Tasks[0].ID != last {
		return breach("a page starts with task %.100q, where %.100q was expected", next.Tasks[0].ID, last)
	}
	return nil
}

// joinPages makes one list of pages that must overlap by one. The figures are those of the last
// page, which proved the end. With a breach comes the list of all tasks that were seen, if those are
// as many as the total, and as there are places on pages of which each is full but the last.
func joinPages(pages []*page) (*TaskList, error) {
	last := pages[len(pages)-1]
	places := (len(pages)-1)*(len(pages[0].Tasks)-1) + len(last.Tasks)
	list := &TaskList{TotalNumber: last.TotalNumber, MaxTasks: last.MaxTasks, QuotaTasks: last.QuotaTasks, Tasks: make([]Task, 0, places)}
	seen := make(map[string]bool, places)
	var broken error
	for i, p := range pages {
		tasks := p.Tasks
		if i > 0 {
			if err := overlap(pages[i-1], p); err == nil {
				tasks = tasks[1:]
			} else if broken == nil {
				broken = err
			}
		}
		for _, t := range tasks {
			switch {
			case !seen[t.ID]:
				seen[t.ID] = true
				list.Tasks = append(list.Tasks, t)
			case broken == nil:
				broken = breach("task %.100q was served twice", t.ID)
			}
		}
	}
	if broken != nil && (len(list.Tasks) != places || valueOf(list.TotalNumber) != int64(places)) {
		return nil, broken
	}
	return list, broken
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

func valueOf(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}
