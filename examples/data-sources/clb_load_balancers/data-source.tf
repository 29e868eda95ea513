# The public load balancers of a team on which QUIC listeners can be created.
data "clb_load_balancers" "edge" {
  network_type   = "public"
  can_carry_quic = true
  tags           = { team = "edge" }
}

output "edge_addresses" {
  value = flatten(data.clb_load_balancers.edge.load_balancers[*].vips)
}
