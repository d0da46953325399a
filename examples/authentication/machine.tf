# On an ECS with an agency, or in a CCE pod with an identity. Nothing else may be set, here or in the environment.
provider "smartconnect" {
  region = "cn-north-4"
}
