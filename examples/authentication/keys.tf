# Prefer the environment variables HW_ACCESS_KEY and HW_SECRET_KEY: plan files contain the values of variables.
provider "smartconnect" {
  region     = "cn-north-4"
  access_key = var.access_key
  secret_key = var.secret_key
}

variable "access_key" {
  type = string
}

variable "secret_key" {
  type      = string
  sensitive = true
}
