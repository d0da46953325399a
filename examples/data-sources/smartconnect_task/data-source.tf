data "smartconnect_task" "archive" {
  instance_id = "11111111-2222-4333-8444-555555555555"
  task_name   = "smart-connect-1"

  lifecycle {
    postcondition {
      condition     = self.status == "RUNNING"
      error_message = "The task ${self.task_name} is ${coalesce(self.status, "without status")}."
    }
  }
}

output "archive" {
  value = {
    bucket = data.smartconnect_task.archive.sink_task.obs_bucket_name
    path   = data.smartconnect_task.archive.sink_task.obs_path
  }
}
