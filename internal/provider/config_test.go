// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"maps"
	"math/big"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/huaweicloud"
)

// documentedVariables is what users of the huaweicloud provider export, by argument, the first that
// counts first. It is written from that provider's documents, not from the settings.
var documentedVariables = map[string][]string{
	"region":             {"HW_REGION_NAME", "OS_REGION_NAME"},
	"access_key":         {"HW_ACCESS_KEY", "OS_ACCESS_KEY"},
	"secret_key":         {"HW_SECRET_KEY", "OS_SECRET_KEY"},
	"security_token":     {"HW_SECURITY_TOKEN"},
	"token":              {"HW_AUTH_TOKEN", "OS_AUTH_TOKEN"},
	"user_name":          {"HW_USER_NAME", "OS_USERNAME"},
	"user_id":            {"HW_USER_ID", "OS_USER_ID"},
	"password":           {"HW_USER_PASSWORD", "OS_PASSWORD"},
	"domain_name":        {"HW_DOMAIN_NAME", "OS_DOMAIN_NAME", "OS_USER_DOMAIN_NAME", "OS_PROJECT_DOMAIN_NAME"},
	"domain_id":          {"HW_DOMAIN_ID", "OS_DOMAIN_ID", "OS_USER_DOMAIN_ID", "OS_PROJECT_DOMAIN_ID"},
	"project_id":         {"HW_PROJECT_ID", "OS_PROJECT_ID"},
	"project_name":       {"HW_PROJECT_NAME", "OS_PROJECT_NAME"},
	"auth_url":           {"HW_AUTH_URL", "OS_AUTH_URL"},
	"cloud":              {"HW_CLOUD"},
	"endpoints":          nil,
	"insecure":           {"HW_INSECURE", "OS_INSECURE"},
	"cacert_file":        {"OS_CACERT"},
	"cert":               {"OS_CERT"},
	"key":                {"OS_KEY"},
	"max_retries":        {"HW_MAX_RETRIES"},
	"shared_config_file": {"HW_SHARED_CONFIG_FILE"},
	"profile":            {"HW_PROFILE"},

	"assume_role.agency_name": {"HW_ASSUME_ROLE_AGENCY_NAME"},
	"assume_role.domain_name": {"HW_ASSUME_ROLE_DOMAIN_NAME"},
	"assume_role.domain_id":   {"HW_ASSUME_ROLE_DOMAIN_ID"},
	"assume_role.duration":    {"HW_ASSUME_ROLE_DURATION"},

	"assume_role_with_oidc.idp_id":        {"HW_ASSUME_ROLE_IDP_ID"},
	"assume_role_with_oidc.id_token":      {"HW_ASSUME_ROLE_ID_TOKEN"},
	"assume_role_with_oidc.id_token_file": {"HW_ASSUME_ROLE_ID_TOKEN_FILE"},
	"assume_role_with_oidc.agency_name":   {"HW_ASSUME_ROLE_AGENCY_NAME"},
	"assume_role_with_oidc.domain_name":   {"HW_ASSUME_ROLE_DOMAIN_NAME"},
	"assume_role_with_oidc.domain_id":     {"HW_ASSUME_ROLE_DOMAIN_ID"},
	"assume_role_with_oidc.duration":      {"HW_ASSUME_ROLE_DURATION"},
}

// Set by CCE, not by users.
var podVariables = []string{"HC_CONTAINER_AUTHORIZATION_TOKEN_FILE", "HC_CONTAINER_CREDENTIALS_FULL_URI"}

type (
	arguments   map[string]any // of a block; a list of blocks is a []arguments
	environment map[string]string
)

// unknown is a value that Terraform knows later.
var unknown = new(int)

// tfValue makes a value of the type that the schema has for it.
func tfValue(t *testing.T, typ tftypes.Type, value any) tftypes.Value {
	t.Helper()
	if value == unknown {
		return tftypes.NewValue(typ, tftypes.UnknownValue)
	}
	switch typ := typ.(type) {
	case tftypes.Object:
		given, ok := value.(arguments)
		if !ok {
			break
		}
		for name := range given {
			if typ.AttributeTypes[name] == nil {
				t.Fatalf("the schema has no %q", name)
			}
		}
		values := map[string]tftypes.Value{}
		for name, inner := range typ.AttributeTypes {
			values[name] = tfValue(t, inner, given[name])
		}
		return tftypes.NewValue(typ, values)
	case tftypes.Map:
		given, ok := value.(arguments)
		if !ok {
			break
		}
		values := map[string]tftypes.Value{}
		for name, inner := range given {
			values[name] = tfValue(t, typ.ElementType, inner)
		}
		return tftypes.NewValue(typ, values)
	case tftypes.List: // as Terraform has it, no block is an empty list
		values := []tftypes.Value{}
		given, _ := value.([]arguments)
		for _, inner := range given {
			values = append(values, tfValue(t, typ.ElementType, inner))
		}
		return tftypes.NewValue(typ, values)
	}
	return tftypes.NewValue(typ, value)
}

func providerBlockOf(t *testing.T, given arguments) map[string]tftypes.Value {
	t.Helper()
	var block map[string]tftypes.Value
	if err := tfValue(t, providerSchema().Type().TerraformType(t.Context()), given).As(&block); err != nil {
		t.Fatal(err)
	}
	return block
}

// wantDiag is what matters of a diagnostic.
type wantDiag struct{ at, summary, detail string }

func problemsOf(found diag.Diagnostics) []wantDiag {
	var problems []wantDiag
	for _, d := range found {
		p := wantDiag{summary: d.Summary(), detail: d.Detail()}
		if d, ok := d.(diag.DiagnosticWithPath); ok {
			p.at = d.Path().String()
		}
		problems = append(problems, p)
	}
	return problems
}

// checkErrors compares errors, without their details where none are wanted.
func checkErrors(t *testing.T, r *configResolver, want []wantDiag) {
	t.Helper()
	got := problemsOf(r.diags.Errors())
	for i := range got {
		if i < len(want) && want[i].detail == "" {
			got[i].detail = ""
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("errors\n got %q\nwant %q", got, want)
	}
}

// mustResolve resolves, and checks what holds for all settings: only documented variables are asked for,
// and no secret is shown. In these tests, the text of each secret holds the word canary, and no other does.
func mustResolve(t *testing.T, block arguments, env environment) *configResolver {
	t.Helper()
	var asked []string
	r := resolve(providerBlockOf(t, block), func(name string) string {
		asked = append(asked, name)
		return env[name]
	}, "")
	known := slices.Concat(podVariables, slices.Concat(slices.Collect(maps.Values(documentedVariables))...))
	for _, name := range asked {
		if !slices.Contains(known, name) {
			t.Errorf("%s is asked for", name)
		}
	}
	for _, p := range problemsOf(r.diags) {
		if strings.Contains(p.summary+p.detail, "canary") {
			t.Errorf("a secret is shown: %q", p)
		}
	}
	return r
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
		return words("machine", "pod", s.PodURI, "file", s.PodTokenFile)
	default:
		return fmt.Sprintf("%T", source)
	}
}

// write writes a file that only its owner can read, and returns its path.
func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// profiles is a file of the KooCLI command. In it, prefix tells whose keys they are.
func profiles(prefix string) string {
	entry := func(name, mode, more string) string {
		return fmt.Sprintf(`{"name": %q, "mode": %q, "accessKeyId": "%s-%s", "secretAccessKey": "canary-%s-%s"%s}`, name, mode, prefix, name, prefix, name, more)
	}
	return `{"current": "main", "profiles": [` + strings.Join([]string{
		entry("main", "AKSK", `, "region": "cn-east-3", "projectId": "project-of-profile"`),
		entry("temporary", "AKSK", `, "securityToken": "canary-st"`),
		entry("agency", "Agency", `, "agencyName": "ops", "agencyDomainName": "corp"`),
		entry("sso", "SSO", ""),
		`{"name": "half", "mode": "AKSK", "secretAccessKey": "canary"}`,
		`{"name": "encrypted", "mode": "AKSK", "accessKeyId": "canary==", "secretAccessKey": "canary=="}`,
	}, ",\n") + `]}`
}

// home makes dir the home folder.
func home(t *testing.T, dir string) {
	t.Helper()
	t.Setenv("HOME", dir)
	t.Setenv("USERPROFILE", dir)
}

// correctProfile is how the detail of each error about a profile ends.
const correctProfile = " Correct shared_config_file or profile, or leave both out to sign in by other means."

