provider "smartconnect" {
  region         = "cn-north-4"
  access_key     = var.temporary_access_key
  secret_key     = var.temporary_secret_key
  security_token = var.security_token
}

variable "temporary_access_key" {
  type = string
}

variable "temporary_secret_key" {
  type      = string
  sensitive = true
}

variable "security_token" {
  type      = string
  sensitive = true
}
