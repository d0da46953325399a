// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/huaweicloud"
)

// credentialSettings are the credential settings of one source.
type credentialSettings struct {
	token                               settingValue
	accessKey, secretKey, securityToken settingValue
	userName, userID, password          settingValue
	domainName, domainID                settingValue
	idpID, idToken, idTokenFile         settingValue // of assume_role_with_oidc
	profile, sharedConfigFile           settingValue
}

// readCredentials reads the credential settings of the provider block with assume_role_with_oidc, or of the
// environment, which is both.
func (r *configResolver) readCredentials(in, oidc settingSource) credentialSettings {
	get := func(name string) settingValue { return r.read(in, settingNamed("", name)) }
	getOIDC := func(name string) settingValue { return r.read(oidc, settingNamed(assumeRoleWithOIDC, name)) }
	c := credentialSettings{
		token:     get("token"),
		accessKey: get("access_key"), secretKey: get("secret_key"), securityToken: get("security_token"),
		userName: get("user_name"), userID: get("user_id"), password: get("password"),
		domainName: get("domain_name"), domainID: get("domain_id"),
		idpID: getOIDC("idp_id"), idToken: getOIDC("id_token"), idTokenFile: getOIDC("id_token_file"),
		profile: get("profile"), sharedConfigFile: get("shared_config_file"),
	}
	// HCP Terraform may have set this for another provider.
	if c.idToken.env == hcpTerraformToken && (!c.idpID.isSet() || c.idTokenFile.isSet()) {
		c.idToken.text = ""
	}
	return c
}

// read returns the value of a setting in one source. It validates that of an environment variable; ValidateConfig has
// validated the blocks.
func (r *configResolver) read(in settingSource, s setting) settingValue {
	v := in.value(s)
	if v.env != "" {
		r.set(&r.config, v)
	}
	return v
}

