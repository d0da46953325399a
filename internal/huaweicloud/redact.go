// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"html"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	maxMessage   = 400      // runes of a string that are shown
	maxInspected = 4 << 10  // bytes of a string that are searched and can be shown
	maxSecret    = 64 << 10 // bytes of a secret that are searched for
	minSecret    = 4        // shorter ones occur in any message
	minFragment  = 10       // bytes that give a secret away, after folding: 12 characters may include two spaces
	maxWord      = 11       // letters; a longer secret is not taken for a word
)

// withheld replaces a message that repeats a secret. Cutting the secret out could leave another form of it.
const withheld = "message withheld, since it repeats a secret"

// sanitize makes a string from the network fit for a terminal: a single line, not long. If it repeats one
// of the secrets, it returns replacement.
func sanitize(s string, secrets []string, replacement string) string {
	s = singleLine(s[:min(len(s), maxInspected)])
	if repeatsSecret(s, secrets) {
		return replacement
	}
	if runes := []rune(s); len(runes) > maxMessage {
		s = string(runes[:maxMessage]) + "..."
	}
	return s
}

func singleLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	return strings.Join(strings.Fields(s), " ")
}

// repeatsSecret reports whether text contains one of the secrets in a form that servers give them:
// divided by white space, in another case, escaped as in URLs, JSON or HTML, in Base64 or
// hexadecimal, or as a fragment.
//
// A secret that looks like a word of prose (see isWord) counts only where it is quoted or assigned:
// a password "wrong" must not hide that "the username or password is wrong".
func repeatsSecret(text string, secrets []string) bool {
	if text == "" {
		return false
	}
	decoded := decodings(text)
	var folded []string
	fragments := map[string]bool{}
	for _, d := range decoded {
		f := fold(d)
		folded = append(folded, f)
		for i := 0; i+minFragment <= len(f); i++ {
			fragments[f[i:i+minFragment]] = true
		}
	}
	contains := func(form string) bool {
		if len(form) < minFragment {
			return slices.ContainsFunc(folded, func(f string) bool { return form != "" && strings.Contains(f, form) })
		}
		if len(fragments) < 256 { // as of a request ID: this is faster than a lookup for each byte of a token
			for fragment := range fragments {
				if strings.Contains(form, fragment) {
					return true
				}
			}
			return false
		}
		for i := 0; i+minFragment <= len(form); i++ {
			if fragments[form[i:i+minFragment]] {
				return true
			}
		}
		return false
	}
	for _, secret := range secrets {
		secret = secret[:min(len(secret), maxSecret)]
		if len(secret) < minSecret {
			continue
		}
		word := isWord(secret)
		if word && slices.ContainsFunc(decoded, func(d string) bool { return isMarked(strings.ToLower(d), strings.ToLower(secret)) }) ||
			!word && contains(fold(secret)) || slices.ContainsFunc(encodings(secret), contains) {
			return true
		}
	}
	return false
}

// isWord reports whether a secret could be a word of a sentence: a few letters, of which at most the
// first differs in case from the others. Passwords that the cloud accepts also contain other characters.
func isWord(secret string) bool {
	if utf8.RuneCountInString(secret) > maxWord {
		return false
	}
	for _, r := range secret {
		if !unicode.IsLetter(r) {
			return false
		}
	}
	_, first := utf8.DecodeRuneInString(secret)
	rest := secret[first:]
	return rest == strings.ToLower(rest) || secret == strings.ToUpper(secret)
}

// isMarked reports whether word occurs in text where a value would: after "=" or ":", before "@", or in quotes.
func isMarked(text, word string) bool {
	for start := strings.Index(text, word); start >= 0; {
		end := start + len(word)
		before, _ := utf8.DecodeLastRuneInString(text[:start])
		after, _ := utf8.DecodeRuneInString(text[end:])
		if before == '=' || before == ':' || after == '@' || before == after && strings.ContainsRune("\"'`", before) {
			return true
		}
		next := strings.Index(text[end:], word)
		if next < 0 {
			return false
		}
		start = end + next
	}
	return false
}

// fold drops what servers may change: case, white space and control characters.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || !unicode.IsPrint(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}

// encodings returns a secret in hexadecimal and in Base64, folded. Base64 depends on the offset
// of the secret in the encoded string, and at its ends on the bytes around it.
func encodings(secret string) []string {
	forms := []string{hex.EncodeToString([]byte(secret))}
	for offset := range 3 {
		encoded := base64.RawStdEncoding.EncodeToString(append(bytes.Repeat([]byte{0}, offset), secret...))
		encoded = encoded[[]int{0, 2, 3}[offset]:]
		if (offset+len(secret))%3 != 0 {
			encoded = encoded[:len(encoded)-1]
		}
		encoded = strings.ToLower(encoded)
		forms = append(forms, encoded)
		if inURL := strings.NewReplacer("+", "-", "/", "_").Replace(encoded); inURL != encoded {
			forms = append(forms, inURL)
		}
	}
	return forms
}

// decodings returns text and its unescaped forms. Escapes can be nested.
func decodings(text string) []string {
	found := []string{text}
	if !strings.ContainsAny(text, `%\&+`) { // such as a request ID
		return found
	}
	for s, rounds := text, 0; rounds < 3; rounds++ {
		byURL, byBackslash, byHTML := unescapeURL(s), unescapeBackslash(s), html.UnescapeString(s)
		all := html.UnescapeString(unescapeBackslash(byURL))
		found = append(found, byURL, byBackslash, byHTML, all)
		if strings.Contains(s, "+") { // a space in a query
			found = append(found, strings.ReplaceAll(s, "+", ""), unescapeURL(strings.ReplaceAll(s, "+", "")))
		}
		if all == s {
			break
		}
		s = all
	}
	return slices.Compact(found)
}

var (
	urlEscape       = regexp.MustCompile(`%[0-9a-fA-F]{2}`)
	backslashEscape = regexp.MustCompile(`(?s)(?:\\u[0-9a-fA-F]{4})+|\\x[0-9a-fA-F]{2}|\\.`)
)

// unescapeURL is url.PathUnescape for text that may be malformed.
func unescapeURL(s string) string {
	return urlEscape.ReplaceAllStringFunc(s, func(escape string) string {
		n, _ := strconv.ParseUint(escape[1:], 16, 8)
		return string([]byte{byte(n)})
	})
}

// unescapeBackslash undoes the escapes of JSON and of programming languages.
func unescapeBackslash(s string) string {
	return backslashEscape.ReplaceAllStringFunc(s, func(escape string) string {
		switch escape[1] {
		case 'u':
			var units []uint16
			for unit := range strings.SplitSeq(escape[2:], `\u`) {
				n, err := strconv.ParseUint(unit, 16, 16)
				if err != nil {
					return escape
				}
				units = append(units, uint16(n))
			}
			return string(utf16.Decode(units))
		case 'x':
			if n, err := strconv.ParseUint(escape[2:], 16, 8); err == nil {
				return string([]byte{byte(n)})
			}
			return escape
		case 'n', 'r', 't':
			return " "
		}
		return escape[1:]
	})
}
