// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// ProjectError reports that no project, or more than one, has a name.
type ProjectError struct {
	Region, Name string   // Name is the region's unless another is configured
	IDs          []string // of the projects of that name; empty: no such project, or no access to it
}

// Error implements error.
func (e *ProjectError) Error() string {
	if len(e.IDs) == 0 {
		return fmt.Sprintf("no project named %q exists, or the credentials have no access to it", e.Name)
	}
	return fmt.Sprintf("%d projects are named %q: %s", len(e.IDs), e.Name, strings.Join(e.IDs, ", "))
}

// Permanent is true: another lookup has the same result.
func (*ProjectError) Permanent() bool { return true }

// ProjectID returns the project ID for requests in region: the configured one, else that of the project with
// the configured name or, by default and in other regions, the region's name. It is looked up once. Errors are
// a *ProjectError or those of Get.
//
// It implements GET /v3/projects of IAM (KeystoneListProjects).
func (c *Client) ProjectID(ctx context.Context, region string) (string, error) {
	in := scope{region: region, projectName: region}
	if c.config.Region == "" || region == c.config.Region {
		in.projectID, in.projectName = c.config.ProjectID, cmp.Or(c.config.ProjectName, region)
	}
	if in.projectID != "" {
		return in.projectID, nil
	}
	if c.config.CredentialSource.traits().projectScoped {
		// The response with a token contains its project.
		credential, err := c.credentialFor(ctx, in)
		return credential.ProjectID, err
	}
	c.mu.Lock()
	entry, ok := c.projects[in.projectName]
	if !ok {
		entry = newCachedValue[string]()
		c.projects[in.projectName] = entry
	}
	c.mu.Unlock()
	return entry.get(ctx, func(ctx context.Context) (string, error) {
		return c.findProject(ctx, region, in.projectName)
	})
}

func (c *Client) findProject(ctx context.Context, region, name string) (string, error) {
	var response struct {
		Projects *[]struct {
			ID   string `json:"id"`
			Name string `json:"name"`
		} `json:"projects"`
	}
	request := Request{Service: IAM, Region: region, Path: "/v3/projects", Query: url.Values{"name": {name}}}
	_, err := c.Get(ctx, request, func(body []byte) error {
		response.Projects = nil
		if err := json.Unmarshal(body, &response); err != nil {
			return err
		}
		if response.Projects == nil {
			return errors.New(`it has no "projects"`)
		}
		for _, project := range *response.Projects {
			if err := CheckIdentifier(project.ID); err != nil {
				return fmt.Errorf("the ID of a project: %w", err)
			}
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	var ids []string
	for _, project := range *response.Projects {
		if project.Name == name {
			ids = append(ids, project.ID)
		}
	}
	if len(ids) != 1 {
		return "", &ProjectError{Region: region, Name: name, IDs: ids}
	}
	return ids[0], nil
}
