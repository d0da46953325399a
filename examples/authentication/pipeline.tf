# The pipeline sets HW_ASSUME_ROLE_IDP_ID and the ID token.
provider "smartconnect" {
  region = "cn-north-4"
}
