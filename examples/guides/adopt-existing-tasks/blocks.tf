# A plain import block for each task.
output "blocks" {
  value = join("\n", [for name, task in local.tasks : <<-EOT
    import {
      to = huaweicloud_dms_kafkav2_smart_connect_task.task_${name}
      id = "${var.instance_id}/${task.id}"
    }
  EOT
  ])
}
