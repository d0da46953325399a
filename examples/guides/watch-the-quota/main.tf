terraform {
  required_providers {
    smartconnect = {
      source = "smartconnect/smartconnect"
    }
  }
}

provider "smartconnect" {
  region = "cn-north-4"
}

variable "instance_id" {
  description = "ID of the Kafka instance."
  type        = string
}

variable "tasks" {
  description = "Names of the tasks that the instance is to have, beside those that others create."
  type        = set(string)
}

data "smartconnect_tasks" "all" {
  instance_id = var.instance_id
}

locals {
  existing = data.smartconnect_tasks.all.tasks[*].task_name
  new      = setsubtract(var.tasks, local.existing)

  # A figure that the API does not give is null, and no limit. Without any, null is what is left.
  limits = [
    for n in [data.smartconnect_tasks.all.max_tasks, data.smartconnect_tasks.all.quota_tasks] : n if n != null
  ]
  left = length(local.limits) == 0 ? null : min(local.limits...) - length(local.existing)
}
