import {
  for_each = local.tasks
  to       = huaweicloud_dms_kafkav2_smart_connect_task.all[each.key]
  id       = "${var.instance_id}/${each.key}"
}

resource "huaweicloud_dms_kafkav2_smart_connect_task" "all" {
  for_each = local.tasks

  instance_id  = var.instance_id
  task_name    = coalesce(each.value.task_name, each.key)
  topics       = length(each.value.topic_list) > 0 ? each.value.topic_list : null
  topics_regex = length(each.value.topic_list) > 0 ? null : each.value.topics_regex

  lifecycle {
    ignore_changes  = all
    prevent_destroy = true
  }
}
