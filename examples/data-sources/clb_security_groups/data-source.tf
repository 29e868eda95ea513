# The security groups that the network team keeps for load balancers.
data "clb_security_groups" "network" {
  name_contains = "clb"
  tags          = { team = "network" }
}

output "security_group_ids" {
  value = data.clb_security_groups.network.security_groups[*].security_group_id
}
