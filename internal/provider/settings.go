// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/huaweicloud"
)

const defaultMaxRetries = 5

// setting is an argument of the provider block: what it is, and where else its value can come from.
type setting struct {
	name        string
	block       string   // that the argument is in; empty: the provider's own
	env         []string // the first that is set counts
	description string
	kind        kind
	sensitive   bool
	role        role
	// set checks the text of a value, and puts it into the configuration where it goes there by itself.
	set func(c *huaweicloud.Config, text string) error
}

type kind int

const (
	kindString kind = iota
	kindBool
	kindNumber
	kindServiceMap // addresses by service; it has no environment variable
)

// role is what a setting is taken together with.
type role int

const (
	general    role = iota
	credential      // one credential comes from one place
	agency          // that is assumed on top of the credential
)

// Nested blocks.
const (
	assumeRole         = "assume_role"
	assumeRoleWithOIDC = "assume_role_with_oidc"
)

// settings are resolved in this order.
var settings = []setting{
	{
		name: "region", env: []string{"HW_REGION_NAME", "OS_REGION_NAME"},
		description: "Region of the instances, such as `cn-north-4`. A data source can name another. Default: that of the profile, if the credentials come from one.",
		set: func(c *huaweicloud.Config, text string) error {
			c.Region = text
			return huaweicloud.CheckIdentifier(text)
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
		name: "access_key", env: []string{"HW_ACCESS_KEY", "OS_ACCESS_KEY"}, role: credential, set: validateHeaderValue,
		description: "Access key ID (AK), permanent or temporary.",
	},
	{
		name: "secret_key", env: []string{"HW_SECRET_KEY", "OS_SECRET_KEY"}, role: credential, sensitive: true, set: validateHeaderValue,
		description: "Secret access key (SK) of `access_key`.",
	},
	{
		name: "security_token", env: []string{"HW_SECURITY_TOKEN"}, role: credential, sensitive: true, set: validateHeaderValue,
		description: "Security token that belongs to temporary keys. Permanent keys have none.",
	},
	{
		name: "token", env: []string{"HW_AUTH_TOKEN", "OS_AUTH_TOKEN"}, role: credential, sensitive: true, set: validateHeaderValue,
		description: "Token of IAM. It is for one project, and serves only `region`.",
	},
	{
		name: "user_name", env: []string{"HW_USER_NAME", "OS_USERNAME"}, role: credential,
		description: "Name of an IAM user, who signs in with `password`. It takes `domain_name` or `domain_id`.",
	},
	{
		name: "user_id", env: []string{"HW_USER_ID", "OS_USER_ID"}, role: credential,
		description: "ID of an IAM user, in place of `user_name`.",
	},
	{
		name: "password", env: []string{"HW_USER_PASSWORD", "OS_PASSWORD"}, role: credential, sensitive: true,
		description: "Password of the user.",
	},
	{
		name: "domain_name", env: []string{"HW_DOMAIN_NAME", "OS_DOMAIN_NAME", "OS_USER_DOMAIN_NAME", "OS_PROJECT_DOMAIN_NAME"}, role: credential,
		description: "Name of the account of `user_name`.",
	},
	{
		name: "domain_id", env: []string{"HW_DOMAIN_ID", "OS_DOMAIN_ID", "OS_USER_DOMAIN_ID", "OS_PROJECT_DOMAIN_ID"}, role: credential,
		description: "ID of the account of `user_name`, in place of `domain_name`.",
	},
	{
		name: "shared_config_file", env: []string{"HW_SHARED_CONFIG_FILE"}, role: credential,
		description: "Path of a file with profiles of the KooCLI command. Default, if `profile` is given: `" + huaweicloud.DefaultProfileFile + "`.",
	},
	{
		name: "profile", env: []string{"HW_PROFILE"}, role: credential,
		description: "Name of the profile. Default, if `shared_config_file` is given: the file's current one.",
	},
	{
		block: assumeRoleWithOIDC, name: "idp_id", env: []string{"HW_ASSUME_ROLE_IDP_ID"}, role: credential, set: validateHeaderValue,
		description: "ID of the identity provider.",
	},
	{
		block: assumeRoleWithOIDC, name: "id_token", env: []string{"HW_ASSUME_ROLE_ID_TOKEN"}, role: credential, sensitive: true, set: validateHeaderValue,
		description: "ID token of the identity provider.",
	},
	{
		block: assumeRoleWithOIDC, name: "id_token_file", env: []string{"HW_ASSUME_ROLE_ID_TOKEN_FILE"}, role: credential,
		description: "Path of a file that holds the ID token, in place of `id_token`. It is read each time that a token is needed.",
	},
	{
		block: assumeRole, name: "agency_name", env: []string{"HW_ASSUME_ROLE_AGENCY_NAME"}, role: agency,
		description: "Name of the agency.",
	},
	{
		block: assumeRole, name: "domain_name", env: []string{"HW_ASSUME_ROLE_DOMAIN_NAME"}, role: agency,
		description: "Name of the account that delegated the agency.",
	},
	{
		block: assumeRole, name: "domain_id", env: []string{"HW_ASSUME_ROLE_DOMAIN_ID"}, role: agency,
		description: "ID of that account, in place of `domain_name`.",
	},
	{
		block: assumeRole, name: "duration", env: []string{"HW_ASSUME_ROLE_DURATION"}, role: agency, kind: kindNumber,
		description: "Life of the temporary keys, in seconds, from 900 to 86400. They are renewed before they expire. Default: the service's.",
		set: func(_ *huaweicloud.Config, text string) error {
			if seconds, err := strconv.Atoi(text); err != nil || seconds < 900 || seconds > 86400 {
				return errors.New("it is not a whole number from 900 to 86400")
			}
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
		description: "Path of a PEM file, or its text, with certificate authorities that are trusted besides the system's.",
		set: func(c *huaweicloud.Config, text string) (err error) {
			c.RootCAs, err = huaweicloud.RootCAs(text)
			return err
		},
	},
	{
		name: "cert", env: []string{"OS_CERT"},
		description: "Path of a PEM file, or its text, with the certificate that this client shows. It takes `key`.",
	},
	{
		name: "key", env: []string{"OS_KEY"}, sensitive: true,
		description: "Path of a PEM file, or its text, with the private key of `cert`.",
	},
	{
		name: "max_retries", env: []string{"HW_MAX_RETRIES"}, kind: kindNumber,
		description: fmt.Sprintf("How often a request is tried again that failed for a passing reason, such as a lost connection or throttling. Default: `%d`.", defaultMaxRetries),
		set: func(c *huaweicloud.Config, text string) (err error) {
			if c.MaxRetries, err = strconv.Atoi(text); err != nil || c.MaxRetries < 0 {
				return errors.New("it is not a whole number of at least 0")
			}
			return nil
		},
	},
}

// filterSettings returns the settings that pass.
func filterSettings(keep func(setting) bool) []setting {
	return slices.DeleteFunc(slices.Clone(settings), func(s setting) bool { return !keep(s) })
}

// path is where the setting stands in the provider block.
func (s setting) path() path.Path {
	if s.block == "" {
		return path.Root(s.name)
	}
	return path.Root(s.block).AtName(s.name)
}

func (s setting) String() string {
	if s.block == "" {
		return s.name
	}
	return s.block + "." + s.name
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
	case kindNumber: // the framework would call a fraction a defect of the provider
		return schema.NumberAttribute{Optional: true, MarkdownDescription: description}
	case kindServiceMap:
		return schema.MapAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: description}
	default:
		return schema.StringAttribute{Optional: true, Sensitive: s.sensitive, MarkdownDescription: description}
	}
}

