terraform {
  required_providers {
    smartconnect = {
      source = "smartconnect/smartconnect"
    }
  }
}

# The same arguments as in the block of huaweicloud.
provider "smartconnect" {
  region = "cn-north-4"
}

variable "instance_id" {
  description = "ID of the Kafka instance."
  type        = string
}
