# The load balancers of a team that can have QUIC listeners, whoever made them.
list "clb_load_balancer" "edge" {
  provider = clb

  config {
    can_carry_quic = true
    tags           = { team = "edge" }
  }
}
