// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/http/httpproxy"
)

// ErrProxyURL is a URL of a proxy that cannot be parsed. It is not repeated, since it may contain a password.
var ErrProxyURL = errors.New("must be a URL such as http://user:password@proxy.example.com:8080, with special characters percent-encoded")

// proxies is the proxy configuration of the environment: HTTPS_PROXY, HTTP_PROXY and NO_PROXY.
type proxies struct {
	find    func(*url.URL) (*url.URL, error)
	invalid map[string]string // variables by the host that replaces their value
	secrets []string
	hosts   []string // with ports
}

func proxiesFromEnvironment() *proxies {
	env := httpproxy.FromEnvironment()
	p := &proxies{invalid: map[string]string{}}
	for variable, value := range map[string]*string{"HTTPS_PROXY": &env.HTTPSProxy, "HTTP_PROXY": &env.HTTPProxy} {
		if *value == "" {
			continue
		}
		u, err := parseProxy(*value)
		if err != nil {
			// httpproxy would ignore it and connect directly.
			host := strings.ToLower(variable) + ".invalid"
			p.invalid[host] = variable
			*value = "http://" + host
			continue
		}
		p.hosts = append(p.hosts, addressOf(u))
		if password, ok := u.User.Password(); ok {
			p.secrets = append(p.secrets, u.User.Username()+":"+password, u.User.Username(), password)
		} else {
			p.secrets = append(p.secrets, u.User.Username())
		}
	}
	p.find = env.ProxyFunc()
	return p
}

func parseProxy(text string) (*url.URL, error) {
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, ErrProxyURL
	}
	switch u.Scheme {
	case "http", "https", "socks5", "socks5h":
		return u, nil
	}
	return nil, ErrProxyURL
}

// proxyURL is for [http.Transport.Proxy].
func (p *proxies) proxyURL(r *http.Request) (*url.URL, error) {
	u, err := p.find(r.URL)
	if err != nil || u == nil {
		return nil, err
	}
	if variable, ok := p.invalid[u.Host]; ok {
		return nil, &ProxyError{Proxy: fmt.Sprintf("of the environment variable %s", variable), Err: ErrProxyURL}
	}
	return u, nil
}

func (p *proxies) isProxy(address string) bool { return slices.Contains(p.hosts, address) }

// checkConnect is for [http.Transport.OnProxyConnectResponse].
func checkConnect(_ context.Context, proxy *url.URL, _ *http.Request, resp *http.Response) error {
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	return &ProxyError{Proxy: addressOf(proxy), Status: resp.StatusCode}
}
