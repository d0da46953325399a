terraform {
  required_version = ">= 1.5"

  required_providers {
    smartconnect = {
      source  = "smartconnect/smartconnect"
      version = "~> 0.1"
    }
  }
}

# Access keys come from the environment variables HW_ACCESS_KEY and HW_SECRET_KEY.
provider "smartconnect" {
  region = "cn-north-4"
}
