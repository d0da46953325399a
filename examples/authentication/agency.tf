# Keys come from the environment. Their account was given the agency kafka-reader by the account production.
provider "smartconnect" {
  region = "cn-north-4"

  assume_role {
    agency_name = "kafka-reader"
    domain_name = "production"
    duration    = 3600
  }
}
