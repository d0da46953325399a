data "smartconnect_tasks" "all" {
  instance_id = "11111111-2222-4333-8444-555555555555"
}

# Task names by status.
output "health" {
  value = {
    for task in data.smartconnect_tasks.all.tasks : coalesce(task.status, "UNKNOWN") => task.task_name...
  }
}
