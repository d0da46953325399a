// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/huaweicloud"
)

const defaultMaxRetries = 5

// hcpTerraformToken is the variable in which HCP Terraform puts ID tokens.
const hcpTerraformToken = "TFC_WORKLOAD_IDENTITY_TOKEN"

// Limits of agencies' durations in seconds. Those of STS are checked when it is known who assumes the agency.
var (
	minDuration = seconds(huaweicloud.MinAgencyDuration)
	maxDuration = seconds(huaweicloud.MaxAgencyDuration)
)

func seconds(d time.Duration) int { return int(d.Seconds()) }

// setting is an argument of the provider block that can also be set in the environment.
type setting struct {
	name        string
	block       string   // that contains the argument; empty: none
	env         []string // the first one that is set takes precedence
	description string
	kind        kind
	sensitive   bool
	role        role
	// set validates a value, and stores it in c if c has a field for it. Its error completes
	// "the value is invalid: ..." and never contains the value.
	set func(c *huaweicloud.Config, value string) error
}

type kind int

const (
	kindString kind = iota
	kindFile        // path of a file, for some settings also its content
	kindURL         // can contain a password by mistake
	kindBool
	kindNumber
)

// role groups settings that must come from one source.
type role int

const (
	general    role = iota // comes from the first source that sets it
	credential             // all of a credential come from one source
	agency                 // all of an agency come from one source
)

// Blocks in the provider block, and a map that is handled as one.
const (
	assumeRole         = "assume_role"
	assumeRoleWithOIDC = "assume_role_with_oidc"
	endpoints          = "endpoints"
)

