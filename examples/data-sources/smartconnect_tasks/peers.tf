data "smartconnect_tasks" "kafka" {
  instance_id  = "11111111-2222-4333-8444-555555555555"
  source_types = ["KAFKA_REPLICATOR_SOURCE"]
}

# Hosts and ports that the instance has to reach, such as firewall rules are made of.
output "peers" {
  value = distinct(flatten([
    for task in data.smartconnect_tasks.kafka.tasks : [
      for server in coalesce(task.source_task.bootstrap_server_list, []) : {
        host = regex("^(.*):[0-9]+$", server)[0]
        port = tonumber(regex(":([0-9]+)$", server)[0])
      }
    ]
  ]))
}
