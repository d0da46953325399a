# The token is for the project of this region, and serves no other.
provider "smartconnect" {
  region = "cn-north-4"
  token  = var.token
}

variable "token" {
  type      = string
  sensitive = true
}
