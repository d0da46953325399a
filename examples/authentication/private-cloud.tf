# Open Telekom Cloud, with access keys from the environment.
provider "smartconnect" {
  region       = "eu-de"
  project_name = "eu-de_kafka"
  cloud        = "otc.t-systems.com"

  # Only if they cannot be derived from region and cloud:
  auth_url  = "https://iam.eu-de.otc.t-systems.com/v3"
  endpoints = { dms = "https://dms.eu-de.otc.t-systems.com" }
}
