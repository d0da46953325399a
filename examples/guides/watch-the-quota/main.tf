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
  description = "Names of the tasks that this configuration manages."
  type        = set(string)
}

data "smartconnect_tasks" "all" {
  instance_id = var.instance_id
}

locals {
  total = max(coalesce(data.smartconnect_tasks.all.total_number, 0), length(data.smartconnect_tasks.all.tasks))
  # A value that is null or negative is not a limit; of two limits the lower one applies.
  limits = [
    for n in [data.smartconnect_tasks.all.max_tasks, data.smartconnect_tasks.all.quota_tasks] : n if coalesce(n, -1) >= 0
  ]

  # Existing tasks are already counted in the total.
  new  = setsubtract(var.tasks, compact(data.smartconnect_tasks.all.tasks[*].task_name))
  left = try(min(local.limits...) - local.total - length(local.new), null) # null: the limit is unknown
}

output "quota" {
  value = {
    total = local.total
    limit = try(min(local.limits...), null)
    new   = local.new
    left  = local.left
  }
}
