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

// documentedVariables lists the environment variables of each argument in order of precedence. It is written from the documentation
// of the huaweicloud provider and not from the settings.
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
	"project_id":         {"HW_PROJECT_ID", "OS_PROJECT_ID", "OS_TENANT_ID"},
	"project_name":       {"HW_PROJECT_NAME", "OS_PROJECT_NAME", "OS_TENANT_NAME"},
	"auth_url":           {"HW_AUTH_URL", "OS_AUTH_URL"},
	"cloud":              {"HW_CLOUD"},
	"endpoints.dms":      {"SMARTCONNECT_ENDPOINT_DMS"},
	"endpoints.iam":      {"SMARTCONNECT_ENDPOINT_IAM"},
	"endpoints.sts":      {"SMARTCONNECT_ENDPOINT_STS"},
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
	"assume_role_with_oidc.id_token":      {"HW_ASSUME_ROLE_ID_TOKEN", "TFC_WORKLOAD_IDENTITY_TOKEN"},
	"assume_role_with_oidc.id_token_file": {"HW_ASSUME_ROLE_ID_TOKEN_FILE"},
	"assume_role_with_oidc.agency_name":   {"HW_ASSUME_ROLE_AGENCY_NAME"},
	"assume_role_with_oidc.domain_name":   {"HW_ASSUME_ROLE_DOMAIN_NAME"},
	"assume_role_with_oidc.domain_id":     {"HW_ASSUME_ROLE_DOMAIN_ID"},
	"assume_role_with_oidc.duration":      {"HW_ASSUME_ROLE_DURATION"},
}

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
	given, ok := value.(arguments)
	values := map[string]tftypes.Value{}
	switch typ := typ.(type) {
	case tftypes.Object:
		for name := range given {
			if typ.AttributeTypes[name] == nil {
				t.Fatalf("the schema has no %q", name)
			}
		}
		for name, inner := range typ.AttributeTypes {
			values[name] = tfValue(t, inner, given[name])
		}
	case tftypes.Map:
		for name, inner := range given {
			values[name] = tfValue(t, typ.ElementType, inner)
		}
	case tftypes.List: // as Terraform has it, no block is an empty list
		blocks := []tftypes.Value{}
		given, _ := value.([]arguments)
		for _, inner := range given {
			blocks = append(blocks, tfValue(t, typ.ElementType, inner))
		}
		return tftypes.NewValue(typ, blocks)
	}
	if ok {
		return tftypes.NewValue(typ, values)
	}
	return tftypes.NewValue(typ, value)
}

func providerValues(t *testing.T, given arguments) map[string]tftypes.Value {
	t.Helper()
	var block map[string]tftypes.Value
	if err := tfValue(t, providerSchema().Type().TerraformType(t.Context()), given).As(&block); err != nil {
		t.Fatal(err)
	}
	return block
}

// wantDiag is an expected diagnostic. An empty path is none, an empty detail any.
type wantDiag struct{ path, summary, detail string }

func checkDiags(t *testing.T, got diag.Diagnostics, want []wantDiag) {
	t.Helper()
	var found []wantDiag
	for i, d := range got {
		f := wantDiag{summary: d.Summary(), detail: d.Detail()}
		if d, ok := d.(diag.DiagnosticWithPath); ok {
			f.path = d.Path().String()
		}
		if i < len(want) && want[i].detail == "" {
			f.detail = ""
		}
		found = append(found, f)
	}
	if !slices.Equal(found, want) {
		t.Errorf("diagnostics\n got %q\nwant %q", found, want)
	}
}

// mustResolve validates and resolves as Terraform does, and checks what always holds: only documented variables
// are read, and no diagnostic contains a secret. In these tests all secrets contain the word canary, and nothing else does.
func mustResolve(t *testing.T, block arguments, env environment) *configResolver {
	t.Helper()
	values := providerValues(t, block)
	r := &configResolver{diags: validateBlock(values)}
	if !r.diags.HasError() {
		r = resolve(values, func(name string) string {
			if !slices.Contains(documentedNames(), name) {
				t.Errorf("%s is read", name)
			}
			return env[name]
		}, "")
	}
	for _, d := range r.diags {
		if strings.Contains(d.Summary()+d.Detail(), "canary") {
			t.Errorf("a secret is shown: %q", d)
		}
	}
	return r
}

