locals {
  running = [
    for task in data.smartconnect_tasks.all.tasks : task.task_name if task.status == "RUNNING"
  ]
}

# An error of this resource: it stays as it is. It stands for what is rolled out.
resource "terraform_data" "rollout" {
  input = "version 2"

  lifecycle {
    precondition {
      condition     = contains(local.running, var.task_name)
      error_message = "The rollout needs the task ${var.task_name}, which does not run."
    }
  }
}
