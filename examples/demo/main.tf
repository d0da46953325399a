# Reads the Smart Connect tasks of a Kafka instance, and derives outputs from them.
# `make demo` runs it against a simulated cloud. To use it with a real one, remove
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
  description = "Endpoint of the simulated cloud."
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
  description = "All attributes of each task."
  value       = data.smartconnect_tasks.all.tasks
}

output "health" {
  description = "Names of tasks by status."
  value = {
    for task in data.smartconnect_tasks.all.tasks : coalesce(task.status, "UNKNOWN") => task.task_name...
  }
}

output "not_running" {
  description = "Names of tasks that are not running."
  value = [
    for task in data.smartconnect_tasks.all.tasks : task.task_name if task.status != "RUNNING"
  ]
}

# A task that does not write to OBS has no bucket, or no sink at all.
output "buckets" {
  description = "OBS buckets that tasks write to."
  value = sort(distinct(compact([
    for task in data.smartconnect_tasks.all.tasks : try(task.sink_task.obs_bucket_name, "")
  ])))
}

output "quota_left" {
  description = "Number of tasks that the quota still allows."
  value       = data.smartconnect_tasks.all.quota_tasks - data.smartconnect_tasks.all.total_number
}
