// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"
)

// signable is all that a signature depends on, and a line of the golden file.
type signable struct {
	Method        string            `json:"method"`
	Path          string            `json:"path"`
	Query         url.Values        `json:"query"`
	Headers       map[string]string `json:"headers"`
	Body          string            `json:"body"`
	AccessKey     string            `json:"access_key"`
	SecretKey     string            `json:"secret_key"`
	SecurityToken string            `json:"security_token"`
	Date          time.Time         `json:"date"`
	Authorization string            `json:"authorization"` // as it must be
}

// sign returns the headers of a signed request.
func (s *signable) sign(t *testing.T) http.Header {
	t.Helper()
	u := url.URL{Scheme: "https", Host: "dms.example.com", Path: s.Path, RawQuery: s.Query.Encode()}
	req, err := http.NewRequestWithContext(t.Context(), s.Method, u.String(), strings.NewReader(s.Body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range s.Headers {
		req.Header.Set(name, value)
	}
	Sign(req, []byte(s.Body), Credential{
		AccessKey: s.AccessKey, SecretKey: NewSecret(s.SecretKey), SecurityToken: NewSecret(s.SecurityToken),
	}, s.Date)
	return req.Header
}

// signatureParts takes an Authorization header apart.
func signatureParts(t *testing.T, header http.Header) (signed []string, signature string) {
	t.Helper()
	values := header.Values(headerAuthorization)
	if len(values) != 1 {
		t.Fatalf("%d Authorization headers", len(values))
	}
	_, rest, foundNames := strings.Cut(values[0], ", SignedHeaders=")
	names, signature, foundSignature := strings.Cut(rest, ", Signature=")
	if !foundNames || !foundSignature {
		t.Fatalf("malformed: %s", values[0])
	}
	return strings.Split(names, ";"), signature
}

// tasksRequest is one as the provider sends it, with temporary keys.
func tasksRequest() *signable {
	return &signable{
		Method:        http.MethodGet,
		Path:          "/v2/0123456789abcdef0123456789abcdef/instances/11111111-2222-4333-8444-555555555555/connector/tasks",
		Query:         url.Values{"offset": {"0"}, "limit": {"50"}},
		Headers:       map[string]string{headerProjectID: "0123456789abcdef0123456789abcdef"},
		AccessKey:     "ACCESSKEY",
		SecretKey:     "secret-key",
		SecurityToken: "security-token",
		Date:          time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
	}
}

// The vectors are by the official SDK: internal/sdkcompat writes them.
func TestSignGivesTheSignaturesOfTheSDK(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/signatures.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []signable
	if err := json.Unmarshal(text, &vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors) != 500 {
		t.Errorf("there are %d vectors, expected 500", len(vectors))
	}
	for i, v := range vectors {
		if got := v.sign(t).Get(headerAuthorization); got != v.Authorization {
			t.Errorf("vector %d, %s %q\ngot      %s\nexpected %s", i, v.Method, v.Path, got, v.Authorization)
		}
	}
}

func TestSignSendsAndSignsTheTokenOfTemporaryKeys(t *testing.T) {
	t.Parallel()
	request := tasksRequest()
	header := request.sign(t)
	if got := header.Values(headerSecurityToken); len(got) != 1 || got[0] != "security-token" {
		t.Errorf("the header is %q", got)
	}
	signed, signature := signatureParts(t, header)
	if want := "x-project-id;x-sdk-date;x-security-token"; strings.Join(signed, ";") != want {
		t.Errorf("signed are %q, expected %q", signed, want)
	}
	request.SecurityToken = "another"
	if _, other := signatureParts(t, request.sign(t)); other == signature {
		t.Error("the signature does not depend on the token")
	}
	request.SecurityToken = ""
	header = request.sign(t)
	if _, ok := header[headerSecurityToken]; ok {
		t.Error("permanent keys are sent with a token header")
	}
	if signed, _ := signatureParts(t, header); strings.Join(signed, ";") != "x-project-id;x-sdk-date" {
		t.Errorf("with permanent keys, signed are %q", signed)
	}
}

func TestSignSendsTheDateInUTC(t *testing.T) {
	t.Parallel()
	request := tasksRequest()
	want := request.sign(t)
	request.Date = request.Date.In(time.FixedZone("", -5*3600-1800)).Add(999 * time.Millisecond)
	got := request.sign(t)
	if got.Get(headerSdkDate) != "20260102T030405Z" || want.Get(headerSdkDate) != "20260102T030405Z" {
		t.Errorf("sent %q and %q", want.Get(headerSdkDate), got.Get(headerSdkDate))
	}
	if got.Get(headerAuthorization) != want.Get(headerAuthorization) {
		t.Error("the time zone changes the signature")
	}
}

// Proxies and the transport rewrite these, which would break the signature.
func TestSignLeavesOutUserAgentAndContentType(t *testing.T) {
	t.Parallel()
	request := tasksRequest()
	want := request.sign(t).Get(headerAuthorization)
	request.Headers["User-Agent"] = "agent/1.0"
	request.Headers["Content-Type"] = "application/json"
	header := request.sign(t)
	if got := header.Get(headerAuthorization); got != want {
		t.Errorf("got      %s\nexpected %s", got, want)
	}
	if header.Get("User-Agent") != "agent/1.0" || header.Get("Content-Type") != "application/json" {
		t.Errorf("the headers themselves were changed: %v", header)
	}
}

func TestSignAgainReplacesTheSignature(t *testing.T) {
	t.Parallel()
	request := tasksRequest()
	want := request.sign(t).Get(headerAuthorization)
	request.Headers[headerAuthorization] = "of an earlier attempt"
	request.Headers[headerSdkDate] = "20200101T000000Z"
	request.Headers[headerSecurityToken] = "expired"
	header := request.sign(t)
	if got := header.Values(headerAuthorization); len(got) != 1 || got[0] != want {
		t.Errorf("got %q, expected %q", got, want)
	}
}

// fmt asks no method of unexported fields, of a pointer in a struct under a verb that pointers do not
// have, and for %p: then there must be no more to see than an address.
func TestSecretNeverPrints(t *testing.T) {
	t.Parallel()
	const text = "p4ssw0rd"
	secret := NewSecret(text)
	if secret.Reveal() != text {
		t.Fatal("Reveal must return the text")
	}
	credential := Credential{AccessKey: "ACCESSKEY", SecretKey: secret, SecurityToken: secret}
	keys := AccessKeys{AccessKey: "ACCESSKEY", SecretKey: secret, SecurityToken: secret}
	printed := map[string]string{
		"String":      secret.String(),
		"concatenate": fmt.Sprint("a", secret, "b"),
		"Println":     fmt.Sprintln(secret),
		"in an error": fmt.Errorf("refused: %w", fmt.Errorf("key %s, token %q", secret, secret)).Error(),
		"joined":      errors.Join(fmt.Errorf("%v", credential), fmt.Errorf("%+v", &credential)).Error(),
	}
	values := map[string]any{
		"itself": secret, "pointer": &secret, "struct": credential, "pointer to struct": &credential,
		"nested": struct{ Inner struct{ Credential } }{struct{ Credential }{credential}},
		"slice":  []Secret{secret}, "map": map[string]Secret{"k": secret}, "key of a map": map[Secret]int{secret: 1},
		"config": Config{CredentialSource: keys}, "client": &Client{config: Config{CredentialSource: keys}},
		"unexported": struct{ c Credential }{credential}, "pointer in a struct": struct{ C *Credential }{&credential},
	}
	for kind, value := range values {
		for _, verb := range []string{
			"%v", "%+v", "%#v", "%q", "%#q", "%x", "%X", "% x", "%s", "%d", "%5.3s", "%-20v", "%t", "%c", "%U", "%o", "%b", "%e", "%p",
		} {
			printed[verb+" of "+kind] = fmt.Sprintf(verb, value)
		}
		if kind == "config" || kind == "client" {
			continue // hold a function, which JSON cannot
		}
		encoded, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		printed["JSON of "+kind] = string(encoded)
	}
	forms := []string{text[:3], fmt.Sprintf("%x", text), fmt.Sprintf("%X", text), fmt.Sprintf("% x", text), fmt.Sprintf("%d", []byte(text))}
	for how, output := range printed {
		for _, form := range forms {
			if strings.Contains(output, form) {
				t.Errorf("%s shows it: %s", how, output)
			}
		}
	}
	for _, how := range []string{"String", "%v of itself", "%#v of itself", "%x of itself", "%q of pointer"} {
		if printed[how] != mask {
			t.Errorf("%s is %q, expected %q", how, printed[how], mask)
		}
	}
	if got := printed["JSON of itself"]; got != `"***"` {
		t.Errorf("the JSON is %s", got)
	}
}
