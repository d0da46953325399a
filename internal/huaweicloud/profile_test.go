// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

const profiles = `{
  "current": "default",
  "language": "en",
  "profiles": [
    {"name": "default", "mode": "AKSK", "accessKeyId": "AK1", "secretAccessKey": "SK1", "region": "cn-north-4", "projectId": "p1", "domainId": "d"},
    {"name": "temporary", "mode": "aksk", "accessKeyId": "AK2", "secretAccessKey": "SK2", "securityToken": "ST2"},
    {"name": "slash", "mode": "AK/SK", "accessKeyId": "AK3", "secretAccessKey": "SK3"},
    {"name": "modeless", "accessKeyId": "AK4", "secretAccessKey": "SK4"},
    {"name": "by-name", "mode": "Agency", "accessKeyId": "AK5", "secretAccessKey": "SK5", "agencyName": "a", "agencyDomainName": "dn", "region": "eu-west-101"},
    {"name": "by-id", "mode": "agency", "accessKeyId": "AK6", "secretAccessKey": "SK6", "agencyName": "a", "agencyDomainId": "di"},
    {"name": "sso", "mode": "SSO", "ssoAuth": {"stsToken": {"accessKeyId": "AK7", "secretAccessKey": "SK7", "securityToken": "ST7"}}},
    {"name": "ecs", "mode": "ecsAgency"},
    {"name": "ecs-agency", "mode": "ecsAgency", "agencyName": "a", "agencyDomainName": "dn"}
  ]
}`

// revealed returns a source with its secrets in clear text, to compare two.
func revealed(s CredentialSource) any {
	switch s := s.(type) {
	case AccessKeys:
		return [4]string{s.AccessKey, s.SecretKey.Reveal(), s.SecurityToken.Reveal(), s.SSOProfile}
	case Agency:
		base := revealed(s.Base)
		s.Base = nil
		return [2]any{s, base}
	default:
		return s
	}
}

func TestReadProfile(t *testing.T) {
	file := writeFile(t, profiles)
	keys := func(number string) AccessKeys {
		return AccessKeys{AccessKey: "AK" + number, SecretKey: NewSecret("SK" + number)}
	}
	temporary, sso := keys("2"), keys("7")
	temporary.SecurityToken, sso.SecurityToken, sso.SSOProfile = NewSecret("ST2"), NewSecret("ST7"), "sso"
	for name, want := range map[string]Profile{
		"":           {Name: "default", Region: "cn-north-4", ProjectID: "p1", CredentialSource: keys("1")},
		"temporary":  {Name: "temporary", CredentialSource: temporary},
		"slash":      {Name: "slash", CredentialSource: keys("3")},
		"modeless":   {Name: "modeless", CredentialSource: keys("4")},
		"by-name":    {Name: "by-name", Region: "eu-west-101", CredentialSource: Agency{Base: keys("5"), Name: "a", DomainName: "dn"}},
		"by-id":      {Name: "by-id", CredentialSource: Agency{Base: keys("6"), Name: "a", DomainID: "di"}},
		"sso":        {Name: "sso", CredentialSource: sso},
		"ecs":        {Name: "ecs", CredentialSource: InstanceIdentity{}},
		"ecs-agency": {Name: "ecs-agency", CredentialSource: Agency{Base: InstanceIdentity{}, Name: "a", DomainName: "dn"}},
	} {
		got, err := ReadProfile(file, name)
		if err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		if !reflect.DeepEqual(revealed(got.CredentialSource), revealed(want.CredentialSource)) {
			t.Errorf("%q: the source is %v, want %v", name, revealed(got.CredentialSource), revealed(want.CredentialSource))
		}
		got.CredentialSource, want.CredentialSource = nil, nil
		if *got != want {
			t.Errorf("%q: it is %+v, want %+v", name, *got, want)
		}
	}
}

