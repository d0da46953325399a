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
	seed   = flag.Uint64("seed", 0, "seed of the random requests; 0 picks one")
)

const (
	randomRequests = 10_000
	goldenSeed     = 1
	goldenRequests = 500
	goldenFile     = "../huaweicloud/testdata/signatures.json"

	projectHeader = "X-Project-Id"
)

// sdkAuthorization returns the Authorization header of the SDK, whose credentials add the headers of project
// and token.
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

// ourAuthorization returns the header of our signer.
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

func TestSign_randomRequests(t *testing.T) {
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

// The SDK signs User-Agent, our signer does not: proxies rewrite it.
func TestSign_userAgent(t *testing.T) {
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

func TestSign_goldenVectors(t *testing.T) {
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
		t.Errorf("%s is out of date: run go test -run goldenVectors -update and look at what changed", goldenFile)
	}
}

// line returns r as one line of JSON in ASCII, since editors do not show all other characters.
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
