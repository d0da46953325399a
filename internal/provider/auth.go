// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/huaweicloud"
)

// credentialSettings are the credential settings of one source.
type credentialSettings struct {
	accessKey, secretKey, securityToken settingValue
	token                               settingValue
	userName, userID, password          settingValue
	domainName, domainID                settingValue
	sharedConfigFile, profile           settingValue
	idpID, idToken, idTokenFile         settingValue // of assume_role_with_oidc
}

// readCredentials reads the credential settings of a source. Those of assume_role_with_oidc are in a
// source of their own.
func (r *configResolver) readCredentials(in, oidc settingSource) credentialSettings {
	get := func(name string) settingValue { return r.read(in, settingNamed(name)) }
	getOIDC := func(name string) settingValue { return r.read(oidc, settingNamed(assumeRoleWithOIDC+"."+name)) }
	return credentialSettings{
		accessKey: get("access_key"), secretKey: get("secret_key"), securityToken: get("security_token"),
		token:    get("token"),
		userName: get("user_name"), userID: get("user_id"), password: get("password"),
		domainName: get("domain_name"), domainID: get("domain_id"),
		sharedConfigFile: get("shared_config_file"), profile: get("profile"),
		idpID: getOIDC("idp_id"), idToken: getOIDC("id_token"), idTokenFile: getOIDC("id_token_file"),
	}
}

// credentialSource returns the credential source of the first complete authentication method, and nil if
// there is none. An incomplete method is an error rather than a reason to look elsewhere.
func (r *configResolver) credentialSource(c credentialSettings) huaweicloud.CredentialSource {
	domain := firstSet(c.domainName, c.domainID)
	idToken := firstSet(c.idToken, c.idTokenFile)
	switch {
	case c.token.isSet():
		return huaweicloud.StaticToken{Token: c.token.secret()}
	case allSet(c.accessKey, c.secretKey):
		return huaweicloud.AccessKeys{AccessKey: c.accessKey.text, SecretKey: c.secretKey.secret(), SecurityToken: c.securityToken.secret()}
	case allSet(c.userName, c.password, domain):
		return huaweicloud.Password{
			UserName: c.userName.text, Password: c.password.secret(), DomainID: c.domainID.text, DomainName: c.domainName.text,
		}
	case allSet(c.userID, c.password):
		return huaweicloud.Password{UserID: c.userID.text, Password: c.password.secret()}
	case allSet(c.idpID, idToken):
		return huaweicloud.OIDC{ProviderID: c.idpID.text, IDToken: c.idToken.secret(), IDTokenFile: c.idTokenFile.text}

	case anySet(c.accessKey, c.secretKey, c.securityToken):
		r.addIncomplete(firstSet(c.accessKey, c.secretKey, c.securityToken), c.accessKey, c.secretKey)
	case c.userID.isSet() && !c.userName.isSet():
		r.addIncomplete(c.userID, c.password)
	case anySet(c.userName, c.password):
		r.addIncomplete(firstSet(c.userName, c.password), c.userName, c.password, domain)
	case anySet(c.idpID, idToken):
		r.addIncomplete(firstSet(c.idpID, idToken), c.idpID, idToken)

	case anySet(c.profile, c.sharedConfigFile):
		return r.profileSource(c)
	}
	return nil
}

// profileSource returns the credential source of a profile, and takes the region and project from it if
// they are not configured.
func (r *configResolver) profileSource(c credentialSettings) huaweicloud.CredentialSource {
	named := firstSet(c.profile, c.sharedConfigFile)
	profile, err := huaweicloud.ReadProfile(c.sharedConfigFile.text, c.profile.text)
	if err != nil {
		r.diags.AddAttributeError(named.path, "Profile cannot be used",
			fmt.Sprintf("%s in %s: %s. Correct shared_config_file or profile, or leave both out to sign in by other means.", named.setting, named.source(), err))
		return nil
	}
	if profile.Warning != "" {
		r.diags.AddAttributeWarning(named.path, "Profile can be read by others", profile.Warning+".")
	}
	if r.config.Region == "" {
		r.config.Region = profile.Region
	}
	if r.config.ProjectID == "" && r.config.ProjectName == "" && r.config.Region == profile.Region {
		r.config.ProjectID = profile.ProjectID
	}
	return profile.CredentialSource
}

// findCredentials returns the credential source of the provider block, else of the environment, else of the
// machine, and nil after an error. It never combines two of them.
func (r *configResolver) findCredentials() huaweicloud.CredentialSource {
	before := len(r.diags)
	source := r.credentialSource(r.readCredentials(r.block, r.nested(assumeRoleWithOIDC)))
	if source == nil && len(r.diags) == before {
		source = r.credentialSource(r.readCredentials(r.env, r.env))
	}
	if source == nil && len(r.diags) == before {
		source = huaweicloud.InstanceIdentity{
			PodURI:       r.env(huaweicloud.PodURIVariable),
			PodTokenFile: r.env(huaweicloud.PodTokenFileVariable),
			Searched:     "the provider block, the environment (HW_ACCESS_KEY and HW_SECRET_KEY, HW_USER_NAME and HW_USER_PASSWORD, HW_AUTH_TOKEN, HW_ASSUME_ROLE_IDP_ID) or a profile (profile, shared_config_file, HW_PROFILE)",
		}
	}
	return source
}

