provider "smartconnect" {
  region      = "cn-north-4"
  domain_name = var.domain_name # the account
  user_name   = var.user_name
  password    = var.password
}

variable "domain_name" {
  type = string
}

variable "user_name" {
  type = string
}

variable "password" {
  type      = string
  sensitive = true
}
