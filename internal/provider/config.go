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
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/huaweicloud"
)

// settingValue is a setting's value, and where it stood.
type settingValue struct {
	text string // empty: nowhere
	env  string // the variable; empty: in the provider block
}

func (f settingValue) String() string {
	if f.env == "" {
		return "the provider block"
	}
	return "the environment variable " + f.env
}

// settingSource is one of the places where a user can leave settings.
type settingSource func(setting) settingValue

// fromBlock is a provider block, or a block in it.
func fromBlock(block map[string]tftypes.Value) settingSource {
	return func(s setting) settingValue {
		if s.block == "" {
			return settingValue{text: stringValue(block[s.name])}
		}
		return settingValue{text: stringValue(objectValue(block[s.block])[s.name])}
	}
}

func fromEnv(getenv func(string) string) settingSource {
	return func(s setting) settingValue {
		for _, name := range s.env {
			if text := getenv(name); text != "" {
				return settingValue{text: text, env: name}
			}
		}
		return settingValue{}
	}
}

// configResolver makes the client's configuration of what users have set.
type configResolver struct {
	getenv      func(string) string
	metadataURL string // empty: the usual
	block       map[string]tftypes.Value
	sources     []settingSource // the nearest to the user first

	config  huaweicloud.Config
	unknown []string // arguments and blocks whose value is not known yet
	diags   diag.Diagnostics
}

// resolve reads the provider block, and what it leaves open from the environment. An argument that
// is null or "" is left open, but never one that is not known yet.
func resolve(block map[string]tftypes.Value, getenv func(string) string, metadataURL string) *configResolver {
	r := &configResolver{
		getenv:      getenv,
		metadataURL: metadataURL,
		block:       block,
		sources:     []settingSource{fromBlock(block), fromEnv(getenv)},
		config:      huaweicloud.Config{MaxRetries: defaultMaxRetries},
	}
	for _, name := range slices.Sorted(maps.Keys(block)) {
		if !block[name].IsFullyKnown() {
			r.unknown = append(r.unknown, name)
		}
	}
	// Until it is known, http:// cannot be refused.
	r.config.Insecure = slices.Contains(r.unknown, "insecure")
	texts := map[string]settingValue{}
	for _, s := range filterSettings(func(s setting) bool { return s.role == general }) {
		switch {
		case slices.Contains(r.unknown, s.name):
		case s.kind == kindServiceMap:
			r.setEndpoints(s.path(), block[s.name])
		default:
			texts[s.name] = r.firstOf(s)
		}
	}
	r.setCertificate(texts["cert"], texts["key"])
	// Whether what is known makes a credential shows when all of it is.
	if !slices.ContainsFunc(settings, func(s setting) bool {
		return s.role != general && (slices.Contains(r.unknown, s.name) && s.block == "" || slices.Contains(r.unknown, s.block))
	}) {
		r.setSource()
	}
	if r.config.Region == "" && !slices.Contains(r.unknown, "region") && (r.config.CredentialSource != nil || !r.namesProfile()) {
		r.missing(settingNamed("", "region"), "")
	}
	return r
}

// namesProfile reports whether a profile is named, or may be when all is known. It can say the region.
func (r *configResolver) namesProfile() bool {
	return slices.ContainsFunc([]string{"profile", "shared_config_file"}, func(name string) bool {
		return slices.Contains(r.unknown, name) || slices.ContainsFunc(r.sources, func(in settingSource) bool {
			return in(settingNamed("", name)).text != ""
		})
	})
}

// firstOf takes a setting from the first place that has it.
func (r *configResolver) firstOf(s setting) settingValue {
	for _, in := range r.sources {
		if f := in(s); f.text != "" {
			r.check(s, f, s.path())
			return f
		}
	}
	return settingValue{}
}

// check calls the setting's set, and reports what it says.
func (r *configResolver) check(s setting, f settingValue, at path.Path) {
	if s.set == nil {
		return
	}
	if err := s.set(&r.config, f.text); err != nil {
		r.diags.AddAttributeError(at, "Invalid "+s.String(),
			fmt.Sprintf("The value of %s in %s cannot be used: %s.", s, f, err))
	}
}

func (r *configResolver) missing(s setting, reason string) {
	r.missingAt(s.path(), s, reason)
}

func (r *configResolver) missingAt(at path.Path, s setting, reason string) {
	r.diags.AddAttributeError(at, "Missing "+s.String(),
		fmt.Sprintf("Set %s in the provider block, or the environment variable %s.%s", s, strings.Join(s.env, " or "), reason))
}

