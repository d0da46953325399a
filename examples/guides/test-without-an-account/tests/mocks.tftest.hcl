mock_provider "smartconnect" {
  mock_data "smartconnect_task" {
    defaults = {
      status    = "RUNNING"
      sink_task = { obs_bucket_name = "archive" }
    }
  }
}

variables {
  instance_id = "any"
  task_name   = "any"
}

run "outputs_bucket" {
  assert {
    condition     = output.bucket == "archive"
    error_message = "The bucket is ${output.bucket}."
  }
}

run "fails_if_the_task_is_paused" {
  command = plan

  override_data {
    target = data.smartconnect_task.archive
    values = { status = "PAUSED" }
  }

  expect_failures = [data.smartconnect_task.archive]
}
