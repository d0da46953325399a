terraform {
  required_providers {
    smartconnect = {
      source = "smartconnect/smartconnect"
    }
  }
}

provider "smartconnect" {
  region = "cn-north-4" # keys come from HW_ACCESS_KEY and HW_SECRET_KEY
}

variable "instance_id" {
  description = "ID of the Kafka instance."
  type        = string
}

data "smartconnect_tasks" "all" {
  instance_id = var.instance_id
}

locals {
  # Where each task begins and ends, one of them null if that is a topic of this instance. Of a kind
  # of source or sink that is not known here, try takes the API's own name.
  tasks = [
    for task in data.smartconnect_tasks.all.tasks : {
      name   = coalesce(task.task_name, task.id)
      status = coalesce(task.status, "UNKNOWN")
      topics = concat(task.topic_list, compact([task.topics_regex]))
      copies = try(task.source_task.direction, null) # null unless it copies from Kafka to Kafka
      source = task.source_task == null ? null : try(
        "Kafka\n${coalesce(task.source_task.instance_id, task.source_task.bootstrap_servers)}",
        "Redis\n${task.source_task.redis_address}",
        task.source_type,
      )
      sink = task.sink_task == null ? null : try(
        "OBS\n${task.sink_task.obs_bucket_name}/${task.sink_task.obs_path}",
        "Redis\n${task.sink_task.redis_address}",
        task.sink_type,
      )
    }
  ]

  # The way of each topic, from left to right. A task that pushes copies to what the API calls its source.
  ways = flatten([
    for task in local.tasks : [
      for topic in task.topics : {
        stops  = compact(task.copies == "push" ? [topic, task.source] : [task.source, topic, task.sink])
        label  = task.status == "RUNNING" ? task.name : "${task.name}\n${task.status}"
        dashed = task.status != "RUNNING"
        both   = task.copies == "two-way"
      } if task.source != null || task.sink != null
    ]
  ])

  topics = distinct(flatten(local.tasks[*].topics))
  title  = "Kafka instance\n${var.instance_id}"

  # In Graphviz's quotes a quote, a backslash and an ampersand have a meaning of their own.
  quoted = {
    for text in distinct(flatten([local.title, local.topics, local.ways[*].stops, local.ways[*].label])) :
    text => "\"${replace(replace(replace(replace(text, "&", "&amp;"), "\\", "\\\\"), "\"", "\\\""), "\n", "\\n")}\""
  }
}

output "topology" {
  description = "The tasks as a graph, in the language of Graphviz."
  value = templatefile("${path.module}/topology.tftpl", {
    title  = local.title
    topics = local.topics
    ways   = local.ways
    quoted = local.quoted
  })
}
