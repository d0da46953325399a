terraform {
  required_providers {
    smartconnect = {
      source = "smartconnect/smartconnect"
    }
  }
}

provider "smartconnect" {
  region = "cn-north-4" # access keys come from HW_ACCESS_KEY and HW_SECRET_KEY
}

variable "instance_id" {
  description = "ID of the Kafka instance."
  type        = string
}

data "smartconnect_tasks" "all" {
  instance_id = var.instance_id
}

locals {
  # Source and sink are null for topics of this instance. Unknown ones are labeled with their type.
  tasks = [
    for task in data.smartconnect_tasks.all.tasks : {
      name      = coalesce(task.task_name, task.id)
      status    = coalesce(task.status, "UNKNOWN")
      topics    = coalescelist(task.topic_list, compact([task.topics_regex]), ["(no topics)"])
      direction = try(task.source_task.direction, null) # set between Kafka instances only
      source = task.source_task == null ? null : try(
        "Kafka\n${coalesce(task.source_task.instance_id, task.source_task.bootstrap_servers)}",
        "Redis\n${coalesce(task.source_task.redis_address)}",
        coalesce(task.source_type, "(unknown source)"),
      )
      sink = task.sink_task == null ? (task.source_task == null ? "(no source or sink)" : null) : try(
        "OBS\n${join("/", compact([coalesce(task.sink_task.obs_bucket_name), task.sink_task.obs_path]))}",
        "Redis\n${coalesce(task.sink_task.redis_address)}",
        coalesce(task.sink_type, "(unknown sink)"),
      )
    }
  ]

  # One edge per task and topic, from left to right. A push copies to what the API calls the source.
  edges = flatten([
    for task in local.tasks : [
      for topic in task.topics : {
        nodes  = compact(task.direction == "push" ? [topic, task.source] : [task.source, topic, task.sink])
        label  = task.status == "RUNNING" ? task.name : "${task.name}\n${task.status}"
        dashed = task.status != "RUNNING"
        both   = task.direction == "two-way"
      }
    ]
  ])

  topics = distinct(flatten(local.tasks[*].topics))
  title  = "Kafka instance\n${var.instance_id}"

  # Quotes, backslashes and ampersands are special characters in Graphviz strings.
  quoted = {
    for name in distinct(flatten([local.title, local.topics, local.edges[*].nodes, local.edges[*].label])) :
    name => "\"${replace(replace(replace(replace(name, "&", "&amp;"), "\\", "\\\\"), "\"", "\\\""), "\n", "\\n")}\""
  }
}

output "topology" {
  description = "The tasks as a graph in Graphviz's DOT language."
  value = templatefile("${path.module}/topology.tftpl", {
    title  = local.title
    topics = local.topics
    edges  = local.edges
    quoted = local.quoted
  })
}
