# A failed postcondition is an error: nothing that uses the data source is planned.
data "smartconnect_task" "source" {
  instance_id = var.instance_id
  task_name   = var.task_name

  lifecycle {
    postcondition {
      condition     = self.status == "RUNNING"
      error_message = "The task ${self.task_name} is ${coalesce(self.status, "without status")}."
    }
  }
}

output "topics" {
  value = data.smartconnect_task.source.topic_list
}
