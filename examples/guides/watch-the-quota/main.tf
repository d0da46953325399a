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
  description = "Names of the tasks that this configuration creates."
  type        = set(string)
}

data "smartconnect_tasks" "all" {
  instance_id = var.instance_id
}

locals {
  # What the API does not say is null: then the tasks are counted, and a limit is none.
  total = coalesce(data.smartconnect_tasks.all.total_number, length(data.smartconnect_tasks.all.tasks))
  limits = [
    for n in [data.smartconnect_tasks.all.max_tasks, data.smartconnect_tasks.all.quota_tasks] : n if n != null
  ]

  # Those that exist are in the total.
  new  = setsubtract(var.tasks, data.smartconnect_tasks.all.tasks[*].task_name)
  fits = alltrue([for n in local.limits : local.total + length(local.new) <= n])
}

output "quota" {
  value = {
    total  = local.total
    limits = local.limits
    new    = local.new
    left   = try(min(local.limits...) - local.total - length(local.new), null)
  }
}
