# Uses the provider's credentials in another region. The project is the one named after the region.
data "smartconnect_tasks" "europe" {
  region      = "eu-west-101"
  instance_id = "66666666-7777-4888-8999-000000000000"
}

output "project_id" {
  value = data.smartconnect_tasks.europe.project_id
}
