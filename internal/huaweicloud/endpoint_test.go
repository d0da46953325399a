// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestParseEndpoint_valid(t *testing.T) {
	for _, text := range []string{
		"https://dms.example.com", "https://DMS.example.com", "https://dms.example.com:65535/a/b", "https://dms.example.com.", "https://my_host",
		"https://192.0.2.1", "https://[2001:db8::1]:8443/x", "http://127.0.0.1:8080", "http://127.255.0.1", "http://[::1]:8080",
		"http://[::ffff:127.0.0.1]", "http://localhost:8080", "https://xn--exmple-cua.com", "https://example.com/../@evil.test",
		"https://2130706433", "https://0x7f000001", // names, although some resolvers read them as 127.0.0.1
	} {
		for _, given := range []string{text, text + "/", text + "//", strings.TrimPrefix(text, "https://"), strings.Replace(text, "https://", "HTTPS://", 1)} {
			u, err := ParseEndpoint(given, false)
			if err != nil || u.String() != text {
				t.Errorf("ParseEndpoint(%q) is %v, %v; want %s", given, u, err, text)
			}
		}
	}
}

func TestParseEndpoint_invalid(t *testing.T) {
	for want, texts := range map[error][]string{
		errHost: {"", "/", "https://", "https:///path", "https://:443", "a..b", ".example.com", "https://.", "exämple.com", "a,b", "https:opaque://example.com"},
		errNotURL: {
			"[fe80::1", "[nonsense]", "dms example.com", "dms.example.com:port", "https://https:443:443", "https:dms.example.com", "example.com:443:80",
			"2001:db8::g", "://example.com", "%zz", "dms.example.com/a%2fb", "example.com%00.evil.test", "example.com/%00", "example.com\n",
			"example.com%0d%0a", "example.com/%0d%0a", "example.com/%0D%0AX-A:b", "example.com\r\nX-A: b", "example.com/\r\nX-A: b",
			`example.com\@evil.test`, `example.com\.evil.test`,
		},
		errSlashes: {"https:/dms.example.com", "http:/dms.example.com", "HTTPS:/dms.example.com"},
		errPort:    {"dms.example.com:", "example.com:0", "example.com:65536", "example.com:99999999999999999999"},
		errScheme:  {"ftp://example.com"},
		errUser:    {"user@example.com", "https://user:p4ss@example.com", "https://@example.com", "example.com:443@evil.test"},
		errQuery:   {"https://example.com?a=b", "https://example.com/?", "https://example.com/#top"},
		errHTTP: {
			"http://example.com", "http://128.0.0.1", "http://localhost.example.com", "http://[2001:db8::1]", "http://2130706433", "http://0x7f000001", "http://127.1",
		},
	} {
		for _, text := range texts {
			if u, err := ParseEndpoint(text, false); !errors.Is(err, want) {
				t.Errorf("ParseEndpoint(%q) is %v, %v; want the error %v", text, u, err, want)
			}
		}
	}
}

func TestParseEndpoint_insecure(t *testing.T) {
	for _, text := range []string{"http://example.com", "http://192.0.2.1:8080", "http://[2001:db8::1]"} {
		if u, err := ParseEndpoint(text, true); err != nil || u.String() != text {
			t.Errorf("ParseEndpoint(%q) is %v, %v", text, u, err)
		}
	}
	if u, err := ParseEndpoint("example.com", true); err != nil || u.Scheme != "https" {
		t.Errorf("without a scheme it is %v, %v; want https", u, err)
	}
}

func TestParseAuthURL_version(t *testing.T) {
	for text, want := range map[string]string{
		"iam.example.com":                "https://iam.example.com",
		"iam.example.com/v3":             "https://iam.example.com",
		"https://iam.example.com/v3/":    "https://iam.example.com",
		"https://iam.example.com/v3.0":   "https://iam.example.com",
		"https://iam.example.com:1/v3.0": "https://iam.example.com:1",
		"https://example.com/iam/v3/":    "https://example.com/iam",
		"https://example.com/v3/iam":     "https://example.com/v3/iam",
		"https://example.com/v2":         "https://example.com/v2",
	} {
		u, err := ParseAuthURL(text, false)
		if err != nil || u.String() != want {
			t.Errorf("ParseAuthURL(%q) is %v, %v; want %s", text, u, err, want)
		}
	}
	_, err := ParseAuthURL("http://iam.example.com/v3", false)
	requireErrorText(t, err, errHTTP.Error())
}