// addIncomplete reports that one of some settings has to be where another one, that begins the same
// thing, was found.
func (r *configResolver) addIncomplete(at path.Path, oneOf []setting, startedBy string, where settingValue) {
	arguments := make([]string, 0, len(oneOf))
	variables := slices.Clone(oneOf[0].env)
	for i, s := range oneOf {
		arguments = append(arguments, s.String())
		if i > 0 {
			variables = append(variables, s.env[0])
		}
	}
	detail := fmt.Sprintf("Set %s in the provider block: %s comes from there, and both have to come from one place. The environment is not asked for the rest.",
		strings.Join(arguments, " or "), startedBy)
	if where.env != "" {
		detail = fmt.Sprintf("Set the environment variable %s: %s comes from %s, and both have to come from one place. The provider block is not asked for the rest.",
			strings.Join(variables, " or "), startedBy, where)
	}
	r.diags.AddAttributeError(at, "Missing "+oneOf[0].String(), detail)
}

// setEndpoints checks the map, which has an address for some services.
func (r *configResolver) setEndpoints(at path.Path, value tftypes.Value) {
	r.config.Endpoints = map[string]string{}
	addresses := objectValue(value)
	for _, key := range slices.Sorted(maps.Keys(addresses)) {
		text := stringValue(addresses[key])
		if !slices.Contains(huaweicloud.Services(), huaweicloud.Service(key)) {
			// Provider blocks made for other providers name more services.
			r.diags.AddAttributeWarning(at.AtMapKey(key), "Endpoint not used",
				fmt.Sprintf("This provider calls %q and %q only. %q is ignored: correct it if it is a slip.", huaweicloud.DMS, huaweicloud.IAM, key))
			continue
		}
		if text == "" {
			continue
		}
		if _, err := huaweicloud.ParseEndpoint(text, r.config.Insecure); err != nil {
			r.diags.AddAttributeError(at.AtMapKey(key), "Invalid endpoints",
				fmt.Sprintf("The address of %s cannot be used: %s.", key, err))
		}
		r.config.Endpoints[key] = text
	}
}

// setCertificate reads the client's certificate, which two settings make.
func (r *configResolver) setCertificate(cert, key settingValue) {
	if cert.text == "" && key.text == "" || slices.Contains(r.unknown, "cert") || slices.Contains(r.unknown, "key") {
		return
	}
	switch {
	case cert.text == "":
		r.missing(settingNamed("", "cert"), fmt.Sprintf(" key comes from %s, and goes with it.", key))
		return
	case key.text == "":
		r.missing(settingNamed("", "key"), fmt.Sprintf(" cert comes from %s, and goes with it.", cert))
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

// emptyBlock is why an empty block is an error: who wrote it expects another identity than the one
// that would be read with.
const emptyBlock = " The block is there, but says nothing. Take it out if it is not needed."

// setSource finds the credential, and the agencies to assume with it.
func (r *configResolver) setSource() {
	source := r.findCredential()
	if source == nil {
		return
	}
	chain := r.agencyOfOIDC(source)
	blocks := listValue(r.block[assumeRole])
	environment := func() []huaweicloud.Agency {
		return r.agency(fromEnv(r.getenv), assumeRole, path.Root(assumeRole))
	}
	for i, value := range blocks {
		at := path.Root(assumeRole).AtListIndex(i)
		next := r.agency(fromBlock(map[string]tftypes.Value{assumeRole: value}), assumeRole, at)
		if len(next) == 0 && len(chain) == 0 && len(blocks) == 1 {
			next = environment()
		}
		if len(next) == 0 {
			r.missingAt(at.AtName("agency_name"), settingNamed(assumeRole, "agency_name"), emptyBlock)
		}
		chain = append(chain, next...)
	}
	if len(blocks) == 0 && len(chain) == 0 {
		chain = environment()
	}
	for _, next := range chain {
		next.Base = source
		source = next
	}
	r.config.CredentialSource = source
}

// agency reads the agency of a place, if it has one: of a block, which stands at a path.
func (r *configResolver) agency(in settingSource, block string, at path.Path) []huaweicloud.Agency {
	p := credentialSettings{}
	startedBy := ""
	for _, s := range filterSettings(func(s setting) bool { return s.role == agency }) {
		s.block = block
		if f := in(s); f.text != "" {
			r.check(s, f, at.AtName(s.name))
			p[s.name] = f
			startedBy = s.name
		}
	}
	if startedBy == "" {
		return nil
	}
	for _, row := range [][]string{{"agency_name"}, {"domain_name", "domain_id"}} {
		if !slices.ContainsFunc(row, func(name string) bool { return p.text(name) != "" }) {
			var oneOf []setting
			for _, name := range row {
				s := settingNamed(assumeRole, name)
				s.block = block
				oneOf = append(oneOf, s)
			}
			r.addIncomplete(at.AtName(row[0]), oneOf, startedBy, p[startedBy])
		}
	}
	seconds, _ := strconv.Atoi(p.text("duration")) // was checked
	return []huaweicloud.Agency{{
		Name: p.text("agency_name"), DomainName: p.text("domain_name"), DomainID: p.text("domain_id"),
		Duration: time.Duration(seconds) * time.Second,
	}}
}

func settingNamed(block, name string) setting {
	i := slices.IndexFunc(settings, func(s setting) bool { return s.block == block && s.name == name })
	return settings[i]
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