func documentedNames() []string {
	names := slices.Concat(slices.Collect(maps.Values(documentedVariables))...)
	return append(names, "HC_CONTAINER_AUTHORIZATION_TOKEN_FILE", "HC_CONTAINER_CREDENTIALS_FULL_URI") // set by CCE
}

// merge returns the union of maps; the last one takes precedence.
func merge[M ~map[K]V, K comparable, V any](sets ...M) M {
	all := M{}
	for _, m := range sets {
		maps.Copy(all, m)
	}
	return all
}

// Each invalid value is rejected in the provider block, by validation alone, and in the environment.
func TestResolve_invalidValues(t *testing.T) {
	t.Parallel()
	const (
		identifier = `must contain only letters, digits, "-" and "_"`
		printable  = "must not contain white space or non-ASCII characters"
		edges      = "must not begin or end with white space"
		quoted     = "must not be enclosed in quotes"
		retries    = "must be an integer, 0 or greater"
		duration   = "must be an integer from 900 to 86400"
		domain     = "must be a domain, such as myhuaweicloud.com"
		user       = "must not contain a user name or password"
	)
	type value struct {
		text   any
		reason string
	}
	key := []value{{"canary ", printable}, {"can ary", printable}, {"canary\n\n", printable}, {"\tcanary", printable}, {"canär", printable}, {`"canary"`, quoted}, {"'canary'", quoted}}
	name := []value{{"me ", edges}, {" me", edges}, {"me\n\n", edges}, {" ", edges}, {`"me"`, quoted}}
	password := []value{{"canary ", edges}, {"\ncanary", edges}}
	tests := map[string][]value{
		"region":                            {{"..", identifier}, {" ", identifier}, {`"cn-north-4"`, identifier}},
		"project_id":                        {{"a/b", identifier}},
		"project_name":                      name,
		"access_key":                        {{"AK ", printable}, {`"AK"`, quoted}},
		"secret_key":                        key,
		"security_token":                    key,
		"token":                             key,
		"user_name":                         name,
		"user_id":                           name,
		"password":                          password,
		"domain_name":                       name,
		"domain_id":                         name,
		"profile":                           name,
		"assume_role_with_oidc.idp_id":      {{"my idp", printable}},
		"assume_role_with_oidc.id_token":    key,
		"assume_role_with_oidc.agency_name": name,
		"assume_role_with_oidc.domain_name": name,
		"assume_role_with_oidc.domain_id":   name,
		"assume_role_with_oidc.duration":    {{1, duration}},
		"assume_role.agency_name":           name,
		"assume_role.domain_name":           name,
		"assume_role.domain_id":             name,
		"assume_role.duration":              {{899, duration}, {86401, duration}, {1000.5, duration}},
		"cloud":                             {{"example.com/x", domain}},
		"auth_url":                          {{"user:canary@iam.example.com/v3", user}, {"iam:canary/v3", "must be a host name with optional scheme, port and path"}},
		"endpoints.dms":                     {{"https://user:canary@dms.example.com", user}, {"https:/canary", "must have two slashes after the scheme"}},
		"endpoints.iam":                     {{"ftp://canary", "must use the scheme https"}},
		"endpoints.sts":                     {{"canary:0", "must have a port from 1 to 65535 or none"}},
		"max_retries":                       {{-1, retries}, {0.5, retries}, {new(big.Float).SetMantExp(big.NewFloat(1), 70), retries}},
	}
	withoutPath := []string{"secret_key", "security_token", "token", "password", "assume_role_with_oidc.id_token", "auth_url", "endpoints.dms", "endpoints.iam", "endpoints.sts"}
	checked := func(argument string, v value, source string) []wantDiag {
		d := wantDiag{argument, "Invalid Provider Argument", fmt.Sprintf("The value of %s in %s is invalid: %s.", argument, source, v.reason)}
		if slices.Contains(withoutPath, argument) {
			d.path = ""
		}
		return []wantDiag{d}
	}
	for argument, values := range tests {
		outer, inner, nested := strings.Cut(argument, ".")
		for _, v := range values {
			t.Run(fmt.Sprintf("%s %q", argument, v.text), func(t *testing.T) {
				t.Parallel()
				block, path := arguments{outer: v.text}, argument
				switch {
				case outer == assumeRole:
					block, path = arguments{outer: []arguments{{}, {inner: v.text}}}, "assume_role[1]."+inner
				case nested:
					block = arguments{outer: arguments{inner: v.text}}
				}
				checkDiags(t, validateBlock(providerValues(t, block)), checked(path, v, "the provider block"))

				if text, ok := v.text.(string); ok && (outer != assumeRoleWithOIDC || documentedVariables["assume_role."+inner] == nil) {
					variable := documentedVariables[argument][0]
					r := mustResolve(t, nil, environment{variable: text})
					invalid := slices.DeleteFunc(r.diags, func(d diag.Diagnostic) bool { return d.Summary() != "Invalid Provider Argument" })
					checkDiags(t, invalid, checked(argument, v, "the environment variable "+variable))
				}
			})
		}
	}
	for variable, want := range map[string][]wantDiag{
		"HW_MAX_RETRIES": checked("max_retries", value{reason: retries}, "the environment variable HW_MAX_RETRIES"),
		"HW_INSECURE":    checked("insecure", value{reason: "must be true or false"}, "the environment variable HW_INSECURE"),
	} {
		checkDiags(t, mustResolve(t, nil, environment{variable: "five"}).diags, want)
	}
}

