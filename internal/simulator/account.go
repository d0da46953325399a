// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import "encoding/json"

// One public account, which opens nothing but a Simulator with zero Options.
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

// defaultQuota is max_tasks and quota_tasks on the API's page.
const defaultQuota = 18

// Key is a pair of keys that the simulator accepts. With a SecurityToken they are
// temporary keys: every request must then carry and sign that very token.
type Key struct {
	AccessKey     string
	SecretKey     string
	SecurityToken string
	AgencyOnly    bool // it may assume agencies, but IAM lists no project to it, and no task is its to read
}

// User is who gets tokens for a password. A user's ID is unique, the name is so
// within the domain.
type User struct {
	ID         string
	Name       string
	Password   string
	DomainID   string
	DomainName string
}

// Agency is what a caller may assume: everyone who is known, or, with Via, only
// who has assumed the agency of that name.
type Agency struct {
	Name       string
	DomainID   string
	DomainName string
	Via        string
}

// IdentityProvider is an OpenID Connect provider and the ID tokens that are taken
// as its own.
type IdentityProvider struct {
	ID       string
	IDTokens []string
}

// Project is a project that IAM lists. Names need not be unique. A name is a
// region's, or begins with one and an underscore.
type Project struct {
	ID        string
	Name      string
	Instances []Instance
}

// Instance is a Kafka instance and its Smart Connect tasks, in wire form.
// MaxTasks and QuotaTasks are what the API reports, 18 if 0; they limit nothing.
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
