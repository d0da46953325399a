data "smartconnect_task" "redis" {
  instance_id = "11111111-2222-4333-8444-555555555555"
  id          = "8a205bbd-c914-4f7b-a3e2-5190d6b8ce4a"
}

output "redis_addresses" {
  value = data.smartconnect_task.redis.sink_task.redis_address_list
}