// Environment variables and arguments are each read from where they are documented; the former from the last to the
// first, each of which takes precedence over those before, and the argument over all.
func TestResolve_documentedVariables(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	profile := func(key string) string {
		return fmt.Sprintf(`{"name": %q, "mode": "AKSK", "accessKeyId": %q, "secretAccessKey": "canary"}`, key, key)
	}
	file := func(key string) string {
		return writeFileIn(t, dir, key, `{"current": "`+key+`", "profiles": [`+profile(key)+`]}`)
	}
	both := writeFileIn(t, dir, "both", `{"profiles": [`+profile("v0")+","+profile("block")+`]}`)
	keys, password := arguments{"access_key": "AK", "secret_key": "canary"}, arguments{"user_name": "me", "password": "canary"}
	tests := map[string]struct { // of arguments that need more than their own value
		with   arguments // others that it requires, in the same block or in the environment
		result string    // default: the name of the argument
		values []any     // of each variable, then of the argument; default: v0, v1, ..., block
		want   []string  // default: values
	}{
		"insecure":                            {values: []any{"0", "TRUE", true}, want: []string{"false", "true", "true"}},
		"max_retries":                         {values: []any{"7", 0}},
		"access_key":                          {with: arguments{"secret_key": "canary"}},
		"secret_key":                          {with: arguments{"access_key": "AK"}},
		"security_token":                      {with: keys},
		"user_name":                           {with: arguments{"password": "canary", "domain_id": "0d"}, values: []any{"'", "v1", "block"}},
		"user_id":                             {with: arguments{"password": "canary"}},
		"password":                            {with: arguments{"user_id": "0u"}},
		"domain_name":                         {with: password},
		"domain_id":                           {with: password},
		"profile":                             {with: arguments{"shared_config_file": both}, result: "access_key"},
		"shared_config_file":                  {values: []any{file("v0"), file("block")}, result: "access_key", want: []string{"v0", "block"}},
		"assume_role.agency_name":             {with: arguments{"domain_name": "d"}, result: "name"},
		"assume_role.domain_name":             {with: arguments{"agency_name": "a"}, result: "domain"},
		"assume_role.domain_id":               {with: arguments{"agency_name": "a"}, result: "id"},
		"assume_role.duration":                {with: arguments{"agency_name": "a", "domain_name": "d"}, values: []any{"86400", 900}, want: []string{"24h0m0s", "15m0s"}},
		"assume_role_with_oidc.idp_id":        {with: arguments{"id_token": "canary"}},
		"assume_role_with_oidc.id_token":      {with: arguments{"idp_id": "idp"}},
		"assume_role_with_oidc.id_token_file": {with: arguments{"idp_id": "idp"}},
	}
	for argument, variables := range documentedVariables {
		agency, isOIDC := strings.CutPrefix(argument, assumeRoleWithOIDC+".")
		if slices.Contains([]string{"cacert_file", "cert", "key"}, argument) || isOIDC && documentedVariables[assumeRole+"."+agency] != nil {
			continue // they have tests of their own
		}
		tt := tests[argument]
		t.Run(argument, func(t *testing.T) {
			t.Parallel()
			if tt.values == nil {
				for i := range variables {
					tt.values = append(tt.values, fmt.Sprint("v", i))
				}
				tt.values = append(tt.values, "block")
			}
			outer, inner, nested := strings.Cut(argument, ".")
			name := cmp.Or(inner, outer)
			check := func(r *configResolver, i int) {
				t.Helper()
				want := fmt.Sprint(tt.values[i])
				if tt.want != nil {
					want = tt.want[i]
				}
				if got := resolvedValues(r)[cmp.Or(tt.result, name)]; got != want || len(r.diags) > 0 {
					t.Errorf("got %q and %v, want %q", got, r.diags, want)
				}
			}
			env := environment{}
			for other, value := range tt.with {
				env[documentedVariables[strings.TrimSuffix(argument, name)+other][0]] = fmt.Sprint(value)
			}
			for i, variable := range slices.Backward(variables) {
				env[variable] = fmt.Sprint(tt.values[i])
				check(mustResolve(t, nil, env), i)
			}
			last := len(tt.values) - 1
			block := merge(tt.with, arguments{name: tt.values[last]})
			switch {
			case outer == assumeRole:
				block = arguments{outer: []arguments{block}}
			case nested:
				block = arguments{outer: block}
			}
			check(mustResolve(t, block, env), last)
		})
	}
	read := map[string]bool{}
	resolve(providerValues(t, nil), func(name string) string {
		read[name] = true
		return ""
	}, "")
	want := slices.Compact(slices.Sorted(slices.Values(documentedNames())))
	if got := slices.Sorted(maps.Keys(read)); !slices.Equal(got, want) {
		t.Errorf("the variables that are read are %q, want %q", got, want)
	}
}

