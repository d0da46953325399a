// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestReadFile(t *testing.T) {
	large := strings.Repeat("x", maxFileSize)
	for text, want := range map[string]string{"": "", "text\n": "text\n", "\xef\xbb\xbftext": "text", large: large} {
		got, err := readFile(writeFile(t, text))
		if string(got) != want || err != nil {
			t.Errorf("%.20q is %.20q, %v", text, got, err)
		}
	}
}

func TestReadFile_invalid(t *testing.T) {
	dir := t.TempDir()
	missing := filepath.Join(dir, "missing")
	utf16 := "is UTF-16, must be UTF-8: save it with that encoding"
	for _, test := range []struct{ name, want string }{
		{missing, "no such file or directory"},
		{dir, "is a directory"},
		{writeFile(t, strings.Repeat("x", maxFileSize+1)), "is larger than 1048576 bytes"},
		{writeFile(t, "\xff\xfec\x00"), utf16},
		{writeFile(t, "\xfe\xff\x00c"), utf16},
	} {
		_, err := readFile(test.name)
		requireErrorText(t, err, test.name+": "+test.want)
	}
}

// A file's content in place of its path must not appear in errors.
func TestReadFile_contentInPlaceOfAPath(t *testing.T) {
	const hidden = "must be the path to a file; the value is not shown, as it does not look like one: "
	random := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("canary/+\xff", 60)))
	profile, _ := json.Marshal(map[string]any{"profiles": []any{map[string]string{"secretAccessKey": "canary"}}})
	for name, text := range map[string]string{
		"profile":              string(profile),
		"profile in lines":     "{\n  \"profiles\": []\n}",
		"token":                "MII" + random,
		"ID token":             "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJl",
		"secret key":           "abcdefghijklmnopqrstuvwxyz0123456789ABCD",
		"key with slashes":     "abcdef/ghijkl/mnopqrstuvwxyz0123456789+=",
		"key, begins in slash": "/bcdef/ghijkl/mnopqrstuvwxyz0123456789+=",
		"password":             "canary-password",
		"PEM without a header": "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nBKcwggSjAgEAAoIBAQC7\n",
	} {
		t.Run(name, func(t *testing.T) {
			_, fileErr := readFile(text)
			_, profileErr := ReadProfile(text, "")
			_, rootErr := RootCAs(text)
			_, keyErr := ClientCertificate(text, text)
			for _, err := range []error{fileErr, profileErr, rootErr, keyErr} {
				requireErrorText(t, err, "..."+hidden+"...")
				requireNoSecrets(t, err.Error(), text, text[:10])
			}
		})
	}
	for _, path := range []string{"config.json", "~/.hcloud/missing.json", "/no/such/dir/file", "./testdata/missing"} {
		_, err := ReadProfile(path, "")
		requireErrorText(t, err, "...no such file or directory")
		if strings.Contains(err.Error(), hidden) {
			t.Errorf("%s is missing: %v", path, err)
		}
	}
}

func TestIsPath(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Mkdir("dir", 0o700); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{
		"missing": true, "missing8": false, "missing.json": true, "a.\n": false,
		strings.Repeat("x", 30) + ".y":                      true, // the longest that need not exist
		strings.Repeat("x", 31) + ".y":                      false,
		"~/" + strings.Repeat("x", 40):                      true,
		"dir/" + strings.Repeat("x", 40):                    true,
		"other/" + strings.Repeat("x", 40):                  false,
		"/" + strings.Repeat("x", 40):                       false,
		"dir/" + strings.Repeat("x/", (1024-len("dir/"))/2): true,
		"dir/" + strings.Repeat("x/", 1024/2):               false,
	} {
		if got := IsPath(path); got != want {
			t.Errorf("%q: %v", path, got)
		}
	}
	// A secret in place of a path is not taken for a file of this directory.
	if err := os.Chmod(".", 0o777); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"missing/file", strings.Repeat("x", 40)} {
		if got := CheckDirectory(file); got != "" {
			t.Errorf("%s: %s", file, got)
		}
	}
}

func TestCheckDirectory(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such permissions")
	}
	for mode, warned := range map[os.FileMode]bool{0o700: false, 0o775: false, 0o777: true, 0o773: true, 0o777 | os.ModeSticky: false} {
		dir := filepath.Join(t.TempDir(), "dir")
		file := filepath.Join(dir, "file")
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(profiles), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(dir, mode); err != nil {
			t.Fatal(err)
		}
		profile, err := ReadProfile(file, "")
		requireNoError(t, err)
		for _, warning := range []string{CheckDirectory(file), profile.Warning} {
			if (warning != "") != warned || warned && !strings.HasPrefix(warning, "any user can write to the directory "+dir+" (mode 07") {
				t.Errorf("%v: the warning is %q", mode, warning)
			}
		}
	}
}
