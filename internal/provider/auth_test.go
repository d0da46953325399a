// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/huaweicloud"
)

// Every pair of sources with every pair of methods, and every pair of methods within one source: the source
// takes precedence, then the method.
func TestResolve_precedence(t *testing.T) {
	dir := t.TempDir()
	home(t, dir)
	type method struct {
		name  string
		block arguments
		env   environment
		want  string
	}
	methods := func(tag string) []method {
		return []method{
			{"token", arguments{"token": "canary-" + tag}, environment{"OS_AUTH_TOKEN": "canary-" + tag}, "token token=canary-" + tag},
			{"keys", arguments{"access_key": "AK-" + tag, "secret_key": "canary-" + tag}, environment{"OS_ACCESS_KEY": "AK-" + tag, "OS_SECRET_KEY": "canary-" + tag}, "keys access_key=AK-" + tag + " secret_key=canary-" + tag},
			{
				"password",
				arguments{"user_name": "u-" + tag, "password": "canary-" + tag, "domain_id": "d-" + tag},
				environment{"OS_USERNAME": "u-" + tag, "OS_PASSWORD": "canary-" + tag, "OS_DOMAIN_ID": "d-" + tag},
				"password user_name=u-" + tag + " password=canary-" + tag + " domain_id=d-" + tag,
			},
			{"password by user ID", arguments{"user_id": "i-" + tag, "password": "canary-" + tag}, environment{"OS_USER_ID": "i-" + tag, "OS_PASSWORD": "canary-" + tag}, "password user_id=i-" + tag + " password=canary-" + tag},
			{
				"OIDC",
				arguments{"assume_role_with_oidc": arguments{"idp_id": "idp-" + tag, "id_token": "canary-" + tag}},
				environment{"HW_ASSUME_ROLE_IDP_ID": "idp-" + tag, "HW_ASSUME_ROLE_ID_TOKEN": "canary-" + tag},
				"oidc idp_id=idp-" + tag + " id_token=canary-" + tag,
			},
		}
	}
	profile := func(tag string) method {
		file := writeFileIn(t, dir, tag+".json", profiles(tag))
		return method{
			"profile",
			arguments{"shared_config_file": file, "profile": "main"},
			environment{"HW_SHARED_CONFIG_FILE": file, "HW_PROFILE": "main"},
			"keys access_key=" + tag + "-main secret_key=canary-" + tag + "-main",
		}
	}
	instance := method{name: "instance", env: environment{"HC_CONTAINER_CREDENTIALS_FULL_URI": "http://pod"}, want: "instance pod=http://pod"}
	// In order of precedence. The profile of a source follows its other methods.
	block, env := append(methods("block"), profile("blockfile")), append(methods("env"), profile("envfile"))
	all := slices.Concat(block, env, []method{instance})
	for i, first := range all {
		for j, second := range all[i+1:] {
			given, variables := arguments{}, environment{}
			for _, m := range []struct {
				method
				index int
			}{{second, i + 1 + j}, {first, i}} {
				if m.index < len(block) {
					given = merge(given, m.block)
				} else {
					variables = merge(variables, m.env)
				}
			}
			r := mustResolve(t, given, variables)
			if got := describe(r.config.CredentialSource); got != first.want || len(r.diags) > 0 {
				t.Errorf("%d %s and %d %s: got %s, %v", i, first.name, i+1+j, second.name, got, r.diags)
			}
		}
	}
}

