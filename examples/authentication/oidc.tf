provider "smartconnect" {
  region = "cn-north-4"

  assume_role_with_oidc {
    idp_id        = "pipelines" # ID of the identity provider in IAM
    id_token_file = var.id_token_file

    # Only to read tasks of another account.
    agency_name = "kafka-reader"
    domain_id   = "11112222333344445555666677778888"
  }
}

variable "id_token_file" {
  type = string
}
