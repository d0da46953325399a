// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

// Package smartconnect is the API of Smart Connect, a part of Huawei Cloud DMS for Kafka. It knows
// nothing of Terraform.
package smartconnect

import (
	"context"
	"net/url"
	"strconv"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/huaweicloud"
)

// Client calls the API. It is safe for concurrent use.
type Client struct {
	cloud *huaweicloud.Client
}

// NewClient returns a client that calls the API through cloud.
func NewClient(cloud *huaweicloud.Client) *Client { return &Client{cloud: cloud} }

// Instance is a Kafka instance, and where it is.
type Instance struct {
	ID        string `tfsdk:"instance_id"`
	Region    string `tfsdk:"region"`
	ProjectID string `tfsdk:"project_id"`
}

// TaskList is the complete list of an instance's tasks in the order of the API. The total and the quotas are from
// the response, and nil if it omits them.
type TaskList struct {
	Tasks       []Task
	TotalNumber *int64
	MaxTasks    *int64
	QuotaTasks  *int64

	Warnings []Warning

	PageRequests int // including pages that were read again because the list changed
	Retries      int // additional attempts of these requests
}

// deriveFields derives the fields of all tasks and collects the warnings.
func (l *TaskList) deriveFields() {
	for i := range l.Tasks {
		l.Warnings = append(l.Warnings, l.Tasks[i].deriveFields()...)
	}
}

// TotalMismatch reports whether the API gave a total that is not the number of tasks. The list is
// complete nonetheless; do not rely on the total.
func (l *TaskList) TotalMismatch() bool {
	return l.TotalNumber != nil && *l.TotalNumber != int64(len(l.Tasks))
}

// Tasks returns all tasks of an instance, or an error: each task that exists throughout the call is in the
// list once. Errors are those of [huaweicloud.Client.Get], a *FieldError, a *LimitError, an
// *InconsistentListError or a *PanicError.
//
// It implements GET /v2/{project_id}/instances/{instance_id}/connector/tasks (Querying Smart Connect Tasks).
func (c *Client) Tasks(ctx context.Context, instance Instance) (*TaskList, error) {
	request := huaweicloud.Request{
		Service:   huaweicloud.DMS,
		Region:    instance.Region,
		Path:      "/v2/" + instance.ProjectID + "/instances/" + instance.ID + "/connector/tasks",
		ProjectID: instance.ProjectID,
	}
	return listAll(ctx, func(ctx context.Context, offset, limit int) (p *page, attempts int, err error) {
		request := request
		request.Query = url.Values{"offset": {strconv.Itoa(offset)}, "limit": {strconv.Itoa(limit)}}
		attempts, err = c.cloud.Get(ctx, request, func(body []byte) (err error) {
			p, err = decodePage(ctx, body, limit)
			return err
		})
		return p, attempts, err
	})
}
