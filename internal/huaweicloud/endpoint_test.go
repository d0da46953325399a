// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"net/url"
	"strings"
	"testing"
)

const (
	notURL    = "it is not a URL, expected a host with or without scheme, port and path"
	badHost   = "its host is missing or malformed, expected a name as in dms.cn-north-4.myhuaweicloud.com, or an IP address"
	withUser  = "it holds a user name, which does not belong into an address"
	withQuery = "it holds a query or a fragment, expected a host with or without a path"
	plainHTTP = "it is http://, which would send requests unencrypted: use https://, or set insecure = true in a network where that is safe"
)

func TestParseEndpointTakesHostsWithOrWithoutSchemePortAndPath(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"dms.example.com":                 "https://dms.example.com",
		"dms.example.com/":                "https://dms.example.com",
		"https://dms.example.com":         "https://dms.example.com",
		"HTTPS://dms.example.com":         "https://dms.example.com",
		"https://DMS.example.com/":        "https://DMS.example.com",
		"dms.example.com:8443":            "https://dms.example.com:8443",
		"dms.example.com:65535":           "https://dms.example.com:65535",
		"dms.example.com/a/b":             "https://dms.example.com/a/b",
		"https://dms.example.com:1/a/b//": "https://dms.example.com:1/a/b",
		"dms.example.com.":                "https://dms.example.com.",
		"my_host":                         "https://my_host",
		"192.0.2.1":                       "https://192.0.2.1",
		"192.0.2.1:8443/x":                "https://192.0.2.1:8443/x",
		"[2001:db8::1]":                   "https://[2001:db8::1]",
		"[2001:db8::1]:8443/x/":           "https://[2001:db8::1]:8443/x",
		"https://[2001:db8::1]":           "https://[2001:db8::1]",
		"http://127.0.0.1:8080":           "http://127.0.0.1:8080",
		"http://127.255.0.1":              "http://127.255.0.1",
		"http://[::1]:8080/":              "http://[::1]:8080",
		"http://[::ffff:127.0.0.1]":       "http://[::ffff:127.0.0.1]",
		"http://localhost:8080":           "http://localhost:8080",
	} {
		u, err := ParseEndpoint(text, false)
		if err != nil || u.String() != want {
			t.Errorf("ParseEndpoint(%q) is %v, %v; want %s", text, u, err, want)
		}
	}
}

func TestParseEndpointRefusesWhatIsNoAddress(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                 badHost,
		"/":                                badHost,
		"https://":                         badHost,
		"https:///path":                    badHost,
		"https://:443":                     badHost,
		"a..b":                             badHost,
		".example.com":                     badHost,
		"https://.":                        badHost,
		"exämple.com":                      badHost,
		"a,b":                              badHost,
		"https:opaque://example.com":       badHost,
		"[fe80::1":                         notURL,
		"[nonsense]":                       notURL,
		"dms example.com":                  notURL,
		"dms.example.com:port":             notURL,
		"https://https:443:443":            notURL,
		"%zz":                              notURL,
		"example.com\n":                    notURL,
		"2001:db8::g":                      notURL,
		"example.com:0":                    `its port "0" is not between 1 and 65535`,
		"example.com:65536":                `its port "65536" is not between 1 and 65535`,
		"example.com:99999999999999999999": `its port "99999999999999999999" is not between 1 and 65535`,
		"ftp://example.com":                `its scheme is "ftp", expected https`,
		"://example.com":                   notURL,
		"user@example.com":                 withUser,
		"https://user:p4ss@example.com":    withUser,
		"https://@example.com":             withUser,
		"https://example.com?a=b":          withQuery,
		"https://example.com/?":            withQuery,
		"https://example.com/#top":         withQuery,
		"http://example.com":               plainHTTP,
		"http://128.0.0.1":                 plainHTTP,
		"http://localhost.example.com":     plainHTTP,
		"http://[2001:db8::1]":             plainHTTP,
	} {
		u, err := ParseEndpoint(text, false)
		if err == nil || err.Error() != want {
			t.Errorf("ParseEndpoint(%q) is %v, %v; want the error %s", text, u, err, want)
		}
	}
}

