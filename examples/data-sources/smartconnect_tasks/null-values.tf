data "smartconnect_tasks" "all" {
  instance_id = "11111111-2222-4333-8444-555555555555"
}

locals {
  tasks = data.smartconnect_tasks.all.tasks

  # If some sinks are null, tasks[*].sink_task[*].x crashes Terraform 1.5 to 1.11, and is an error in 1.16 and OpenTofu.
  buckets = distinct(compact(flatten([for task in local.tasks : task.sink_task[*].obs_bucket_name])))

  # distinct(flatten(...)) keeps nulls. A list that could not be derived is null.
  peers = distinct([
    for peer in flatten([for task in local.tasks : task.source_task[*].bootstrap_server_list]) : peer if peer != null
  ])

  # x != null && x.y evaluates x.y in Terraform 1.5 to 1.11 even if x is null.
  pushing = [for task in local.tasks : task.id if try(task.source_task.direction == "push", false)]

  # try(x, "-") is null if x is null.
  names = { for task in local.tasks : task.id => try(coalesce(task.sink_task.obs_bucket_name), "-") }

  # task.topic_list != [] is always true, and topic_map == {} always false, because the types differ.
  topics = [for task in local.tasks : task.id if length(task.topic_list) > 0]
  mapped = [for task in local.tasks : task.id if try(length(task.source_task.topic_map) > 0, false)]

  # A map by task_name fails if a name is null or not unique. IDs are unique and never null.
  by_id = { for task in local.tasks : task.id => task }

  # condition ? task : {} fails: the types differ. one() returns null if nothing matches.
  orders = one([for task in local.tasks : task if task.task_name == "orders"])
  status = try(coalesce(local.orders.status), "MISSING")
}

output "null_values" {
  value = {
    buckets = local.buckets
    peers   = local.peers
    pushing = local.pushing
    names   = local.names
    topics  = local.topics
    mapped  = local.mapped
    by_id   = keys(local.by_id)
    status  = local.status
  }
}
