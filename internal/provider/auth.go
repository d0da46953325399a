// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/huaweicloud"
)

// credentialSettings are the credential settings of one place, by name.
type credentialSettings map[string]settingValue

func (p credentialSettings) text(name string) string { return p[name].text }
func (p credentialSettings) secret(name string) huaweicloud.Secret {
	return huaweicloud.NewSecret(p[name].text)
}

// authMethod is a way to authenticate. In one place, the first that is complete is taken.
type authMethod struct {
	// needs are settings that make it complete, of each row one. Any of them, or of also, begins it.
	required  [][]string
	optional  []string
	newSource func(credentialSettings) huaweicloud.CredentialSource
}

var authMethods = []authMethod{
	{
		required: [][]string{{"token"}},
		newSource: func(p credentialSettings) huaweicloud.CredentialSource {
			return huaweicloud.StaticToken{Token: p.secret("token")}
		},
	},
	{
		required: [][]string{{"access_key"}, {"secret_key"}}, optional: []string{"security_token"},
		newSource: func(p credentialSettings) huaweicloud.CredentialSource {
			return huaweicloud.AccessKeys{AccessKey: p.text("access_key"), SecretKey: p.secret("secret_key"), SecurityToken: p.secret("security_token")}
		},
	},
	{
		required: [][]string{{"user_name"}, {"password"}, {"domain_name", "domain_id"}},
		newSource: func(p credentialSettings) huaweicloud.CredentialSource {
			return huaweicloud.Password{
				UserName: p.text("user_name"), Password: p.secret("password"),
				DomainID: p.text("domain_id"), DomainName: p.text("domain_name"),
			}
		},
	},
	{
		required: [][]string{{"user_id"}, {"password"}},
		newSource: func(p credentialSettings) huaweicloud.CredentialSource {
			return huaweicloud.Password{UserID: p.text("user_id"), Password: p.secret("password")}
		},
	},
	{
		required: [][]string{{"idp_id"}, {"id_token", "id_token_file"}},
		newSource: func(p credentialSettings) huaweicloud.CredentialSource {
			return huaweicloud.OIDC{ProviderID: p.text("idp_id"), IDToken: p.secret("id_token"), IDTokenFile: p.text("id_token_file")}
		},
	},
}

// findCredential returns the credential of the nearest place that has one. Two places are never mixed
// into one credential. It returns nil after an error.
func (r *configResolver) findCredential() huaweicloud.CredentialSource {
	before := len(r.diags)
	for _, in := range r.sources {
		p := credentialSettings{}
		for _, s := range filterSettings(func(s setting) bool { return s.role == credential }) {
			if f := in(s); f.text != "" {
				r.check(s, f, s.path())
				p[s.name] = f
			}
		}
		if source := r.complete(p); source != nil {
			return source
		}
		if p.text("profile") != "" || p.text("shared_config_file") != "" {
			if source := r.profile(p); source != nil {
				return source
			}
		}
		if len(r.diags) > before {
			return nil
		}
	}
	return huaweicloud.InstanceIdentity{
		PodURI:       r.getenv(huaweicloud.PodURIVariable),
		PodTokenFile: r.getenv(huaweicloud.PodTokenFileVariable),
		MetadataURL:  r.metadataURL,
		Searched:     "the provider block, the environment (HW_ACCESS_KEY and HW_SECRET_KEY, HW_USER_NAME and HW_USER_PASSWORD, HW_AUTH_TOKEN, HW_ASSUME_ROLE_IDP_ID) or a profile (profile, shared_config_file, HW_PROFILE)",
	}
}

// complete returns what the settings of one place make, or reports what is missing to what they begin.
func (r *configResolver) complete(p credentialSettings) huaweicloud.CredentialSource {
	for _, m := range authMethods {
		if _, missing := m.state(p); len(missing) == 0 {
			return m.newSource(p)
		}
	}
	for _, m := range authMethods {
		startedBy, missing := m.state(p)
		if startedBy == "" {
			continue
		}
		for _, row := range missing {
			var oneOf []setting
			for _, name := range row {
				oneOf = append(oneOf, filterSettings(func(s setting) bool { return s.role == credential && s.name == name })...)
			}
			r.addIncomplete(oneOf[0].path(), oneOf, startedBy, p[startedBy])
		}
		return nil
	}
	return nil
}

// state returns a setting that begins the method, if one does, and the rows that are still needed.
func (m authMethod) state(p credentialSettings) (startedBy string, missing [][]string) {
	for _, name := range m.optional {
		if p.text(name) != "" {
			startedBy = name
		}
	}
	for _, row := range m.required {
		present := ""
		for _, name := range row {
			if p.text(name) != "" {
				present = name
			}
		}
		switch {
		case present == "":
			missing = append(missing, row)
		case !strings.HasPrefix(present, "domain_"): // whose account is told with other methods too
			startedBy = present
		}
	}
	return startedBy, missing
}

// agencyOfOIDC returns the agency of the block assume_role_with_oidc, if it has one and source signs
// in by OIDC. The block's other arguments can be left to the environment, but not to another method.
func (r *configResolver) agencyOfOIDC(source huaweicloud.CredentialSource) []huaweicloud.Agency {
	in := fromBlock(r.block)
	agencies := r.agency(in, assumeRoleWithOIDC, path.Root(assumeRoleWithOIDC))
	if _, ok := source.(huaweicloud.OIDC); ok {
		return agencies
	}
	idp := settingNamed(assumeRoleWithOIDC, "idp_id")
	switch {
	case r.block[assumeRoleWithOIDC].IsNull() || in(idp).text != "":
	case len(agencies) > 0:
		r.missing(idp, " Other arguments of the block are set.")
	default:
		r.missing(idp, emptyBlock)
	}
	return nil
}

// profile reads the profile that a place names, and what region and project it leaves open.
func (r *configResolver) profile(p credentialSettings) huaweicloud.CredentialSource {
	named := settingNamed("", "profile")
	if p.text("profile") == "" {
		named = settingNamed("", "shared_config_file")
	}
	profile, err := huaweicloud.ReadProfile(p.text("shared_config_file"), p.text("profile"))
	if err != nil {
		r.diags.AddAttributeError(named.path(), "Profile cannot be used", fmt.Sprintf("%s in %s: %s. Correct shared_config_file or profile, or leave both out to sign in by other means.", named, p[named.name], err))
		return nil
	}
	if profile.Warning != "" {
		r.diags.AddAttributeWarning(named.path(), "Profile can be read by others", profile.Warning+".")
	}
	if r.config.Region == "" {
		r.config.Region = profile.Region
	}
	if r.config.ProjectID == "" && r.config.ProjectName == "" && r.config.Region == profile.Region {
		r.config.ProjectID = profile.ProjectID
	}
	return profile.CredentialSource
}
