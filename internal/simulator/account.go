// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import "encoding/json"

// The default account. Its credentials are public, and valid in a Simulator with zero Options only.
const (
	AccessKey  = "SIMULATORACCESSKEY00"
	SecretKey  = "simulator-secret-key-that-opens-nothing0"
	Region     = "cn-north-4"
	ProjectID  = "0123456789abcdef0123456789abcdef"
	InstanceID = "11111111-2222-4333-8444-555555555555"

	IdleInstanceID    = "22222222-2222-4222-8222-222222222222" // in the same project, without tasks
	ArchiveRegion     = "eu-west-101"
	ArchiveProjectID  = "89abcdef0123456789abcdef01234567"
	ArchiveInstanceID = "66666666-7777-4888-8999-000000000000" // with five tasks of different kinds

	UserName   = "simulator-user"
	UserID     = "00112233445566778899aabbccddeeff"
	Password   = "simulator-password-that-opens-nothing"
	DomainName = "simulator-domain"
	DomainID   = "fedcba9876543210fedcba9876543210" // as in wire/projects.json
	AgencyName = "simulator-agency"
	IdpID      = "simulator-idp"
	IDToken    = "simulator.id-token.that-opens-nothing"
	PodToken   = "simulator.pod-token.that-opens-nothing"
)

// defaultQuota is max_tasks and quota_tasks in the example of the API reference.
const defaultQuota = 18

// Key is an access key that the simulator accepts. With a SecurityToken it is a temporary key, and
// every request must carry that token.
type Key struct {
	AccessKey     string
	SecretKey     string
	SecurityToken string
	DomainID      string // account; empty: [DomainID]
	AgencyOnly    bool   // can assume agencies, but has no access to projects and tasks
}

// User obtains tokens with a password. ID is unique, Name within the domain.
type User struct {
	ID         string
	Name       string
	Password   string
	DomainID   string // empty: [DomainID]
	DomainName string
}

// Agency gives access to the account that delegated it. Every authenticated caller can assume it or, with
// Via, only the temporary keys of the agency named there.
type Agency struct {
	Name       string
	DomainID   string // empty: [DomainID]
	DomainName string
	Via        string
}

// IdentityProvider is an OpenID Connect provider with the ID tokens that are accepted. Its users belong to
// the default account.
type IdentityProvider struct {
	ID       string
	IDTokens []string
}

// Project is a project of an account. Names need not be unique. A name is that of a region, or begins
// with one and an underscore.
type Project struct {
	ID        string
	Name      string
	DomainID  string // account; empty: [DomainID]
	Instances []Instance
}

// Instance is a Kafka instance with its Smart Connect tasks as JSON. MaxTasks and QuotaTasks are only
// reported; 0 is 18.
type Instance struct {
	ID         string
	Tasks      []json.RawMessage
	MaxTasks   int
	QuotaTasks int
}

func defaultKeys() []Key {
	return []Key{{AccessKey: AccessKey, SecretKey: SecretKey}}
}

func defaultUsers() []User {
	return []User{{ID: UserID, Name: UserName, Password: Password, DomainID: DomainID, DomainName: DomainName}}
}

func defaultAgencies() []Agency {
	return []Agency{{Name: AgencyName, DomainID: DomainID, DomainName: DomainName}}
}

func defaultIdentityProviders() []IdentityProvider {
	return []IdentityProvider{{ID: IdpID, IDTokens: []string{IDToken}}}
}

// DefaultProjects returns the projects of a Simulator with zero Options: the regions and instances that the
// documentation names.
func DefaultProjects() []Project {
	return []Project{
		{ID: ProjectID, Name: Region, Instances: []Instance{
			{ID: InstanceID, Tasks: PageTasks()},
			{ID: IdleInstanceID},
		}},
		{ID: ArchiveProjectID, Name: ArchiveRegion, Instances: []Instance{
			{ID: ArchiveInstanceID, Tasks: GenerateTasks(5)},
		}},
	}
}
