# On an ECS with an agency, or in a CCE pod with an identity, if the environment has no other credentials.
provider "smartconnect" {
  region = "cn-north-4"
}