// settings lists all provider arguments.
var settings = []setting{
	{
		name: "region", env: []string{"HW_REGION_NAME", "OS_REGION_NAME"},
		description: "Region of the Kafka instances, such as `cn-north-4`. Data sources can override it. Defaults to the region of the profile, if one is used.",
		set: func(c *huaweicloud.Config, value string) error {
			c.Region = value
			return huaweicloud.CheckIdentifier(value)
		},
	},
	{
		name: "project_id", env: []string{"HW_PROJECT_ID", "OS_PROJECT_ID", "OS_TENANT_ID"},
		description: "ID of the project in `region`. If set, the project is not looked up in IAM.",
		set: func(c *huaweicloud.Config, value string) error {
			c.ProjectID = value
			return huaweicloud.CheckIdentifier(value)
		},
	},
	{
		name: "project_name", env: []string{"HW_PROJECT_NAME", "OS_PROJECT_NAME", "OS_TENANT_NAME"},
		description: "Name of the project in `region`, used to look up the project ID if `project_id` is unset. Defaults to the name of the region.",
		set: func(c *huaweicloud.Config, value string) error {
			c.ProjectName = value
			return validateName(c, value)
		},
	},

	{
		name: "access_key", env: []string{"HW_ACCESS_KEY", "OS_ACCESS_KEY"}, role: credential, set: validateKey,
		description: "Access key ID (AK), permanent or temporary.",
	},
	{
		name: "secret_key", env: []string{"HW_SECRET_KEY", "OS_SECRET_KEY"}, role: credential, sensitive: true, set: validateKey,
		description: "Secret access key (SK) of `access_key`.",
	},
	{
		name: "security_token", env: []string{"HW_SECURITY_TOKEN"}, role: credential, sensitive: true, set: validateKey,
		description: "Security token of temporary access keys.",
	},
	{
		name: "token", env: []string{"HW_AUTH_TOKEN", "OS_AUTH_TOKEN"}, role: credential, sensitive: true, set: validateKey,
		description: "IAM token. It is valid for a single project, and in `region` only.",
	},
	{
		name: "user_name", env: []string{"HW_USER_NAME", "OS_USERNAME"}, role: credential, set: validateName,
		description: "Name of an IAM user. Requires `password` and `domain_name` or `domain_id`.",
	},
	{
		name: "user_id", env: []string{"HW_USER_ID", "OS_USER_ID"}, role: credential, set: validateName,
		description: "ID of an IAM user. Requires `password`.",
	},
	{
		name: "password", env: []string{"HW_USER_PASSWORD", "OS_PASSWORD"}, role: credential, sensitive: true, set: validatePassword,
		description: "Password of the IAM user.",
	},
	{
		name: "domain_name", env: []string{"HW_DOMAIN_NAME", "OS_DOMAIN_NAME", "OS_USER_DOMAIN_NAME", "OS_PROJECT_DOMAIN_NAME"}, role: credential, set: validateName,
		description: "Name of the account (domain) that `user_name` belongs to.",
	},
	{
		name: "domain_id", env: []string{"HW_DOMAIN_ID", "OS_DOMAIN_ID", "OS_USER_DOMAIN_ID", "OS_PROJECT_DOMAIN_ID"}, role: credential, set: validateName,
		description: "ID of the account (domain) that `user_name` belongs to.",
	},
	{
		name: "shared_config_file", env: []string{"HW_SHARED_CONFIG_FILE"}, kind: kindFile, role: credential,
		description: "Path to a KooCLI configuration file with profiles. Defaults to `" + huaweicloud.DefaultProfileFile + "` if `profile` is set.",
	},
	{
		name: "profile", env: []string{"HW_PROFILE"}, role: credential, set: validateName,
		description: "Name of a profile in `shared_config_file`. Defaults to the current profile of the file.",
	},
	{
		block: assumeRoleWithOIDC, name: "idp_id", env: []string{"HW_ASSUME_ROLE_IDP_ID"}, role: credential, set: validateKey,
		description: "ID of the identity provider in IAM.",
	},
	{
		block: assumeRoleWithOIDC, name: "id_token", env: []string{"HW_ASSUME_ROLE_ID_TOKEN", hcpTerraformToken}, role: credential, sensitive: true, set: validateKey,
		description: "ID token of the identity provider.",
	},
	{
		block: assumeRoleWithOIDC, name: "id_token_file", env: []string{"HW_ASSUME_ROLE_ID_TOKEN_FILE"}, kind: kindFile, role: credential,
		description: "Path to a file with the ID token. The file is read again whenever new credentials are obtained.",
	},
	{
		block: assumeRole, name: "agency_name", env: []string{"HW_ASSUME_ROLE_AGENCY_NAME"}, role: agency, set: validateName,
		description: "Name of the agency.",
	},
	{
		block: assumeRole, name: "domain_name", env: []string{"HW_ASSUME_ROLE_DOMAIN_NAME"}, role: agency, set: validateName,
		description: "Name of the account (domain) that delegated the agency. Without `domain_id`, the agency is assumed through IAM.",
	},
	{
		block: assumeRole, name: "domain_id", env: []string{"HW_ASSUME_ROLE_DOMAIN_ID"}, role: agency, set: validateName,
		description: "ID of the account (domain) that delegated the agency. If set, the agency is assumed through STS, and `domain_name` is ignored.",
	},
	{
		block: assumeRole, name: "duration", env: []string{"HW_ASSUME_ROLE_DURATION"}, kind: kindNumber, role: agency,
		description: fmt.Sprintf("Lifetime of the temporary keys in seconds, from `%d` to `%d`. With `domain_id` the maximum is `%d`, or `%d` if the keys that assume the agency are temporary. The keys are refreshed before they expire. Defaults to that of the service, which is `900` for IAM and `3600` for STS.",
			minDuration, maxDuration, seconds(huaweicloud.MaxTrustAgencyDuration), seconds(huaweicloud.MaxChainedDuration)),
		set: func(_ *huaweicloud.Config, value string) error {
			if seconds, err := strconv.Atoi(value); err != nil || seconds < minDuration || seconds > maxDuration {
				return fmt.Errorf("must be an integer from %d to %d", minDuration, maxDuration)
			}
			return nil
		},
	},

	{
		name: "insecure", env: []string{"HW_INSECURE", "OS_INSECURE"}, kind: kindBool,
		description: "Disables TLS verification and allows `http://` endpoints. Defaults to `false`. Endpoints on loopback addresses can always use `http://`.",
		set: func(c *huaweicloud.Config, value string) (err error) {
			if c.Insecure, err = strconv.ParseBool(value); err != nil {
				return errors.New("must be true or false")
			}
			return nil
		},
	},
	{
		name: "cloud", env: []string{"HW_CLOUD"},
		description: "Domain of the cloud, from which endpoints are derived: `https://dms.{region}.{cloud}`. Defaults to `myhuaweicloud.com`, or `myhuaweicloud.eu` in the regions `eu-west-1xx`.",
		set: func(c *huaweicloud.Config, value string) error {
			c.Cloud = value
			return huaweicloud.CheckDomain(value)
		},
	},
	{
		name: "auth_url", env: []string{"HW_AUTH_URL", "OS_AUTH_URL"}, kind: kindURL,
		description: "Endpoint of IAM, with or without a trailing `/v3`. Defaults to `https://iam.{region}.{cloud}`.",
		set: func(c *huaweicloud.Config, value string) error {
			c.AuthURL = value
			_, err := huaweicloud.ParseAuthURL(value, c.Insecure)
			return err
		},
	},
	{block: endpoints, name: "dms", env: []string{"SMARTCONNECT_ENDPOINT_DMS"}, kind: kindURL, set: setEndpoint(huaweicloud.DMS)},
	{block: endpoints, name: "iam", env: []string{"SMARTCONNECT_ENDPOINT_IAM"}, kind: kindURL, set: setEndpoint(huaweicloud.IAM)},
	{block: endpoints, name: "sts", env: []string{"SMARTCONNECT_ENDPOINT_STS"}, kind: kindURL, set: setEndpoint(huaweicloud.STS)},
	{
		name: "cacert_file", env: []string{"OS_CACERT"}, kind: kindFile,
		description: "PEM-encoded CA certificates (path or content) to trust in addition to those of the system.",
		set: func(c *huaweicloud.Config, value string) (err error) {
			c.RootCAs, err = huaweicloud.RootCAs(value)
			return err
		},
	},
	{
		name: "cert", env: []string{"OS_CERT"}, kind: kindFile,
		description: "PEM-encoded client certificate for mutual TLS (path or content). Requires `key`.",
	},
	{
		name: "key", env: []string{"OS_KEY"}, kind: kindFile, sensitive: true,
		description: "PEM-encoded private key (path or content) of `cert`.",
	},
	{
		name: "max_retries", env: []string{"HW_MAX_RETRIES"}, kind: kindNumber,
		description: fmt.Sprintf("Maximum number of retries for transient errors, such as lost connections and throttling. Defaults to `%d`.", defaultMaxRetries),
		set: func(c *huaweicloud.Config, value string) (err error) {
			if c.MaxRetries, err = strconv.Atoi(value); err != nil || c.MaxRetries < 0 {
				return errors.New("must be an integer, 0 or greater")
			}
			return nil
		},
	},
}

