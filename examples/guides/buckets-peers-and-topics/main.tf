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

variable "instances" {
  description = "Kafka instances, keyed by a name of your choice."
  type = map(object({
    region            = string
    id                = string
    security_group_id = string
  }))
}

variable "writer" {
  description = "User whose keys the tasks write with, as domain/<account ID>:user/<user ID>."
  type        = string
}

# Read in the region of the instance, not of the provider.
data "smartconnect_tasks" "all" {
  for_each = var.instances

  region      = each.value.region
  instance_id = each.value.id
}

locals {
  # The tasks of all instances.
  tasks = flatten([
    for name, result in data.smartconnect_tasks.all : [
      for task in result.tasks : merge(task, { instance = name, region = result.region })
    ]
  ])

  # The buckets and paths that tasks write to. Without a path, this is the complete bucket.
  sinks = distinct([
    for task in local.tasks : {
      region  = task.region
      bucket  = task.sink_task.obs_bucket_name
      objects = join("/", compact([task.sink_task.obs_bucket_name, task.sink_task.obs_path, "*"]))
    } if try(coalesce(task.sink_task.obs_bucket_name), null) != null
  ])

  # The Kafka and Redis instances that tasks connect to. An address that could not be derived is null.
  peers = distinct(flatten([
    for task in local.tasks : [
      for address in flatten([
        task.source_task[*].bootstrap_server_list,
        task.source_task[*].redis_address_list,
        task.sink_task[*].redis_address_list,
      ]) : { instance = task.instance, host = address.host, port = address.port } if address != null
    ]
  ]))
}

output "buckets" {
  value = { for sink in local.sinks : sink.bucket => sink.objects... }
}

output "peers" {
  value = {
    for name in keys(var.instances) : name => [
      for peer in local.peers : join(":", compact([peer.host, peer.port])) if peer.instance == name
    ]
  }
}

# The topics that tasks name, and the regular expressions with which tasks select topics.
output "topics" {
  value = {
    for name, result in data.smartconnect_tasks.all : name => {
      names    = distinct(flatten(result.tasks[*].topic_list))
      patterns = distinct(compact(result.tasks[*].topics_regex))
    }
  }
}
