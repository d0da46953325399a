# A profile written by `hcloud configure set --cli-profile=production` or `hcloud configure sso`.
provider "smartconnect" {
  shared_config_file = "~/.hcloud/config.json"
  profile            = "production"
}
