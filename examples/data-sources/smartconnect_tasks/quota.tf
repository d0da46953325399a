data "smartconnect_tasks" "quota" {
  instance_id = "11111111-2222-4333-8444-555555555555"
  ids         = [] # the figures do not depend on what is listed
}

# A warning in plan and apply before the next task is one too many.
check "quota" {
  assert {
    condition     = data.smartconnect_tasks.quota.total_number < data.smartconnect_tasks.quota.quota_tasks
    error_message = "All ${data.smartconnect_tasks.quota.quota_tasks} tasks of the quota are used."
  }
}
