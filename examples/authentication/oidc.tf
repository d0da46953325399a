# A pipeline's own token, such as GitHub Actions or GitLab give it.
provider "smartconnect" {
  region = "cn-north-4"

  assume_role_with_oidc {
    idp_id        = "pipelines"
    id_token_file = var.id_token_file
  }
}

variable "id_token_file" {
  type = string
}