// setCredentialSource finds the credentials, and the agencies to assume with them.
func (r *configResolver) setCredentialSource() {
	source := r.findCredentials()
	if source == nil {
		return
	}
	for _, a := range r.agencies(source) {
		seconds, _ := strconv.Atoi(a.duration.text) // was checked
		source = huaweicloud.Agency{
			Base: source, Name: a.name.text, DomainName: a.domainName.text, DomainID: a.domainID.text,
			Duration: time.Duration(seconds) * time.Second,
		}
	}
	r.config.CredentialSource = source
}

// agencySettings are the settings of one agency.
type agencySettings struct {
	name, domainName, domainID, duration settingValue
}

func (a agencySettings) isSet() bool { return anySet(a.name, a.domainName, a.domainID, a.duration) }

// readAgency reads an agency from the environment or from a block of a type.
func (r *configResolver) readAgency(in settingSource, block string) agencySettings {
	get := func(name string) settingValue {
		s := settingNamed(assumeRole + "." + name)
		s.block = block
		return r.read(in, s)
	}
	a := agencySettings{name: get("agency_name"), domainName: get("domain_name"), domainID: get("domain_id"), duration: get("duration")}
	if a.isSet() {
		startedBy := firstSet(a.name, a.domainName, a.domainID, a.duration)
		r.addIncomplete(startedBy, a.name, firstSet(a.domainName, a.domainID))
	}
	return a
}

// emptyBlock is why an empty block is an error: who wrote it expects another identity than the one
// that would be read with.
const emptyBlock = " The block is there, but says nothing. Take it out if it is not needed."

// agencies returns the agencies to assume with source, in order: those of the blocks, else that of the environment.
func (r *configResolver) agencies(source huaweicloud.CredentialSource) []agencySettings {
	var chain []agencySettings
	if a := r.agencyOfOIDC(source); a.isSet() {
		chain = append(chain, a)
	}
	blocks := listValue(r.block.arguments[assumeRole])
	for i, block := range blocks {
		at := path.Root(assumeRole).AtListIndex(i)
		a := r.readAgency(blockSource{at, objectValue(block)}, assumeRole)
		if !a.isSet() && len(chain) == 0 && len(blocks) == 1 {
			a = r.readAgency(r.env, assumeRole)
		}
		if !a.isSet() {
			r.missingAt(at.AtName("agency_name"), settingNamed(assumeRole+".agency_name"), emptyBlock)
			continue
		}
		chain = append(chain, a)
	}
	if len(chain) == 0 && len(blocks) == 0 {
		if a := r.readAgency(r.env, assumeRole); a.isSet() {
			chain = append(chain, a)
		}
	}
	return chain
}

// agencyOfOIDC returns the agency of assume_role_with_oidc, if source is OIDC. The other arguments of the
// block can come from the environment, but the block cannot go with another method.
func (r *configResolver) agencyOfOIDC(source huaweicloud.CredentialSource) agencySettings {
	block := r.nested(assumeRoleWithOIDC)
	a := r.readAgency(block, assumeRoleWithOIDC)
	if _, ok := source.(huaweicloud.OIDC); ok {
		return a
	}
	idp := settingNamed(assumeRoleWithOIDC + ".idp_id")
	switch {
	case r.block.arguments[assumeRoleWithOIDC].IsNull() || block.value(idp).isSet():
	case a.isSet():
		r.missing(idp, " Other arguments of the block are set.")
	default:
		r.missing(idp, emptyBlock)
	}
	return agencySettings{}
}

func allSet(values ...settingValue) bool {
	for _, v := range values {
		if !v.isSet() {
			return false
		}
	}
	return true
}

func anySet(values ...settingValue) bool { return firstSet(values...).isSet() }

// firstSet returns the first value that is set. If none is, it returns the first with the others as
// alternatives.
func firstSet(values ...settingValue) settingValue {
	for _, v := range values {
		if v.isSet() {
			return v
		}
	}
	first := values[0]
	first.alternatives = values[1:]
	return first
}

// addIncomplete reports the required values that are not set in the source in which startedBy is.
func (r *configResolver) addIncomplete(startedBy settingValue, required ...settingValue) {
	for _, v := range required {
		if v.isSet() {
			continue
		}
		arguments, variables := []string{v.setting.String()}, v.setting.env
		for _, other := range v.alternatives {
			arguments = append(arguments, other.setting.String())
			variables = append(variables[:len(variables):len(variables)], other.setting.env[0])
		}
		detail := fmt.Sprintf("Set %s in the provider block: %s comes from there, and both have to come from one place. The environment is not asked for the rest.",
			strings.Join(arguments, " or "), startedBy.setting.name)
		if startedBy.env != "" {
			detail = fmt.Sprintf("Set the environment variable %s: %s comes from %s, and both have to come from one place. The provider block is not asked for the rest.",
				strings.Join(variables, " or "), startedBy.setting.name, startedBy.source())
		}
		r.diags.AddAttributeError(v.path, "Missing "+v.setting.String(), detail)
	}
}