// resolvedValues returns the values of the general settings and of the credentials by name.
func resolvedValues(r *configResolver) map[string]string {
	c := r.config
	values := map[string]string{
		"region": c.Region, "project_id": c.ProjectID, "project_name": c.ProjectName, "cloud": c.Cloud, "auth_url": c.AuthURL,
		"insecure": fmt.Sprint(c.Insecure), "max_retries": fmt.Sprint(c.MaxRetries),
	}
	maps.Copy(values, c.Endpoints)
	for word := range strings.FieldsSeq(describe(c.CredentialSource)) {
		if name, value, ok := strings.Cut(word, "="); ok {
			values[name] = value
		}
	}
	return values
}

func TestResolve_generalSettings(t *testing.T) {
	t.Parallel()
	file := writeFile(t, "config.json", profiles("P"))
	type env = environment
	const inFile, plainHTTP = "shared_config_file", "must use https://, because http:// is not encrypted; in a trusted network, insecure = true allows http://"
	invalid := []wantDiag{{summary: "Invalid Provider Argument", detail: "The value of endpoints.dms in the provider block is invalid: " + plainHTTP + "."}}
	endpoints := func(dms string) arguments { return arguments{"endpoints": arguments{"dms": dms}} }
	tests := []struct {
		name  string
		block arguments
		env   env
		want  string // region, project ID, project name, endpoints, insecure, retries
		diags []wantDiag
	}{
		{"defaults", nil, nil, "   map[] false 5", nil},
		{"endpoints from both sources", endpoints("d"), env{"SMARTCONNECT_ENDPOINT_DMS": "x", "SMARTCONNECT_ENDPOINT_IAM": "i"}, "   map[dms:d iam:i] false 5", nil},
		{"empty endpoints", arguments{"endpoints": arguments{"dms": nil, "iam": ""}}, env{"SMARTCONNECT_ENDPOINT_DMS": "x"}, "   map[dms:x] false 5", nil},
		{
			"endpoint of another service",
			arguments{"endpoints": arguments{"smn": "x", "iam": "y"}},
			nil, "   map[iam:y] false 5",
			[]wantDiag{{"", "Unused Endpoint", `The provider uses the endpoints dms, iam and sts only. Correct the key "smn" if it is misspelled.`}},
		},
		{
			"endpoint in upper case",
			arguments{"endpoints": arguments{"DMS": "x"}},
			nil, "   map[] false 0",
			[]wantDiag{{"", "Invalid Provider Argument", `Keys of endpoints must be in lower case: replace "DMS" with "dms".`}},
		},
		{"http on loopback", endpoints("http://127.0.0.1:80"), nil, "   map[dms:http://127.0.0.1:80] false 5", nil},
		{"http", endpoints("http://x"), nil, "   map[dms:http://x] false 5", invalid},
		{"http, insecure", merge(endpoints("http://x"), arguments{"insecure": true}), nil, "   map[dms:http://x] true 5", nil},
		{"http, insecure in the environment", endpoints("http://x"), env{"OS_INSECURE": "1"}, "   map[dms:http://x] true 5", nil},
		{"http, insecure only in the environment", merge(endpoints("http://x"), arguments{"insecure": false}), env{"HW_INSECURE": "true"}, "   map[dms:http://x] false 5", invalid},

		{"profile", arguments{inFile: file}, nil, "cn-east-3 project-of-profile  map[] false 5", nil},
		{"profile in the environment", nil, env{"HW_SHARED_CONFIG_FILE": file}, "cn-east-3 project-of-profile  map[] false 5", nil},
		{"profile, same region", arguments{"region": "cn-east-3", inFile: file}, nil, "cn-east-3 project-of-profile  map[] false 5", nil},
		{"profile, other region", arguments{inFile: file}, env{"OS_REGION_NAME": "cn-north-4"}, "cn-north-4   map[] false 5", nil},
		{"profile, project_id", arguments{inFile: file}, env{"HW_PROJECT_ID": "mine"}, "cn-east-3 mine  map[] false 5", nil},
		{"profile, project_name", arguments{"project_name": "main", inFile: file}, nil, "cn-east-3  main map[] false 5", nil},
		{"profile that is not used", arguments{"token": "canary", inFile: file}, nil, "   map[] false 5", nil},
		{"profile without a region", arguments{inFile: file, "profile": "temporary"}, nil, "   map[] false 5", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := mustResolve(t, tt.block, tt.env)
			c := r.config
			if got := fmt.Sprintf("%s %s %s %v %t %d", c.Region, c.ProjectID, c.ProjectName, c.Endpoints, c.Insecure, c.MaxRetries); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			checkDiags(t, r.diags, tt.diags)
		})
	}
}

