// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
)

// echo responds with all that it was sent, in each header and in the body.
func echo(status int, form string) roundTripperFunc {
	return func(r *http.Request) (*http.Response, error) {
		var all bytes.Buffer
		_ = r.Header.Write(&all)
		if r.Body != nil {
			_, _ = io.Copy(&all, r.Body)
		}
		asJSON, err := json.Marshal(all.String())
		if err != nil {
			return nil, err
		}
		oneLine := strings.Join(strings.Fields(all.String()), " ")
		header := []string{"X-Request-Id", oneLine, "X-Iam-Trace-Id", oneLine, "Content-Type", oneLine, "Location", "/" + oneLine, "Retry-After", oneLine, "Date", oneLine}
		return reply(status, fmt.Sprintf(form, asJSON), header...)(r)
	}
}

func TestCheckHandler_echoedSecrets(t *testing.T) {
	t.Parallel()
	const canary = `c4nary"<+/=&>\%`
	pod := InstanceIdentity{PodURI: "https://pod.test/keys", PodTokenFile: writeFile(t, canary)}
	temporary := AccessKeys{AccessKey: "ACCESSKEY", SecretKey: NewSecret(canary), SecurityToken: NewSecret(canary)}
	sources := map[string]CredentialSource{
		"keys": temporary, "token": StaticToken{NewSecret(canary)}, "pod": pod, "metadata": InstanceIdentity{},
		"password":       Password{UserName: "u", Password: NewSecret(canary), DomainName: "d"},
		"OIDC":           OIDC{ProviderID: "p", IDToken: NewSecret(canary)},
		"OIDC of a file": OIDC{ProviderID: "p", IDTokenFile: writeFile(t, canary+"\n")},
		"agency":         Agency{Base: temporary, Name: "a", DomainName: "d"},
	}
	for _, form := range []string{
		`{"error_code":%[1]s,"error_msg":%[1]s,"request_id":%[1]s}`, `{"error":{"code":%[1]s,"message":%[1]s}}`, "<html>%s</html>", "%s",
		`{"credential":{"access":"a","secret":%s,"expires_at":"c4nary"}}`, `{"token":{"expires_at":%s}}`, `{"tasks":%s}`,
	} {
		for _, status := range []int{200, 201, 302, 400, 401, 404, 503} {
			for name, source := range sources {
				synctest.Test(t, func(t *testing.T) {
					var seen []Attempt
					s := newScriptedTransport(echo(status, form))
					_, err := getTasks(t.Context(), newTestClient(t, s, withSource(source), observed(&seen)))
					if err == nil || s.count() == 0 {
						t.Fatalf("%s, %d, %s: no error after %d requests", name, status, form, s.count())
					}
					secrets := []string{"c4na"}
					if _, signature, ok := strings.Cut(s.sent[0].Header.Get(headerAuthorization), "Signature="); ok {
						secrets = append(secrets, signature)
					}
					requireNoSecrets(t, fmt.Sprintf("%v\n%+v", err, seen), secrets...)
				})
			}
		}
	}
}

// Decoding errors name tasks, which may be called anything.
func TestCheckHandler_decodingErrorWithSecret(t *testing.T) {
	keys := validKeys()
	keys.SecurityToken = NewSecret("canary-token")
	for name, want := range map[string]string{
		"canary-token": "...message withheld, since it repeats a secret", "backup": `...: task "backup" is malformed`,
	} {
		c := newTestClient(t, page, withSource(keys))
		_, err := c.Get(t.Context(), tasksGet(), func([]byte) error { return fmt.Errorf("task %q is malformed", name) })
		requireErrorText(t, err, want)
	}
}

func TestCheckHandler_decodeError(t *testing.T) {
	for _, tt := range []struct {
		name     string
		err      error
		attempts int
	}{
		{"transient", errors.New("half a page"), 3},
		{"permanent", permanentError{errors.New("no page at all")}, 1},
		{"wrapped permanent", fmt.Errorf("page 7: %w", permanentError{errors.New("no page at all")}), 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			for _, cloud := range []roundTripperFunc{page, serviceError(200, "DMS.1")} {
				s := newScriptedTransport(cloud)
				attempts, err := newTestClient(t, s, withRetries(2)).Get(t.Context(), tasksGet(), func([]byte) error { return tt.err })
				if attempts != tt.attempts || s.count() != tt.attempts || tt.attempts == 1 && !errors.Is(err, tt.err) {
					t.Errorf("%s: %d attempts, %d requests, %v; want %d", tt.name, attempts, s.count(), err, tt.attempts)
				}
			}
		})
	}
}