func TestConfigEndpoint_precedence(t *testing.T) {
	const auth = "https://auth.example.org/v3"
	both, one := map[string]string{"dms": "dms.private:1", "iam": "iam.private:1/x"}, map[string]string{"dms": "dms.private", "iam": ""}
	for _, test := range []struct {
		name     string
		config   Config
		region   string
		dms, iam string
	}{
		{"public", Config{}, "cn-north-4", "https://dms.cn-north-4.myhuaweicloud.com", "https://iam.cn-north-4.myhuaweicloud.com"},
		{"European", Config{}, "eu-west-101", "https://dms.eu-west-101.myhuaweicloud.eu", "https://iam.eu-west-101.myhuaweicloud.eu"},
		{"European in upper case", Config{}, "EU-WEST-101", "https://dms.EU-WEST-101.myhuaweicloud.eu", "https://iam.EU-WEST-101.myhuaweicloud.eu"},
		{"European with a cloud", Config{Cloud: "example.com"}, "eu-west-101", "https://dms.eu-west-101.example.com", "https://iam.eu-west-101.example.com"},
		{"in Europe, but not European", Config{}, "eu-west-0", "https://dms.eu-west-0.myhuaweicloud.com", "https://iam.eu-west-0.myhuaweicloud.com"},
		{"almost European", Config{}, "eu-west-1011", "https://dms.eu-west-1011.myhuaweicloud.com", "https://iam.eu-west-1011.myhuaweicloud.com"},
		{"another cloud", Config{Cloud: "otc.t-systems.com"}, "eu-de", "https://dms.eu-de.otc.t-systems.com", "https://iam.eu-de.otc.t-systems.com"},
		{"auth_url takes precedence over cloud for IAM", Config{Cloud: "example.com", AuthURL: auth}, "r", "https://dms.r.example.com", "https://auth.example.org"},
		{"endpoints take precedence over both", Config{Cloud: "example.com", AuthURL: auth, Endpoints: both}, "r", "https://dms.private:1", "https://iam.private:1/x"},
		{"one endpoint leaves the other", Config{AuthURL: auth, Endpoints: one}, "cn-north-4", "https://dms.private", "https://auth.example.org"},
	} {
		for service, want := range map[Service]string{DMS: test.dms, IAM: test.iam} {
			u, err := test.config.endpoint(service, test.region)
			if err != nil || u.String() != want {
				t.Errorf("%s: %s is at %v, %v; want %s", test.name, service, u, err, want)
			}
		}
	}
}

func TestNewClient_invalidEndpoint(t *testing.T) {
	for want, config := range map[string]Config{
		"endpoint of dms: " + errHost.Error():   {Endpoints: map[string]string{"dms": "https://"}, AuthURL: "https://"},
		"endpoint of iam: " + errHTTP.Error():   {AuthURL: "http://example.com/v3"},
		"endpoint of iam: " + errUser.Error():   {Endpoints: map[string]string{"iam": "user:p4ss@example.com"}},
		"endpoint of sts: " + errScheme.Error(): {Endpoints: map[string]string{"sts": "ftp://example.com"}},
		"endpoint of dms: " + errNotURL.Error(): {Cloud: "exa mple.com"},
	} {
		for _, region := range []string{"cn-north-4", ""} {
			config.Region, config.CredentialSource = region, validKeys()
			_, err := NewClient(config)
			requireErrorText(t, err, want)
		}
	}
	c := newTestClient(t, page)
	request := tasksGet()
	request.Region = "not a region"
	attempts, err := c.Get(t.Context(), request, tasksAccept)
	requireErrorText(t, err, "...: "+errNotURL.Error())
	if attempts != 0 {
		t.Errorf("%d attempts", attempts)
	}
}

func TestCheckIdentifier(t *testing.T) {
	for _, id := range []string{"a", "cn-north-4", "0123456789abcdef", "A_b-9", "zZ"} {
		if err := CheckIdentifier(id); err != nil {
			t.Errorf("%q: %v", id, err)
		}
	}
	requireErrorText(t, CheckIdentifier(""), "must not be empty")
	for _, id := range []string{"a/b", "..", "a?b", "a b", "a\n", "a@b", "ä", "a%2f", "\xff", "a:[`{}]", "../x", "a\r\nX-A: b", "%0d%0a", "%00", `a\@b`} {
		requireErrorText(t, CheckIdentifier(id), `must contain only letters, digits, "-" and "_"`)
	}
}

func TestCheckDomain(t *testing.T) {
	for _, domain := range []string{"myhuaweicloud.com", "otc.t-systems.com", "internal", "example.com."} {
		if err := CheckDomain(domain); err != nil {
			t.Errorf("%q: %v", domain, err)
		}
	}
	for _, domain := range []string{"", ".", "a..b", ".com", "example.com/x", "example.com:443", "https://example.com", "a@b", "a b"} {
		requireErrorText(t, CheckDomain(domain), "must be a domain, such as myhuaweicloud.com")
	}
}

// An endpoint is what net/url reads in the same string, and errors repeat no part of it.
func FuzzParseEndpoint(f *testing.F) {
	for _, text := range []string{
		"dms.example.com", "https://[::1]:8443/v3/", "http://user:pass@host?a#b", "a%2fb", "https:opaque://", "//x", "\x00", "h:1:2",
		"[::1%25eth0]", "host/?", "https:/host", "host:/x", "host:pass/x", "a://b://c", "host/../x", "host//", "HTTP://localhost",
	} {
		f.Add(text, true)
		f.Add(text, false)
	}
	f.Fuzz(func(t *testing.T, text string, insecure bool) {
		u, err := ParseEndpoint(text, insecure)
		if err != nil {
			if !slices.Contains([]error{errNotURL, errScheme, errUser, errQuery, errHost, errSlashes, errPort, errSlashes, errHTTP}, err) {
				t.Fatalf("%q has the error %v, which may repeat it", text, err)
			}
			return
		}
		if u.Scheme != "https" && (u.Scheme != "http" || !insecure && !isLoopback(u.Hostname())) {
			t.Fatalf("%q is read as scheme %q", text, u.Scheme)
		}
		complete := text
		if !regexp.MustCompile(`^[A-Za-z]+://`).MatchString(text) {
			complete = "https://" + text
		}
		want, err := url.Parse(complete)
		if err != nil {
			t.Fatalf("%q is read as %s; net/url rejects it: %v", text, u, err)
		}
		want.Path = strings.TrimRight(want.Path, "/")
		if want.RawPath = strings.TrimRight(want.RawPath, "/"); want.String() != u.String() {
			t.Fatalf("%q is read as %s; net/url reads %s", text, u, want)
		}
		again, err := url.Parse(u.String())
		if err != nil || again.Host != u.Host || again.Path != u.Path {
			t.Fatalf("%q is read as %s, which is read as %v, %v", text, u, again, err)
		}
	})
}