func TestResolveTakesTheCredentialThatIsNearestToTheUser(t *testing.T) {
	dir := t.TempDir()
	home(t, dir)
	if err := os.Mkdir(filepath.Join(dir, ".hcloud"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, dir, ".hcloud/config.json", profiles("H"))
	mine, theirs := write(t, dir, "mine.json", profiles("P")), write(t, dir, "theirs.json", profiles("E"))
	malformed := write(t, dir, "malformed.json", "{\n\"current\": \"canary\"\n\"profiles\": []}")
	open := write(t, dir, "open.json", profiles("O"))
	if err := os.Chmod(open, 0o620); err != nil {
		t.Fatal(err)
	}
	missing := filepath.Join(dir, "missing.json")

	type env = environment
	const (
		wantBlock = "keys access_key=AK secret_key=canary-SK"
		wantEnv   = "keys access_key=EAK secret_key=canary-ESK"
		wantToken = "token token=canary-token"
	)
	var (
		keys      = arguments{"access_key": "AK", "secret_key": "canary-SK"}
		token     = arguments{"token": "canary-token"}
		password  = arguments{"user_name": "me", "password": "canary pass word", "domain_name": "corp"}
		oidc      = arguments{"assume_role_with_oidc": arguments{"idp_id": "idp", "id_token": "canary.jwt"}}
		envKeys   = env{"HW_ACCESS_KEY": "EAK", "HW_SECRET_KEY": "canary-ESK"}
		envAgency = env{"HW_ASSUME_ROLE_AGENCY_NAME": "env-agency", "HW_ASSUME_ROLE_DOMAIN_NAME": "env-corp"}
	)
	with := func(objects ...arguments) arguments {
		all := arguments{}
		for _, o := range objects {
			maps.Copy(all, o)
		}
		return all
	}
	both := func(envs ...env) env {
		all := env{}
		for _, e := range envs {
			maps.Copy(all, e)
		}
		return all
	}
	tests := []struct {
		name   string
		block  arguments // with a region, unless it says otherwise
		env    env
		want   string
		errors []wantDiag // details are compared where there are some
	}{
		// Each method alone, in each place.
		{name: "nothing", want: "machine"},
		{
			name: "identity of a pod", env: env{"HC_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1/x", "HC_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/pod/token"},
			want: "machine pod=http://127.0.0.1/x file=/pod/token",
		},
		{name: "token in the block", block: token, want: wantToken},
		{name: "keys in the block", block: keys, want: wantBlock},
		{name: "temporary keys in the block", block: with(keys, arguments{"security_token": "canary-st"}), want: wantBlock + " security_token=canary-st"},
		{name: "password in the block", block: password, want: "password user_name=me password=canary pass word domain_name=corp"},
		{
			name: "password with the account's ID", block: arguments{"user_name": "me", "password": "canary", "domain_id": "0d"},
			want: "password user_name=me password=canary domain_id=0d",
		},
		{name: "password by user ID", block: arguments{"user_id": "0u", "password": "canary"}, want: "password user_id=0u password=canary"},
		{name: "OIDC in the block", block: oidc, want: "oidc idp_id=idp id_token=canary.jwt"},
		{
			name: "OIDC by a file", block: arguments{"assume_role_with_oidc": arguments{"idp_id": "idp", "id_token_file": "/jwt"}},
			want: "oidc idp_id=idp id_token_file=/jwt",
		},
		{
			name: "profile in the block", block: arguments{"shared_config_file": mine, "profile": "temporary"},
			want: "keys access_key=P-temporary secret_key=canary-P-temporary security_token=canary-st",
		},
		{name: "current profile of a file", block: arguments{"shared_config_file": mine}, want: "keys access_key=P-main secret_key=canary-P-main"},
		{name: "profile of the default file", block: arguments{"profile": "main"}, want: "keys access_key=H-main secret_key=canary-H-main"},
		{name: "file in the home folder", block: arguments{"shared_config_file": "~/mine.json"}, want: "keys access_key=P-main secret_key=canary-P-main"},
		{
			name: "profile of mode agency", block: arguments{"shared_config_file": mine, "profile": "agency"},
			want: "keys access_key=P-agency secret_key=canary-P-agency > agency name=ops domain=corp",
		},
		{name: "default file that nobody names", want: "machine"},
		{name: "token in the environment", env: env{"HW_AUTH_TOKEN": "canary"}, want: "token token=canary"},
		{name: "keys in the environment", env: envKeys, want: wantEnv},
		{name: "keys in the environment, as of OpenStack", env: env{"OS_ACCESS_KEY": "OAK", "OS_SECRET_KEY": "canary"}, want: "keys access_key=OAK secret_key=canary"},
		{name: "temporary keys in the environment", env: both(envKeys, env{"HW_SECURITY_TOKEN": "canary-st"}), want: wantEnv + " security_token=canary-st"},
		{
			name: "password in the environment", env: env{"HW_USER_NAME": "me", "HW_USER_PASSWORD": "canary", "HW_DOMAIN_NAME": "corp"},
			want: "password user_name=me password=canary domain_name=corp",
		},
		{
			name: "password in the environment, as of OpenStack", env: env{"OS_USERNAME": "me", "OS_PASSWORD": "canary", "OS_USER_DOMAIN_NAME": "corp"},
			want: "password user_name=me password=canary domain_name=corp",
		},
		{name: "password by user ID in the environment", env: env{"HW_USER_ID": "0u", "HW_USER_PASSWORD": "canary"}, want: "password user_id=0u password=canary"},
		{name: "OIDC in the environment", env: env{"HW_ASSUME_ROLE_IDP_ID": "idp", "HW_ASSUME_ROLE_ID_TOKEN": "canary"}, want: "oidc idp_id=idp id_token=canary"},
		{
			name: "OIDC in the environment, by a file", env: env{"HW_ASSUME_ROLE_IDP_ID": "idp", "HW_ASSUME_ROLE_ID_TOKEN_FILE": "/jwt"},
			want: "oidc idp_id=idp id_token_file=/jwt",
		},
		{name: "profile in the environment", env: env{"HW_SHARED_CONFIG_FILE": theirs, "HW_PROFILE": "main"}, want: "keys access_key=E-main secret_key=canary-E-main"},
		{name: "profile of the default file in the environment", env: env{"HW_PROFILE": "main"}, want: "keys access_key=H-main secret_key=canary-H-main"},
		{name: "current profile in the environment", env: env{"HW_SHARED_CONFIG_FILE": theirs}, want: "keys access_key=E-main secret_key=canary-E-main"},

		// Two places are one after the other, and never one.
		{name: "block before its profile", block: with(keys, arguments{"shared_config_file": missing}), want: wantBlock},
		{name: "block before environment", block: keys, env: envKeys, want: wantBlock},
		{name: "block before a malformed environment", block: keys, env: env{"HW_ACCESS_KEY": "A K", "HW_SECRET_KEY": " "}, want: wantBlock},
		{name: "block before half of the environment", block: keys, env: env{"HW_USER_NAME": "me"}, want: wantBlock},
		{name: "block's password before the environment's token", block: password, env: env{"HW_AUTH_TOKEN": "canary"}, want: "password user_name=me password=canary pass word domain_name=corp"},
		{name: "block's keys without the environment's security token", block: keys, env: env{"HW_SECURITY_TOKEN": "canary"}, want: wantBlock},
		{name: "block before the environment's profile", block: keys, env: env{"HW_PROFILE": "none"}, want: wantBlock},
		{name: "block before the machine", block: token, env: env{"HC_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1"}, want: wantToken},
		{
			name: "block's profile before the environment", block: arguments{"shared_config_file": mine}, env: both(envKeys, env{"HW_AUTH_TOKEN": "canary"}),
			want: "keys access_key=P-main secret_key=canary-P-main",
		},
		{
			name: "block's profile before that of the environment", block: arguments{"shared_config_file": mine, "profile": "main"}, env: env{"HW_SHARED_CONFIG_FILE": theirs, "HW_PROFILE": "temporary"},
			want: "keys access_key=P-main secret_key=canary-P-main",
		},
		{
			name: "block's file without the environment's profile", block: arguments{"shared_config_file": mine}, env: env{"HW_PROFILE": "temporary"},
			want: "keys access_key=P-main secret_key=canary-P-main",
		},
		{
			name: "block's profile without the environment's file", block: arguments{"profile": "main"}, env: env{"HW_SHARED_CONFIG_FILE": theirs},
			want: "keys access_key=H-main secret_key=canary-H-main",
		},
		{name: "environment before its profile", env: both(envKeys, env{"HW_PROFILE": "none"}), want: wantEnv},
		{name: "environment before the machine", env: both(envKeys, env{"HC_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1"}), want: wantEnv},
		{
			name: "environment's profile before the machine", env: env{"HW_PROFILE": "main", "HC_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1"},
			want: "keys access_key=H-main secret_key=canary-H-main",
		},
		{name: "HW_ before OS_", env: both(envKeys, env{"OS_ACCESS_KEY": "OAK", "OS_SECRET_KEY": "canary"}), want: wantEnv},
		{name: "HW_ and OS_ are one place", env: env{"HW_ACCESS_KEY": "EAK", "OS_SECRET_KEY": "canary-ESK"}, want: wantEnv},
		{name: "account in the block of the user in the environment", block: arguments{"domain_name": "corp"}, env: env{"HW_USER_NAME": "me", "HW_USER_PASSWORD": "canary"}, want: "none", errors: []wantDiag{{at: "domain_name", summary: "Missing domain_name"}}},

		// In one place: token, keys, password, OIDC.
		{name: "all in the block", block: with(token, keys, password, oidc), want: wantToken},
		{name: "all but a token in the block", block: with(keys, password, oidc), want: wantBlock},
		{name: "password and OIDC in the block", block: with(password, oidc), want: "password user_name=me password=canary pass word domain_name=corp"},
		{name: "user by name and ID", block: with(password, arguments{"user_id": "0u"}), want: "password user_name=me password=canary pass word domain_name=corp"},
		{name: "user by name and ID without an account", block: arguments{"user_name": "me", "user_id": "0u", "password": "canary"}, want: "password user_id=0u password=canary"},
		{name: "token and half the keys", block: with(token, arguments{"access_key": "AK"}), want: wantToken},
		{name: "half the keys and a password", block: with(password, arguments{"access_key": "AK"}), want: "password user_name=me password=canary pass word domain_name=corp"},
		{name: "keys and an account", block: with(keys, arguments{"domain_name": "corp", "domain_id": "0d"}), want: wantBlock},
		{name: "an account alone", block: arguments{"domain_name": "corp"}, env: envKeys, want: wantEnv},
		{name: "an account alone in the environment", env: env{"HW_DOMAIN_NAME": "corp", "OS_PROJECT_DOMAIN_ID": "0d"}, want: "machine"},

		// Empty is not set.
		{name: "empty in the block", block: arguments{"access_key": "", "secret_key": "", "token": "", "profile": ""}, env: envKeys, want: wantEnv},
		{name: "half empty in the block", block: arguments{"access_key": "AK", "secret_key": ""}, env: envKeys, want: "none", errors: []wantDiag{{at: "secret_key", summary: "Missing secret_key"}}},
		{name: "empty variables", env: env{"HW_ACCESS_KEY": "", "HW_SECRET_KEY": "", "OS_ACCESS_KEY": "OAK", "OS_SECRET_KEY": "canary"}, want: "keys access_key=OAK secret_key=canary"},
		{name: "empty variable of a profile", env: env{"HW_PROFILE": "", "HW_SHARED_CONFIG_FILE": ""}, want: "machine"},
		{name: "empty nested blocks", block: arguments{"assume_role": []arguments{{}}, "assume_role_with_oidc": arguments{}}, env: envKeys, want: wantEnv, errors: []wantDiag{
			{at: "assume_role_with_oidc.idp_id", summary: "Missing assume_role_with_oidc.idp_id"},
			{at: "assume_role[0].agency_name", summary: "Missing assume_role.agency_name"},
		}},
		{name: "empty values in nested blocks", block: arguments{"assume_role": []arguments{{"agency_name": ""}}, "assume_role_with_oidc": arguments{"idp_id": ""}}, env: envKeys, want: wantEnv, errors: []wantDiag{
			{at: "assume_role_with_oidc.idp_id", summary: "Missing assume_role_with_oidc.idp_id"},
			{at: "assume_role[0].agency_name", summary: "Missing assume_role.agency_name"},
		}},

		// White space is refused, where a key or token cannot hold any.
		{
			name: "white space in the block", block: arguments{"access_key": "AK ", "secret_key": "canary\n", "security_token": "\tcanary"},
			errors: []wantDiag{
				{at: "access_key", summary: "Invalid access_key"},
				{at: "secret_key", summary: "Invalid secret_key", detail: "The value of secret_key in the provider block cannot be used: it holds white space or a character that is not ASCII."},
				{at: "security_token", summary: "Invalid security_token"},
			},
			want: "keys access_key=AK  secret_key=canary\n security_token=\tcanary",
		},
		{
			name: "white space alone is a value", block: arguments{"token": " "}, env: envKeys, want: "token token= ",
			errors: []wantDiag{{at: "token", summary: "Invalid token"}},
		},
		{
			name: "white space in the environment", env: env{"OS_AUTH_TOKEN": "canary of two"}, want: "token token=canary of two",
			errors: []wantDiag{{"token", "Invalid token", "The value of token in the environment variable OS_AUTH_TOKEN cannot be used: it holds white space or a character that is not ASCII."}},
		},
		{
			name: "white space in OIDC", block: arguments{"assume_role_with_oidc": arguments{"idp_id": "my idp", "id_token": "canary of two"}},
			want: "oidc idp_id=my idp id_token=canary of two",
			errors: []wantDiag{
				{at: "assume_role_with_oidc.idp_id", summary: "Invalid assume_role_with_oidc.idp_id"},
				{at: "assume_role_with_oidc.id_token", summary: "Invalid assume_role_with_oidc.id_token"},
			},
		},
		{name: "white space in half the keys", block: arguments{"access_key": " "}, env: envKeys, want: "none", errors: []wantDiag{
			{at: "access_key", summary: "Invalid access_key"}, {at: "secret_key", summary: "Missing secret_key"},
		}},

		// Agencies, on top of the credential.
		{name: "an agency", block: with(keys, arguments{"assume_role": []arguments{{"agency_name": "a", "domain_name": "d"}}}), want: wantBlock + " > agency name=a domain=d"},
		{
			name: "an agency with all it can have", block: with(token, arguments{"assume_role": []arguments{{"agency_name": "a", "domain_name": "d", "domain_id": "0d", "duration": 900}}}),
			want: wantToken + " > agency name=a domain=d id=0d duration=15m0s",
		},
		{name: "an agency on the environment's keys", block: arguments{"assume_role": []arguments{{"agency_name": "a", "domain_id": "0d", "duration": 86400}}}, env: envKeys, want: wantEnv + " > agency name=a id=0d duration=24h0m0s"},
		{name: "an agency on the machine", block: arguments{"assume_role": []arguments{{"agency_name": "a", "domain_name": "d"}}}, want: "machine > agency name=a domain=d"},
		{
			name: "a chain", block: with(keys, arguments{"assume_role": []arguments{
				{"agency_name": "a", "domain_name": "d"}, {"agency_name": "b", "domain_id": "0e", "duration": 3600}, {"agency_name": "c", "domain_name": "f"},
			}}),
			want: wantBlock + " > agency name=a domain=d > agency name=b id=0e duration=1h0m0s > agency name=c domain=f",
		},
		{name: "an agency from the environment", env: both(envKeys, envAgency, env{"HW_ASSUME_ROLE_DURATION": "1800"}), want: wantEnv + " > agency name=env-agency domain=env-corp duration=30m0s"},
		{name: "the environment's agency on the block's keys", block: keys, env: env{"HW_ASSUME_ROLE_AGENCY_NAME": "a", "HW_ASSUME_ROLE_DOMAIN_ID": "0d"}, want: wantBlock + " > agency name=a id=0d"},
		{name: "the environment's agency for an empty block", block: with(keys, arguments{"assume_role": []arguments{{}}}), env: envAgency, want: wantBlock + " > agency name=env-agency domain=env-corp"},
		{name: "the block's agency before the environment's", block: with(keys, arguments{"assume_role": []arguments{{"agency_name": "a", "domain_name": "d"}}}), env: both(envAgency, env{"HW_ASSUME_ROLE_DURATION": "1800"}), want: wantBlock + " > agency name=a domain=d"},
		{name: "an agency on a profile", block: arguments{"shared_config_file": mine, "assume_role": []arguments{{"agency_name": "a", "domain_name": "d"}}}, want: "keys access_key=P-main secret_key=canary-P-main > agency name=a domain=d"},
		{
			name: "an agency on a profile of mode agency", block: arguments{"shared_config_file": mine, "profile": "agency", "assume_role": []arguments{{"agency_name": "a", "domain_name": "d"}}},
			want: "keys access_key=P-agency secret_key=canary-P-agency > agency name=ops domain=corp > agency name=a domain=d",
		},
		{
			name: "an agency in the block of OIDC", block: arguments{"assume_role_with_oidc": arguments{"idp_id": "idp", "id_token": "canary", "agency_name": "a", "domain_name": "d", "duration": 901}},
			want: "oidc idp_id=idp id_token=canary > agency name=a domain=d duration=15m1s",
		},
		{
			name: "an agency in the block of OIDC before the environment's", block: arguments{"assume_role_with_oidc": arguments{"idp_id": "idp", "id_token": "canary", "agency_name": "a", "domain_id": "0d"}}, env: envAgency,
			want: "oidc idp_id=idp id_token=canary > agency name=a id=0d",
		},
		{
			name: "a chain after OIDC", block: arguments{
				"assume_role_with_oidc": arguments{"idp_id": "idp", "id_token": "canary", "agency_name": "a", "domain_name": "d"},
				"assume_role":           []arguments{{"agency_name": "b", "domain_name": "e"}, {"agency_name": "c", "domain_name": "f"}},
			},
			want: "oidc idp_id=idp id_token=canary > agency name=a domain=d > agency name=b domain=e > agency name=c domain=f",
		},
		{
			name: "OIDC and its agency from the environment", env: both(envAgency, env{"HW_ASSUME_ROLE_IDP_ID": "idp", "HW_ASSUME_ROLE_ID_TOKEN_FILE": "/jwt"}),
			want: "oidc idp_id=idp id_token_file=/jwt > agency name=env-agency domain=env-corp",
		},
		{
			name: "an agency in the block of OIDC, with the environment's token", block: arguments{"assume_role_with_oidc": arguments{"agency_name": "a", "domain_name": "d"}}, env: env{"HW_ASSUME_ROLE_IDP_ID": "idp", "HW_ASSUME_ROLE_ID_TOKEN": "canary"},
			want: "oidc idp_id=idp id_token=canary > agency name=a domain=d",
		},
		{
			name: "an agency in the block of OIDC, with the environment's keys", block: arguments{"assume_role_with_oidc": arguments{"agency_name": "a", "domain_name": "d"}}, env: envKeys,
			want: wantEnv, errors: []wantDiag{{at: "assume_role_with_oidc.idp_id", summary: "Missing assume_role_with_oidc.idp_id"}},
		},
		{
			name: "an agency in the block of OIDC that another method wins over", block: with(keys, arguments{"assume_role_with_oidc": arguments{"idp_id": "idp", "id_token": "canary", "agency_name": "a", "domain_name": "d"}}),
			want: wantBlock,
		},
		{
			name: "half an agency, the other half in the environment", block: with(keys, arguments{"assume_role": []arguments{{"agency_name": "a"}}}), env: env{"HW_ASSUME_ROLE_DOMAIN_NAME": "d"},
			want: wantBlock + " > agency name=a",
			errors: []wantDiag{{
				"assume_role[0].domain_name", "Missing assume_role.domain_name",
				"Set assume_role.domain_name or assume_role.domain_id in the provider block: agency_name comes from there, and both have to come from one place. The environment is not asked for the rest.",
			}},
		},
		{
			name: "the other half of an agency", block: with(keys, arguments{"assume_role": []arguments{{"agency_name": "a", "domain_name": "d"}, {"domain_id": "0d"}}}),
			want: wantBlock + " > agency name=a domain=d > agency id=0d", errors: []wantDiag{{at: "assume_role[1].agency_name", summary: "Missing assume_role.agency_name"}},
		},
		{
			name: "an agency that is but a duration", block: with(keys, arguments{"assume_role": []arguments{{"duration": 900}}}), want: wantBlock + " > agency duration=15m0s",
			errors: []wantDiag{
				{at: "assume_role[0].agency_name", summary: "Missing assume_role.agency_name"},
				{at: "assume_role[0].domain_name", summary: "Missing assume_role.domain_name"},
			},
		},
		{
			name: "half an agency in the environment", env: both(envKeys, env{"HW_ASSUME_ROLE_AGENCY_NAME": "a"}), want: wantEnv + " > agency name=a",
			errors: []wantDiag{{
				"assume_role.domain_name", "Missing assume_role.domain_name",
				"Set the environment variable HW_ASSUME_ROLE_DOMAIN_NAME or HW_ASSUME_ROLE_DOMAIN_ID: agency_name comes from the environment variable HW_ASSUME_ROLE_AGENCY_NAME, and both have to come from one place. The provider block is not asked for the rest.",
			}},
		},
		{
			name: "half an agency in the block of OIDC", block: arguments{"assume_role_with_oidc": arguments{"idp_id": "idp", "id_token": "canary", "agency_name": "a"}}, env: envAgency,
			want: "oidc idp_id=idp id_token=canary > agency name=a",
			errors: []wantDiag{{
				"assume_role_with_oidc.domain_name", "Missing assume_role_with_oidc.domain_name",
				"Set assume_role_with_oidc.domain_name or assume_role_with_oidc.domain_id in the provider block: agency_name comes from there, and both have to come from one place. The environment is not asked for the rest.",
			}},
		},
		{
			name: "bad durations", block: with(keys, arguments{"assume_role": []arguments{{"agency_name": "a", "domain_name": "d", "duration": 899}, {"agency_name": "b", "domain_name": "e", "duration": 86401}}}),
			want: wantBlock + " > agency name=a domain=d duration=14m59s > agency name=b domain=e duration=24h0m1s",
			errors: []wantDiag{
				{"assume_role[0].duration", "Invalid assume_role.duration", "The value of assume_role.duration in the provider block cannot be used: it is not a whole number from 900 to 86400."},
				{at: "assume_role[1].duration", summary: "Invalid assume_role.duration"},
			},
		},
		{
			name: "bad duration in the block of OIDC", block: arguments{"assume_role_with_oidc": arguments{"idp_id": "idp", "id_token": "canary", "agency_name": "a", "domain_name": "d", "duration": 1}},
			want:   "oidc idp_id=idp id_token=canary > agency name=a domain=d duration=1s",
			errors: []wantDiag{{at: "assume_role_with_oidc.duration", summary: "Invalid assume_role_with_oidc.duration"}},
		},
		{
			name: "bad duration in the environment", env: both(envKeys, envAgency, env{"HW_ASSUME_ROLE_DURATION": "1h"}), want: wantEnv + " > agency name=env-agency domain=env-corp",
			errors: []wantDiag{{
				"assume_role.duration", "Invalid assume_role.duration",
				"The value of assume_role.duration in the environment variable HW_ASSUME_ROLE_DURATION cannot be used: it is not a whole number from 900 to 86400.",
			}},
		},

		// Profiles that cannot be used are no reason to look elsewhere.
		{
			name: "file missing", block: arguments{"shared_config_file": missing}, env: envKeys, want: "none",
			errors: []wantDiag{{"shared_config_file", "Profile cannot be used", "shared_config_file in the provider block: " + whyProfile(missing, "") + "." + correctProfile}},
		},
		{
			name: "file of the environment missing", env: env{"HW_SHARED_CONFIG_FILE": missing, "HC_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1"}, want: "none",
			errors: []wantDiag{{"shared_config_file", "Profile cannot be used", "shared_config_file in the environment variable HW_SHARED_CONFIG_FILE: " + whyProfile(missing, "") + "." + correctProfile}},
		},
		{
			name: "unknown profile", block: arguments{"shared_config_file": mine, "profile": "Main"}, env: envKeys, want: "none",
			errors: []wantDiag{{"profile", "Profile cannot be used", "profile in the provider block: " + whyProfile(mine, "Main") + "." + correctProfile}},
		},
		{name: "unknown profile in the environment", env: env{"HW_PROFILE": "other"}, want: "none", errors: []wantDiag{{at: "profile", summary: "Profile cannot be used"}}},
		{
			name: "profile of an unknown mode", block: arguments{"shared_config_file": mine, "profile": "sso"}, want: "none",
			errors: []wantDiag{{"profile", "Profile cannot be used", "profile in the provider block: " + whyProfile(mine, "sso") + "." + correctProfile}},
		},
		{name: "half a profile", block: arguments{"shared_config_file": mine, "profile": "half"}, env: envKeys, want: "none", errors: []wantDiag{{at: "profile", summary: "Profile cannot be used"}}},
		{name: "encrypted profile", block: arguments{"shared_config_file": mine, "profile": "encrypted"}, want: "none", errors: []wantDiag{{at: "profile", summary: "Profile cannot be used"}}},
		{
			name: "malformed file", block: arguments{"shared_config_file": malformed}, want: "none",
			errors: []wantDiag{{"shared_config_file", "Profile cannot be used", "shared_config_file in the provider block: " + whyProfile(malformed, "") + "." + correctProfile}},
		},
		{name: "file that others can write", block: arguments{"shared_config_file": open}, env: envKeys, want: "none", errors: []wantDiag{{at: "shared_config_file", summary: "Profile cannot be used"}}},
		{
			name: "half the keys and a profile", block: arguments{"access_key": "AK", "shared_config_file": mine}, want: "none",
			errors: []wantDiag{{at: "secret_key", summary: "Missing secret_key"}},
		},
		{name: "profile that fails may know the region", block: arguments{"region": nil, "shared_config_file": missing}, want: "none", errors: []wantDiag{{at: "shared_config_file", summary: "Profile cannot be used"}}},
	}
	t.Logf("%d rows", len(tests))
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if runtime.GOOS == "windows" && tt.block["shared_config_file"] == open {
				t.Skip("files have no such mode")
			}
			r := mustResolve(t, with(arguments{"region": "cn-north-4"}, tt.block), tt.env)
			if got := describe(r.config.CredentialSource); got != tt.want {
				t.Errorf("credential\n got %s\nwant %s", got, tt.want)
			}
			checkErrors(t, r, tt.errors)
		})
	}
}

