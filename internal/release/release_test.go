// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

// Package release tests the release: versions, archives, and installation from a mirror.
package release

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/terraform"
)

var distFlag = flag.String("dist", "", "directory of the archives to test; without it the tests build one archive for this platform")

const name = "terraform-provider-smartconnect"

var platforms = []string{
	"darwin_amd64", "darwin_arm64",
	"freebsd_386", "freebsd_amd64", "freebsd_arm", "freebsd_arm64",
	"linux_386", "linux_amd64", "linux_arm", "linux_arm64",
	"windows_386", "windows_amd64", "windows_arm64",
}

// dist returns the directory of the archives, and their version.
func dist(t *testing.T) (dir, version string) {
	t.Helper()
	if *distFlag == "" {
		t.Skip("needs the archives of all platforms: run make release-snapshot")
	}
	sums, err := filepath.Glob(filepath.Join(*distFlag, "*_SHA256SUMS"))
	if err != nil || len(sums) != 1 {
		t.Fatalf("%d checksum files in %s (error %v)", len(sums), *distFlag, err)
	}
	version, named := strings.CutPrefix(strings.TrimSuffix(filepath.Base(sums[0]), "_SHA256SUMS"), name+"_")
	// In lower case, as Terraform and OpenTofu expect file names in a mirror.
	if !named || !regexp.MustCompile(`^\d+\.\d+\.\d+(-[0-9a-z.-]+)?$`).MatchString(version) {
		t.Fatalf("%s has no valid version in its name", sums[0])
	}
	return *distFlag, version
}

func archiveName(version, platform string) string {
	return fmt.Sprintf("%s_%s_%s.zip", name, version, platform)
}

func TestChecksums(t *testing.T) {
	t.Parallel()
	dir, version := dist(t)
	want := map[string]string{name + "_" + version + "_manifest.json": sum(t, filepath.Join(root(t), "terraform-registry-manifest.json"))}
	for _, platform := range platforms {
		archive := archiveName(version, platform)
		want[archive] = sum(t, filepath.Join(dir, archive))
	}
	listed := map[string]string{}
	for line := range strings.Lines(string(read(t, filepath.Join(dir, name+"_"+version+"_SHA256SUMS")))) {
		digest, file, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		listed[file] = digest
	}
	if !maps.Equal(listed, want) {
		t.Errorf("the checksums are\n%v\nwant\n%v", listed, want)
	}
	archives, err := filepath.Glob(filepath.Join(dir, "*.zip"))
	if err != nil || len(archives) != len(platforms) {
		t.Errorf("%d archives, want %d (error %v)", len(archives), len(platforms), err)
	}
}

func TestManifest(t *testing.T) {
	t.Parallel()
	var got bytes.Buffer
	err := json.Compact(&got, read(t, filepath.Join(root(t), "terraform-registry-manifest.json")))
	// providerserver.Serve defaults to protocol version 6.
	if want := `{"version":1,"metadata":{"protocol_versions":["6.0"]}}`; err != nil || strings.TrimSpace(got.String()) != want {
		t.Errorf("manifest %s (error %v), want %s", &got, err, want)
	}
}

func TestArchives(t *testing.T) {
	t.Parallel()
	dir, version := dist(t)
	out, err := exec.CommandContext(t.Context(), "git", "-C", root(t), "log", "-1", "--format=%ct").Output()
	if err != nil {
		t.Fatal(err)
	}
	seconds, err := strconv.ParseInt(strings.TrimSpace(string(out)), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	for _, platform := range platforms {
		t.Run(platform, func(t *testing.T) {
			t.Parallel()
			system, arch, _ := strings.Cut(platform, "_")
			binary := name + "_v" + version
			if system == "windows" {
				binary += ".exe"
			}
			archive, err := zip.OpenReader(filepath.Join(dir, archiveName(version, platform)))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = archive.Close() }()
			modes := map[string]fs.FileMode{}
			for _, file := range archive.File {
				modes[file.Name] = file.Mode()
				if !file.Modified.Equal(time.Unix(seconds, 0)) {
					t.Errorf("%s has the time %s, want that of the commit", file.Name, file.Modified)
				}
			}
			if want := map[string]fs.FileMode{"LICENSE": 0o644, binary: 0o755}; !maps.Equal(modes, want) {
				t.Fatalf("it contains %v, want %v", modes, want)
			}
			license, err := fs.ReadFile(archive, "LICENSE")
			if err != nil || !bytes.Equal(license, read(t, filepath.Join(root(t), "LICENSE"))) {
				t.Errorf("LICENSE differs from that of the repository (error %v)", err)
			}
			content, err := fs.ReadFile(archive, binary)
			if err != nil {
				t.Fatal(err)
			}
			checkBinary(t, content, system, arch)
		})
	}
}