func TestParseEndpointRepeatsNoPartOfAPassword(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"https://user:canary@example.com", "https://user:canary/x@example.com", "https://user:can%ary@example.com",
		"https://user:canary@exam ple.com", "https://user:canary\x7f@example.com", "user:canary:x@example.com", "canary://user:canary@example.com%",
	} {
		_, err := ParseEndpoint(text, true)
		if err == nil {
			t.Fatalf("%q was taken", text)
		}
		requireNoSecrets(t, err.Error(), "can", "ary")
	}
}

func TestInsecureAllowsHTTPEverywhere(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"http://example.com", "http://192.0.2.1:8080", "http://[2001:db8::1]"} {
		if u, err := ParseEndpoint(text, true); err != nil || u.String() != text {
			t.Errorf("ParseEndpoint(%q) is %v, %v", text, u, err)
		}
	}
	if u, err := ParseEndpoint("example.com", true); err != nil || u.Scheme != "https" {
		t.Errorf("without a scheme it is %v, %v; want https", u, err)
	}
}

func TestParseAuthURLDropsTheVersion(t *testing.T) {
	t.Parallel()
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
	requireErrorText(t, err, plainHTTP)
}

func TestEndpointIsTheMostSpecificThatIsConfigured(t *testing.T) {
	t.Parallel()
	endpoints := map[string]string{"dms": "dms.private:1", "iam": "iam.private:1/x"}
	for _, test := range []struct {
		name     string
		config   Config
		region   string
		dms, iam string
	}{
		{"public", Config{}, "cn-north-4", "https://dms.cn-north-4.myhuaweicloud.com", "https://iam.cn-north-4.myhuaweicloud.com"},
		{"European", Config{}, "eu-west-101", "https://dms.eu-west-101.myhuaweicloud.eu", "https://iam.eu-west-101.myhuaweicloud.eu"},
		{"European with a cloud", Config{Cloud: "example.com"}, "eu-west-101", "https://dms.eu-west-101.example.com", "https://iam.eu-west-101.example.com"},
		{"in Europe, but not European", Config{}, "eu-west-0", "https://dms.eu-west-0.myhuaweicloud.com", "https://iam.eu-west-0.myhuaweicloud.com"},
		{"almost European", Config{}, "eu-west-1011", "https://dms.eu-west-1011.myhuaweicloud.com", "https://iam.eu-west-1011.myhuaweicloud.com"},
		{
			"another cloud",
			Config{Cloud: "otc.t-systems.com"},
			"eu-de",
			"https://dms.eu-de.otc.t-systems.com", "https://iam.eu-de.otc.t-systems.com",
		},
		{
			"auth_url wins over cloud, for IAM",
			Config{Cloud: "example.com", AuthURL: "https://auth.example.org/v3"},
			"r",
			"https://dms.r.example.com", "https://auth.example.org",
		},
		{
			"endpoints win over both",
			Config{Cloud: "example.com", AuthURL: "https://auth.example.org/v3", Endpoints: endpoints},
			"r",
			"https://dms.private:1", "https://iam.private:1/x",
		},
		{
			"one endpoint leaves the other",
			Config{AuthURL: "https://auth.example.org/v3", Endpoints: map[string]string{"dms": "dms.private", "iam": ""}},
			"cn-north-4",
			"https://dms.private", "https://auth.example.org",
		},
	} {
		for service, want := range map[Service]string{DMS: test.dms, IAM: test.iam} {
			u, err := test.config.endpoint(service, test.region)
			if err != nil || u.String() != want {
				t.Errorf("%s: %s is at %v, %v; want %s", test.name, service, u, err, want)
			}
		}
	}
}