// providerSchema is made of the settings.
func providerSchema() schema.Schema {
	attributes := map[string]map[string]schema.Attribute{"": {}, assumeRole: {}, assumeRoleWithOIDC: {}}
	for _, s := range settings {
		attributes[s.block][s.name] = s.attribute()
		if s.role == agency { // can be assumed right after signing in
			attributes[assumeRoleWithOIDC][s.name] = s.attribute()
		}
	}
	return schema.Schema{
		MarkdownDescription: "Reads Smart Connect tasks of Kafka instances of Huawei Cloud DMS.",
		Attributes:          attributes[""],
		Blocks: map[string]schema.Block{
			assumeRole: schema.ListNestedBlock{
				MarkdownDescription: "An agency to assume with the credentials. Several make a chain: each is assumed with the keys of the one before.",
				NestedObject:        schema.NestedBlockObject{Attributes: attributes[assumeRole]},
			},
			assumeRoleWithOIDC: schema.SingleNestedBlock{
				MarkdownDescription: "Sign in with the token of an OpenID Connect identity provider and, if `agency_name` is given, assume an agency.",
				Attributes:          attributes[assumeRoleWithOIDC],
			},
		},
	}
}

// validateHeaderValue is a setting's set that refuses what a slip of copy and paste adds to a key, and what no
// HTTP header can hold.
func validateHeaderValue(_ *huaweicloud.Config, text string) error {
	if !isPrintable(text) || strings.Contains(text, " ") {
		return errors.New("it holds white space or a character that is not ASCII")
	}
	return nil
}

// isPrintable reports whether text is made of the printable characters of ASCII.
func isPrintable(text string) bool {
	return !strings.ContainsFunc(text, func(c rune) bool { return c < ' ' || c > '~' })
}
