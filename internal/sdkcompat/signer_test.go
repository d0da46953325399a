// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package sdkcompat

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/basic"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/signer"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/signer/algorithm"
	sdk "github.com/huaweicloud/huaweicloud-sdk-go-v3/core/request"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/huaweicloud"
)

var (
	update = flag.Bool("update", false, "write the golden vectors")
	seed   = flag.Uint64("seed", 0, "of the random requests; 0: another one each time")
)

const (
	randomRequests = 10_000
	goldenSeed     = 1
	goldenRequests = 500
	goldenFile     = "../huaweicloud/testdata/signatures.json"

	projectHeader = "X-Project-Id"
)

// sdkAuthorization is the Authorization header that the SDK sends with r. It goes
// through the SDK's credentials, which add the headers of project and token themselves.
func sdkAuthorization(t *testing.T, r request) string {
	t.Helper()
	date, err := r.time()
	if err != nil {
		t.Fatal(err)
	}
	b := sdk.NewHttpRequestBuilder().
		WithSigningAlgorithm(algorithm.GetDefaultSigningAlgorithm()).
		WithMethod(r.Method).
		WithPath(r.Path).
		AddHeaderParam(signer.HeaderXDate, date.UTC().Format(signer.BasicDateFormat)).
		WithBody("", r.Body)
	for name, values := range r.Query {
		if len(values) == 1 {
			b.AddQueryParam(name, reflect.ValueOf(values[0]))
		} else {
			b.AddQueryParam(name, reflect.ValueOf(values))
		}
	}
	for name, value := range r.Headers {
		if name != projectHeader {
			b.AddHeaderParam(name, value)
		}
	}
	credentials, err := basic.NewCredentialsBuilder().WithAk(r.AccessKey).WithSk(r.SecretKey).
		WithSecurityToken(r.SecurityToken).WithProjectId(r.Headers[projectHeader]).SafeBuild()
	if err != nil {
		t.Fatal(err)
	}
	signed, err := credentials.ProcessAuthRequest(nil, b.Build())
	if err != nil {
		t.Fatal(err)
	}
	return signed.GetHeaderParams()[signer.HeaderAuthorization]
}