// Unknown values are never replaced by the environment, and make no error that a known value could avoid.
func TestResolve_unknownValues(t *testing.T) {
	t.Parallel()
	env := environment{}
	for _, name := range documentedNames() {
		env[name] = "env"
	}
	maps.Copy(env, environment{"HW_INSECURE": "true", "OS_INSECURE": "true", "HW_MAX_RETRIES": "1", "HW_ASSUME_ROLE_DURATION": "900"})
	for _, name := range []string{"OS_CACERT", "OS_CERT", "OS_KEY"} {
		delete(env, name)
	}
	tests := map[string]arguments{ // by the argument or block that is unknown
		"assume_role":           {"assume_role": unknown},
		"assume_role_with_oidc": {"assume_role_with_oidc": unknown},
		"endpoints":             {"endpoints": unknown},
		"assume_role, of two":   {"assume_role": []arguments{{"agency_name": "a"}, {"duration": unknown}}},
		"access_key, of keys":   {"access_key": unknown, "secret_key": "canary", "token": "canary", "assume_role": []arguments{{"agency_name": "a"}}},
		"insecure, with http":   {"insecure": unknown, "auth_url": "http://x", "endpoints": arguments{"dms": "http://x"}},
		"cert, with key":        {"cert": unknown, "key": "canary"},
		"key, with cert":        {"key": unknown, "cert": "/missing"},
	}
	for argument := range documentedVariables {
		switch block, name, nested := strings.Cut(argument, "."); {
		case !nested:
			tests[argument] = arguments{argument: unknown}
		case block == assumeRole:
			tests[argument] = arguments{block: []arguments{{name: unknown}}}
		default:
			tests[argument] = arguments{block: arguments{name: unknown}}
		}
	}
	for name, block := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			argument := strings.FieldsFunc(name, func(c rune) bool { return c == '.' || c == ',' })[0]
			r := mustResolve(t, block, env)
			if !slices.Equal(r.unknown, []string{argument}) {
				t.Errorf("unknown is %q", r.unknown)
			}
			checkDiags(t, r.diags, nil)
			isGeneral := slices.ContainsFunc(settings, func(s setting) bool { return s.role == general && cmp.Or(s.block, s.name) == argument })
			if !isGeneral && r.config.CredentialSource != nil {
				t.Errorf("the credentials are %s", describe(r.config.CredentialSource))
			}
			resolve(providerValues(t, block), func(variable string) string {
				if isGeneral && slices.Contains(documentedVariables[name], variable) {
					t.Errorf("%s is read", variable)
				}
				return ""
			}, "")
		})
	}
	r := mustResolve(t, arguments{"region": "..", "access_key": unknown}, nil)
	checkDiags(t, r.diags, []wantDiag{{path: "region", summary: "Invalid Provider Argument"}})
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
	return writeFileIn(t, dir, name+".pem", text("CERTIFICATE", der)), writeFileIn(t, dir, name+"-key.pem", text("PRIVATE KEY", keyDER)), parsed
}

