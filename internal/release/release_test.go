// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

// Package release tests what is released: the archives, and how they are installed.
package release

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/simulator"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/terraform"
)

var distFlag = flag.String("dist", "", "the folder of archives to test, which make release-snapshot writes; without it, one is made for this machine")

const name = "terraform-provider-smartconnect"

// platforms are those that registries and their users expect.
var platforms = []string{
	"darwin_amd64", "darwin_arm64",
	"freebsd_386", "freebsd_amd64", "freebsd_arm", "freebsd_arm64",
	"linux_386", "linux_amd64", "linux_arm", "linux_arm64",
	"windows_386", "windows_amd64", "windows_arm64",
}

// dist returns the folder, and the version in the names of its files.
func dist(t *testing.T) (dir, version string) {
	t.Helper()
	if *distFlag == "" {
		t.Skip("make release-snapshot builds the archives, which takes minutes, and runs this")
	}
	sums, err := filepath.Glob(filepath.Join(*distFlag, "*_SHA256SUMS"))
	if err != nil || len(sums) != 1 {
		t.Fatalf("%d files of checksums in %s (error %v)", len(sums), *distFlag, err)
	}
	version, named := strings.CutPrefix(strings.TrimSuffix(filepath.Base(sums[0]), "_SHA256SUMS"), name+"_")
	// Terraform and OpenTofu make the names of a mirror's files lower case before they read them.
	if !named || !regexp.MustCompile(`^\d+\.\d+\.\d+(-[0-9a-z.-]+)?$`).MatchString(version) {
		t.Fatalf("%s has no version in its name", sums[0])
	}
	return *distFlag, version
}

func archiveName(version, platform string) string {
	return fmt.Sprintf("%s_%s_%s.zip", name, version, platform)
}

func TestChecksumsAreThoseOfEveryArchiveAndOfTheManifest(t *testing.T) {
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

func TestManifestNamesTheProtocolThatIsServed(t *testing.T) {
	t.Parallel()
	var manifest, want any
	if err := json.Unmarshal(read(t, filepath.Join(root(t), "terraform-registry-manifest.json")), &manifest); err != nil {
		t.Fatal(err)
	}
	// providerserver.Serve serves 6, if it is told nothing else.
	if err := json.Unmarshal([]byte(`{"version": 1, "metadata": {"protocol_versions": ["6.0"]}}`), &want); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(manifest, want) {
		t.Errorf("the manifest is %v, want %v", manifest, want)
	}
}

func TestEachArchiveHoldsTheBinaryAndTheLicence(t *testing.T) {
	t.Parallel()
	dir, version := dist(t)
	commit := strings.TrimSpace(command(t, "git", "-C", root(t), "log", "-1", "--format=%ct"))
	seconds, err := strconv.ParseInt(commit, 10, 64)
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
					t.Errorf("%s is of %s, which is not the commit's time", file.Name, file.Modified)
				}
			}
			if want := map[string]fs.FileMode{"LICENSE": 0o644, binary: 0o755}; !maps.Equal(modes, want) {
				t.Fatalf("it holds %v, want %v", modes, want)
			}
			if licence := content(t, archive, "LICENSE"); !bytes.Equal(licence, read(t, filepath.Join(root(t), "LICENSE"))) {
				t.Error("its LICENSE is not that of the repository")
			}
			checkBinary(t, content(t, archive, binary), system, arch)
		})
	}
}

// checkBinary checks that a binary is for a platform, and says nothing of where it was built.
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
		t.Error("it names the folder that it was built in")
	}
}

// As a user does who has nothing but the archive: no development override, no folder
// of the repository, nothing installed before.
func TestReleaseIsInstalledFromAMirrorAndRunsTheDemo(t *testing.T) {
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
	// A version that is not final is installed only by its name.
	constraint := fmt.Sprintf("terraform {\n  required_providers {\n    smartconnect = {\n      source  = \"smartconnect/smartconnect\"\n      version = %q\n    }\n  }\n}\n", version)
	if err := w.Write("version_override.tf", []byte(constraint)); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		args []string
		want string
	}{
		{[]string{"init"}, "Installed smartconnect/smartconnect v" + version},
		{[]string{"validate"}, "Success! The configuration is valid."},
		{[]string{"plan", "-out=demo.tfplan"}, "+ quota_left  = 15"},
		{[]string{"apply", "demo.tfplan"}, "Apply complete! Resources: 0 added, 0 changed, 0 destroyed."},
		{[]string{"plan", "-detailed-exitcode"}, "No changes."},
	} {
		var out bytes.Buffer
		err := w.Run(t.Context(), &out, &out, step.args...)
		t.Logf("$ %s %s\n%s", filepath.Base(cli), strings.Join(step.args, " "), &out)
		if err != nil || !strings.Contains(out.String(), step.want) || strings.Contains(out.String(), "development overrides") {
			t.Fatalf("error %v, or it does not print %q", err, step.want)
		}
	}
}

// fillMirror puts the archive for this machine into a mirror as it is, which is the
// layout that the CLIs call packed, and returns its version.
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
		archive = packed(t, version)
	}
	// The hosts that Terraform and OpenTofu put before a provider without one.
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

// packed builds the provider and packs it as a release is.
func packed(t *testing.T, version string) []byte {
	t.Helper()
	dir := t.TempDir()
	if err := terraform.Build(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	binaries, err := filepath.Glob(filepath.Join(dir, name+"*"))
	if err != nil || len(binaries) != 1 {
		t.Fatalf("built %q (error %v)", binaries, err)
	}
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	header := &zip.FileHeader{Name: name + "_v" + version + filepath.Ext(binaries[0]), Method: zip.Deflate}
	header.SetMode(0o755)
	file, err := w.CreateHeader(header)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write(read(t, binaries[0])); err != nil {
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

func content(t *testing.T, archive fs.FS, file string) []byte {
	t.Helper()
	data, err := fs.ReadFile(archive, file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func sum(t *testing.T, file string) string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func command(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
