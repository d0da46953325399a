# Stands for the resource that creates a task.
resource "terraform_data" "task" {
  for_each = var.tasks
  input    = each.key

  lifecycle {
    precondition {
      condition     = local.left == null || length(local.new) <= coalesce(local.left, 0)
      error_message = "${length(local.new)} more tasks are wanted (${join(", ", local.new)}), but the instance has room for ${coalesce(local.left, 0)}."
    }
  }
}

# A warning in time, long before the error.
check "quota" {
  assert {
    condition     = local.left == null || coalesce(local.left, 0) - length(local.new) >= 3
    error_message = "The instance will have room for ${coalesce(local.left, 0) - length(local.new)} more tasks: ask for a larger quota."
  }
}

output "quota" {
  value = {
    tasks = length(local.existing)
    new   = local.new
    left  = local.left
  }
}