func TestResolve_certificates(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	certA, keyA, a := selfSigned(t, dir, "a")
	certB, keyB, b := selfSigned(t, dir, "b")
	missing := filepath.Join(dir, "missing")
	invalid := []wantDiag{{summary: "Invalid Client Certificate"}}
	type env = environment
	tests := []struct {
		name  string
		block arguments
		env   env
		want  string // the CA that is trusted in addition, and the client certificate
		diags []wantDiag
	}{
		{"none", nil, nil, " ", nil},
		{"CA", arguments{"cacert_file": certA}, env{"OS_CACERT": missing}, "a ", nil},
		{"CA as content", arguments{"cacert_file": readFile(t, certA)}, nil, "a ", nil},
		{"CA in the environment", nil, env{"OS_CACERT": certB}, "b ", nil},
		{"CA that is neither path nor content", arguments{"cacert_file": "canary-authority"}, nil, " ", []wantDiag{{summary: "Invalid Provider Argument"}}},
		{"certificate", arguments{"cert": certA, "key": keyA}, env{"OS_CERT": certB, "OS_KEY": keyB}, " a", nil},
		{"certificate in the environment", nil, env{"OS_CERT": certB, "OS_KEY": keyB}, " b", nil},
		{"key of another certificate", arguments{"cert": certA, "key": keyB}, nil, " ", invalid},
		{"certificate without a key", arguments{"cert": certA}, nil, " ", []wantDiag{{"key", "Missing Provider Argument", "key is required: cert is set in the provider block. Set the argument in the provider block, or the environment variable OS_KEY."}}},
		{"key without a certificate", nil, env{"OS_KEY": "canary"}, " ", []wantDiag{{"cert", "Missing Provider Argument", "cert is required: key is set in the environment variable OS_KEY. Set the argument in the provider block, or the environment variable OS_CERT."}}},
		{"key that is neither path nor content", arguments{"cert": certA, "key": "canary-key"}, nil, " ", invalid},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := mustResolve(t, tt.block, tt.env)
			trusted, shown := "", ""
			for _, c := range []*x509.Certificate{a, b} {
				if r.config.RootCAs == nil {
					break
				}
				if _, err := c.Verify(x509.VerifyOptions{Roots: r.config.RootCAs}); err == nil {
					trusted += c.Subject.CommonName
				}
			}
			if r.config.Certificate != nil {
				shown = r.config.Certificate.Leaf.Subject.CommonName
			}
			if got := trusted + " " + shown; got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			checkDiags(t, r.diags, tt.diags)
		})
	}
}

