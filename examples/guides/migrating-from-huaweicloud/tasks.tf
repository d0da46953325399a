data "smartconnect_tasks" "all" {
  instance_id = var.instance_id
}

output "buckets" {
  value = distinct(compact(flatten([
    for task in data.smartconnect_tasks.all.tasks : task.sink_task[*].obs_bucket_name
  ])))
}

# A list of addresses that could not be derived is null.
output "peers" {
  value = distinct([
    for peer in flatten([
      for task in data.smartconnect_tasks.all.tasks : task.source_task[*].bootstrap_server_list
    ]) : peer if peer != null
  ])
}

# By ID, because names are not necessarily unique.
output "topics" {
  value = {
    for task in data.smartconnect_tasks.all.tasks :
    task.id => compact(coalescelist(task.topic_list, [task.topics_regex]))
  }
}
