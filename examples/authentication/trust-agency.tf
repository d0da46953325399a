# The same agency through STS, for accounts that use IAM 5.
provider "smartconnect" {
  region = "cn-north-4"

  assume_role {
    agency_name = "kafka-reader"
    domain_id   = "11112222333344445555666677778888"
  }
}
