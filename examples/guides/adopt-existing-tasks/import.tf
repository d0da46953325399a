terraform {
  required_version = ">= 1.7" # for_each in import blocks
}

import {
  for_each = local.tasks
  to       = huaweicloud_dms_kafkav2_smart_connect_task.all[each.key]
  id       = "${var.instance_id}/${each.value.id}"
}

resource "huaweicloud_dms_kafkav2_smart_connect_task" "all" {
  for_each = local.tasks

  instance_id      = var.instance_id
  task_name        = each.value.task_name
  topics           = each.value.topics == null ? null : each.value.topic_list
  topics_regex     = each.value.topics_regex
  source_type      = each.value.source_type
  destination_type = each.value.sink_type

  dynamic "source_task" {
    for_each = each.value.source_task[*] # none if it is null

    content {
      current_instance_alias        = source_task.value.current_cluster_name
      peer_instance_alias           = source_task.value.cluster_name
      peer_instance_id              = source_task.value.instance_id
      peer_instance_address         = [for server in source_task.value.bootstrap_server_list : "${server.host}:${server.port}"]
      security_protocol             = source_task.value.security_protocol
      sasl_mechanism                = source_task.value.sasl_mechanism
      user_name                     = source_task.value.user_name
      direction                     = source_task.value.direction
      sync_consumer_offsets_enabled = source_task.value.sync_consumer_offsets_enabled
      replication_factor            = source_task.value.replication_factor
      task_num                      = source_task.value.task_num
      rename_topic_enabled          = source_task.value.rename_topic_enabled
      provenance_header_enabled     = source_task.value.provenance_header_enabled
      consumer_strategy             = source_task.value.consumer_strategy
      compression_type              = source_task.value.compression_type
      topics_mapping = source_task.value.topics_mapping == null ? null : [
        for source, target in source_task.value.topic_map : "${source}:${target}"
      ]
    }
  }

  dynamic "destination_task" {
    for_each = each.value.sink_task[*]

    content {
      consumer_strategy     = destination_task.value.consumer_strategy
      deliver_time_interval = destination_task.value.deliver_time_interval
      obs_bucket_name       = destination_task.value.obs_bucket_name
      obs_path              = destination_task.value.obs_path
      partition_format      = destination_task.value.partition_format
      destination_file_type = destination_task.value.destination_file_type
      record_delimiter      = destination_task.value.record_delimiter
      store_keys            = destination_task.value.store_keys
    }
  }

  lifecycle {
    prevent_destroy = true # which a difference in any argument would do
  }
}
