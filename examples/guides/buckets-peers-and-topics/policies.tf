locals {
  buckets = { for sink in local.sinks : "${sink.region}/${sink.bucket}" => sink... }
}

resource "huaweicloud_obs_bucket_policy" "tasks" {
  for_each = local.buckets

  region = each.value[0].region
  bucket = each.value[0].bucket
  policy = jsonencode({
    Statement = [{
      Sid       = "smart-connect"
      Effect    = "Allow"
      Principal = { ID = [var.writer] }
      Action    = ["PutObject"]
      Resource  = each.value[*].objects
    }]
  })
}