func TestReadProfile_invalid(t *testing.T) {
	t.Parallel()
	one := func(fields string) string {
		return `{"profiles":[{"name":"p","accessKeyId":"AK","secretAccessKey":"c4n4ry"` + fields + `}]}`
	}
	for text, want := range map[string]string{
		"":                                    "line 1 is not JSON",
		"c4n4ry":                              "line 1 is not JSON",
		"{\n\"current\": \"c4n4ry\",\nc4n4ry": "line 3 is not JSON",
		"{\n\"current\": \"c4n4ry\n\"}":       "line 2 is not JSON",
		"{}\nc4n4ry":                          "line 2 is not JSON",
		`{"profiles":[`:                       "line 1 is not JSON",
		`[]`:                                  "it is not a JSON object",
		`"c4n4ry"`:                            "it is not a JSON object",
		`{"profiles":"c4n4ry"}`:               `the key "profiles" is not a list`,
		`{"profiles":["c4n4ry"]}`:             `the key "profiles" is not an object`,
		`{"current":["c4n4ry"]}`:              `the key "current" is not a string`,
		`{"profiles":[{"name":"p","accessKeyId":{"c4n4ry":1}}]}`: `the key "profiles.accessKeyId" is not a string`,
		`{"profiles":[{"name":"p","secretAccessKey":12345}]}`:    `the key "profiles.secretAccessKey" is not a string`,
		`{}`: `there is no profile "p"; existing profiles: none`,
		`{"profiles":[{"name":"a"},{"name":"b"}]}`:               `there is no profile "p"; existing profiles: "a", "b"`,
		`{"profiles":[{"name":"p","secretAccessKey":"c4n4ry"}]}`: `profile "p": the key "accessKeyId" is missing`,
		`{"profiles":[{"name":"p","accessKeyId":"AK"}]}`:         `profile "p": the key "secretAccessKey" is missing`,
		one(`,"mode":"c4n4ry"`):                                  `profile "p": the key "mode" must be AKSK, SSO, ecsAgency or Agency`,
		one(`,"mode":"SSO"`):                                     `profile "p": the key "ssoAuth.stsToken.accessKeyId" is missing: run hcloud configure sso`,
		one(`,"securityToken":"c4n4ry "`):                        `profile "p": the key "securityToken" must not contain white space or non-ASCII characters`,
		one(`,"securityToken":"'c4n4ry'"`):                       `profile "p": the key "securityToken" must not be enclosed in quotes`,
		one(`,"mode":"Agency"`):                                  `profile "p": the key "agencyName" is missing`,
		one(`,"mode":"Agency","agencyName":"c4n4ry"`):            `profile "p": the key "agencyDomainName" is missing, as is agencyDomainId`,
		one(`,"agencyName":"c4n4ry"`):                            `profile "p": the key "agencyDomainName" is missing, as is agencyDomainId`,
		one(`,"region":"../c4n4ry"`):                             `profile "p": the key "region" must be a region`,
		one(`,"projectId":"../c4n4ry"`):                          `profile "p": the key "projectId" must be the ID of a project`,
	} {
		file := writeFile(t, text)
		_, err := ReadProfile(file, "p")
		requireErrorText(t, err, file+": "+want)
		requireNoSecrets(t, err.Error(), "c4n4ry", "12345")
	}
	_, err := ReadProfile(writeFile(t, `{"profiles":[{"name":"p","accessKeyId":"U2FsdGVk+/c4n4ry==","secretAccessKey":"x"}]}`), "p")
	requireErrorText(t, err, `...: profile "p": the key "accessKeyId" is not an access key; if it is encrypted, ...`)
	requireNoSecrets(t, err.Error(), "c4n4ry")
	file := writeFile(t, `{"profiles":[{"name":"a"}]}`)
	_, err = ReadProfile(file, "")
	requireErrorText(t, err, file+`: the key "current" names no profile; existing profiles: "a"`)
	_, err = ReadProfile(filepath.Join(t.TempDir(), "missing"), "")
	requireErrorText(t, err, "...missing: no such file or directory")
	_, err = ReadProfile(writeFile(t, strings.Repeat(" ", 1<<20+1)), "")
	requireErrorText(t, err, "... is larger than 1048576 bytes")
}

func TestReadProfile_permissions(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such permissions")
	}
	for mode, want := range map[os.FileMode]struct{ err, warning string }{
		0o600: {},
		0o611: {},
		0o644: {warning: " is readable by other users (mode 0644); run chmod 600 "},
		0o620: {err: " is writable by other users (mode 0620), who could put their own keys into it; run chmod 600 "},
		0o666: {err: " is writable by other users (mode 0666), who could put their own keys into it; run chmod 600 "},
	} {
		file := writeFile(t, profiles)
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		profile, err := ReadProfile(file, "")
		switch {
		case want.err != "":
			requireErrorText(t, err, file+want.err+file)
		case err != nil:
			t.Errorf("%04o: %v", mode, err)
		case want.warning == "" && profile.Warning != "", want.warning != "" && profile.Warning != file+want.warning+file:
			t.Errorf("%04o: the warning is %q", mode, profile.Warning)
		}
	}
}

func TestReadProfile_defaultFile(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	_, err := ReadProfile("", "")
	requireErrorText(t, err, "..."+filepath.Join(home, ".hcloud", "config.json")+"...")
	if err := os.MkdirAll(filepath.Join(home, ".hcloud"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home, ".hcloud", "config.json"), []byte(profiles), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"", DefaultProfileFile} {
		if profile, err := ReadProfile(file, ""); err != nil || profile.Name != "default" {
			t.Errorf("%q: %+v, %v", file, profile, err)
		}
	}
}

func FuzzParseProfile(f *testing.F) {
	f.Add(profiles, "")
	f.Add(profiles, "by-id")
	f.Add(`{"current":"x","profiles":[{"name":"x","mode":"canary-in-mode","accessKeyId":["canary"]}]}`, "x")
	f.Add("{\"current\": \"canary-canary\n", "")
	f.Add(`{"profiles":[{"accessKeyId":"canary+canary"}]}`, "")
	f.Fuzz(func(t *testing.T, text, name string) {
		profile, err := parseProfile([]byte(text), name)
		if err == nil {
			if profile.CredentialSource == nil {
				t.Fatal("a profile without a source")
			}
			return
		}
		// Errors may contain names of profiles. Short values may occur in any sentence.
		var file any
		_ = json.Unmarshal([]byte(text), &file)
		walkStrings("", file, func(key, value string) {
			isName := strings.EqualFold(key, "name") || strings.EqualFold(key, "current")
			if !isName && len(value) > 8 && strings.Contains(err.Error(), value) && !strings.Contains(name, value) {
				t.Fatalf("%q contains %q", err, value)
			}
		})
	})
}
