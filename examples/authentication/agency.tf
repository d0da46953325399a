# The account "production" delegated the agency kafka-reader to the account that owns the keys in the environment.
provider "smartconnect" {
  region = "cn-north-4"

  assume_role {
    agency_name = "kafka-reader"
    domain_name = "production"
    duration    = 3600
  }
}
