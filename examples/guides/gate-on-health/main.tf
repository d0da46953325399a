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

variable "task_name" {
  description = "Name of the task that the change depends on."
  type        = string
}
