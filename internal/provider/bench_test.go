// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"strconv"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/smartconnect"
)

// benchTasks returns n tasks with many attributes set.
func benchTasks(n int) []smartconnect.Task {
	text, number, truth := "text", int64(1), true
	task := smartconnect.Task{
		ID: "id", TaskName: &text, Status: &text, CreateTime: &number, CreatedAt: &text, Topics: &text, TopicList: []string{"a", "b"},
		SourceTask: &smartconnect.SourceTask{
			ClusterName: &text, BootstrapServers: &text, BootstrapServerList: []string{"a", "b"}, TaskNum: &number,
			RenameTopicEnabled: &truth, TopicMap: map[string]string{"a": "b"},
		},
		SinkTask: &smartconnect.SinkTask{OBSBucketName: &text, FlushSize: &number, StoreKeys: &truth},
	}
	tasks := make([]smartconnect.Task, n)
	for i := range tasks {
		tasks[i] = task
	}
	return tasks
}

// BenchmarkState compares the encoder with the framework's own way to the same state.
func BenchmarkState(b *testing.B) {
	for _, n := range []int{3, 49, 500} {
		tasks := benchTasks(n)
		b.Run("encoder/"+strconv.Itoa(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				state := emptyState(b.Context(), b)
				if diags := setState(b.Context(), &state, struct {
					Tasks []smartconnect.Task `tfsdk:"tasks"`
				}{tasks}); diags.HasError() {
					b.Fatal(diags)
				}
			}
		})
		b.Run("framework/"+strconv.Itoa(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				state := emptyState(b.Context(), b)
				if diags := state.SetAttribute(b.Context(), path.Root("tasks"), tasks); diags.HasError() {
					b.Fatal(diags)
				}
			}
		})
	}
}
