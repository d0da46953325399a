# The provider's credentials in another region. The project is looked up by the name of the region.
data "smartconnect_tasks" "elsewhere" {
  region      = "eu-west-101"
  instance_id = "66666666-7777-4888-8999-000000000000"
}

output "project_id" {
  value = data.smartconnect_tasks.elsewhere.project_id
}
