instances = {
  orders = {
    region            = "cn-north-4"
    id                = "11111111-2222-4333-8444-555555555555"
    security_group_id = "orders-group"
  }
  idle = {
    region            = "cn-north-4"
    id                = "22222222-2222-4222-8222-222222222222"
    security_group_id = "idle-group"
  }
  archive = {
    region            = "eu-west-101"
    id                = "66666666-7777-4888-8999-000000000000"
    security_group_id = "archive-group"
  }
}

writer = "domain/0123456789abcdef0123456789abcdef:user/00112233445566778899aabbccddeeff"
