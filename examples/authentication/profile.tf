# The profile that `hcloud configure set --cli-profile=production` or `hcloud configure sso` wrote.
provider "smartconnect" {
  shared_config_file = "~/.hcloud/config.json"
  profile            = "production"
}
