// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"errors"
	"fmt"
	"io/fs"
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

// source names where the value comes from.
func (v settingValue) source() string {
	if v.env == "" {
		return "the provider block"
	}
	return "the environment variable " + v.env
}

// settingSource is the provider block, a block in it, or the environment.
type settingSource interface {
	value(s setting) settingValue
}

// blockSource holds the arguments of a block.
type blockSource struct {
	path      path.Path
	arguments map[string]tftypes.Value
}

func (b blockSource) value(s setting) settingValue {
	return settingValue{setting: s, path: b.path.AtName(s.name), text: stringValue(b.arguments[s.name])}
}

// envSource returns the value of an environment variable.
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

// configResolver resolves the provider's settings into the configuration of the client.
type configResolver struct {
	block blockSource
	env   envSource

	config  huaweicloud.Config
	unknown []string // arguments and blocks with unknown values
	diags   diag.Diagnostics
}

// resolve reads the provider block, which takes precedence over the environment. Null and empty
// arguments are unset; unknown ones are never replaced by the environment.
func resolve(block map[string]tftypes.Value, getenv func(string) string, metadataURL string) *configResolver {
	r := &configResolver{
		block:  blockSource{path: path.Empty(), arguments: block},
		env:    getenv,
		config: huaweicloud.Config{MaxRetries: defaultMaxRetries, MetadataURL: metadataURL},
	}
	for _, name := range slices.Sorted(maps.Keys(block)) {
		if !block[name].IsFullyKnown() {
			r.unknown = append(r.unknown, name)
		}
	}
	// Until it is known, http:// cannot be refused.
	r.config.Insecure = r.isUnknown("insecure")
	for _, s := range settings {
		switch {
		case s.role != general || r.isUnknown(s.name):
		case s.kind == kindServiceMap:
			r.setEndpoints(s)
		case s.set != nil:
			r.first(s)
		}
	}
	r.setCertificate()
	if !r.hasUnknownCredentials() {
		r.setCredentialSource()
	}
	if r.config.Region == "" && !r.isUnknown("region") && (r.config.CredentialSource != nil || !r.namesProfile()) {
		r.missing(settingNamed("region"), "")
	}
	return r
}

// nested returns the arguments of a single nested block.
func (r *configResolver) nested(block string) blockSource {
	return blockSource{path: path.Root(block), arguments: objectValue(r.block.arguments[block])}
}

func (r *configResolver) isUnknown(name string) bool { return slices.Contains(r.unknown, name) }

// hasUnknownCredentials reports whether it cannot be decided yet which credentials are complete.
func (r *configResolver) hasUnknownCredentials() bool {
	return slices.ContainsFunc(settings, func(s setting) bool {
		return s.role != general && (s.block == "" && r.isUnknown(s.name) || r.isUnknown(s.block))
	})
}

// namesProfile reports whether a profile is named, or may be when all is known. It can say the region.
func (r *configResolver) namesProfile() bool {
	return slices.ContainsFunc([]string{"profile", "shared_config_file"}, func(name string) bool {
		s := settingNamed(name)
		return r.isUnknown(name) || r.block.value(s).isSet() || r.env.value(s).isSet()
	})
}

// first returns the value of a setting in the block, else in the environment.
func (r *configResolver) first(s setting) settingValue {
	v := r.block.value(s)
	if !v.isSet() {
		v = r.env.value(s)
	}
	r.check(v)
	return v
}

// read returns the value of a setting in one source.
func (r *configResolver) read(in settingSource, s setting) settingValue {
	v := in.value(s)
	r.check(v)
	return v
}

// check calls the setting's set, and reports what it says.
func (r *configResolver) check(v settingValue) {
	if !v.isSet() || v.setting.set == nil {
		return
	}
	if err := v.setting.set(&r.config, v.text); err != nil {
		r.diags.AddAttributeError(v.path, "Invalid "+v.setting.String(),
			fmt.Sprintf("The value of %s in %s cannot be used: %s.", v.setting, v.source(), err))
	}
}

func (r *configResolver) missing(s setting, reason string) {
	r.missingAt(s.path(), s, reason)
}

func (r *configResolver) missingAt(at path.Path, s setting, reason string) {
	r.diags.AddAttributeError(at, "Missing "+s.String(),
		fmt.Sprintf("Set %s in the provider block, or the environment variable %s.%s", s, strings.Join(s.env, " or "), reason))
}

// setEndpoints checks the map, which has an address for some services.
func (r *configResolver) setEndpoints(s setting) {
	r.config.Endpoints = map[string]string{}
	addresses := objectValue(r.block.arguments[s.name])
	for _, key := range slices.Sorted(maps.Keys(addresses)) {
		text := stringValue(addresses[key])
		if !slices.Contains(huaweicloud.Services(), huaweicloud.Service(key)) {
			// Provider blocks made for other providers name more services.
			r.diags.AddAttributeWarning(s.path().AtMapKey(key), "Endpoint not used",
				fmt.Sprintf("This provider calls %q, %q and %q only. %q is ignored: correct it if it is a slip.", huaweicloud.DMS, huaweicloud.IAM, huaweicloud.STS, key))
			continue
		}
		if text == "" {
			continue
		}
		if _, err := huaweicloud.ParseEndpoint(text, r.config.Insecure); err != nil {
			r.diags.AddAttributeError(s.path().AtMapKey(key), "Invalid endpoints",
				fmt.Sprintf("The address of %s cannot be used: %s.", key, err))
		}
		r.config.Endpoints[key] = text
	}
}

// setCertificate reads the client's certificate, which two settings make.
func (r *configResolver) setCertificate() {
	if r.isUnknown("cert") || r.isUnknown("key") {
		return
	}
	cert, key := r.first(settingNamed("cert")), r.first(settingNamed("key"))
	switch {
	case !cert.isSet() && !key.isSet():
		return
	case !cert.isSet():
		r.missing(cert.setting, fmt.Sprintf(" key comes from %s, and goes with it.", key.source()))
		return
	case !key.isSet():
		r.missing(key.setting, fmt.Sprintf(" cert comes from %s, and goes with it.", cert.source()))
		return
	}
	var err error
	if r.config.Certificate, err = huaweicloud.ClientCertificate(cert.text, key.text); err != nil {
		text := err.Error()
		var file *fs.PathError
		if errors.As(err, &file) && file.Path == key.text { // may be the key itself, not in PEM form
			text = "key: " + file.Err.Error()
		}
		r.diags.AddAttributeError(path.Root("cert"), "Invalid client certificate", fmt.Sprintf("cert and key cannot be used: %s.", text))
	}
}

// settingNamed returns a setting by the name that it has in messages.
func settingNamed(name string) setting {
	return settings[slices.IndexFunc(settings, func(s setting) bool { return s.String() == name })]
}

// stringValue returns a known value as environment variables spell it; null is "".
func stringValue(value tftypes.Value) string {
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

// objectValue returns what is in an object or a map, and listOf what is in a list; nothing if it is null.
func objectValue(value tftypes.Value) (object map[string]tftypes.Value) {
	_ = value.As(&object)
	return object
}

func listValue(value tftypes.Value) (list []tftypes.Value) {
	_ = value.As(&list)
	return list
}
