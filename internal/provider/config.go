// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/huaweicloud"
)

// Summaries of diagnostics.
const (
	invalidArgument = "Invalid Provider Argument"
	missingArgument = "Missing Provider Argument"
)

// settingValue is the value of a setting in one source.
type settingValue struct {
	setting setting
	path    path.Path
	text    string // empty: not set
	env     string // the variable that is set; empty: the provider block

	alternatives []settingValue // see firstSet
}

func (v settingValue) isSet() bool { return v.text != "" }

func (v settingValue) secret() huaweicloud.Secret { return huaweicloud.NewSecret(v.text) }

// source returns the name of the source for diagnostics.
func (v settingValue) source() string {
	if v.env == "" {
		return "the provider block"
	}
	return "the environment variable " + v.env
}

// settingSource is a source of settings.
type settingSource interface {
	value(s setting) settingValue
}

// blockSource is the provider block or a block in it.
type blockSource struct {
	name      string // empty: the provider block
	path      path.Path
	arguments map[string]tftypes.Value
}

func (b blockSource) value(s setting) settingValue {
	text := stringValue(b.arguments[s.name])
	// A heredoc always ends with a line break.
	if line, ok := strings.CutSuffix(text, "\n"); ok {
		text = strings.TrimSuffix(line, "\r")
	}
	return settingValue{setting: s, path: b.path.AtName(s.name), text: text}
}

// envSource is the environment. It returns the value of a variable.
type envSource func(name string) string

func (getenv envSource) value(s setting) settingValue {
	v := settingValue{setting: s, path: s.path()}
	for _, name := range s.env {
		if v.text = getenv(name); v.isSet() {
			v.env = name
			break
		}
	}
	return v
}

// configResolver resolves the settings into the configuration of the client.
type configResolver struct {
	arguments map[string]tftypes.Value // of the provider block
	env       envSource

	config  huaweicloud.Config
	unknown []string // names of arguments and blocks with unknown values
	diags   diag.Diagnostics
}