func TestNewClientNamesTheServiceOfABadAddress(t *testing.T) {
	t.Parallel()
	for want, config := range map[string]Config{
		"address of dms: " + badHost:   {Endpoints: map[string]string{"dms": "https://"}, AuthURL: "https://"},
		"address of iam: " + plainHTTP: {AuthURL: "http://example.com/v3"},
		"address of iam: " + withUser:  {Endpoints: map[string]string{"iam": "user:p4ss@example.com"}},
		"address of dms: " + notURL:    {Cloud: "exa mple.com"},
	} {
		config.Region, config.CredentialSource = "cn-north-4", validKeys()
		_, err := NewClient(config)
		requireErrorText(t, err, want)
	}
	c := newTestClient(t, page)
	request := tasksGet()
	request.Region = "not a region"
	attempts, err := c.Get(t.Context(), request, tasksAccept)
	requireErrorText(t, err, "address of dms: "+notURL)
	if attempts != 0 {
		t.Errorf("%d attempts", attempts)
	}
}

func TestCheckIdentifierTakesNothingThatChangesAnAddress(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"a", "cn-north-4", "0123456789abcdef", "A_b-9", "zZ"} {
		if err := CheckIdentifier(id); err != nil {
			t.Errorf("%q: %v", id, err)
		}
	}
	for id, want := range map[string]string{
		"":        "it is empty",
		"a/b":     `it holds '/', expected letters, digits, "-" and "_" only`,
		"..":      `it holds '.', expected letters, digits, "-" and "_" only`,
		"a?b":     `it holds '?', expected letters, digits, "-" and "_" only`,
		"a b":     `it holds ' ', expected letters, digits, "-" and "_" only`,
		"a\n":     `it holds '\n', expected letters, digits, "-" and "_" only`,
		"a@b":     `it holds '@', expected letters, digits, "-" and "_" only`,
		"ä":       `it holds 'ä', expected letters, digits, "-" and "_" only`,
		"a%2f":    `it holds '%', expected letters, digits, "-" and "_" only`,
		"\xff":    `it holds '` + "\ufffd" + `', expected letters, digits, "-" and "_" only`,
		"a:[`{}]": `it holds ':', expected letters, digits, "-" and "_" only`,
	} {
		requireErrorText(t, CheckIdentifier(id), want)
	}
}

func TestCheckDomainTakesWhatCanStandBehindARegion(t *testing.T) {
	t.Parallel()
	for _, domain := range []string{"myhuaweicloud.com", "otc.t-systems.com", "internal", "example.com."} {
		if err := CheckDomain(domain); err != nil {
			t.Errorf("%q: %v", domain, err)
		}
	}
	for _, domain := range []string{"", ".", "a..b", ".com", "example.com/x", "example.com:443", "https://example.com", "a@b", "a b"} {
		requireErrorText(t, CheckDomain(domain), "it is not a domain, expected one as in myhuaweicloud.com")
	}
}

func FuzzParseEndpoint(f *testing.F) {
	for _, text := range []string{
		"dms.example.com", "https://[::1]:8443/v3/", "http://user:pass@host?a#b", "a%2fb", "https:opaque://", "//x", "\x00", "h:1:2", "[::1%25eth0]", "host/?",
	} {
		f.Add(text, true)
		f.Add(text, false)
	}
	f.Fuzz(func(t *testing.T, text string, insecure bool) {
		u, err := ParseEndpoint(text, insecure)
		if err != nil {
			return
		}
		if u.Hostname() == "" || u.User != nil || u.Opaque != "" {
			t.Fatalf("%q is taken for %#v", text, u)
		}
		if u.Scheme != "https" && (u.Scheme != "http" || !insecure && !isLoopback(u.Hostname())) {
			t.Fatalf("%q is taken for the scheme %q", text, u.Scheme)
		}
		written := u.String()
		if strings.ContainsAny(written, "?#@") && !strings.Contains(u.Path, "@") {
			t.Fatalf("%q is taken for %s, which has more than host and path", text, written)
		}
		again, err := url.Parse(written)
		if err != nil || again.Host != u.Host {
			t.Fatalf("%q is taken for %s, which is read as the host %v, %v", text, written, again, err)
		}
	})
}