func TestResolve_credentials(t *testing.T) {
	dir := t.TempDir()
	home(t, dir)
	writeFileIn(t, dir, ".hcloud/config.json", profiles("H"))
	file, other := writeFileIn(t, dir, "mine.json", profiles("P")), writeFileIn(t, dir, "theirs.json", profiles("E"))
	writable, readable := writeFileIn(t, dir, "writable.json", profiles("O")), writeFileIn(t, dir, "readable.json", profiles("R"))
	if err := errors.Join(os.Chmod(writable, 0o620), os.Chmod(readable, 0o644)); err != nil {
		t.Fatal(err)
	}
	noFile := filepath.Join(dir, "missing.json")
	const (
		wantKeys     = "keys access_key=AK secret_key=canary-SK"
		wantEnv      = "keys access_key=EAK secret_key=canary-ESK"
		wantPassword = "password user_name=me password=canary pass word domain_name=corp"
	)
	type env = environment
	var (
		keys      = arguments{"access_key": "AK", "secret_key": "canary-SK"}
		password  = arguments{"user_name": "me", "password": "canary pass word", "domain_name": "corp"}
		oidc      = arguments{"idp_id": "idp", "id_token": "canary"}
		envKeys   = env{"HW_ACCESS_KEY": "EAK", "HW_SECRET_KEY": "canary-ESK"}
		envAgency = env{"HW_ASSUME_ROLE_AGENCY_NAME": "ea", "HW_ASSUME_ROLE_DOMAIN_NAME": "ed"}
		byName    = arguments{"agency_name": "a", "domain_name": "d"}
		byID      = arguments{"agency_name": "b", "domain_id": "0e"}
	)
	withAgencies := func(base arguments, agencies ...arguments) arguments {
		return merge(base, arguments{"assume_role": agencies})
	}
	withOIDC := func(oidc arguments) arguments { return arguments{"assume_role_with_oidc": oidc} }
	missing := func(path, detail string) wantDiag { return wantDiag{path, "Missing Provider Argument", detail} }
	inBlock := func(path, set, unset string) wantDiag {
		return missing(path, set+" is set in the provider block, but "+unset+" is not. Both must be set in the provider block; the environment is not used as a fallback.")
	}
	inEnv := func(path, set, unset, variables string) wantDiag {
		return missing(path, "The environment variable "+set+" is set, but "+unset+" is not. Set the environment variable "+variables+" as well; the provider block is not used as a fallback.")
	}
	selected := func(setting, source string, err error) string {
		return "The profile selected by " + setting + " in " + source + " could not be read: " + err.Error() + ". Correct profile or shared_config_file, or remove both to use other credentials."
	}
	unreadable := func(path, detail string) []wantDiag { return []wantDiag{{path, "Unable to Read Profile", detail}} }
	tooLong := func(path, detail string) []wantDiag { return []wantDiag{{path, "Invalid Provider Argument", detail}} }
	tests := []struct {
		name   string
		block  arguments
		env    env
		want   string
		errors []wantDiag
	}{
		{name: "nothing", want: "instance"},
		{name: "pod identity", env: env{"HC_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1/x", "HC_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/pod/token"}, want: "instance pod=http://127.0.0.1/x file=/pod/token"},
		{name: "temporary keys", block: merge(keys, arguments{"security_token": "canary-st"}), want: wantKeys + " security_token=canary-st"},
		{name: "password with domain ID and name", block: merge(password, arguments{"domain_id": "0d"}), want: wantPassword + " domain_id=0d"},
		{name: "user name and ID, no domain", block: arguments{"user_name": "me", "user_id": "0u", "password": "canary"}, want: "password user_id=0u password=canary"},
		{name: "OIDC with file", block: withOIDC(arguments{"idp_id": "idp", "id_token_file": "/jwt"}), want: "oidc idp_id=idp id_token_file=/jwt"},
		{name: "OIDC of HCP Terraform", env: env{"HW_ASSUME_ROLE_IDP_ID": "idp", "TFC_WORKLOAD_IDENTITY_TOKEN": "canary"}, want: "oidc idp_id=idp id_token=canary"},
		{name: "OIDC of HCP Terraform for another provider", env: env{"TFC_WORKLOAD_IDENTITY_TOKEN": "canary"}, want: "instance"},
		{name: "OIDC with file in HCP Terraform", env: env{"HW_ASSUME_ROLE_IDP_ID": "idp", "HW_ASSUME_ROLE_ID_TOKEN_FILE": "/jwt", "TFC_WORKLOAD_IDENTITY_TOKEN": "canary"}, want: "oidc idp_id=idp id_token_file=/jwt"},
		{name: "heredoc", block: arguments{"token": "canary\n"}, want: "token token=canary"},
		{name: "heredoc with CRLF", block: arguments{"token": "canary\r\n"}, want: "token token=canary"},

		{name: "incomplete keys and password", block: merge(password, arguments{"access_key": "AK"}), want: wantPassword},
		{name: "environment not read", block: keys, env: env{"HW_ACCESS_KEY": "A K", "HW_SECURITY_TOKEN": "canary", "HW_PROFILE": "none"}, want: wantKeys},
		{name: "domain alone", block: arguments{"domain_name": "corp"}, env: envKeys, want: wantEnv},
		{name: "domain alone in the environment", env: env{"HW_DOMAIN_NAME": "corp", "OS_PROJECT_DOMAIN_ID": "0d"}, want: "instance"},
		{name: "HW_ and OS_ combined", env: env{"HW_ACCESS_KEY": "EAK", "OS_SECRET_KEY": "canary-ESK"}, want: wantEnv},
		{name: "empty arguments", block: arguments{"access_key": "", "secret_key": "", "token": "", "profile": ""}, env: envKeys, want: wantEnv},
		{name: "empty variables", env: env{"HW_ACCESS_KEY": "", "HW_PROFILE": "", "OS_ACCESS_KEY": "EAK", "OS_SECRET_KEY": "canary-ESK"}, want: wantEnv},

		{name: "profile of default file", block: arguments{"profile": "main"}, env: env{"HW_SHARED_CONFIG_FILE": other}, want: "keys access_key=H-main secret_key=canary-H-main"},
		{name: "current profile", block: arguments{"shared_config_file": file}, env: env{"HW_PROFILE": "temporary"}, want: "keys access_key=P-main secret_key=canary-P-main"},
		{name: "profile in the home directory", block: arguments{"shared_config_file": "~/mine.json"}, want: "keys access_key=P-main secret_key=canary-P-main"},
		{name: "profile with temporary keys", env: env{"HW_SHARED_CONFIG_FILE": file, "HW_PROFILE": "temporary"}, want: "keys access_key=P-temporary secret_key=canary-P-temporary security_token=canary-st"},
		{name: "profile with agency", block: withAgencies(arguments{"shared_config_file": file, "profile": "agency"}, byName), want: "keys access_key=P-agency secret_key=canary-P-agency > agency name=ops domain=corp > agency name=a domain=d"},
		{name: "profile file missing", block: arguments{"shared_config_file": noFile}, env: envKeys, want: "none", errors: unreadable("shared_config_file", selected("shared_config_file", "the provider block", profileError(noFile, "")))},
		{name: "profile unknown in the environment", env: env{"HW_SHARED_CONFIG_FILE": file, "HW_PROFILE": "Main"}, want: "none", errors: unreadable("profile", selected("profile", "the environment variable HW_PROFILE", profileError(file, "Main")))},
		{name: "profile writable by others", block: arguments{"shared_config_file": writable}, env: envKeys, want: "none", errors: unreadable("shared_config_file", "")},
		{name: "profile readable by others", block: arguments{"shared_config_file": readable}, want: "keys access_key=R-main secret_key=canary-R-main", errors: []wantDiag{{"shared_config_file", "Insecure Profile Permissions", ""}}},
		{name: "profile in place of its path", block: arguments{"shared_config_file": `{"profiles": [{"secretAccessKey": "canary"}]}`}, want: "none", errors: unreadable("", "")},
		{name: "profile in place of its path in the environment", env: env{"HW_SHARED_CONFIG_FILE": profiles("E"), "HW_PROFILE": "main"}, want: "none", errors: unreadable("profile", "")},
		{name: "incomplete keys before a profile", block: arguments{"access_key": "AK", "shared_config_file": file}, want: "none", errors: []wantDiag{missing("secret_key", "")}},

		{name: "access_key", block: arguments{"access_key": "AK"}, env: env{"HW_SECRET_KEY": "canary"}, want: "none", errors: []wantDiag{inBlock("secret_key", "access_key", "secret_key")}},
		{name: "secret_key", block: arguments{"secret_key": "canary"}, env: env{"HW_ACCESS_KEY": "AK"}, want: "none", errors: []wantDiag{inBlock("access_key", "secret_key", "access_key")}},
		{name: "security_token", block: arguments{"security_token": "canary"}, env: envKeys, want: "none", errors: []wantDiag{inBlock("access_key", "security_token", "access_key"), inBlock("secret_key", "security_token", "secret_key")}},
		{
			name: "user_name", block: arguments{"user_name": "me"}, env: env{"HW_USER_PASSWORD": "canary", "HW_DOMAIN_NAME": "corp"}, want: "none",
			errors: []wantDiag{inBlock("password", "user_name", "password"), inBlock("domain_name", "user_name", "domain_name or domain_id")},
		},
		{name: "password", block: arguments{"password": "canary", "domain_name": "corp"}, env: env{"HW_USER_ID": "0u"}, want: "none", errors: []wantDiag{inBlock("user_name", "password", "user_name")}},
		{name: "user_id", block: arguments{"user_id": "0u"}, env: env{"HW_USER_PASSWORD": "canary"}, want: "none", errors: []wantDiag{inBlock("password", "user_id", "password")}},
		{
			name: "idp_id", block: withOIDC(arguments{"idp_id": "idp"}), env: env{"HW_ASSUME_ROLE_ID_TOKEN": "canary"}, want: "none",
			errors: []wantDiag{inBlock("assume_role_with_oidc.id_token", "assume_role_with_oidc.idp_id", "assume_role_with_oidc.id_token or assume_role_with_oidc.id_token_file")},
		},
		{
			name: "id_token_file", block: withOIDC(arguments{"id_token_file": "/jwt"}), env: env{"HW_ASSUME_ROLE_IDP_ID": "idp"}, want: "none",
			errors: []wantDiag{inBlock("assume_role_with_oidc.idp_id", "assume_role_with_oidc.id_token_file", "assume_role_with_oidc.idp_id")},
		},
		{
			name: "domain of a user in the environment", block: arguments{"domain_name": "corp"}, env: env{"OS_USERNAME": "me", "OS_PASSWORD": "canary"}, want: "none",
			errors: []wantDiag{inEnv("domain_name", "OS_USERNAME", "domain_name or domain_id", "HW_DOMAIN_NAME or OS_DOMAIN_NAME or OS_USER_DOMAIN_NAME or OS_PROJECT_DOMAIN_NAME or HW_DOMAIN_ID")},
		},
		{name: "HW_ACCESS_KEY", env: env{"HW_ACCESS_KEY": "AK", "HC_CONTAINER_CREDENTIALS_FULL_URI": "http://pod"}, want: "none", errors: []wantDiag{inEnv("secret_key", "HW_ACCESS_KEY", "secret_key", "HW_SECRET_KEY or OS_SECRET_KEY")}},

		{name: "chain of agencies", block: withAgencies(keys, byName, merge(byID, arguments{"domain_name": "e", "duration": 3600})), env: envAgency, want: wantKeys + " > agency name=a domain=d > agency name=b domain=e id=0e duration=1h0m0s"},
		{name: "agency of the environment on keys of the block", block: keys, env: merge(envAgency, env{"HW_ASSUME_ROLE_DURATION": "900"}), want: wantKeys + " > agency name=ea domain=ed duration=15m0s"},
		{name: "agency of the environment for an empty block", block: withAgencies(keys, arguments{}), env: envAgency, want: wantKeys + " > agency name=ea domain=ed"},
		{name: "agency on the instance", block: withAgencies(nil, byName), env: env{"HW_ASSUME_ROLE_DURATION": "x"}, want: "instance > agency name=a domain=d"},
		{name: "agency of OIDC and a chain", block: merge(withOIDC(merge(oidc, byName)), withAgencies(nil, byID, byName)), env: envAgency, want: "oidc idp_id=idp id_token=canary > agency name=a domain=d > agency name=b id=0e > agency name=a domain=d"},
		{name: "agency of OIDC in the environment", env: merge(envAgency, env{"HW_ASSUME_ROLE_IDP_ID": "idp", "HW_ASSUME_ROLE_ID_TOKEN": "canary"}), want: "oidc idp_id=idp id_token=canary > agency name=ea domain=ed"},
		{name: "agency of OIDC, its token in the environment", block: withOIDC(byName), env: env{"HW_ASSUME_ROLE_IDP_ID": "idp", "HW_ASSUME_ROLE_ID_TOKEN": "canary"}, want: "oidc idp_id=idp id_token=canary > agency name=a domain=d"},
		{
			name: "agency of OIDC with keys of the environment", block: withOIDC(byName), env: envKeys, want: wantEnv,
			errors: []wantDiag{missing("assume_role_with_oidc.idp_id", "assume_role_with_oidc.idp_id is required: other arguments of the block are set. Set the argument in the provider block, or the environment variable HW_ASSUME_ROLE_IDP_ID.")},
		},
		{name: "agency of OIDC with keys of the block", block: merge(keys, withOIDC(merge(oidc, byName))), want: wantKeys},
		{name: "empty blocks", block: merge(withAgencies(nil, arguments{"agency_name": ""}), withOIDC(arguments{})), env: envKeys, want: wantEnv, errors: []wantDiag{
			missing("assume_role_with_oidc.idp_id", "assume_role_with_oidc.idp_id is required: the block is empty. Remove the block if it is not needed. Set the argument in the provider block, or the environment variable HW_ASSUME_ROLE_IDP_ID."),
			missing("assume_role[0].agency_name", ""),
		}},
		{
			name: "agency incomplete", block: withAgencies(keys, byName, arguments{"duration": 900}), env: envAgency, want: wantKeys + " > agency name=a domain=d > agency duration=15m0s",
			errors: []wantDiag{
				inBlock("assume_role[1].agency_name", "assume_role[1].duration", "assume_role[1].agency_name"),
				inBlock("assume_role[1].domain_name", "assume_role[1].duration", "assume_role[1].domain_name or assume_role[1].domain_id"),
			},
		},
		{name: "agency of OIDC incomplete", block: withOIDC(merge(oidc, arguments{"agency_name": "a"})), env: envAgency, want: "oidc idp_id=idp id_token=canary > agency name=a", errors: []wantDiag{missing("assume_role_with_oidc.domain_name", "")}},
		{name: "agency of the environment incomplete", env: merge(envKeys, env{"HW_ASSUME_ROLE_DOMAIN_ID": "0d"}), want: wantEnv + " > agency id=0d", errors: []wantDiag{missing("assume_role.agency_name", "")}},

		{
			name: "duration too long for STS", block: withAgencies(keys, merge(byID, arguments{"duration": 43201})), want: wantKeys + " > agency name=b id=0e duration=12h0m1s",
			errors: tooLong("assume_role[0].duration", "The value of assume_role[0].duration in the provider block is invalid: must be between 900 and 43200 seconds."),
		},
		{
			name: "duration too long for temporary keys", block: withAgencies(merge(keys, arguments{"security_token": "canary"}), merge(byID, arguments{"duration": 3601})),
			want:   wantKeys + " security_token=canary > agency name=b id=0e duration=1h0m1s",
			errors: tooLong("assume_role[0].duration", "The value of assume_role[0].duration in the provider block is invalid: must be between 900 and 3600 seconds when an agency with domain_id is assumed with temporary credentials."),
		},
		{name: "duration too long in a chain", block: withAgencies(keys, byName, merge(byID, arguments{"duration": 3601})), want: wantKeys + " > agency name=a domain=d > agency name=b id=0e duration=1h0m1s", errors: tooLong("assume_role[1].duration", "")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if runtime.GOOS == "windows" && (tt.block["shared_config_file"] == writable || tt.block["shared_config_file"] == readable) {
				t.Skip("Windows has no such mode")
			}
			r := mustResolve(t, tt.block, tt.env)
			if got := describe(r.config.CredentialSource); got != tt.want {
				t.Errorf("credentials\n got %s\nwant %s", got, tt.want)
			}
			checkDiags(t, r.diags, tt.errors)
		})
	}
}

