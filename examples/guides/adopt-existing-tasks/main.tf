terraform {
  required_version = ">= 1.7" # for_each in import blocks

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