// The words of package huaweicloud are its own business: here counts what stands around them.

func why(err error) string {
	if err == nil {
		return "no error"
	}
	return err.Error()
}

func whyProfile(file, name string) string {
	_, err := huaweicloud.ReadProfile(file, name)
	return why(err)
}

func whyRootCAs(file string) string {
	_, err := huaweicloud.RootCAs(file)
	return why(err)
}

func whyEndpoint(address string) string {
	_, err := huaweicloud.ParseEndpoint(address, false)
	return why(err)
}

// settingForm of a method: how the settings of a complete credential stand in a place, and what comes of them.
type settingForm struct {
	name  string
	block arguments
	env   environment
	want  string
}

// methodsOf returns the methods that values can make, first that which is taken first. Values hold tag.
func methodsOf(tag string) []settingForm {
	return []settingForm{
		{"token", arguments{"token": "canary-" + tag}, environment{"OS_AUTH_TOKEN": "canary-" + tag}, "token token=canary-" + tag},
		{
			"keys",
			arguments{"access_key": "AK-" + tag, "secret_key": "canary-" + tag},
			environment{"OS_ACCESS_KEY": "AK-" + tag, "OS_SECRET_KEY": "canary-" + tag},
			"keys access_key=AK-" + tag + " secret_key=canary-" + tag,
		},
		{
			"password",
			arguments{"user_name": "u-" + tag, "password": "canary-" + tag, "domain_id": "d-" + tag},
			environment{"OS_USERNAME": "u-" + tag, "OS_PASSWORD": "canary-" + tag, "OS_DOMAIN_ID": "d-" + tag},
			"password user_name=u-" + tag + " password=canary-" + tag + " domain_id=d-" + tag,
		},
		{
			"password by user ID",
			arguments{"user_id": "i-" + tag, "password": "canary-" + tag},
			environment{"OS_USER_ID": "i-" + tag, "OS_PASSWORD": "canary-" + tag},
			"password user_id=i-" + tag + " password=canary-" + tag,
		},
		{
			"OIDC",
			arguments{"assume_role_with_oidc": arguments{"idp_id": "idp-" + tag, "id_token": "canary-" + tag}},
			environment{"HW_ASSUME_ROLE_IDP_ID": "idp-" + tag, "HW_ASSUME_ROLE_ID_TOKEN": "canary-" + tag},
			"oidc idp_id=idp-" + tag + " id_token=canary-" + tag,
		},
	}
}

