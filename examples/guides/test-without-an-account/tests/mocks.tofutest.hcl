mock_provider "smartconnect" {
  mock_data "smartconnect_task" {
    defaults = { status = "RUNNING" }
  }

  mock_data "smartconnect_tasks" {
    defaults = {
      tasks = [
        {
          id           = "any"
          task_name    = "any"
          status       = "RUNNING"
          create_time  = 1708427814207
          created_at   = "2024-02-20T11:16:54.207Z"
          topics       = "orders,refunds"
          topic_list   = ["orders", "refunds"]
          topics_regex = null
          source_type  = "NONE"
          source_task  = null
          sink_type    = "NONE"
          sink_task    = null
        },
      ]
    }
  }
}

variables {
  instance_id = "any"
  task_name   = "any"
}

run "outputs_topics" {
  assert {
    condition     = output.topics == tolist(["orders", "refunds"])
    error_message = "The topics are ${jsonencode(output.topics)}."
  }
}
