// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"errors"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/huaweicloud"
)

const defaultMaxRetries = 5

// setting is an argument of the provider block: what it is, where else its value can come from, and
// where it goes.
type setting struct {
	name        string
	env         []string // the first that is set counts
	description string
	kind        kind
	sensitive   bool
	required    bool
	// credential settings are taken from one place, all together.
	credential bool
	// set checks the text of a value and puts it into the configuration. Settings are set in the
	// order of the table.
	set func(c *huaweicloud.Config, text string) error
}

type kind int

const (
	kindString kind = iota
	kindBool
	kindInt64
	kindServiceMap // addresses by service; it has no environment variable
)

var settings = []setting{
	{
		name: "region", env: []string{"HW_REGION_NAME", "OS_REGION_NAME"}, required: true,
		description: "Region of the instances, such as `cn-north-4`. A data source can name another.",
		set: func(c *huaweicloud.Config, text string) error {
			c.Region = text
			return huaweicloud.CheckIdentifier(text)
		},
	},
	{
		name: "access_key", env: []string{"HW_ACCESS_KEY", "OS_ACCESS_KEY"}, required: true, credential: true,
		description: "Access key ID (AK), permanent or temporary.",
		set: func(c *huaweicloud.Config, text string) error {
			c.Credential.AccessKey = text
			return checkVisible(text)
		},
	},
	{
		name: "secret_key", env: []string{"HW_SECRET_KEY", "OS_SECRET_KEY"}, required: true, credential: true, sensitive: true,
		description: "Secret access key (SK) of `access_key`.",
		set: func(c *huaweicloud.Config, text string) error {
			c.Credential.SecretKey = huaweicloud.NewSecret(text)
			return checkVisible(text)
		},
	},
	{
		name: "security_token", env: []string{"HW_SECURITY_TOKEN"}, credential: true, sensitive: true,
		description: "Security token that belongs to temporary keys. Permanent keys have none.",
		set: func(c *huaweicloud.Config, text string) error {
			c.Credential.SecurityToken = huaweicloud.NewSecret(text)
			return checkVisible(text)
		},
	},
	{
		name: "project_id", env: []string{"HW_PROJECT_ID", "OS_PROJECT_ID"},
		description: "ID of the project in `region`. If it is given, IAM is not asked for it.",
		set: func(c *huaweicloud.Config, text string) error {
			c.ProjectID = text
			return huaweicloud.CheckIdentifier(text)
		},
	},
	{
		name: "project_name", env: []string{"HW_PROJECT_NAME", "OS_PROJECT_NAME"},
		description: "Name of the project in `region`, by which IAM is asked for its ID if `project_id` is not given. Default: the name of the region, which is that of its main project.",
		set: func(c *huaweicloud.Config, text string) error {
			c.ProjectName = text
			return nil
		},
	},
	{
		name: "insecure", env: []string{"HW_INSECURE", "OS_INSECURE"}, kind: kindBool,
		description: "Accept any TLS certificate, and addresses that begin with `http://`. Default: `false`. Without it, `http://` is taken for loopback addresses only.",
		set: func(c *huaweicloud.Config, text string) (err error) {
			if c.Insecure, err = strconv.ParseBool(text); err != nil {
				return errors.New("it is neither true nor false")
			}
			return nil
		},
	},
	{
		name: "cloud", env: []string{"HW_CLOUD"},
		description: "Domain of the cloud, from which the addresses of its services are made: `https://dms.{region}.{cloud}`. Default: `myhuaweicloud.com`, and `myhuaweicloud.eu` for regions `eu-west-1xx`.",
		set: func(c *huaweicloud.Config, text string) error {
			c.Cloud = text
			return huaweicloud.CheckDomain(text)
		},
	},
	{
		name: "auth_url", env: []string{"HW_AUTH_URL", "OS_AUTH_URL"},
		description: "Address of IAM, with or without `/v3` at its end. Default: made from region and cloud.",
		set: func(c *huaweicloud.Config, text string) error {
			c.AuthURL = text
			_, err := huaweicloud.ParseAuthURL(text, c.Insecure)
			return err
		},
	},
	{
		name: "endpoints", kind: kindServiceMap,
		description: "Addresses of services, by `dms` and `iam`: a host with or without scheme, port and path. They win over `cloud` and `auth_url`, in every region.",
	},
	{
		name: "cacert_file", env: []string{"OS_CACERT"},
		description: "Path of a PEM file with certificate authorities that are trusted besides the system's.",
		set: func(c *huaweicloud.Config, text string) (err error) {
			c.RootCAs, err = huaweicloud.RootCAs(text)
			return err
		},
	},
	{
		name: "max_retries", env: []string{"HW_MAX_RETRIES"}, kind: kindInt64,
		description: fmt.Sprintf("How often a request is tried again that failed for a passing reason, such as a lost connection or throttling. Default: `%d`.", defaultMaxRetries),
		set: func(c *huaweicloud.Config, text string) (err error) {
			if c.MaxRetries, err = strconv.Atoi(text); err != nil || c.MaxRetries < 0 {
				return errors.New("it is not a whole number of at least 0")
			}
			return nil
		},
	},
}

// attribute returns the setting's attribute of the provider's schema.
func (s setting) attribute() schema.Attribute {
	description := s.description
	for i, name := range s.env {
		description += []string{" Environment: ", ", "}[min(i, 1)] + "`" + name + "`"
		if i == len(s.env)-1 {
			description += "."
		}
	}
	switch s.kind {
	case kindBool:
		return schema.BoolAttribute{Optional: true, MarkdownDescription: description}
	case kindInt64:
		return schema.Int64Attribute{Optional: true, MarkdownDescription: description}
	case kindServiceMap:
		return schema.MapAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: description}
	default:
		return schema.StringAttribute{Optional: true, Sensitive: s.sensitive, MarkdownDescription: description}
	}
}