// profilesOf returns the same for profiles.
func profilesOf(t *testing.T, tag string) []settingForm {
	t.Helper()
	file := write(t, t.TempDir(), "config.json", profiles(tag))
	spell := func(name, want string) settingForm {
		return settingForm{
			name + " profile",
			arguments{"shared_config_file": file, "profile": name},
			environment{"HW_SHARED_CONFIG_FILE": file, "HW_PROFILE": name},
			fmt.Sprintf("keys access_key=%s-%s secret_key=canary-%s-%s%s", tag, name, tag, name, want),
		}
	}
	return []settingForm{spell("main", ""), spell("agency", " > agency name=ops domain=corp")}
}

// Every pair of places, and in each every pair of methods.
func TestResolvePrecedenceOfPlacesIsThatOfNearness(t *testing.T) {
	t.Parallel()
	type inPlace struct {
		settingForm
		inBlock bool
	}
	places := make([][]inPlace, 5)
	for i, spellings := range [][]settingForm{
		methodsOf("block"), profilesOf(t, "blockfile"), methodsOf("env"), profilesOf(t, "envfile"),
		{{name: "machine", env: environment{"HC_CONTAINER_CREDENTIALS_FULL_URI": "http://pod"}, want: "machine pod=http://pod"}},
	} {
		for _, s := range spellings {
			places[i] = append(places[i], inPlace{s, i < 2})
		}
	}
	rows := 0
	for i, nearer := range places {
		for j, farther := range places[i+1:] {
			for _, near := range nearer {
				for _, far := range farther {
					rows++
					t.Run(fmt.Sprintf("%d %s, %d %s", i, near.name, i+1+j, far.name), func(t *testing.T) {
						block, env := arguments{"region": "cn-north-4"}, environment{}
						for _, s := range []inPlace{far, near} {
							if s.inBlock {
								maps.Copy(block, s.block)
							} else {
								maps.Copy(env, s.env)
							}
						}
						r := mustResolve(t, block, env)
						if got := describe(r.config.CredentialSource); got != near.want {
							t.Errorf("got %s, want %s", got, near.want)
						}
						checkErrors(t, r, nil)
					})
				}
			}
		}
	}
	t.Logf("%d rows", rows)
}

func TestResolvePrecedenceOfMethodsInOnePlace(t *testing.T) {
	t.Parallel()
	methods := methodsOf("x")
	for i, first := range methods {
		for _, second := range methods[i+1:] {
			t.Run(first.name+", "+second.name, func(t *testing.T) {
				t.Parallel()
				block, env := arguments{"region": "cn-north-4"}, environment{"HW_REGION_NAME": "cn-north-4"}
				maps.Copy(block, second.block)
				maps.Copy(block, first.block)
				maps.Copy(env, second.env)
				maps.Copy(env, first.env)
				for place, r := range map[string]*configResolver{"block": mustResolve(t, block, nil), "environment": mustResolve(t, nil, env)} {
					if got := describe(r.config.CredentialSource); got != first.want {
						t.Errorf("in the %s: got %s, want %s", place, got, first.want)
					}
					checkErrors(t, r, nil)
				}
			})
		}
	}
}

