data "smartconnect_tasks" "all" {
  instance_id = var.instance_id
}

output "buckets" {
  value = distinct([
    for task in data.smartconnect_tasks.all.tasks :
    task.sink_task.obs_bucket_name if task.sink_type == "OBS_SINK"
  ])
}

output "peers" {
  value = distinct(flatten([
    for task in data.smartconnect_tasks.all.tasks :
    task.source_task.bootstrap_server_list if task.source_type == "KAFKA_REPLICATOR_SOURCE"
  ]))
}

output "topics" {
  value = {
    for task in data.smartconnect_tasks.all.tasks :
    task.task_name => task.topics_regex == null ? task.topic_list : [task.topics_regex]
  }
}
