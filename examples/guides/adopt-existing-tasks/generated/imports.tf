import {
  to = huaweicloud_dms_kafkav2_smart_connect_task.task_smart-connect-1
  id = "11111111-2222-4333-8444-555555555555/3c0ac4d1-82f6-4e0d-8b1a-27c95e4df063"
}

import {
  to = huaweicloud_dms_kafkav2_smart_connect_task.task_smart-connect-1571576841
  id = "11111111-2222-4333-8444-555555555555/194917d0-3b5e-4c1f-9a47-6d0e8f2b1c35"
}
