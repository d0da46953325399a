// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"unicode"
)

const maxFileSize = 1 << 20

// readFile reads a file of credentials without its byte order mark.
func readFile(name string) ([]byte, error) {
	text, _, err := readFileInfo(name)
	return text, err
}

// readFileInfo reads a file of credentials with its info. It does not block on a pipe, and checks the handle that it
// reads, so that the file cannot be replaced in between.
func readFileInfo(name string) ([]byte, fs.FileInfo, error) {
	text, info, err := readRegularFile(name)
	if err != nil {
		if pathError, ok := errors.AsType[*fs.PathError](err); ok {
			err = pathError.Err // without the name
		}
		return nil, nil, &FileError{Name: name, Err: err}
	}
	return text, info, nil
}

func readRegularFile(name string) ([]byte, fs.FileInfo, error) {
	file, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return nil, nil, err
	}
	switch {
	case info.IsDir():
		return nil, nil, errors.New("is a directory")
	case !info.Mode().IsRegular():
		return nil, nil, errors.New("is not a regular file")
	case !ownedByUserOrRoot(info):
		return nil, nil, errors.New("belongs to another user, who could change it")
	}
	text, err := io.ReadAll(io.LimitReader(file, maxFileSize+1))
	switch {
	case err != nil:
		return nil, nil, err
	case len(text) > maxFileSize:
		return nil, nil, fmt.Errorf("is larger than %d bytes", maxFileSize)
	case bytes.HasPrefix(text, []byte("\xff\xfe")), bytes.HasPrefix(text, []byte("\xfe\xff")):
		return nil, nil, errors.New("is UTF-16, must be UTF-8: save it with that encoding")
	}
	return bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")), info, nil
}

// FileError is a file that could not be read. Its message never repeats a name that does not look like a path: if users
// set an argument to the content of a file, that must not appear in logs.
type FileError struct {
	Name string
	Err  error
}

// Error implements error.
func (e *FileError) Error() string {
	if !IsPath(e.Name) {
		return fmt.Sprintf("must be the path to a file; the value is not shown, as it does not look like one: %v", e.Err)
	}
	return fmt.Sprintf("%s: %v", e.Name, e.Err)
}

// Unwrap returns Err.
func (e *FileError) Unwrap() error { return e.Err }

// IsPath reports whether value looks like the path of a file, rather than its content or a secret.
func IsPath(value string) bool {
	const maxShort = 32 // secret keys have 40 characters, tokens many more
	if len(value) > 1024 || strings.ContainsFunc(value, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return false
	}
	if _, err := os.Lstat(value); err == nil || strings.HasPrefix(value, "~/") {
		return true
	}
	if len(value) <= maxShort {
		return len(value) < 8 || strings.ContainsAny(value, `./\`)
	}
	first, _, found := strings.Cut(filepath.ToSlash(value), "/")
	if !found {
		return false
	}
	if first == "" { // an absolute path
		second, _, _ := strings.Cut(strings.TrimLeft(filepath.ToSlash(value), "/"), "/")
		first = "/" + second
	}
	_, err := os.Lstat(first)
	return err == nil
}

// CheckDirectory returns a warning if any user can write to the directory of a file, and so replace it; else "".
func CheckDirectory(file string) string {
	path, err := expandHome(file)
	if err != nil || !IsPath(path) {
		return ""
	}
	dir := filepath.Dir(path)
	info, err := os.Stat(dir)
	// With the sticky bit, as on /tmp, other users cannot replace the file.
	if err != nil || !hasPermissions || info.Mode().Perm()&0o002 == 0 || info.Mode()&os.ModeSticky != 0 {
		return ""
	}
	return fmt.Sprintf("any user can write to the directory %s (mode %04o), and replace the file; run chmod o-w %s", dir, info.Mode().Perm(), dir)
}
