terraform {
  required_providers {
    smartconnect = {
      source = "smartconnect/smartconnect"
    }
  }
}

# Keys come from HW_ACCESS_KEY and HW_SECRET_KEY.
provider "smartconnect" {
  region = "cn-north-4"
}
