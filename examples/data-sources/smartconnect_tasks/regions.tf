# Another region than the provider's, with the same credentials. Its project is found by the region's name.
data "smartconnect_tasks" "elsewhere" {
  region      = "eu-west-101"
  instance_id = "66666666-7777-4888-8999-000000000000"
}
