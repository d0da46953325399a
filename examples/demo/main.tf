# Reads the Smart Connect tasks of one Kafka instance and draws some conclusions.
# `make demo` runs it against a simulated cloud. Against a real one, take out the
# endpoints and the variable endpoint, and set HW_REGION_NAME, HW_ACCESS_KEY,
# HW_SECRET_KEY and TF_VAR_instance_id.

terraform {
  required_providers {
    smartconnect = {
      source = "smartconnect/smartconnect"
    }
  }
}

variable "instance_id" {
  description = "ID of the Kafka instance."
  type        = string
}

variable "endpoint" {
  description = "Where the cloud is simulated."
  type        = string
}

# Region and keys come from the environment.
provider "smartconnect" {
  endpoints = {
    dms = var.endpoint
    iam = var.endpoint
  }
}

data "smartconnect_tasks" "all" {
  instance_id = var.instance_id
}

output "tasks" {
  description = "All that the API says about each task."
  value       = data.smartconnect_tasks.all.tasks
}

output "health" {
  description = "The names of the tasks, by status."
  value = {
    for task in data.smartconnect_tasks.all.tasks : coalesce(task.status, "UNKNOWN") => task.task_name...
  }
}

output "not_running" {
  description = "The names of the tasks that somebody should look at."
  value = [
    for task in data.smartconnect_tasks.all.tasks : task.task_name if task.status != "RUNNING"
  ]
}

# A task that does not write to OBS has no bucket, or no sink at all.
output "buckets" {
  description = "The OBS buckets that are written to."
  value = sort(distinct(compact([
    for task in data.smartconnect_tasks.all.tasks : try(task.sink_task.obs_bucket_name, "")
  ])))
}

output "quota_left" {
  description = "How many more tasks the quota allows."
  value       = data.smartconnect_tasks.all.quota_tasks - data.smartconnect_tasks.all.total_number
}