// A half in the block, with the other half in the environment, and the other way round: that two
// places make a credential is never right.
func TestResolveNamesTheMissingHalfOfACredential(t *testing.T) {
	t.Parallel()
	type env = environment
	const inBlock, in = "the provider block", "the environment variable "
	other := map[string][2]string{
		"domain_name":                    {"domain_id", "HW_DOMAIN_ID"},
		"assume_role_with_oidc.id_token": {"assume_role_with_oidc.id_token_file", "HW_ASSUME_ROLE_ID_TOKEN_FILE"},
	}
	detail := func(argument, variables, half, place string) string {
		if o, ok := other[argument]; ok {
			argument, variables = argument+" or "+o[0], variables+" or "+o[1]
		}
		if place == inBlock {
			return "Set " + argument + " in the provider block: " + half + " comes from there, and both have to come from one place. The environment is not asked for the rest."
		}
		return "Set the environment variable " + variables + ": " + half + " comes from " + place + ", and both have to come from one place. The provider block is not asked for the rest."
	}
	oidc := func(o arguments) arguments { return arguments{"assume_role_with_oidc": o} }
	tests := []struct {
		name  string
		block arguments
		env   env
		want  []wantDiag
	}{
		{"access_key in the block", arguments{"access_key": "AK"}, env{"HW_SECRET_KEY": "canary"}, []wantDiag{
			{"secret_key", "Missing secret_key", detail("secret_key", "HW_SECRET_KEY or OS_SECRET_KEY", "access_key", inBlock)},
		}},
		{"secret_key in the block", arguments{"secret_key": "canary"}, env{"HW_ACCESS_KEY": "AK"}, []wantDiag{
			{"access_key", "Missing access_key", detail("access_key", "HW_ACCESS_KEY or OS_ACCESS_KEY", "secret_key", inBlock)},
		}},
		{"security_token in the block", arguments{"security_token": "canary"}, env{"HW_ACCESS_KEY": "AK", "HW_SECRET_KEY": "canary"}, []wantDiag{
			{"access_key", "Missing access_key", detail("access_key", "HW_ACCESS_KEY or OS_ACCESS_KEY", "security_token", inBlock)},
			{"secret_key", "Missing secret_key", detail("secret_key", "HW_SECRET_KEY or OS_SECRET_KEY", "security_token", inBlock)},
		}},
		{"access_key and security_token in the block", arguments{"access_key": "AK", "security_token": "canary"}, env{"HW_SECRET_KEY": "canary"}, []wantDiag{
			{"secret_key", "Missing secret_key", detail("secret_key", "HW_SECRET_KEY or OS_SECRET_KEY", "access_key", inBlock)},
		}},
		{"user_name in the block", arguments{"user_name": "me"}, env{"HW_USER_PASSWORD": "canary", "HW_DOMAIN_NAME": "corp"}, []wantDiag{
			{"password", "Missing password", detail("password", "HW_USER_PASSWORD or OS_PASSWORD", "user_name", inBlock)},
			{"domain_name", "Missing domain_name", detail("domain_name", "HW_DOMAIN_NAME or OS_DOMAIN_NAME or OS_USER_DOMAIN_NAME or OS_PROJECT_DOMAIN_NAME", "user_name", inBlock)},
		}},
		{"user_name and account in the block", arguments{"user_name": "me", "domain_id": "0d"}, env{"HW_USER_PASSWORD": "canary"}, []wantDiag{
			{"password", "Missing password", detail("password", "HW_USER_PASSWORD or OS_PASSWORD", "user_name", inBlock)},
		}},
		{"user_name and password in the block", arguments{"user_name": "me", "password": "canary"}, env{"HW_DOMAIN_NAME": "corp"}, []wantDiag{
			{"domain_name", "Missing domain_name", detail("domain_name", "HW_DOMAIN_NAME or OS_DOMAIN_NAME or OS_USER_DOMAIN_NAME or OS_PROJECT_DOMAIN_NAME", "user_name", inBlock)},
		}},
		{"password and account in the block", arguments{"password": "canary", "domain_name": "corp"}, env{"HW_USER_NAME": "me"}, []wantDiag{
			{"user_name", "Missing user_name", detail("user_name", "HW_USER_NAME or OS_USERNAME", "password", inBlock)},
		}},
		{"password in the block", arguments{"password": "canary"}, env{"HW_USER_ID": "0u"}, []wantDiag{
			{"user_name", "Missing user_name", detail("user_name", "HW_USER_NAME or OS_USERNAME", "password", inBlock)},
			{at: "domain_name", summary: "Missing domain_name"},
		}},
		{"user_id in the block", arguments{"user_id": "0u"}, env{"HW_USER_PASSWORD": "canary"}, []wantDiag{
			{"password", "Missing password", detail("password", "HW_USER_PASSWORD or OS_PASSWORD", "user_id", inBlock)},
		}},
		{"idp_id in the block", oidc(arguments{"idp_id": "idp"}), env{"HW_ASSUME_ROLE_ID_TOKEN": "canary"}, []wantDiag{
			{"assume_role_with_oidc.id_token", "Missing assume_role_with_oidc.id_token", detail("assume_role_with_oidc.id_token", "HW_ASSUME_ROLE_ID_TOKEN", "idp_id", inBlock)},
		}},
		{"id_token in the block", oidc(arguments{"id_token": "canary"}), env{"HW_ASSUME_ROLE_IDP_ID": "idp"}, []wantDiag{
			{"assume_role_with_oidc.idp_id", "Missing assume_role_with_oidc.idp_id", detail("assume_role_with_oidc.idp_id", "HW_ASSUME_ROLE_IDP_ID", "id_token", inBlock)},
		}},
		{"id_token_file in the block", oidc(arguments{"id_token_file": "/jwt"}), env{"HW_ASSUME_ROLE_IDP_ID": "idp"}, []wantDiag{
			{"assume_role_with_oidc.idp_id", "Missing assume_role_with_oidc.idp_id", detail("assume_role_with_oidc.idp_id", "HW_ASSUME_ROLE_IDP_ID", "id_token_file", inBlock)},
		}},
		{"half the keys and half a password", arguments{"secret_key": "canary", "user_id": "0u"}, nil, []wantDiag{{at: "access_key", summary: "Missing access_key"}}},

		{"access_key in the environment", nil, env{"HW_ACCESS_KEY": "AK"}, []wantDiag{
			{"secret_key", "Missing secret_key", detail("secret_key", "HW_SECRET_KEY or OS_SECRET_KEY", "access_key", in+"HW_ACCESS_KEY")},
		}},
		{"secret_key in the environment", nil, env{"OS_SECRET_KEY": "canary"}, []wantDiag{
			{"access_key", "Missing access_key", detail("access_key", "HW_ACCESS_KEY or OS_ACCESS_KEY", "secret_key", in+"OS_SECRET_KEY")},
		}},
		{"security_token in the environment", nil, env{"HW_SECURITY_TOKEN": "canary"}, []wantDiag{
			{"access_key", "Missing access_key", detail("access_key", "HW_ACCESS_KEY or OS_ACCESS_KEY", "security_token", in+"HW_SECURITY_TOKEN")},
			{at: "secret_key", summary: "Missing secret_key"},
		}},
		{"user_name in the environment", nil, env{"OS_USERNAME": "me", "HW_DOMAIN_ID": "0d"}, []wantDiag{
			{"password", "Missing password", detail("password", "HW_USER_PASSWORD or OS_PASSWORD", "user_name", in+"OS_USERNAME")},
		}},
		{"user_id in the environment", nil, env{"OS_USER_ID": "0u"}, []wantDiag{
			{"password", "Missing password", detail("password", "HW_USER_PASSWORD or OS_PASSWORD", "user_id", in+"OS_USER_ID")},
		}},
		{"password in the environment", nil, env{"OS_PASSWORD": "canary", "OS_DOMAIN_NAME": "corp"}, []wantDiag{
			{"user_name", "Missing user_name", detail("user_name", "HW_USER_NAME or OS_USERNAME", "password", in+"OS_PASSWORD")},
		}},
		{"idp_id in the environment", nil, env{"HW_ASSUME_ROLE_IDP_ID": "idp"}, []wantDiag{
			{"assume_role_with_oidc.id_token", "Missing assume_role_with_oidc.id_token", detail("assume_role_with_oidc.id_token", "HW_ASSUME_ROLE_ID_TOKEN", "idp_id", in+"HW_ASSUME_ROLE_IDP_ID")},
		}},
		{"id_token_file in the environment", nil, env{"HW_ASSUME_ROLE_ID_TOKEN_FILE": "/jwt"}, []wantDiag{
			{"assume_role_with_oidc.idp_id", "Missing assume_role_with_oidc.idp_id", detail("assume_role_with_oidc.idp_id", "HW_ASSUME_ROLE_IDP_ID", "id_token_file", in+"HW_ASSUME_ROLE_ID_TOKEN_FILE")},
		}},
		{"half in the environment, before its profile", nil, env{"HW_ACCESS_KEY": "AK", "HC_CONTAINER_CREDENTIALS_FULL_URI": "http://pod"}, []wantDiag{{at: "secret_key", summary: "Missing secret_key"}}},
	}
	t.Logf("%d rows", len(tests))
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			block := arguments{"region": "cn-north-4"}
			maps.Copy(block, tt.block)
			r := mustResolve(t, block, tt.env)
			if r.config.CredentialSource != nil {
				t.Errorf("there is a credential: %s", describe(r.config.CredentialSource))
			}
			checkErrors(t, r, tt.want)
		})
	}
}

// fullEnvironment sets every variable, in order that an argument that is not known could be replaced.
func fullEnvironment() environment {
	env := environment{}
	for _, names := range documentedVariables {
		for _, name := range names {
			env[name] = "env"
		}
	}
	maps.Copy(env, environment{
		"HW_INSECURE": "true", "OS_INSECURE": "true", "HW_MAX_RETRIES": "1", "HW_ASSUME_ROLE_DURATION": "900",
	})
	for _, name := range []string{"OS_CACERT", "OS_CERT", "OS_KEY"} { // have a test of their own
		delete(env, name)
	}
	return env
}

