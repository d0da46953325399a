data "smartconnect_tasks" "all" {
  instance_id = var.instance_id
}

# A failed check is a warning. The length is checked because alltrue([]) is true.
check "every_task_runs" {
  assert {
    condition = length(data.smartconnect_tasks.all.tasks) > 0 && alltrue([
      for task in data.smartconnect_tasks.all.tasks : task.status == "RUNNING"
    ])
    error_message = "Not running: ${join(", ", coalescelist([
      for task in data.smartconnect_tasks.all.tasks :
      "${coalesce(task.task_name, task.id)} (${coalesce(task.status, "no status")})" if task.status != "RUNNING"
    ], ["the instance has no task"]))}."
  }
}
