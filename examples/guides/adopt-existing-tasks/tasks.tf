# Tasks with Redis are omitted: the resource does not support them.
data "smartconnect_tasks" "all" {
  instance_id  = var.instance_id
  source_types = ["KAFKA_REPLICATOR_SOURCE", "NONE"]
  sink_types   = ["OBS_SINK", "NONE"]
}

# By ID, because names are not necessarily unique.
locals {
  tasks = { for task in data.smartconnect_tasks.all.tasks : task.id => task }
}

output "tasks" {
  value = local.tasks
}