func TestResolveNeverReplacesWhatIsNotKnownYet(t *testing.T) {
	t.Parallel()
	isGeneral := func(argument string) bool {
		return slices.Contains([]string{
			"region", "project_id", "project_name", "insecure", "cloud", "auth_url", "endpoints", "cacert_file", "cert", "key", "max_retries",
		}, argument)
	}
	tests := map[string]arguments{ // by the argument or block that is not known
		"assume_role":           {"assume_role": unknown},
		"assume_role_with_oidc": {"assume_role_with_oidc": unknown},
		"endpoints.dms":         {"endpoints": arguments{"dms": unknown, "ecs": "x"}},
		"assume_role, of two":   {"assume_role": []arguments{{"agency_name": "a"}, {"duration": unknown}}},
		"access_key, with a secret_key": {
			"access_key": unknown, "secret_key": "canary", "token": "canary", "assume_role": []arguments{{"agency_name": "a"}},
		},
	}
	for argument := range documentedVariables {
		switch block, name, nested := strings.Cut(argument, "."); {
		case !nested:
			tests[argument] = arguments{argument: unknown}
		case block == "assume_role":
			tests[argument] = arguments{block: []arguments{{name: unknown}}}
		default:
			tests[argument] = arguments{block: arguments{name: unknown}}
		}
	}
	t.Logf("%d rows", len(tests))
	for name, block := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			argument := strings.FieldsFunc(name, func(c rune) bool { return c == '.' || c == ',' })[0]
			r := mustResolve(t, block, fullEnvironment())
			if !slices.Equal(r.unknown, []string{argument}) {
				t.Errorf("unknown is %q", r.unknown)
			}
			checkErrors(t, r, nil)
			if !isGeneral(argument) && r.config.CredentialSource != nil {
				t.Errorf("there is a credential: %s", describe(r.config.CredentialSource))
			}
			// The variables of what is not known are not even read.
			var asked []string
			resolve(providerBlockOf(t, block), func(name string) string { asked = append(asked, name); return "" }, "")
			for _, name := range documentedVariables[argument] {
				if isGeneral(argument) && slices.Contains(asked, name) {
					t.Errorf("%s is asked for", name)
				}
			}
		})
	}
}

func TestResolveTellsOfErrorsThatNoUnknownValueCanMend(t *testing.T) {
	t.Parallel()
	type env = environment
	tests := []struct {
		name  string
		block arguments
		env   env
		want  []wantDiag
	}{
		{"malformed region", arguments{"region": "..", "access_key": unknown}, nil, []wantDiag{{at: "region", summary: "Invalid region"}}},
		{"region missing", arguments{"access_key": unknown, "secret_key": "canary"}, nil, []wantDiag{{at: "region", summary: "Missing region"}}},
		{"region of a profile that is not known", arguments{"profile": unknown}, nil, nil},
		{"region of a file that is not known", arguments{"shared_config_file": unknown}, nil, nil},
		{"region of a profile that is not read yet", arguments{"access_key": unknown, "profile": "main"}, nil, nil},
		{"http, when insecure is not known", arguments{"region": "r", "insecure": unknown, "auth_url": "http://iam.example.com", "endpoints": arguments{"dms": "http://dms.example.com"}}, nil, nil},
		{"bad address, when insecure is not known", arguments{"region": "r", "insecure": unknown, "auth_url": "ftp://iam.example.com"}, nil, []wantDiag{{at: "auth_url", summary: "Invalid auth_url"}}},
		{"cert without a key that is not known", arguments{"region": "r", "cert": "/no/such/file", "key": unknown}, nil, nil},
		{"key without a cert that is not known", arguments{"region": "r", "cert": unknown, "key": "canary"}, nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			checkErrors(t, mustResolve(t, tt.block, tt.env), tt.want)
		})
	}
}

func TestResolveReadsEachDocumentedVariableByItsArgument(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	// A profile or a file is told by the access key in it.
	profile := func(key string) string {
		return fmt.Sprintf(`{"name": %q, "mode": "AKSK", "accessKeyId": %q, "secretAccessKey": "canary"}`, key, key)
	}
	file := func(key string) string {
		return write(t, dir, key, `{"current": "`+key+`", "profiles": [`+profile(key)+`]}`)
	}
	both := write(t, dir, "both", `{"current": "", "profiles": [`+profile("v0")+","+profile("block")+`]}`)

	source := func(name string) func(*configResolver) string {
		return func(r *configResolver) string {
			for word := range strings.FieldsSeq(describe(r.config.CredentialSource)) {
				if value, ok := strings.CutPrefix(word, name+"="); ok {
					return value
				}
			}
			return ""
		}
	}
	tests := map[string]struct {
		with   arguments   // the other arguments that it takes in the block
		env    environment // and in the environment
		values []string    // one a variable, then the argument's; default: v0, v1, ..., block
		got    func(r *configResolver) string
		want   func(value string) string // default: value
	}{
		"region":         {got: func(r *configResolver) string { return r.config.Region }},
		"project_id":     {got: func(r *configResolver) string { return r.config.ProjectID }},
		"project_name":   {got: func(r *configResolver) string { return r.config.ProjectName }},
		"cloud":          {got: func(r *configResolver) string { return r.config.Cloud }},
		"auth_url":       {got: func(r *configResolver) string { return r.config.AuthURL }},
		"insecure":       {got: func(r *configResolver) string { return fmt.Sprint(r.config.Insecure) }, values: []string{"false", "true", "true"}},
		"max_retries":    {got: func(r *configResolver) string { return fmt.Sprint(r.config.MaxRetries) }, values: []string{"7", "0"}},
		"access_key":     {with: arguments{"secret_key": "canary"}, env: environment{"HW_SECRET_KEY": "canary"}},
		"secret_key":     {with: arguments{"access_key": "AK"}, env: environment{"HW_ACCESS_KEY": "AK"}},
		"security_token": {with: arguments{"access_key": "AK", "secret_key": "canary"}, env: environment{"HW_ACCESS_KEY": "AK", "HW_SECRET_KEY": "canary"}},
		"token":          {},
		"user_name":      {with: arguments{"password": "canary", "domain_id": "0d"}, env: environment{"HW_USER_PASSWORD": "canary", "HW_DOMAIN_ID": "0d"}},
		"user_id":        {with: arguments{"password": "canary"}, env: environment{"HW_USER_PASSWORD": "canary"}},
		"password":       {with: arguments{"user_id": "0u"}, env: environment{"HW_USER_ID": "0u"}},
		"domain_name":    {with: arguments{"user_name": "me", "password": "canary"}, env: environment{"HW_USER_NAME": "me", "HW_USER_PASSWORD": "canary"}},
		"domain_id":      {with: arguments{"user_name": "me", "password": "canary"}, env: environment{"HW_USER_NAME": "me", "HW_USER_PASSWORD": "canary"}},
		"profile":        {with: arguments{"shared_config_file": both}, env: environment{"HW_SHARED_CONFIG_FILE": both}, got: source("access_key")},
		"shared_config_file": {
			values: []string{file("v0"), file("block")}, got: source("access_key"), want: filepath.Base,
		},
		"assume_role.agency_name": {with: arguments{"domain_name": "d"}, env: environment{"HW_ASSUME_ROLE_DOMAIN_NAME": "d"}, got: source("name")},
		"assume_role.domain_name": {with: arguments{"agency_name": "a"}, env: environment{"HW_ASSUME_ROLE_AGENCY_NAME": "a"}, got: source("domain")},
		"assume_role.domain_id":   {with: arguments{"agency_name": "a"}, env: environment{"HW_ASSUME_ROLE_AGENCY_NAME": "a"}, got: source("id")},
		"assume_role.duration": {
			with: arguments{"agency_name": "a", "domain_name": "d"}, env: environment{"HW_ASSUME_ROLE_AGENCY_NAME": "a", "HW_ASSUME_ROLE_DOMAIN_NAME": "d"},
			got: source("duration"), values: []string{"3600", "900"},
			want: func(seconds string) string { return map[string]string{"3600": "1h0m0s", "900": "15m0s"}[seconds] },
		},
		"assume_role_with_oidc.idp_id":        {with: arguments{"id_token": "canary"}, env: environment{"HW_ASSUME_ROLE_ID_TOKEN": "canary"}, got: source("idp_id")},
		"assume_role_with_oidc.id_token":      {with: arguments{"idp_id": "idp"}, env: environment{"HW_ASSUME_ROLE_IDP_ID": "idp"}, got: source("id_token")},
		"assume_role_with_oidc.id_token_file": {with: arguments{"idp_id": "idp"}, env: environment{"HW_ASSUME_ROLE_IDP_ID": "idp"}, got: source("id_token_file")},
	}
	for argument, variables := range documentedVariables {
		tt, ok := tests[argument]
		if !ok {
			continue
		}
		delete(tests, argument)
		t.Run(argument, func(t *testing.T) {
			t.Parallel()
			values, got := tt.values, tt.got
			if values == nil {
				for i := range variables {
					values = append(values, fmt.Sprint("v", i))
				}
				values = append(values, "block")
			}
			if got == nil {
				got = source(argument)
			}
			check := func(r *configResolver, value string) {
				t.Helper()
				if tt.want != nil {
					value = tt.want(value)
				}
				if got := got(r); got != value {
					t.Errorf("got %q, want %q", got, value)
				}
				checkErrors(t, r, nil)
			}
			// From the last variable to the first, each wins over those before.
			env := environment{"HW_REGION_NAME": "region"}
			maps.Copy(env, tt.env)
			if argument == "region" {
				env = environment{}
			}
			for i, name := range slices.Backward(variables) {
				env[name] = values[i]
				check(mustResolve(t, nil, env), values[i])
				env[variables[0]] = cmp.Or(env[variables[0]], "") // an empty one is none
			}
			block := arguments{}
			maps.Copy(block, tt.with)
			var value any = values[len(values)-1]
			switch value {
			case "true":
				value = true
			case "0", "900":
				value = map[any]int{"0": 0, "900": 900}[value]
			}
			outer, inner, nested := strings.Cut(argument, ".")
			block[cmp.Or(inner, outer)] = value
			switch {
			case nested && outer == assumeRole:
				block = arguments{outer: []arguments{block}}
			case nested:
				block = arguments{outer: block}
			}
			check(mustResolve(t, block, env), values[len(values)-1])
		})
	}
	if len(tests) > 0 {
		t.Errorf("not documented: %q", slices.Sorted(maps.Keys(tests)))
	}
}

