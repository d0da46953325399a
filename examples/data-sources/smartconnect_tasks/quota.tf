data "smartconnect_tasks" "quota" {
  instance_id = "11111111-2222-4333-8444-555555555555"
  ids         = [] # the quota does not depend on filters
}

# A failed check is a warning. It also fails if the API omits one of the numbers.
check "quota" {
  assert {
    condition     = try(data.smartconnect_tasks.quota.total_number < data.smartconnect_tasks.quota.quota_tasks, false)
    error_message = "The task quota is exhausted or unknown."
  }
}