// settingsIn returns the settings of a block. Those of an agency belong to both blocks that assume one.
func settingsIn(block string) []setting {
	var in []setting
	for _, s := range settings {
		if s.role == agency && block == assumeRoleWithOIDC {
			s.block = block
		}
		if s.block == block {
			in = append(in, s)
		}
	}
	return in
}

// settingNamed returns a setting of a block by its name.
func settingNamed(block, name string) setting {
	in := settingsIn(block)
	return in[slices.IndexFunc(in, func(s setting) bool { return s.name == name })]
}

// path returns the path of the setting in the provider block.
func (s setting) path() path.Path {
	if s.block == "" {
		return path.Root(s.name)
	}
	return path.Root(s.block).AtName(s.name)
}

// String returns the path of the argument.
func (s setting) String() string { return s.path().String() }

// attribute returns the attribute of the provider's schema.
func (s setting) attribute() schema.Attribute {
	description := addVariables(s.description, s.env)
	switch s.kind {
	case kindBool:
		return schema.BoolAttribute{Optional: true, MarkdownDescription: description}
	case kindNumber: // the framework reports a fraction in an Int64Attribute as a provider bug
		return schema.NumberAttribute{Optional: true, MarkdownDescription: description}
	default:
		return schema.StringAttribute{Optional: true, Sensitive: s.sensitive, MarkdownDescription: description}
	}
}

