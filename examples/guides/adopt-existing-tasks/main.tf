terraform {
  required_providers {
    huaweicloud = {
      source = "huaweicloud/huaweicloud"
    }
    smartconnect = {
      source = "smartconnect/smartconnect"
    }
  }
}

provider "huaweicloud" {
  region = "cn-north-4"
}

provider "smartconnect" {
  region = "cn-north-4"
}

variable "instance_id" {
  description = "ID of the Kafka instance."
  type        = string
}

# The resource knows no Redis, so these tasks are left out.
data "smartconnect_tasks" "all" {
  instance_id  = var.instance_id
  source_types = ["KAFKA_REPLICATOR_SOURCE", "NONE"]
  sink_types   = ["OBS_SINK", "NONE"]
}

locals {
  tasks = { for task in data.smartconnect_tasks.all.tasks : task.task_name => task }
}
