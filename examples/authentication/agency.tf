# The keys of the environment, and a role in another account that it has delegated to theirs.
provider "smartconnect" {
  region = "cn-north-4"

  assume_role {
    agency_name = "kafka-reader"
    domain_name = "production"
    duration    = 3600
  }
}