// addVariables adds the environment variables to a description.
func addVariables(description string, env []string) string {
	last := len(env) - 1
	if last == 0 {
		return fmt.Sprintf("%s Can also be set with the `%s` environment variable.", description, env[0])
	}
	return fmt.Sprintf("%s Can also be set with the `%s` or `%s` environment variables.", description, strings.Join(env[:last], "`, `"), env[last])
}

// providerSchema returns the schema of the provider block, which is derived from the settings.
func providerSchema() schema.Schema {
	attributes := func(block string) map[string]schema.Attribute {
		all := map[string]schema.Attribute{}
		for _, s := range settingsIn(block) {
			all[s.name] = s.attribute()
		}
		return all
	}
	arguments := attributes("")
	var endpointVariables []string
	for _, s := range settingsIn(endpoints) {
		endpointVariables = append(endpointVariables, s.env...)
	}
	arguments[endpoints] = schema.MapAttribute{
		Optional: true, ElementType: types.StringType,
		MarkdownDescription: addVariables("Custom endpoints by service, with the keys `dms`, `iam` and `sts`. Values are host names with optional scheme, port and path. They apply to all regions and take precedence over `cloud` and `auth_url`.", endpointVariables),
	}
	return schema.Schema{
		MarkdownDescription: "Reads the Smart Connect tasks of Kafka instances in Huawei Cloud Distributed Message Service (DMS).",
		Attributes:          arguments,
		Blocks: map[string]schema.Block{
			assumeRole: schema.ListNestedBlock{
				MarkdownDescription: "Agency to assume. Several blocks form a chain, in which each agency is assumed with the keys of the previous one.",
				NestedObject:        schema.NestedBlockObject{Attributes: attributes(assumeRole)},
			},
			assumeRoleWithOIDC: schema.SingleNestedBlock{
				MarkdownDescription: "Authentication with the ID token of an OpenID Connect identity provider. If `agency_name` is set, that agency is assumed afterwards.",
				Attributes:          attributes(assumeRoleWithOIDC),
			},
		},
	}
}

func setEndpoint(service huaweicloud.Service) func(*huaweicloud.Config, string) error {
	return func(c *huaweicloud.Config, value string) error {
		if c.Endpoints == nil {
			c.Endpoints = map[string]string{}
		}
		c.Endpoints[string(service)] = value
		_, err := huaweicloud.ParseEndpoint(value, c.Insecure)
		return err
	}
}

func validateKey(_ *huaweicloud.Config, value string) error { return huaweicloud.CheckKey(value) }

// validatePassword allows quotes, which can be part of a password.
func validatePassword(_ *huaweicloud.Config, value string) error {
	return huaweicloud.CheckTrimmed(value)
}

func validateName(_ *huaweicloud.Config, value string) error {
	if first := value[0]; len(value) > 1 && (first == '"' || first == '\'') && value[len(value)-1] == first {
		return errors.New("must not be enclosed in quotes")
	}
	return huaweicloud.CheckTrimmed(value)
}

// isPrintable reports whether value consists of printable ASCII characters.
func isPrintable(value string) bool {
	return !strings.ContainsFunc(value, func(c rune) bool { return c < ' ' || c > '~' })
}
