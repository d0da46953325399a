// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// Service is a service of the cloud. Its value is the first label of its host name and its key in
// Config.Endpoints.
type Service string

// The services that the client calls.
const (
	DMS Service = "dms" // Distributed Message Service
	IAM Service = "iam" // Identity and Access Management
	STS Service = "sts" // Security Token Service
)

// Services lists all of them.
func Services() []Service { return []Service{DMS, IAM, STS} }

const (
	defaultCloud  = "myhuaweicloud.com"
	europeanCloud = "myhuaweicloud.eu"
)

// defaultDomain returns the domain of the public cloud that region belongs to.
func defaultDomain(region string) string {
	if strings.HasPrefix(region, "eu-west-1") && len(region) == len("eu-west-1xx") {
		return europeanCloud
	}
	return defaultCloud
}

// checkEndpoints reports an invalid endpoint. Without a region, any region serves for the check.
func (c *Config) checkEndpoints() error {
	for _, service := range Services() {
		if _, err := c.endpoint(service, cmp.Or(c.Region, "region")); err != nil {
			return fmt.Errorf("address of %s: %w", service, err)
		}
	}
	return nil
}

// endpoint returns the URL of service in region: the configured one, else the public one.
func (c *Config) endpoint(service Service, region string) (*url.URL, error) {
	text := c.Endpoints[string(service)]
	if service == IAM && (text != "" || c.AuthURL != "") {
		return ParseAuthURL(cmp.Or(text, c.AuthURL), c.Insecure)
	}
	if text != "" {
		return ParseEndpoint(text, c.Insecure)
	}
	cloud := c.Cloud
	if cloud == "" {
		cloud = defaultDomain(region)
	}
	return ParseEndpoint(string(service)+"."+region+"."+cloud, c.Insecure)
}

// ParseAuthURL reads the address of IAM, which may end in the version that users of other tools write: /v3 or /v3.0.
func ParseAuthURL(text string, insecure bool) (*url.URL, error) {
	u, err := ParseEndpoint(text, insecure)
	if err != nil {
		return nil, err
	}
	for _, version := range []string{"/v3", "/v3.0"} {
		u.Path = strings.TrimSuffix(u.Path, version)
	}
	return u, nil
}

// ParseEndpoint reads an address: a host with or without scheme, port and path. Without a scheme it
// is https. http is taken for loopback addresses, and for others if insecure is set.
func ParseEndpoint(text string, insecure bool) (*url.URL, error) {
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	if err != nil {
		// The text may hold a password, and what url.Parse says repeats parts of it.
		return nil, errors.New("it is not a URL, expected a host with or without scheme, port and path")
	}
	switch {
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, fmt.Errorf("its scheme is %q, expected https", u.Scheme)
	case u.User != nil:
		return nil, errors.New("it holds a user name, which does not belong into an address")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, errors.New("it holds a query or a fragment, expected a host with or without a path")
	case !validHost(u.Hostname()):
		return nil, errors.New("its host is missing or malformed, expected a name as in dms.cn-north-4.myhuaweicloud.com, or an IP address")
	case !validPort(u.Port()):
		return nil, fmt.Errorf("its port %q is not between 1 and 65535", u.Port())
	case u.Scheme == "http" && !insecure && !isLoopback(u.Hostname()):
		return nil, errors.New("it is http://, which would send requests unencrypted: use https://, or set insecure = true in a network where that is safe")
	}
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), ""
	return u, nil
}

func validPort(port string) bool {
	if port == "" {
		return true
	}
	n, err := strconv.Atoi(port)
	return err == nil && n >= 1 && n <= 65535
}

// CheckDomain reports whether domain can stand behind "dms.{region}.".
func CheckDomain(domain string) error {
	if !validHost(domain) {
		return fmt.Errorf("it is not a domain, expected one as in %s", defaultCloud)
	}
	return nil
}

// validHost takes IP addresses and names of letters, digits, "-", "_" and "." without an empty label.
// The zone of an address is a name as well.
func validHost(host string) bool {
	if addr, err := netip.ParseAddr(host); err == nil {
		if addr.Zone() == "" {
			return true
		}
		host = addr.Zone()
	}
	for label := range strings.SplitSeq(strings.TrimSuffix(host, "."), ".") {
		if CheckIdentifier(label) != nil {
			return false
		}
	}
	return true
}

// CheckIdentifier reports whether id can be an ID, a region or a label of a host name: letters,
// digits, "-" and "_", so that it cannot change the path or host that it becomes a part of.
func CheckIdentifier(id string) error {
	if id == "" {
		return errors.New("it is empty")
	}
	for _, c := range id {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_':
		default:
			return fmt.Errorf("it holds %q, expected letters, digits, %q and %q only", c, "-", "_")
		}
	}
	return nil
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.Unmap().IsLoopback()
}
