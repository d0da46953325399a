# The token is valid for one project of this region only.
provider "smartconnect" {
  region = "cn-north-4"
  token  = var.token
}

variable "token" {
  type      = string
  sensitive = true
}
