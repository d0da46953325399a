// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"io"
)

// A lineWriter writes whole lines, with a name in place of a path that is another
// in each run and gone after it.
type lineWriter struct {
	out           io.Writer
	hidden, shown string
	pending       []byte
}

func (w *lineWriter) Write(p []byte) (int, error) {
	w.pending = append(w.pending, p...)
	end := bytes.LastIndexByte(w.pending, '\n') + 1
	_, err := w.out.Write(w.replaced(w.pending[:end]))
	w.pending = append(w.pending[:0], w.pending[end:]...)
	return len(p), err
}

// flush writes what no newline ended.
func (w *lineWriter) flush() {
	_, _ = w.out.Write(w.replaced(w.pending))
	w.pending = nil
}

func (w *lineWriter) replaced(text []byte) []byte {
	return bytes.ReplaceAll(text, []byte(w.hidden), []byte(w.shown))
}