func TestResolveAsksForAllDocumentedVariablesAndNoOther(t *testing.T) {
	t.Parallel()
	asked := map[string]bool{}
	resolve(providerBlockOf(t, nil), func(name string) string {
		asked[name] = true
		return ""
	}, "")
	want := slices.Concat(podVariables, slices.Concat(slices.Collect(maps.Values(documentedVariables))...))
	slices.Sort(want)
	if got := slices.Sorted(maps.Keys(asked)); !slices.Equal(got, slices.Compact(want)) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestResolveReportsAllMalformedSettingsAtOnce(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "missing")
	const unusable = "The value of %s in %s cannot be used: %s."
	tests := []struct {
		name  string
		block arguments
		env   environment
		want  []wantDiag
	}{
		{
			name: "nothing is set",
			want: []wantDiag{{"region", "Missing region", "Set region in the provider block, or the environment variable HW_REGION_NAME or OS_REGION_NAME."}},
		},
		{
			name: "arguments",
			block: arguments{
				"region": "cn north", "project_id": "a/b", "cloud": "https://x", "auth_url": "ftp://x", "endpoints": arguments{"dms": "http://x", "ecs": "x", "iam": "a b"},
				"cacert_file": missing, "cert": missing, "key": "canary", "max_retries": -1, "access_key": "A K", "secret_key": "canary of two",
				"assume_role": []arguments{{"agency_name": "a", "domain_name": "d", "duration": 0}},
			},
			want: []wantDiag{
				{"region", "Invalid region", fmt.Sprintf(unusable, "region", "the provider block", why(huaweicloud.CheckIdentifier("cn north")))},
				{"project_id", "Invalid project_id", fmt.Sprintf(unusable, "project_id", "the provider block", why(huaweicloud.CheckIdentifier("a/b")))},
				{"cloud", "Invalid cloud", fmt.Sprintf(unusable, "cloud", "the provider block", why(huaweicloud.CheckDomain("https://x")))},
				{"auth_url", "Invalid auth_url", fmt.Sprintf(unusable, "auth_url", "the provider block", whyEndpoint("ftp://x"))},
				{`endpoints["dms"]`, "Invalid endpoints", "The address of dms cannot be used: " + whyEndpoint("http://x") + "."},
				{`endpoints["iam"]`, "Invalid endpoints", "The address of iam cannot be used: " + whyEndpoint("a b") + "."},
				{"cacert_file", "Invalid cacert_file", fmt.Sprintf(unusable, "cacert_file", "the provider block", whyRootCAs(missing))},
				{"max_retries", "Invalid max_retries", fmt.Sprintf(unusable, "max_retries", "the provider block", "it is not a whole number of at least 0")},
				{"cert", "Invalid client certificate", "cert and key cannot be used: cert: " + whyRootCAs(missing) + "."},
				{"access_key", "Invalid access_key", fmt.Sprintf(unusable, "access_key", "the provider block", "it holds white space or a character that is not ASCII")},
				{"secret_key", "Invalid secret_key", fmt.Sprintf(unusable, "secret_key", "the provider block", "it holds white space or a character that is not ASCII")},
				{"assume_role[0].duration", "Invalid assume_role.duration", fmt.Sprintf(unusable, "assume_role.duration", "the provider block", "it is not a whole number from 900 to 86400")},
			},
		},
		{
			name: "environment",
			env: environment{
				"OS_REGION_NAME": "..", "HW_PROJECT_ID": " ", "HW_INSECURE": "maybe", "HW_CLOUD": "a..b", "OS_AUTH_URL": "https://me:canary@x", "OS_CACERT": missing,
				"OS_CERT": missing, "OS_KEY": "canary", "HW_MAX_RETRIES": "1.5", "HW_AUTH_TOKEN": "canary of two",
			},
			want: []wantDiag{
				{"region", "Invalid region", fmt.Sprintf(unusable, "region", "the environment variable OS_REGION_NAME", why(huaweicloud.CheckIdentifier("..")))},
				{"project_id", "Invalid project_id", fmt.Sprintf(unusable, "project_id", "the environment variable HW_PROJECT_ID", why(huaweicloud.CheckIdentifier(" ")))},
				{"insecure", "Invalid insecure", fmt.Sprintf(unusable, "insecure", "the environment variable HW_INSECURE", "it is neither true nor false")},
				{"cloud", "Invalid cloud", fmt.Sprintf(unusable, "cloud", "the environment variable HW_CLOUD", why(huaweicloud.CheckDomain("a..b")))},
				{"auth_url", "Invalid auth_url", fmt.Sprintf(unusable, "auth_url", "the environment variable OS_AUTH_URL", whyEndpoint("https://me:canary@x"))},
				{"cacert_file", "Invalid cacert_file", fmt.Sprintf(unusable, "cacert_file", "the environment variable OS_CACERT", whyRootCAs(missing))},
				{"max_retries", "Invalid max_retries", fmt.Sprintf(unusable, "max_retries", "the environment variable HW_MAX_RETRIES", "it is not a whole number of at least 0")},
				{"cert", "Invalid client certificate", "cert and key cannot be used: cert: " + whyRootCAs(missing) + "."},
				{"token", "Invalid token", fmt.Sprintf(unusable, "token", "the environment variable HW_AUTH_TOKEN", "it holds white space or a character that is not ASCII")},
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			checkErrors(t, mustResolve(t, tt.block, tt.env), tt.want)
		})
	}
}

func TestResolveTakesGeneralSettingsAsTheyAreMeant(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := write(t, dir, "config.json", profiles("P"))
	invalid := func(argument string) []wantDiag { return []wantDiag{{at: argument, summary: "Invalid " + argument}} }
	endpoints := func(r *configResolver) string { return fmt.Sprint(r.config.Endpoints) }
	retries := func(r *configResolver) string { return fmt.Sprint(r.config.MaxRetries) }
	insecure := func(r *configResolver) string { return fmt.Sprint(r.config.Insecure) }
	where := func(r *configResolver) string {
		return fmt.Sprintf("%s %s %s", r.config.Region, r.config.ProjectID, r.config.ProjectName)
	}
	const inFile = "shared_config_file"
	type env = environment
	tests := []struct {
		name   string
		block  arguments
		env    env
		got    func(*configResolver) string
		want   string
		errors []wantDiag
	}{
		{name: "no endpoints", got: endpoints, want: "map[]"},
		{name: "empty endpoints", block: arguments{"endpoints": arguments{}}, got: endpoints, want: "map[]"},
		{name: "both endpoints", block: arguments{"endpoints": arguments{"dms": "dms.example.com:8443/x/", "iam": "https://[::1]/"}}, got: endpoints, want: "map[dms:dms.example.com:8443/x/ iam:https://[::1]/]"},
		{name: "endpoint that is null or empty", block: arguments{"endpoints": arguments{"dms": nil, "iam": ""}}, got: endpoints, want: "map[]"},
		{name: "endpoint of a service that is not called", block: arguments{"endpoints": arguments{"smn": "x", "iam": "y"}}, got: endpoints, want: "map[iam:y]"},
		{name: "endpoint by http on loopback", block: arguments{"endpoints": arguments{"dms": "http://127.0.0.1:80"}}, got: endpoints, want: "map[dms:http://127.0.0.1:80]"},
		{name: "endpoint by http, insecure", block: arguments{"insecure": true, "endpoints": arguments{"dms": "http://x"}}, got: endpoints, want: "map[dms:http://x]"},
		{name: "endpoint by http, insecure by the environment", block: arguments{"endpoints": arguments{"dms": "http://x"}}, env: env{"OS_INSECURE": "1"}, got: endpoints, want: "map[dms:http://x]"},
		{
			name: "endpoint by http, not insecure against the environment", block: arguments{"insecure": false, "endpoints": arguments{"dms": "http://x"}}, env: env{"HW_INSECURE": "true"},
			got: insecure, want: "false", errors: []wantDiag{{at: `endpoints["dms"]`, summary: "Invalid endpoints"}},
		},
		{name: "auth_url by http, insecure by the environment", env: env{"HW_INSECURE": "true", "OS_AUTH_URL": "http://x/v3"}, got: func(r *configResolver) string { return r.config.AuthURL }, want: "http://x/v3"},

		{name: "max_retries by default", got: retries, want: "5"},
		{name: "no retries", block: arguments{"max_retries": 0}, env: env{"HW_MAX_RETRIES": "3"}, got: retries, want: "0"},
		{name: "no retries by the environment", env: env{"HW_MAX_RETRIES": "0"}, got: retries, want: "0"},
		{name: "fewer than no retries", block: arguments{"max_retries": -1}, errors: invalid("max_retries")},
		{name: "fewer than no retries by the environment", env: env{"HW_MAX_RETRIES": "-1"}, errors: invalid("max_retries")},
		{name: "more retries than can be counted", block: arguments{"max_retries": new(big.Float).SetMantExp(big.NewFloat(1), 70)}, errors: invalid("max_retries")},
		{name: "half a retry", block: arguments{"max_retries": 0.5}, errors: invalid("max_retries")},
		{name: "retries in words", env: env{"HW_MAX_RETRIES": "five"}, errors: invalid("max_retries")},

		{name: "insecure by default", got: insecure, want: "false"},
		{name: "insecure as 1", env: env{"HW_INSECURE": "1"}, got: insecure, want: "true"},
		{name: "insecure as TRUE", env: env{"HW_INSECURE": "TRUE"}, got: insecure, want: "true"},
		{name: "insecure as 0", env: env{"HW_INSECURE": "0", "OS_INSECURE": "true"}, got: insecure, want: "false"},
		{name: "insecure as yes", env: env{"HW_INSECURE": "yes"}, errors: invalid("insecure")},
		{name: "empty insecure", env: env{"HW_INSECURE": "", "OS_INSECURE": "t"}, got: insecure, want: "true"},

		{name: "region and project of a profile", block: arguments{"region": nil, inFile: file}, got: where, want: "cn-east-3 project-of-profile "},
		{name: "project of the profile, for its region", block: arguments{"region": "cn-east-3", inFile: file}, got: where, want: "cn-east-3 project-of-profile "},
		{name: "no project of a profile for another region", block: arguments{"region": "cn-north-4", inFile: file}, got: where, want: "cn-north-4  "},
		{name: "region of the environment before the profile's", block: arguments{"region": nil, inFile: file}, env: env{"OS_REGION_NAME": "cn-north-4"}, got: where, want: "cn-north-4  "},
		{name: "project_id before the profile's", block: arguments{"region": nil, "project_id": "mine", inFile: file}, got: where, want: "cn-east-3 mine "},
		{name: "project_id of the environment before the profile's", block: arguments{"region": nil, inFile: file}, env: env{"HW_PROJECT_ID": "mine"}, got: where, want: "cn-east-3 mine "},
		{name: "project_name before the profile's project", block: arguments{"region": nil, "project_name": "main", inFile: file}, got: where, want: "cn-east-3  main"},
		{name: "region of the environment's profile", block: arguments{"region": nil}, env: env{"HW_SHARED_CONFIG_FILE": file}, got: where, want: "cn-east-3 project-of-profile "},
		{
			name: "no region of a profile that is not used", block: arguments{"region": nil, "token": "canary", inFile: file}, got: where, want: "  ",
			errors: []wantDiag{{at: "region", summary: "Missing region"}},
		},
		{
			name: "no region of the environment's profile that is not used", block: arguments{"region": nil, "token": "canary"}, env: env{"HW_SHARED_CONFIG_FILE": file}, got: where, want: "  ",
			errors: []wantDiag{{at: "region", summary: "Missing region"}},
		},
		{
			name: "profile without a region", block: arguments{"region": nil, inFile: file, "profile": "temporary"}, got: where, want: "  ",
			errors: []wantDiag{{at: "region", summary: "Missing region"}},
		},
		{name: "empty region", block: arguments{"region": ""}, env: env{"HW_REGION_NAME": "", "OS_REGION_NAME": "r"}, got: where, want: "r  "},
	}
	t.Logf("%d rows", len(tests))
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			block := arguments{"region": "cn-north-4"}
			maps.Copy(block, tt.block)
			r := mustResolve(t, block, tt.env)
			if tt.got != nil && tt.got(r) != tt.want {
				t.Errorf("got %q, want %q", tt.got(r), tt.want)
			}
			checkErrors(t, r, tt.errors)
		})
	}
}

