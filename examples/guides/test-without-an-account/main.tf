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

variable "task_name" {
  description = "Name of the task that writes to the bucket."
  type        = string
}

data "smartconnect_task" "archive" {
  instance_id = var.instance_id
  task_name   = var.task_name

  lifecycle {
    postcondition {
      condition     = self.status == "RUNNING"
      error_message = "The task ${self.task_name} is ${coalesce(self.status, "without status")}."
    }
  }
}

data "smartconnect_tasks" "all" {
  instance_id = var.instance_id
}

output "bucket" {
  description = "OBS bucket that the task writes to."
  value       = data.smartconnect_task.archive.sink_task.obs_bucket_name
}

output "topics" {
  description = "Topics of all tasks."
  value       = distinct(flatten(data.smartconnect_tasks.all.tasks[*].topic_list))
}
