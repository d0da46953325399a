# Stands for what creates a task, such as huaweicloud_dms_kafkav2_smart_connect_task.
resource "terraform_data" "task" {
  for_each = var.tasks
  input    = each.key

  lifecycle {
    precondition {
      condition     = local.fits || !contains(local.new, each.key)
      error_message = "No room for ${each.key}: ${local.total} tasks, ${length(local.new)} new, limit ${join(" and ", distinct(local.limits))}."
    }
  }
}

# A warning while there is room for fewer than three more.
check "quota" {
  assert {
    condition     = alltrue([for n in local.limits : local.total + length(local.new) + 3 <= n])
    error_message = "The quota is nearly used up: ${local.total} tasks, ${length(local.new)} new, limit ${join(" and ", distinct(local.limits))}."
  }
}
