locals {
  tasks = jsondecode(file("${path.module}/tasks.json"))
}

resource "huaweicloud_dms_kafkav2_smart_connect_task" "all" {
  for_each = local.tasks

  instance_id      = var.instance_id
  task_name        = each.value.task_name
  topics           = length(each.value.topic_list) > 0 ? each.value.topic_list : null
  topics_regex     = length(each.value.topic_list) > 0 ? null : each.value.topics_regex
  source_type      = each.value.source_type
  destination_type = each.value.sink_type

  lifecycle {
    ignore_changes  = [source_task, destination_task]
    prevent_destroy = true
  }
}
