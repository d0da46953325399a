locals {
  usage = "${local.total} tasks, ${length(local.new)} new, limit ${try(min(local.limits...), "unknown")}"
}

# A placeholder for a resource that creates a task, such as huaweicloud_dms_kafkav2_smart_connect_task.
resource "terraform_data" "task" {
  for_each = var.tasks
  input    = each.key

  lifecycle {
    precondition {
      condition     = coalesce(local.left, -1) >= 0 || !contains(local.new, each.key)
      error_message = "No room for ${each.key}: ${local.usage}."
    }
  }
}

# Warns if there is room for fewer than three more tasks.
check "quota" {
  assert {
    condition     = coalesce(local.left, -1) >= 3
    error_message = "The quota is nearly used up: ${local.usage}."
  }
}
