data "smartconnect_tasks" "all" {
  instance_id = var.instance_id
}

# A warning: it holds nothing up.
check "every_task_runs" {
  assert {
    condition = alltrue([for task in data.smartconnect_tasks.all.tasks : task.status == "RUNNING"])
    error_message = "Not running: ${join(", ", [
      for task in data.smartconnect_tasks.all.tasks :
      "${task.task_name} (${coalesce(task.status, "no status")})" if task.status != "RUNNING"
    ])}."
  }
}