// found is a setting's value, and where it stood.
type found struct {
	text string // empty: nowhere
	env  string // the variable; empty: in the provider block
}

func (f found) String() string {
	if f.env == "" {
		return "the provider block"
	}
	return "the environment variable " + f.env
}

// place is one of the places where a user can leave settings.
type place func(setting) found

func blockPlace(block map[string]tftypes.Value) place {
	return func(s setting) found { return found{text: textOf(block[s.name])} }
}

func environmentPlace(getenv func(string) string) place {
	return func(s setting) found {
		for _, name := range s.env {
			if text := getenv(name); text != "" {
				return found{text: text, env: name}
			}
		}
		return found{}
	}
}

// resolver makes the client's configuration of what users have set.
type resolver struct {
	config  huaweicloud.Config
	unknown []string // arguments whose value is not known yet
	diags   diag.Diagnostics
}

// resolve reads the provider block, and what it leaves open from the environment. An argument that
// is null or "" is left open, but never one that is not known yet.
func resolve(block map[string]tftypes.Value, getenv func(string) string) *resolver {
	r := &resolver{config: huaweicloud.Config{MaxRetries: defaultMaxRetries}}
	places := []place{blockPlace(block), environmentPlace(getenv)}
	for _, s := range settings {
		switch value := block[s.name]; {
		case !value.IsFullyKnown():
			r.unknown = append(r.unknown, s.name)
		case s.kind == kindServiceMap:
			r.setEndpoints(path.Root(s.name), value)
		case !s.credential:
			r.setFirst(s, places)
		}
	}
	r.setCredential(places)
	return r
}

// setFirst takes a setting from the first place that has it.
func (r *resolver) setFirst(s setting, places []place) {
	for _, in := range places {
		if f := in(s); f.text != "" {
			r.set(s, f)
			return
		}
	}
	if s.required {
		r.missing(s, "")
	}
}

// setCredential takes all credential settings from the first place that has any: two places are
// never mixed into one credential.
func (r *resolver) setCredential(places []place) {
	table := slices.DeleteFunc(slices.Clone(settings), func(s setting) bool { return !s.credential })
	for _, s := range table {
		if slices.Contains(r.unknown, s.name) {
			return // whether the others make a credential with it shows later
		}
	}
	for i, in := range places {
		var sibling found
		for _, s := range table {
			if f := in(s); f.text != "" {
				sibling = f
			}
		}
		if last := i == len(places)-1; sibling.text == "" && !last {
			continue
		}
		for _, s := range table {
			f := in(s)
			switch {
			case f.text != "":
				r.set(s, f)
			case s.required && sibling.text != "":
				r.missing(s, fmt.Sprintf(" Other parts of the credential come from %s, and all of them have to come from one place.", sibling))
			case s.required:
				r.missing(s, "")
			}
		}
		return
	}
}

func (r *resolver) set(s setting, f found) {
	if err := s.set(&r.config, f.text); err != nil {
		r.diags.AddAttributeError(path.Root(s.name), "Invalid "+s.name,
			fmt.Sprintf("The value of %s in %s cannot be used: %s.", s.name, f, err))
	}
}

func (r *resolver) missing(s setting, reason string) {
	r.diags.AddAttributeError(path.Root(s.name), "Missing "+s.name,
		fmt.Sprintf("Set %s in the provider block, or the environment variable %s.%s",
			s.name, strings.Join(s.env, " or "), reason))
}

// setEndpoints checks the map, which has an address for some services.
func (r *resolver) setEndpoints(at path.Path, value tftypes.Value) {
	var addresses map[string]tftypes.Value
	if err := value.As(&addresses); err != nil {
		r.diags.AddAttributeError(at, "Invalid endpoints", err.Error())
		return
	}
	r.config.Endpoints = map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(addresses)) {
		text := textOf(addresses[key])
		_, err := huaweicloud.ParseEndpoint(text, r.config.Insecure)
		switch {
		case !slices.Contains(huaweicloud.Services(), huaweicloud.Service(key)):
			r.diags.AddAttributeError(at.AtMapKey(key), "Invalid endpoints",
				fmt.Sprintf("No service %q is called. The services are %q.", key, huaweicloud.Services()))
		case text == "":
		case err != nil:
			r.diags.AddAttributeError(at.AtMapKey(key), "Invalid endpoints",
				fmt.Sprintf("The address of %s cannot be used: %s.", key, err))
		default:
			r.config.Endpoints[key] = text
		}
	}
}

// textOf returns a known value as environment variables spell it; null is "".
func textOf(value tftypes.Value) string {
	var (
		text   string
		number big.Float
		truth  bool
	)
	switch {
	case value.IsNull():
		return ""
	case value.As(&text) == nil:
		return text
	case value.As(&number) == nil:
		return number.Text('f', -1)
	case value.As(&truth) == nil:
		return strconv.FormatBool(truth)
	default:
		return ""
	}
}

// checkVisible refuses what a slip of copy and paste adds to a key, and what no HTTP header can hold.
func checkVisible(text string) error {
	if !isPrintable(text) || strings.Contains(text, " ") {
		return errors.New("it holds white space or a character that is not ASCII")
	}
	return nil
}

// isPrintable reports whether text is made of the printable characters of ASCII.
func isPrintable(text string) bool {
	return !strings.ContainsFunc(text, func(c rune) bool { return c < ' ' || c > '~' })
}