// ourAuthorization is the header that our signer sets.
func ourAuthorization(t *testing.T, r request) string {
	t.Helper()
	date, err := r.time()
	if err != nil {
		t.Fatal(err)
	}
	u := url.URL{Scheme: "https", Host: "dms.example.com", Path: r.Path, RawQuery: url.Values(r.Query).Encode()}
	req, err := http.NewRequestWithContext(t.Context(), r.Method, u.String(), strings.NewReader(r.Body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range r.Headers {
		req.Header.Set(name, value)
	}
	huaweicloud.Sign(req, []byte(r.Body), huaweicloud.Credential{
		AccessKey:     r.AccessKey,
		SecretKey:     huaweicloud.NewSecret(r.SecretKey),
		SecurityToken: huaweicloud.NewSecret(r.SecurityToken),
	}, date)
	return req.Header.Get("Authorization")
}

func TestSignAgreesWithTheSDKOnRandomRequests(t *testing.T) {
	t.Parallel()
	fresh := *seed
	if fresh == 0 {
		fresh = rand.Uint64()
	}
	for _, seed := range []uint64{goldenSeed, fresh} {
		g := newGenerator(seed)
		for n := range randomRequests {
			r := g.request()
			if ours, theirs := ourAuthorization(t, r), sdkAuthorization(t, r); ours != theirs {
				t.Errorf("request %d of -seed=%d\n%s\nours:     %s\nthe SDK's: %s", n, seed, line(t, r), ours, theirs)
				break
			}
		}
	}
}

// The random requests prove only what occurs in them.
func TestRandomRequestsHoldWhatCouldGoWrong(t *testing.T) {
	t.Parallel()
	kinds := map[string]func(request) bool{
		"permanent keys": func(r request) bool { return r.SecurityToken == "" },
		"temporary keys": func(r request) bool { return r.SecurityToken != "" },
		"a project":      func(r request) bool { return r.Headers[projectHeader] != "" },
		"no project":     func(r request) bool { return r.Headers[projectHeader] == "" },
		"no path":        func(r request) bool { return r.Path == "" },
		"a path that ends in a slash": func(r request) bool {
			return strings.HasSuffix(r.Path, "/")
		},
		"an empty segment":  func(r request) bool { return strings.Contains(r.Path, "//") },
		"a space in a path": func(r request) bool { return strings.Contains(r.Path, " ") },
		"a percent sign":    func(r request) bool { return strings.Contains(r.Path, "%2F") },
		"a plus in a path":  func(r request) bool { return strings.Contains(r.Path, "+") },
		"text beyond ASCII": func(r request) bool { return strings.Contains(r.Path, "漢字") },
		"what is no text":   func(r request) bool { return !r.isText() },
		"no query":          func(r request) bool { return len(r.Query) == 0 },
		"an empty value": anyQuery(func(_ string, values []string) bool {
			return len(values) == 1 && values[0] == ""
		}),
		"an empty name": anyQuery(func(name string, _ []string) bool { return name == "" }),
		"repeated names out of order": anyQuery(func(_ string, values []string) bool {
			return len(values) > 1 && values[0] > values[1]
		}),
		"a header with blanks around": anyHeader(func(_, value string) bool {
			return value != strings.TrimSpace(value) && strings.TrimSpace(value) != ""
		}),
		"a header of blanks only": anyHeader(func(_, value string) bool {
			return value != "" && strings.TrimSpace(value) == ""
		}),
		"an empty header":             anyHeader(func(_, value string) bool { return value == "" }),
		"a header in lower case":      anyHeader(func(name, _ string) bool { return name == "x-lower" }),
		"a content type":              anyHeader(func(name, _ string) bool { return name == "Content-Type" }),
		"no body":                     func(r request) bool { return r.Body == "" },
		"a body":                      func(r request) bool { return r.Body != "" },
		"a time zone other than UTC":  func(r request) bool { return !strings.HasSuffix(r.Date, "Z") },
		"a request of the tasks list": func(r request) bool { return strings.HasSuffix(r.Path, "/connector/tasks") },
	}
	g := newGenerator(goldenSeed)
	for range randomRequests {
		r := g.request()
		maps.DeleteFunc(kinds, func(_ string, is func(request) bool) bool { return is(r) })
	}
	for kind := range kinds {
		t.Errorf("there is no request with %s", kind)
	}
}

func anyQuery(is func(name string, values []string) bool) func(request) bool {
	return func(r request) bool {
		for name, values := range r.Query {
			if is(name, values) {
				return true
			}
		}
		return false
	}
}

func anyHeader(is func(name, value string) bool) func(request) bool {
	return func(r request) bool {
		for name, value := range r.Headers {
			if is(name, value) {
				return true
			}
		}
		return false
	}
}

// The SDK signs User-Agent, ours does not: it is not the request's meaning, and proxies rewrite it.
func TestSignOnlyLeavesOutUserAgent(t *testing.T) {
	t.Parallel()
	g := newGenerator(goldenSeed)
	for range 100 {
		plain := g.request()
		r := plain
		r.Headers = maps.Clone(plain.Headers)
		r.Headers["User-Agent"] = "agent/1.0"
		if ours, theirs := ourAuthorization(t, r), sdkAuthorization(t, plain); ours != theirs {
			t.Fatalf("%s\nours:     %s\nthe SDK's: %s, without User-Agent", line(t, r), ours, theirs)
		}
		if theirs := sdkAuthorization(t, r); !strings.Contains(theirs, "user-agent") {
			t.Fatalf("the SDK no longer signs User-Agent, so it can be one of the random headers: %s", theirs)
		}
	}
}

func TestGoldenVectorsAreWhatTheSDKSigns(t *testing.T) {
	t.Parallel()
	var lines [][]byte
	for g := newGenerator(goldenSeed); len(lines) < goldenRequests; {
		r := g.request()
		if !r.isText() {
			continue
		}
		r.Authorization = sdkAuthorization(t, r)
		lines = append(lines, line(t, r))
	}
	golden := append(append([]byte("[\n"), bytes.Join(lines, []byte(",\n"))...), "\n]\n"...)
	if *update {
		if err := os.WriteFile(goldenFile, golden, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	kept, err := os.ReadFile(goldenFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(kept, golden) {
		t.Errorf("%s is out of date: run go test -run Golden -update and look at what changed", goldenFile)
	}
}

// line is r as JSON in one line, and in ASCII: editors show much of the rest wrongly or not at all.
func line(t *testing.T, r request) []byte {
	t.Helper()
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	if err := e.Encode(r); err != nil {
		t.Fatal(err)
	}
	var ascii []byte
	for _, c := range strings.TrimSuffix(text.String(), "\n") {
		if c < 0x7f {
			ascii = append(ascii, byte(c))
			continue
		}
		for _, unit := range utf16.AppendRune(nil, c) {
			ascii = fmt.Appendf(ascii, "\\u%04x", unit)
		}
	}
	return ascii
}
