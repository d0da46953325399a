instance_id = "11111111-2222-4333-8444-555555555555"
tasks       = ["smart-connect-1", "orders-to-obs"]
