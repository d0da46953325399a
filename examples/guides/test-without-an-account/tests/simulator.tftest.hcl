# The keys of the simulator are public, and valid nowhere else.
provider "smartconnect" {
  region     = "cn-north-4"
  access_key = "SIMULATORACCESSKEY00"
  secret_key = "simulator-secret-key-that-opens-nothing0"

  endpoints = {
    dms = "http://127.0.0.1:8080"
    iam = "http://127.0.0.1:8080"
  }
}

variables {
  instance_id = "11111111-2222-4333-8444-555555555555"
  task_name   = "orders-to-archive"
}

run "outputs_bucket_and_topics" {
  assert {
    condition     = output.bucket == "archive"
    error_message = "The bucket is ${output.bucket}."
  }

  assert {
    condition     = output.topics == tolist(["orders", "refunds", "audit"])
    error_message = "The topics are ${jsonencode(output.topics)}."
  }
}

run "fails_if_the_task_is_paused" {
  command = plan

  variables {
    task_name = "audit-to-archive"
  }

  expect_failures = [data.smartconnect_task.archive]
}