// checkBinary checks the platform of a binary, and that it does not reveal where it was built.
func checkBinary(t *testing.T, binary []byte, system, arch string) {
	t.Helper()
	info, err := buildinfo.Read(bytes.NewReader(binary))
	if err != nil {
		t.Fatal(err)
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	for key, want := range map[string]string{"GOOS": system, "GOARCH": arch, "CGO_ENABLED": "0", "-trimpath": "true", "vcs.revision": ""} {
		if settings[key] != want {
			t.Errorf("%s is %q, want %q", key, settings[key], want)
		}
	}
	if bytes.Contains(binary, []byte(root(t))) {
		t.Error("it contains the path of the directory in which it was built")
	}
}

// A user's way: init installs from a mirror, without a development override.
func TestAccRelease_installFromMirror(t *testing.T) {
	t.Parallel()
	cli, err := terraform.Find(t.Context(), os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	mirror := t.TempDir()
	version := fillMirror(t, mirror)
	w, err := terraform.NewMirrorWorkspace(cli, mirror)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Close() }()
	server := httptest.NewServer(simulator.New(simulator.Options{}))
	defer server.Close()
	w.Env = map[string]string{
		"HW_REGION_NAME":     simulator.Region,
		"HW_ACCESS_KEY":      simulator.AccessKey,
		"HW_SECRET_KEY":      simulator.SecretKey,
		"TF_VAR_endpoint":    server.URL,
		"TF_VAR_instance_id": simulator.InstanceID,
	}
	if err := w.Write("main.tf", read(t, filepath.Join(root(t), "examples", "demo", "main.tf"))); err != nil {
		t.Fatal(err)
	}
	// A pre-release is installed only if the constraint names it.
	constraint := fmt.Sprintf("terraform {\n  required_providers {\n    smartconnect = {\n      source  = \"smartconnect/smartconnect\"\n      version = %q\n    }\n  }\n}\n", version)
	if err := w.Write("version_override.tf", []byte(constraint)); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		args []string
		want string
	}{
		{[]string{"init"}, "Installed smartconnect/smartconnect v" + version},
		{[]string{"apply", "-auto-approve"}, "quota_left = 15"},
	} {
		var out bytes.Buffer
		err := w.Run(t.Context(), &out, &out, step.args...)
		if err != nil || !strings.Contains(out.String(), step.want) || strings.Contains(out.String(), "development overrides") {
			t.Fatalf("%v: error %v, want output with %q:\n%s", step.args, err, step.want, &out)
		}
	}
}

// fillMirror adds an archive for this platform in the packed layout, and returns its version.
func fillMirror(t *testing.T, mirror string) (version string) {
	t.Helper()
	platform := runtime.GOOS + "_" + runtime.GOARCH
	version = "0.0.1"
	var archive []byte
	if *distFlag != "" {
		var dir string
		dir, version = dist(t)
		archive = read(t, filepath.Join(dir, archiveName(version, platform)))
	} else {
		archive = pack(t, version)
	}
	// Terraform and OpenTofu have different default hosts.
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		file := filepath.Join(mirror, host, "smartconnect", "smartconnect", archiveName(version, platform))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, archive, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return version
}

// pack builds the provider and returns an archive of it.
func pack(t *testing.T, version string) []byte {
	t.Helper()
	dir := t.TempDir()
	if err := terraform.Build(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	header := &zip.FileHeader{Name: name + "_v" + version, Method: zip.Store}
	header.SetMode(0o755)
	file, err := w.CreateHeader(header)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write(read(t, filepath.Join(dir, name))); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return archive.Bytes()
}

func root(t *testing.T) string {
	t.Helper()
	dir, err := terraform.Root()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func sum(t *testing.T, file string) string {
	t.Helper()
	return fmt.Sprintf("%x", sha256.Sum256(read(t, file)))
}
