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
	"unicode"
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

// defaultDomain returns the domain of the public cloud of region. Host names are case-insensitive.
func defaultDomain(region string) string {
	if strings.HasPrefix(strings.ToLower(region), "eu-west-1") && len(region) == len("eu-west-1xx") {
		return europeanCloud
	}
	return defaultCloud
}

// checkEndpoints reports an invalid endpoint. Without a region, any region serves for the check.
func (c *Config) checkEndpoints() error {
	for _, service := range Services() {
		if _, err := c.endpoint(service, cmp.Or(c.Region, "region")); err != nil {
			return fmt.Errorf("endpoint of %s: %w", service, err)
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
	return ParseEndpoint(string(service)+"."+region+"."+cmp.Or(c.Cloud, defaultDomain(region)), c.Insecure)
}

// ParseAuthURL parses the endpoint of IAM. It removes the version /v3 or /v3.0, which other tools require.
func ParseAuthURL(endpoint string, insecure bool) (*url.URL, error) {
	u, err := ParseEndpoint(endpoint, insecure)
	if err != nil {
		return nil, err
	}
	for _, version := range []string{"/v3", "/v3.0"} {
		u.Path = strings.TrimSuffix(u.Path, version)
	}
	return u, nil
}

// ParseEndpoint parses a host with optional scheme, port and path. The scheme defaults to https; http is
// for loopback addresses, and for others if insecure is set. Since a malformed endpoint can contain a
// password anywhere, errors repeat no part of it.
func ParseEndpoint(endpoint string, insecure bool) (*url.URL, error) {
	if !strings.Contains(endpoint, "://") {
		endpoint = "https://" + endpoint
	}
	u, err := url.Parse(endpoint)
	if err != nil {
		return nil, errNotURL
	}
	switch {
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, errScheme
	case u.User != nil:
		return nil, errUser
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, errQuery
	case u.RawPath != "", strings.ContainsFunc(u.Path, unicode.IsControl): // an escaped slash would not stay escaped
		return nil, errNotURL
	case !validHost(u.Hostname()):
		return nil, errHost
	case strings.EqualFold(u.Host, "https:") || strings.EqualFold(u.Host, "http:"): // how https:/host is read
		return nil, errSlashes
	case !validPort(u):
		return nil, errPort
	case u.Scheme == "http" && !insecure && !isLoopback(u.Hostname()):
		return nil, errHTTP
	}
	u.Path = strings.TrimRight(u.Path, "/")
	return u, nil
}

// Errors of [ParseEndpoint].
var (
	errNotURL  = errors.New("must be a host name with optional scheme, port and path")
	errScheme  = errors.New("must use the scheme https")
	errUser    = errors.New("must not contain a user name or password")
	errQuery   = errors.New("must not contain a query or fragment")
	errHost    = errors.New("must have a valid host name, such as dms.cn-north-4.myhuaweicloud.com, or an IP address")
	errSlashes = errors.New("must have two slashes after the scheme")
	errPort    = errors.New("must have a port from 1 to 65535 or none")
	errHTTP    = errors.New("must use https://, because http:// is not encrypted; in a trusted network, insecure = true allows http://")
)

// validPort rejects an empty port as well.
func validPort(u *url.URL) bool {
	if u.Port() == "" {
		return !strings.HasSuffix(u.Host, ":")
	}
	n, err := strconv.Atoi(u.Port())
	return err == nil && n >= 1 && n <= 65535
}

// CheckDomain returns an error unless domain can follow "dms.{region}." in a host name.
func CheckDomain(domain string) error {
	if !validHost(domain) {
		return fmt.Errorf("must be a domain, such as %s", defaultCloud)
	}
	return nil
}

// validHost accepts IP addresses, and names of letters, digits, "-", "_" and "." without an empty label.
// The zone of an address is such a name as well.
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

// CheckIdentifier returns an error unless id can be an ID, a region or a label of a host name. Such a string
// cannot change the path or host that it becomes a part of.
func CheckIdentifier(id string) error {
	if id == "" {
		return errors.New("must not be empty")
	}
	for _, c := range id {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_':
		default:
			return errors.New(`must contain only letters, digits, "-" and "_"`)
		}
	}
	return nil
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.Unmap().IsLoopback()
}