func TestResolve_directoryWritableByOthers(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such mode")
	}
	for mode, paths := range map[os.FileMode][]string{
		0o700: nil,
		0o777: {"cacert_file", "cert", "", "assume_role_with_oidc.id_token_file"}, // the line of a key is not shown
	} {
		dir := t.TempDir()
		cert, key, _ := selfSigned(t, dir, "a")
		token := writeFileIn(t, dir, "token", "t")
		if err := os.Chmod(dir, mode); err != nil {
			t.Fatal(err)
		}
		r := mustResolve(t, arguments{
			"cacert_file": cert, "cert": cert, "key": key,
			"assume_role_with_oidc": arguments{"idp_id": "idp", "id_token_file": token},
		}, nil)
		var want []wantDiag
		for _, path := range paths {
			want = append(want, wantDiag{path: path, summary: "Insecure File Permissions"})
		}
		checkDiags(t, r.diags, want)
	}
}

func TestProviderSchema(t *testing.T) {
	t.Parallel()
	secret := []string{"secret_key", "security_token", "token", "password", "key", "assume_role_with_oidc.id_token"}
	s := providerSchema()
	attributes := maps.Clone(s.Attributes)
	for name, a := range s.Blocks["assume_role"].(schema.ListNestedBlock).NestedObject.Attributes {
		attributes["assume_role."+name] = a
	}
	for name, a := range s.Blocks["assume_role_with_oidc"].(schema.SingleNestedBlock).Attributes {
		attributes["assume_role_with_oidc."+name] = a
	}
	variables := merge(documentedVariables)
	for _, service := range huaweicloud.Services() {
		key := "endpoints." + string(service)
		variables["endpoints"] = append(variables["endpoints"], variables[key]...)
		delete(variables, key)
	}
	if got, want := slices.Sorted(maps.Keys(attributes)), slices.Sorted(maps.Keys(variables)); !slices.Equal(got, want) {
		t.Errorf("the schema has\n%q, documented are\n%q", got, want)
	}
	for name, a := range attributes {
		if !a.IsOptional() || a.IsRequired() || a.IsSensitive() != slices.Contains(secret, name) {
			t.Errorf("%s is required, or its sensitivity is %t", name, a.IsSensitive())
		}
		description, suffix, _ := strings.Cut(a.GetMarkdownDescription(), " Can also be set with the `")
		names := strings.NewReplacer("` or `", "`, `", "` environment variables.", "", "` environment variable.", "").Replace(suffix)
		if description == "" || names != strings.Join(variables[name], "`, `") {
			t.Errorf("%s: the description is %q", name, a.GetMarkdownDescription())
		}
	}
}
