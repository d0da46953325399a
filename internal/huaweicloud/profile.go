// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"strconv"
	"strings"
)

// DefaultProfileFile is the file with the profiles of KooCLI.
const DefaultProfileFile = "~/.hcloud/config.json"

// Profile holds what this package uses of a KooCLI profile.
type Profile struct {
	Name             string
	CredentialSource CredentialSource // keys, the instance's identity, or an agency assumed with them
	Region           string           // may be empty, as may all below
	ProjectID        string
	Warning          string // insecure permissions; empty: none
}

// ReadProfile reads a profile, by default the current one of the default file. Errors contain the file, the profile
// and the line or key, but no other values.
func ReadProfile(file, name string) (*Profile, error) {
	if file == "" {
		file = DefaultProfileFile
	}
	path, err := expandHome(file)
	if err != nil {
		return nil, err
	}
	text, info, err := readFileInfo(path)
	if err != nil {
		return nil, err
	}
	warning, err := checkPermissions(path, info)
	if err != nil {
		return nil, err
	}
	profile, err := parseProfile(text, name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	profile.Warning = cmp.Or(warning, CheckDirectory(path))
	return profile, nil
}

// checkPermissions rejects a file that other users can write, and warns if they can read it.
func checkPermissions(path string, info fs.FileInfo) (warning string, err error) {
	const groupOrOthersWrite, groupOrOthersRead = 0o022, 0o044
	switch mode := info.Mode().Perm(); {
	case !hasPermissions:
	case mode&groupOrOthersWrite != 0:
		return "", fmt.Errorf("%s is writable by other users (mode %04o), who could put their own keys into it; run chmod 600 %s", path, mode, path)
	case mode&groupOrOthersRead != 0:
		return fmt.Sprintf("%s is readable by other users (mode %04o); run chmod 600 %s", path, mode, path), nil
	}
	return "", nil
}

type profileEntry struct {
	Name             string `json:"name"`
	Mode             string `json:"mode"`
	Region           string `json:"region"`
	ProjectID        string `json:"projectId"`
	AgencyName       string `json:"agencyName"`
	AgencyDomainName string `json:"agencyDomainName"`
	AgencyDomainID   string `json:"agencyDomainId"`
	AccessKeyID      string `json:"accessKeyId"`
	SecretAccessKey  string `json:"secretAccessKey"`
	SecurityToken    string `json:"securityToken"`
	SSOAuth          struct {
		STSToken profileKeys `json:"stsToken"`
	} `json:"ssoAuth"`
}

type profileKeys struct {
	AccessKeyID     string `json:"accessKeyId"`
	SecretAccessKey string `json:"secretAccessKey"`
	SecurityToken   string `json:"securityToken"`
}

func parseProfile(text []byte, name string) (*Profile, error) {
	var file struct {
		Current  string         `json:"current"`
		Profiles []profileEntry `json:"profiles"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, locateJSONError(text, err)
	}
	if name == "" {
		name = file.Current
	}
	var names []string
	for _, entry := range file.Profiles {
		if entry.Name == name {
			return entry.profile()
		}
		names = append(names, entry.Name)
	}
	if name == "" {
		return nil, fmt.Errorf(`the key "current" names no profile; existing profiles: %s`, quoteNames(names))
	}
	return nil, fmt.Errorf("there is no profile %q; existing profiles: %s", name, quoteNames(names))
}

// quoteNames returns a list of names for a sentence.
func quoteNames(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	var list []string
	for _, name := range names {
		list = append(list, strconv.Quote(name))
	}
	return strings.Join(list, ", ")
}

func (e profileEntry) profile() (*Profile, error) {
	invalid := func(key, what string) error {
		return fmt.Errorf("profile %q: the key %q %s", e.Name, key, what)
	}
	p := &Profile{Name: e.Name, Region: e.Region, ProjectID: e.ProjectID}
	mode := strings.ToUpper(e.Mode)
	var err error
	switch mode {
	case "", "AKSK", "AK/SK", "AGENCY":
		keys := profileKeys{e.AccessKeyID, e.SecretAccessKey, e.SecurityToken}
		p.CredentialSource, err = keys.source("", "")
	case "SSO":
		p.CredentialSource, err = e.SSOAuth.STSToken.source("ssoAuth.stsToken.", e.Name)
	case "ECSAGENCY":
		p.CredentialSource = InstanceIdentity{}
	default:
		return nil, invalid("mode", "must be AKSK, SSO, ecsAgency or Agency")
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("profile %q: %w", e.Name, err)
	case mode == "AGENCY" && e.AgencyName == "":
		return nil, invalid("agencyName", "is missing")
	case e.AgencyName != "" && e.AgencyDomainID == "" && e.AgencyDomainName == "":
		return nil, invalid("agencyDomainName", "is missing, as is agencyDomainId")
	case e.Region != "" && CheckIdentifier(e.Region) != nil:
		return nil, invalid("region", "must be a region")
	case e.ProjectID != "" && CheckIdentifier(e.ProjectID) != nil:
		return nil, invalid("projectId", "must be the ID of a project")
	}
	if e.AgencyName != "" {
		p.CredentialSource = Agency{Base: p.CredentialSource, Name: e.AgencyName, DomainID: e.AgencyDomainID, DomainName: e.AgencyDomainName}
	}
	return p, nil
}

// source returns the keys, which are those of an SSO session if ssoProfile is set. prefix precedes their names in
// the file.
func (k profileKeys) source(prefix, ssoProfile string) (CredentialSource, error) {
	for _, key := range []struct {
		name, value string
		optional    bool
	}{
		{"accessKeyId", k.AccessKeyID, false},
		{"secretAccessKey", k.SecretAccessKey, false},
		{"securityToken", k.SecurityToken, ssoProfile == ""},
	} {
		if key.value == "" && !key.optional {
			advice := ""
			if ssoProfile != "" {
				advice = ": run hcloud configure sso"
			}
			return nil, fmt.Errorf("the key %q is missing%s", prefix+key.name, advice)
		}
		if err := CheckKey(key.value); err != nil {
			return nil, fmt.Errorf("the key %q %w", prefix+key.name, err)
		}
	}
	if CheckIdentifier(k.AccessKeyID) != nil {
		return nil, fmt.Errorf("the key %q is not an access key; if it is encrypted, disable that with hcloud configure set --cli-auth-encrypt=false", prefix+"accessKeyId")
	}
	return AccessKeys{
		AccessKey: k.AccessKeyID, SecretKey: NewSecret(k.SecretAccessKey), SecurityToken: NewSecret(k.SecurityToken), SSOProfile: ssoProfile,
	}, nil
}

// locateJSONError returns the line or key of a JSON error without the message of encoding/json, which contains
// values.
func locateJSONError(text []byte, err error) error {
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		before := text[:max(0, min(int(syntax.Offset)-1, len(text)))] // the offset is past the invalid byte
		return fmt.Errorf("line %d is not JSON", 1+bytes.Count(before, []byte("\n")))
	}
	if typ, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && typ.Field != "" {
		kinds := map[reflect.Kind]string{reflect.String: "a string", reflect.Slice: "a list", reflect.Struct: "an object"}
		return fmt.Errorf("the key %q is not %s", typ.Field, kinds[typ.Type.Kind()])
	}
	return errors.New("it is not a JSON object")
}