// selfSigned writes a certificate and its key, and returns their files and the certificate.
func selfSigned(t *testing.T, dir, name string) (certificate, key string, parsed *x509.Certificate) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, private)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	if parsed, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	text := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	return write(t, dir, name+".pem", text("CERTIFICATE", der)), write(t, dir, name+"-key.pem", text("PRIVATE KEY", keyDER)), parsed
}

func TestResolveReadsCertificates(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	certA, keyA, a := selfSigned(t, dir, "a")
	certB, keyB, b := selfSigned(t, dir, "b")
	read := func(file string) string {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	missing := filepath.Join(dir, "missing")
	const inMissing = "canary-that-is-no-file"
	noFile := strings.TrimPrefix(whyRootCAs(inMissing), "open "+inMissing+": ")
	type env = environment
	tests := []struct {
		name   string
		block  arguments
		env    env
		root   string // the authority that is trusted besides the system's
		shown  string // the certificate
		errors []wantDiag
	}{
		{name: "none"},
		{name: "authority in the block", block: arguments{"cacert_file": certA}, root: "a"},
		{name: "authority as text", block: arguments{"cacert_file": read(certA)}, root: "a"},
		{name: "authority in the environment", env: env{"OS_CACERT": certB}, root: "b"},
		{name: "authority in the block before the environment", block: arguments{"cacert_file": certA}, env: env{"OS_CACERT": missing}, root: "a"},
		{
			name: "authority without a certificate", block: arguments{"cacert_file": keyA},
			errors: []wantDiag{{"cacert_file", "Invalid cacert_file", "The value of cacert_file in the provider block cannot be used: " + whyRootCAs(keyA) + "."}},
		},
		{name: "certificate in the block", block: arguments{"cert": certA, "key": keyA}, shown: "a"},
		{name: "certificate as text", block: arguments{"cert": read(certA), "key": read(keyA)}, shown: "a"},
		{name: "certificate in the environment", env: env{"OS_CERT": certB, "OS_KEY": keyB}, shown: "b"},
		{name: "certificate in the block before the environment", block: arguments{"cert": certA, "key": keyA}, env: env{"OS_CERT": certB, "OS_KEY": keyB}, shown: "a"},
		{name: "key of another certificate", block: arguments{"cert": certA, "key": keyB}, errors: []wantDiag{{at: "cert", summary: "Invalid client certificate"}}},
		{
			name: "certificate without a key", block: arguments{"cert": certA},
			errors: []wantDiag{{"key", "Missing key", "Set key in the provider block, or the environment variable OS_KEY. cert comes from the provider block, and goes with it."}},
		},
		{
			name: "key without a certificate", env: env{"OS_KEY": "canary"},
			errors: []wantDiag{{"cert", "Missing cert", "Set cert in the provider block, or the environment variable OS_CERT. key comes from the environment variable OS_KEY, and goes with it."}},
		},
		{
			name: "key that is neither a file nor PEM", block: arguments{"cert": certA, "key": inMissing},
			errors: []wantDiag{{"cert", "Invalid client certificate", "cert and key cannot be used: key: " + noFile + "."}},
		},
		{
			name: "key that is PEM but no key", block: arguments{"cert": certA, "key": "-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----\n"},
			errors: []wantDiag{{at: "cert", summary: "Invalid client certificate"}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			block := arguments{"region": "cn-north-4"}
			maps.Copy(block, tt.block)
			r := mustResolve(t, block, tt.env)
			root, shown := "", ""
			if r.config.RootCAs != nil {
				for _, c := range []*x509.Certificate{a, b} {
					if _, err := c.Verify(x509.VerifyOptions{Roots: r.config.RootCAs}); err == nil {
						root += c.Subject.CommonName
					}
				}
			}
			if r.config.Certificate != nil {
				shown = r.config.Certificate.Leaf.Subject.CommonName
			}
			if root != tt.root || shown != tt.shown {
				t.Errorf("trusts %q and shows %q, want %q and %q", root, shown, tt.root, tt.shown)
			}
			checkErrors(t, r, tt.errors)
		})
	}
}

func TestResolveWarnsOfAProfileThatOthersCanRead(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("files have no such mode")
	}
	file := write(t, t.TempDir(), "config.json", profiles("P"))
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	r := mustResolve(t, arguments{"shared_config_file": file}, nil)
	checkErrors(t, r, nil)
	want := []wantDiag{{
		"shared_config_file", "Profile can be read by others",
		file + " can be read by others than its owner (mode 0644): chmod 600 " + file + ".",
	}}
	if got := problemsOf(r.diags.Warnings()); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := describe(r.config.CredentialSource); got != "keys access_key=P-main secret_key=canary-P-main" {
		t.Errorf("credential %s", got)
	}
}

func TestResolveWarnsOfEndpointsThatAreNotUsed(t *testing.T) {
	t.Parallel()
	r := resolve(providerBlockOf(t, arguments{"region": "r", "endpoints": arguments{"ecs": "x"}}), func(string) string { return "" }, "")
	want := []wantDiag{{`endpoints["ecs"]`, "Endpoint not used", `This provider calls "dms", "iam" and "sts" only. "ecs" is ignored: correct it if it is a slip.`}}
	if got := problemsOf(r.diags.Warnings()); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestResolveHandsOnTheMetadataURL(t *testing.T) {
	t.Parallel()
	r := resolve(providerBlockOf(t, arguments{"region": "r"}), func(string) string { return "" }, "http://127.0.0.1:1")
	if got := describe(r.config.CredentialSource); got != "machine" || r.config.MetadataURL != "http://127.0.0.1:1" {
		t.Error(got, r.config.MetadataURL)
	}
}

func TestSettingsAreTheSchemaAndWhatIsDocumented(t *testing.T) {
	t.Parallel()
	secret := []string{
		"secret_key", "security_token", "token", "password", "key", "assume_role_with_oidc.id_token",
	}
	attributes := map[string]schema.Attribute{}
	s := providerSchema()
	maps.Copy(attributes, s.Attributes)
	for block, b := range s.Blocks {
		var nested map[string]schema.Attribute
		switch b := b.(type) {
		case schema.ListNestedBlock:
			nested = b.NestedObject.Attributes
		case schema.SingleNestedBlock:
			nested = b.Attributes
		default:
			t.Fatalf("%s is a %T", block, b)
		}
		for name, a := range nested {
			attributes[block+"."+name] = a
		}
	}
	if got, want := slices.Sorted(maps.Keys(attributes)), slices.Sorted(maps.Keys(documentedVariables)); !slices.Equal(got, want) {
		t.Errorf("the schema has\n%q, documented are\n%q", got, want)
	}
	for name, a := range attributes {
		if !a.IsOptional() || a.IsRequired() {
			t.Errorf("%s is not optional", name)
		}
		if a.IsSensitive() != slices.Contains(secret, name) {
			t.Errorf("%s: sensitive is %t", name, a.IsSensitive())
		}
		description, variables, _ := strings.Cut(a.GetMarkdownDescription(), " Environment: ")
		want := ""
		if names := documentedVariables[name]; len(names) > 0 {
			want = "`" + strings.Join(names, "`, `") + "`."
		}
		if variables != want {
			t.Errorf("%s: the description names %s, want %s", name, variables, want)
		}
		i := slices.IndexFunc(settings, func(s setting) bool { return s.String() == name })
		if i < 0 { // an agency after OIDC
			i = slices.IndexFunc(settings, func(s setting) bool {
				return s.role == agency && assumeRoleWithOIDC+"."+s.name == name
			})
		}
		if i < 0 || settings[i].description == "" || settings[i].description != description {
			t.Errorf("%s: the description is %q", name, description)
		}
	}
	for _, s := range settings {
		if attributes[s.String()] == nil {
			t.Errorf("the schema has no %s", s)
		}
	}
}
