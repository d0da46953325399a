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
  description = "The Kafka instances, by names of your choice."
  type = map(object({
    region            = string
    id                = string
    security_group_id = string
  }))
}

variable "writer" {
  description = "Whose keys the tasks write with, as domain/<account ID>:user/<user ID>."
  type        = string
}

# The region is that of the instance, whatever the provider's is.
data "smartconnect_tasks" "all" {
  for_each = var.instances

  region      = each.value.region
  instance_id = each.value.id
}

locals {
  # The tasks of all instances, each with where it runs.
  tasks = flatten([
    for name, result in data.smartconnect_tasks.all : [
      for task in result.tasks : merge(task, { instance = name, region = result.region })
    ]
  ])

  # Where tasks write to OBS. A path that is null or empty is the whole bucket.
  sinks = distinct([
    for task in local.tasks : {
      region  = task.region
      bucket  = task.sink_task.obs_bucket_name
      objects = join("/", compact([task.sink_task.obs_bucket_name, task.sink_task.obs_path, "*"]))
    } if task.sink_type == "OBS_SINK"
  ])

  # What tasks connect to, Kafka and Redis: all of them texts of host:port, separated by commas.
  peers = distinct(flatten([
    for task in local.tasks : [
      for address in compact(split(",", join(",", compact([
        try(task.source_task.bootstrap_servers, null),
        try(task.source_task.redis_address, null),
        try(task.sink_task.redis_address, null),
      ])))) : merge({ instance = task.instance }, regex("^(?P<host>.*):(?P<port>[0-9]+)$", trimspace(address)))
    ]
  ]))
}

output "buckets" {
  value = { for sink in local.sinks : sink.bucket => sink.objects... }
}

output "peers" {
  value = {
    for name in keys(var.instances) : name => [
      for peer in local.peers : "${peer.host}:${peer.port}" if peer.instance == name
    ]
  }
}

# The topics that tasks name, and the regular expressions of those that do not.
output "topics" {
  value = {
    for name, result in data.smartconnect_tasks.all : name => {
      names    = distinct(flatten([for task in result.tasks : task.topic_list]))
      patterns = distinct([for task in result.tasks : task.topics_regex if task.topics_regex != null])
    }
  }
}
