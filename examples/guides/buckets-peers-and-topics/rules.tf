locals {
  # Rules accept addresses only, so peers with a host name are omitted.
  rules = {
    for peer in local.peers : "${peer.instance} ${peer.host}:${peer.port}" => peer
    if can(cidrnetmask("${peer.host}/32")) && peer.port != null
  }
}

resource "huaweicloud_networking_secgroup_rule" "tasks" {
  for_each = local.rules

  region            = var.instances[each.value.instance].region
  security_group_id = var.instances[each.value.instance].security_group_id
  direction         = "egress"
  ethertype         = "IPv4"
  protocol          = "tcp"
  port_range_min    = each.value.port
  port_range_max    = each.value.port
  remote_ip_prefix  = "${each.value.host}/32"
}
