// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// forms are those in which servers have been seen to repeat what they were sent.
var forms = map[string]func(string) string{
	"plain":                func(s string) string { return s },
	"upper case":           strings.ToUpper,
	"query":                url.QueryEscape,
	"path":                 url.PathEscape,
	"lower case escapes":   func(s string) string { return strings.ToLower(url.QueryEscape(s)) },
	"escaped twice":        func(s string) string { return url.QueryEscape(url.QueryEscape(s)) },
	"JSON":                 func(s string) string { text, _ := json.Marshal(s); return string(text) },
	"JSON in JSON":         func(s string) string { a, _ := json.Marshal(s); b, _ := json.Marshal(string(a)); return string(b) },
	"escaped slashes":      func(s string) string { return strings.ReplaceAll(s, "/", `\/`) },
	"HTML":                 html.EscapeString,
	"Base64":               func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"Base64 of a URL":      func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) },
	"Base64 in other text": func(s string) string { return base64.StdEncoding.EncodeToString([]byte("u:" + s + "\n")) },
	"hexadecimal":          func(s string) string { return hex.EncodeToString([]byte(s)) },
	"hexadecimal, upper":   func(s string) string { return strings.ToUpper(hex.EncodeToString([]byte(s))) },
	"hexadecimal escapes": func(s string) string {
		return regexp.MustCompile(`..`).ReplaceAllString(hex.EncodeToString([]byte(s)), `\x$0`)
	},
	"divided by line breaks": func(s string) string { return s[:3] + "\r\n " + s[3:7] + "\t" + s[7:] },
	"divided by controls":    func(s string) string { return s[:4] + "\x00\x1b" + s[4:] },
	"its beginning":          func(s string) string { return s[:12] + "..." },
	"its end":                func(s string) string { return "..." + s[len(s)-12:] },
	"without its middle":     func(s string) string { return s[:12] + "***" + s[len(s)-2:] },
}

func TestSanitize_formsOfSecrets(t *testing.T) {
	t.Parallel()
	var long strings.Builder // without repetitions
	for i := 0; long.Len() < maxMessage-3; i++ {
		fmt.Fprint(&long, i, "|")
	}
	for _, secret := range []string{`pa/"ss<w>&o+r\d= %41é`, "AbC0123456789/+=xyz", "correct horse battery staple"} {
		for form, encode := range forms {
			for _, text := range []string{encode(secret), "signature of " + encode(secret) + " is wrong", long.String() + encode(secret)} {
				if got := sanitize(text, []string{"other-secret", secret}, withheld); got != withheld {
					t.Errorf("%s of %q is shown: %s", form, secret, got)
				}
			}
		}
	}
}

// What could be a word of prose is no secret there, or the message would be lost.
func TestSanitize_words(t *testing.T) {
	for text, secret := range map[string]string{
		"The username or password is wrong.": "wrong", "Wrong password": "Wrong", "the password must be changed": "password",
		"token expired": "EXPIRED", "a b c": "a", "no": "no", "the id is 12": "12", "nothing": "", "a fragment: abcdefghi": "abcdefghijklm",
		"it was unspecified": "unspecified", // maxWord letters
	} {
		if got := sanitize(text, []string{secret}, withheld); got != text {
			t.Errorf("with %q: %q is %q", secret, text, got)
		}
	}
	for _, text := range []string{`{"password":"wrong"}`, `user 'wrong' is unknown`, "password=wrong&x", "u:wrong@proxy", "d3Jvbmc=", "wrong@proxy", "wrongwrong@proxy", "wrong: password=wrong"} {
		if got := sanitize(text, []string{"wrong"}, withheld); got != withheld {
			t.Errorf("%q is shown", got)
		}
	}
	for text, secret := range map[string]string{"it is a1b2": "a1b2", "it is 0123456789": "0123456789abcdef", "it is unauthorized": "unauthorized"} {
		if got := sanitize(text, []string{secret}, withheld); got != withheld {
			t.Errorf("%q is shown", got)
		}
	}
}

// Short secrets have no fragments that would give their Base64 away: each character counts, whatever surrounds them.
func TestSanitize_shortSecretInBase64(t *testing.T) {
	for _, secret := range []string{"a1b2", "a1b2c", "a1b2c3", "ab?>"} {
		for _, before := range []string{"", "u", "u:"} {
			for _, after := range []string{"", "!", "!!"} {
				for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.RawURLEncoding} {
					text := encoding.EncodeToString([]byte(before + secret + after))
					if got := sanitize(text, []string{secret}, withheld); got != withheld {
						t.Errorf("%s of %q is shown", text, before+secret+after)
					}
				}
			}
		}
	}
}

// The time that it takes depends neither on the length of a text nor on that of a secret.
func TestSanitize_bounds(t *testing.T) {
	const text = "0123456789abcdef"
	if got := sanitize(strings.Repeat(" ", maxInspected)+text, nil, withheld); got != "" {
		t.Errorf("the end of a long text is shown: %q", got)
	}
	if got := sanitize(text, []string{strings.Repeat(" ", maxSecret) + text}, withheld); got != text {
		t.Errorf("the end of a long secret is searched for: %q", got)
	}
}

func FuzzSanitize(f *testing.F) {
	for _, secret := range []string{"c4nary-secret/+= <&>", "AbC0123456789xyz", "\xff\xfe0123456789"} {
		for form := range forms {
			f.Add(secret, form, "before ", " after")
		}
	}
	f.Fuzz(func(t *testing.T, secret, form, before, after string) {
		encode, ok := forms[form]
		if !ok || len(secret) < 16 || len(secret) > 100 || isWord(secret) || fold(secret) != strings.ToLower(secret) || !strings.EqualFold(strings.ToLower(secret), secret) {
			t.Skip()
		}
		text := sanitize(before+encode(secret)+after, []string{secret}, withheld)
		if strings.Contains(fold(text), fold(secret)) || len([]rune(text)) > maxMessage+3 {
			t.Fatalf("%q shows %q", text, secret)
		}
	})
}
