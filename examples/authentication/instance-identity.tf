# On an ECS with an agency or in a CCE pod with an identity, without other credentials in the environment.
provider "smartconnect" {
  region = "cn-north-4"
}
