// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// ProjectError is a name that does not stand for exactly one project.
type ProjectError struct {
	Region, Name string
	IDs          []string // of the projects of that name; none: there is no such project, or no access to it
}

// Error implements error.
func (e *ProjectError) Error() string {
	if len(e.IDs) == 0 {
		return fmt.Sprintf("no project named %q exists, or the credentials have no access to it", e.Name)
	}
	return fmt.Sprintf("%d projects are named %q: %s", len(e.IDs), e.Name, strings.Join(e.IDs, ", "))
}

// Permanent is true: asking again brings the same answer.
func (*ProjectError) Permanent() bool { return true }

// ProjectID returns the ID of the project that requests in region are for: the configured one, or
// the one that has the configured name, or, in another than the configured region, the region's
// name. It is looked up once a process. Errors are a *ProjectError or those of Get.
//
// It implements GET /v3/projects of IAM (KeystoneListProjects).
func (c *Client) ProjectID(ctx context.Context, region string) (string, error) {
	name := region
	if region == c.config.Region {
		if c.config.ProjectID != "" {
			return c.config.ProjectID, nil
		}
		if c.config.ProjectName != "" {
			name = c.config.ProjectName
		}
	}
	return c.projectLookup(name).get(ctx, func(ctx context.Context) (string, error) {
		return c.findProject(ctx, region, name)
	})
}

func (c *Client) projectLookup(name string) *lookup[string] {
	c.mu.Lock()
	defer c.mu.Unlock()
	l, ok := c.projects[name]
	if !ok {
		l = newLookup[string]()
		c.projects[name] = l
	}
	return l
}

func (c *Client) findProject(ctx context.Context, region, name string) (string, error) {
	var answer struct {
		Projects *[]struct {
			ID   string `json:"id"`
			Name string `json:"name"`
		} `json:"projects"`
	}
	request := Request{Service: IAM, Region: region, Path: "/v3/projects", Query: url.Values{"name": {name}}}
	_, err := c.Get(ctx, request, func(body []byte) error {
		answer.Projects = nil
		if err := json.Unmarshal(body, &answer); err != nil {
			return err
		}
		if answer.Projects == nil {
			return errors.New(`it has no "projects"`)
		}
		for _, project := range *answer.Projects {
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
	for _, project := range *answer.Projects {
		if project.Name == name {
			ids = append(ids, project.ID)
		}
	}
	if len(ids) != 1 {
		return "", &ProjectError{Region: region, Name: name, IDs: ids}
	}
	return ids[0], nil
}