// credentialSource returns the credential source of the first complete authentication method, or nil if
// there is none. An incomplete one is an error, so that a mistake does not switch to another identity.
func (r *configResolver) credentialSource(c credentialSettings) huaweicloud.CredentialSource {
	domain := firstSet(c.domainName, c.domainID)
	idToken := firstSet(c.idToken, c.idTokenFile)
	switch {
	case c.token.isSet():
		return huaweicloud.StaticToken{Token: c.token.secret()}
	case allSet(c.accessKey, c.secretKey):
		return huaweicloud.AccessKeys{AccessKey: c.accessKey.text, SecretKey: c.secretKey.secret(), SecurityToken: c.securityToken.secret()}
	case allSet(c.userName, c.password, domain):
		return huaweicloud.Password{UserName: c.userName.text, Password: c.password.secret(), DomainID: c.domainID.text, DomainName: c.domainName.text}
	case allSet(c.userID, c.password):
		return huaweicloud.Password{UserID: c.userID.text, Password: c.password.secret()}
	case allSet(c.idpID, idToken):
		r.checkDirectories(c.idTokenFile)
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

// profileSource returns the credential source of a profile. The profile's region and project apply if none are set.
func (r *configResolver) profileSource(c credentialSettings) huaweicloud.CredentialSource {
	named := firstSet(c.profile, c.sharedConfigFile)
	profile, err := huaweicloud.ReadProfile(c.sharedConfigFile.text, c.profile.text)
	if err != nil {
		r.addError(named, "Unable to Read Profile", "The profile selected by %s in %s could not be read: %s. Correct profile or shared_config_file, or remove both to use other credentials.",
			named.setting, named.source(), err)
		return nil
	}
	if profile.Warning != "" {
		r.diags.AddAttributeWarning(named.path, "Insecure Profile Permissions", profile.Warning+".")
	}
	if r.config.Region == "" {
		r.config.Region = profile.Region
	}
	if r.config.ProjectID == "" && r.config.ProjectName == "" && r.config.Region == profile.Region {
		r.config.ProjectID = profile.ProjectID
	}
	return profile.CredentialSource
}

// setCredentialSource resolves the credentials, and the agencies to assume with them.
func (r *configResolver) setCredentialSource() {
	source := r.findCredentials()
	if source == nil {
		return
	}
	for _, a := range r.agencies(source) {
		source = r.assume(source, a)
	}
	r.config.CredentialSource = source
}

// findCredentials returns the credential source of the provider block, else of the environment, else of the
// machine; after an error nil. It never combines them.
func (r *configResolver) findCredentials() huaweicloud.CredentialSource {
	before := len(r.diags)
	source := r.credentialSource(r.readCredentials(r.block(""), r.block(assumeRoleWithOIDC)))
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

// agencySettings are the settings of one agency.
type agencySettings struct {
	name, domainName, domainID, duration settingValue
}

func (a agencySettings) isSet() bool { return anySet(a.name, a.domainName, a.domainID, a.duration) }

// readAgency reads the settings of an agency from a block with that name, or from the environment.
func (r *configResolver) readAgency(in settingSource, block string) agencySettings {
	get := func(name string) settingValue { return r.read(in, settingNamed(block, name)) }
	a := agencySettings{name: get("agency_name"), domainName: get("domain_name"), domainID: get("domain_id"), duration: get("duration")}
	if a.isSet() {
		r.addIncomplete(firstSet(a.name, a.domainName, a.domainID, a.duration), a.name, firstSet(a.domainName, a.domainID))
	}
	return a
}

// An empty block is an error: whoever wrote it expects another identity.
const emptyBlock = "the block is empty. Remove the block if it is not needed."

// agencies returns the agencies to assume with source, in order: those of the blocks, else the one of the environment.
func (r *configResolver) agencies(source huaweicloud.CredentialSource) []agencySettings {
	var chain []agencySettings
	if a := r.oidcAgency(source); a.isSet() {
		chain = append(chain, a)
	}
	blocks := r.agencyBlocks()
	if len(blocks) == 0 && len(chain) == 0 {
		if a := r.readAgency(r.env, assumeRole); a.isSet() {
			chain = append(chain, a)
		}
	}
	for _, block := range blocks {
		a := r.readAgency(block, assumeRole)
		empty := a.name
		if !a.isSet() && len(blocks) == 1 && len(chain) == 0 {
			a = r.readAgency(r.env, assumeRole)
		}
		if !a.isSet() {
			r.addMissing(empty, emptyBlock)
			continue
		}
		chain = append(chain, a)
	}
	return chain
}

// oidcAgency returns the agency of assume_role_with_oidc, if source is OIDC. The ID token can come from the
// environment then, but the block cannot be combined with another method.
func (r *configResolver) oidcAgency(source huaweicloud.CredentialSource) agencySettings {
	block := r.block(assumeRoleWithOIDC)
	a := r.readAgency(block, block.name)
	if _, ok := source.(huaweicloud.OIDC); ok {
		return a
	}
	idpID := block.value(settingNamed(block.name, "idp_id"))
	switch {
	case r.arguments[block.name].IsNull() || idpID.isSet():
	case a.isSet():
		r.addMissing(idpID, "other arguments of the block are set.")
	default:
		r.addMissing(idpID, emptyBlock)
	}
	return agencySettings{}
}

// assume returns the source of the keys of an agency that is assumed with base.
func (r *configResolver) assume(base huaweicloud.CredentialSource, a agencySettings) huaweicloud.CredentialSource {
	seconds, _ := strconv.Atoi(a.duration.text) // valid
	assumed := huaweicloud.Agency{
		Base: base, Name: a.name.text, DomainName: a.domainName.text, DomainID: a.domainID.text,
		Duration: time.Duration(seconds) * time.Second,
	}
	if err := assumed.CheckDuration(); err != nil {
		r.addError(a.duration, invalidArgument, "The value of %s in %s is invalid: %s.", a.duration.path, a.duration.source(), err)
	}
	return assumed
}

func allSet(values ...settingValue) bool {
	return !slices.ContainsFunc(values, func(v settingValue) bool { return !v.isSet() })
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

// addIncomplete reports each required setting that is not set in the source of startedBy.
func (r *configResolver) addIncomplete(startedBy settingValue, required ...settingValue) {
	for _, v := range required {
		if v.isSet() {
			continue
		}
		missing, variables := v.path.String(), slices.Clone(v.setting.env)
		for _, other := range v.alternatives {
			missing += " or " + other.path.String()
			variables = append(variables, other.setting.env[0])
		}
		if startedBy.env == "" {
			r.addError(v, missingArgument, "%s is set in the provider block, but %s is not. Both must be set in the provider block; the environment is not used as a fallback.",
				startedBy.path, missing)
		} else {
			r.addError(v, missingArgument, "The environment variable %s is set, but %s is not. Set the environment variable %s as well; the provider block is not used as a fallback.",
				startedBy.env, missing, strings.Join(variables, " or "))
		}
	}
}
