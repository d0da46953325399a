// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

//go:build !windows

package huaweicloud

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// Opening a pipe that nobody writes to must not block.
func TestReadFile_notRegular(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	link := pipe + "-link"
	for _, err := range []error{syscall.Mkfifo(pipe, 0o600), os.Symlink(pipe, link)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{pipe, link, "/dev/zero"} {
		_, err := readFile(name)
		requireErrorText(t, err, name+": is not a regular file")
	}
}

func TestReadFile_ownedByAnotherUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can change the owner of a file")
	}
	name := writeFile(t, "x")
	if err := os.Chown(name, 12345, 12345); err != nil {
		t.Fatal(err)
	}
	_, err := readFile(name)
	requireErrorText(t, err, name+": belongs to another user, who could change it")
}