// profileError returns the error of package huaweicloud, where its string is tested.
func profileError(file, name string) error {
	_, err := huaweicloud.ReadProfile(file, name)
	return err
}

// describe returns all that a source is made of, by the names of the settings.
func describe(source huaweicloud.CredentialSource) string {
	words := func(method string, fields ...string) string {
		for pair := range slices.Chunk(fields, 2) {
			if pair[1] != "" {
				method += " " + pair[0] + "=" + pair[1]
			}
		}
		return method
	}
	switch s := source.(type) {
	case nil:
		return "none"
	case huaweicloud.StaticToken:
		return words("token", "token", s.Token.Reveal())
	case huaweicloud.AccessKeys:
		return words("keys", "access_key", s.AccessKey, "secret_key", s.SecretKey.Reveal(), "security_token", s.SecurityToken.Reveal())
	case huaweicloud.Password:
		return words("password", "user_name", s.UserName, "user_id", s.UserID, "password", s.Password.Reveal(),
			"domain_name", s.DomainName, "domain_id", s.DomainID)
	case huaweicloud.OIDC:
		return words("oidc", "idp_id", s.ProviderID, "id_token", s.IDToken.Reveal(), "id_token_file", s.IDTokenFile)
	case huaweicloud.Agency:
		duration := ""
		if s.Duration != 0 {
			duration = s.Duration.String()
		}
		return words(describe(s.Base)+" > agency", "name", s.Name, "domain", s.DomainName, "id", s.DomainID, "duration", duration)
	case huaweicloud.InstanceIdentity:
		return words("instance", "pod", s.PodURI, "file", s.PodTokenFile)
	default:
		return fmt.Sprintf("%T", source)
	}
}

// profiles returns a KooCLI configuration file, with prefix in its keys.
func profiles(prefix string) string {
	entry := func(name, mode, more string) string {
		return fmt.Sprintf(`{"name": %q, "mode": %q, "accessKeyId": "%s-%s", "secretAccessKey": "canary-%s-%s"%s}`, name, mode, prefix, name, prefix, name, more)
	}
	return `{"current": "main", "profiles": [` + strings.Join([]string{
		entry("main", "AKSK", `, "region": "cn-east-3", "projectId": "project-of-profile"`),
		entry("temporary", "AKSK", `, "securityToken": "canary-st"`),
		entry("agency", "Agency", `, "agencyName": "ops", "agencyDomainName": "corp"`),
		entry("unknown", "unknown", ""),
		`{"name": "half", "mode": "AKSK", "secretAccessKey": "canary"}`,
		`{"name": "encrypted", "mode": "AKSK", "accessKeyId": "canary==", "secretAccessKey": "canary=="}`,
	}, ",\n") + `]}`
}

// home makes dir the home directory.
func home(t *testing.T, dir string) {
	t.Helper()
	t.Setenv("HOME", dir)
	t.Setenv("USERPROFILE", dir)
}
