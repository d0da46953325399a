data "smartconnect_tasks" "kafka" {
  instance_id  = "11111111-2222-4333-8444-555555555555"
  source_types = ["KAFKA_REPLICATOR_SOURCE"]
}

# Hosts and ports that the instance must reach, for firewall rules. A list that could not be derived is null.
output "peers" {
  value = distinct([
    for peer in flatten([
      for task in data.smartconnect_tasks.kafka.tasks : task.source_task[*].bootstrap_server_list
    ]) : peer if peer != null
  ])
}
