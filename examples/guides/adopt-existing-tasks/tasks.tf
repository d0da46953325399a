# Tasks with Redis are left out: the resource has no arguments for it.
data "smartconnect_tasks" "all" {
  instance_id  = var.instance_id
  source_types = ["KAFKA_REPLICATOR_SOURCE", "NONE"]
  sink_types   = ["OBS_SINK", "NONE"]
}

# By ID: names need not be unique.
locals {
  tasks = { for task in data.smartconnect_tasks.all.tasks : task.id => task }
}

output "tasks" {
  value = local.tasks
}
