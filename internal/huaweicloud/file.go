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

// readFile reads a file of credentials, and a byte order mark away.
func readFile(name string) ([]byte, error) {
	text, _, err := readFileInfo(name)
	return text, err
}

// readFileInfo reads a file of credentials, and says what it is. The file is opened without waiting for
// the other end of a pipe, and checked through the handle that is read, so that it cannot be
// exchanged in between.
func readFileInfo(name string) ([]byte, fs.FileInfo, error) {
	text, info, err := readRegularFile(name)
	if err != nil {
		return nil, nil, fileError(name, err)
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

// fileError names the file if name can be the path of one: who sets an argument to the content of a file
// must not find it in the log.
func fileError(name string, err error) error {
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		err = pathError.Err
	}
	if !canBePath(name) {
		return fmt.Errorf("the path of a file is expected, and the value, which is not shown, does not look like one: %w", err)
	}
	return fmt.Errorf("%s: %w", name, err)
}

func canBePath(name string) bool {
	const maxShort = 32 // secret keys have 40 characters, tokens many more
	if len(name) > 1024 || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return false
	}
	if _, err := os.Lstat(name); err == nil || len(name) <= maxShort {
		return true
	}
	first, _, found := strings.Cut(filepath.ToSlash(name), "/")
	if !found {
		return false
	}
	if first == "" { // an absolute path
		second, _, _ := strings.Cut(strings.TrimLeft(filepath.ToSlash(name), "/"), "/")
		first = "/" + second
	}
	_, err := os.Lstat(first)
	return err == nil
}

// CheckFolder returns a warning if everybody can write to the folder of a file, and so replace it; else "".
func CheckFolder(file string) string {
	path, err := expandHome(file)
	if err != nil || !canBePath(path) {
		return ""
	}
	folder := filepath.Dir(path)
	info, err := os.Stat(folder)
	// With the sticky bit, as /tmp has it, others cannot replace the file.
	if err != nil || !hasPermissions || info.Mode().Perm()&0o002 == 0 || info.Mode()&os.ModeSticky != 0 {
		return ""
	}
	return fmt.Sprintf("everybody can write to the folder %s (mode %04o), and replace the file: chmod o-w %s", folder, info.Mode().Perm(), folder)
}
