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
)

// defaultQuota is max_tasks and quota_tasks on the API's page.
const defaultQuota = 18

// Key is a pair of keys that the simulator accepts. With a SecurityToken they are
// temporary keys: every request must then carry and sign that very token.
type Key struct {
	AccessKey     string
	SecretKey     string
	SecurityToken string
}

// Project is a project that IAM lists. Names need not be unique.
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

func defaultProjects() []Project {
	return []Project{{
		ID:        ProjectID,
		Name:      Region,
		Instances: []Instance{{ID: InstanceID, Tasks: PageTasks()}},
	}}
}
