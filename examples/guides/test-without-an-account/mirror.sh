mirror="$PWD/bin/mirror/registry.terraform.io/smartconnect/smartconnect"
go build -o "$mirror/0.1.0/$(go env GOOS)_$(go env GOARCH)/terraform-provider-smartconnect_v0.1.0" .
cat > bin/mirror.tfrc <<EOF
provider_installation {
  filesystem_mirror {
    path    = "$PWD/bin/mirror"
    include = ["smartconnect/smartconnect"]
  }
  direct {
    exclude = ["smartconnect/smartconnect"]
  }
}
EOF
export TF_CLI_CONFIG_FILE="$PWD/bin/mirror.tfrc"
