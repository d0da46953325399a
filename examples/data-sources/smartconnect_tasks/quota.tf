data "smartconnect_tasks" "quota" {
  instance_id = "11111111-2222-4333-8444-555555555555"
  ids         = [] # the quota does not depend on filters
}

# A warning in plan and apply. It also fails if the API returns no figures.
check "quota" {
  assert {
    condition     = try(data.smartconnect_tasks.quota.total_number < data.smartconnect_tasks.quota.quota_tasks, false)
    error_message = "The task quota is used up, or unknown."
  }
}
