instance_id = "11111111-2222-4333-8444-555555555555"
task_name   = "smart-connect-1571576841"
