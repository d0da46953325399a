locals {
  running = compact([
    for task in data.smartconnect_tasks.all.tasks : task.task_name if task.status == "RUNNING"
  ])
}

# A failed precondition is an error of this resource, which stands for what you roll out.
resource "terraform_data" "rollout" {
  input = "version 2"

  lifecycle {
    precondition {
      condition     = contains(local.running, var.task_name)
      error_message = "The rollout needs the task ${var.task_name}, which is not running."
    }
  }
}
