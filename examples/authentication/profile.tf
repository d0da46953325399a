# What `hcloud configure set --cli-profile=production` has written.
provider "smartconnect" {
  shared_config_file = "~/.hcloud/config.json"
  profile            = "production"
}