// validateBlock checks the known values of a provider block, without the environment and without reading files.
func validateBlock(arguments map[string]tftypes.Value) diag.Diagnostics {
	r := &configResolver{arguments: arguments}
	blocks := append(r.agencyBlocks(), r.block(""), r.block(assumeRoleWithOIDC), r.block(endpoints))
	for _, block := range blocks {
		for _, s := range settingsIn(block.name) {
			if s.kind != kindFile {
				// Whether http:// is allowed can depend on the environment.
				r.set(&huaweicloud.Config{Insecure: true}, block.value(s))
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(r.block(endpoints).arguments)) {
		if lower := strings.ToLower(key); lower != key && isService(lower) {
			r.diags.AddError(invalidArgument, fmt.Sprintf("Keys of endpoints must be in lower case: replace %q with %q.", key, lower))
		}
	}
	return r.diags
}

func isService(name string) bool {
	return slices.Contains(huaweicloud.Services(), huaweicloud.Service(name))
}

// resolve resolves the environment and a valid provider block. The block takes precedence.
// Null and empty arguments are unset; unknown ones are never replaced by the environment.
func resolve(arguments map[string]tftypes.Value, getenv func(string) string, metadataURL string) *configResolver {
	r := &configResolver{
		arguments: arguments,
		env:       getenv,
		config:    huaweicloud.Config{MaxRetries: defaultMaxRetries, MetadataURL: metadataURL},
	}
	for _, name := range slices.Sorted(maps.Keys(arguments)) {
		if !arguments[name].IsFullyKnown() {
			r.unknown = append(r.unknown, name)
		}
	}
	// An http:// endpoint cannot be rejected as long as this is unknown.
	r.config.Insecure = r.isUnknown("insecure")
	for _, s := range settings {
		if s.role == general && s.set != nil && !r.isUnknown(cmp.Or(s.block, s.name)) {
			r.set(&r.config, r.first(s))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(r.block(endpoints).arguments)) {
		if !isService(key) { // blocks written for the huaweicloud provider contain other services
			r.diags.AddWarning("Unused Endpoint", fmt.Sprintf("The provider uses the endpoints dms, iam and sts only. Correct the key %q if it is misspelled.", key))
		}
	}
	r.setCertificate()
	if !r.hasUnknownCredentials() {
		r.setCredentialSource()
	}
	return r
}

// block returns the provider block, or a single block in it, which may be null.
func (r *configResolver) block(name string) blockSource {
	if name == "" {
		return blockSource{path: path.Empty(), arguments: r.arguments}
	}
	return blockSource{name: name, path: path.Root(name), arguments: objectValue(r.arguments[name])}
}

// agencyBlocks returns the blocks assume_role.
func (r *configResolver) agencyBlocks() []blockSource {
	list := listValue(r.arguments[assumeRole])
	blocks := make([]blockSource, len(list))
	for i, block := range list {
		blocks[i] = blockSource{name: assumeRole, path: path.Root(assumeRole).AtListIndex(i), arguments: objectValue(block)}
	}
	return blocks
}

func (r *configResolver) isUnknown(name string) bool { return slices.Contains(r.unknown, name) }

// hasUnknownCredentials reports whether the credentials to use depend on an unknown value.
func (r *configResolver) hasUnknownCredentials() bool {
	return slices.ContainsFunc(settings, func(s setting) bool {
		return s.role != general && (s.block == "" && r.isUnknown(s.name) || r.isUnknown(s.block))
	})
}

// first returns the value of a setting in the block, else in the environment.
func (r *configResolver) first(s setting) settingValue {
	if v := r.block(s.block).value(s); v.isSet() {
		return v
	}
	return r.env.value(s)
}

// set stores a value in c if it is set, and reports an error if it is invalid.
func (r *configResolver) set(c *huaweicloud.Config, v settingValue) {
	if !v.isSet() || v.setting.set == nil {
		return
	}
	if err := v.setting.set(c, v.text); err != nil {
		r.addError(v, invalidArgument, "The value of %s in %s is invalid: %s.", v.path, v.source(), err)
	} else if v.setting.kind == kindFile {
		r.checkDirectories(v)
	}
}

// addError reports an error at a value.
func (r *configResolver) addError(v settingValue, summary, detail string, args ...any) {
	r.add(v, diag.NewErrorDiagnostic(summary, fmt.Sprintf(detail, args...)))
}

// add reports a diagnostic at a value. Terraform prints the source line of a path, so there is none where the
// line can contain a secret.
func (r *configResolver) add(v settingValue, d diag.Diagnostic) {
	if v.mayBeSecret() {
		r.diags.Append(d)
	} else {
		r.diags.Append(diag.WithPath(v.path, d))
	}
}

// checkDirectories warns of files that any user can replace.
func (r *configResolver) checkDirectories(files ...settingValue) {
	for _, v := range files {
		if warning := huaweicloud.CheckDirectory(v.text); v.isSet() && warning != "" {
			r.add(v, diag.NewWarningDiagnostic("Insecure File Permissions",
				fmt.Sprintf("The file named by %s in %s is not protected: %s.", v.path, v.source(), warning)))
		}
	}
}

func (v settingValue) mayBeSecret() bool {
	return v.isSet() && (v.setting.sensitive || v.setting.kind == kindURL || v.setting.kind == kindFile && !huaweicloud.IsPath(v.text))
}

// setCertificate reads the client certificate.
func (r *configResolver) setCertificate() {
	if r.isUnknown("cert") || r.isUnknown("key") {
		return
	}
	cert, key := r.first(settingNamed("", "cert")), r.first(settingNamed("", "key"))
	switch {
	case !cert.isSet() && !key.isSet():
	case !cert.isSet():
		r.addMissing(cert, "key is set in %s.", key.source())
	case !key.isSet():
		r.addMissing(key, "cert is set in %s.", cert.source())
	default:
		r.checkDirectories(cert, key)
		var err error
		if r.config.Certificate, err = huaweicloud.ClientCertificate(cert.text, key.text); err != nil {
			r.diags.AddError("Invalid Client Certificate", fmt.Sprintf("cert and key are invalid: %s.", err))
		}
	}
}

// addMissing reports a setting that is required, in the block or in the environment.
func (r *configResolver) addMissing(v settingValue, reason string, args ...any) {
	r.addError(v, missingArgument, "%s is required: %s Set the argument in the provider block, or the environment variable %s.",
		v.path, fmt.Sprintf(reason, args...), strings.Join(v.setting.env, " or "))
}

// stringValue returns a known value in the form of environment variables; "" if it is null.
func stringValue(value tftypes.Value) string {
	var (
		text    string
		number  big.Float
		boolean bool
	)
	switch {
	case value.IsNull():
		return ""
	case value.As(&text) == nil:
		return text
	case value.As(&number) == nil:
		return number.Text('f', -1)
	case value.As(&boolean) == nil:
		return strconv.FormatBool(boolean)
	default:
		return ""
	}
}

// objectValue returns the values in an object or a map, nil if it is null.
func objectValue(value tftypes.Value) (object map[string]tftypes.Value) {
	_ = value.As(&object)
	return object
}

// listValue returns the values in a list, nil if it is null.
func listValue(value tftypes.Value) (list []tftypes.Value) {
	_ = value.As(&list)
	return list
}
