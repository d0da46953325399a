data "smartconnect_tasks" "to_obs" {
  instance_id = "11111111-2222-4333-8444-555555555555"
  sink_types  = ["OBS_SINK"]
  statuses    = ["RUNNING", "PAUSED"]
  name_regex  = "^smart-connect-"

  timeouts {
    read = "1m"
  }
}

# Paths that the tasks write to, for bucket policies.
output "paths" {
  value = distinct([
    for task in data.smartconnect_tasks.to_obs.tasks :
    join("/", compact([task.sink_task.obs_bucket_name, task.sink_task.obs_path]))
  ])
}
