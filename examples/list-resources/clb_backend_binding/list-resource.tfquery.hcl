# What is bound to the QUIC listeners of one load balancer.
list "clb_backend_binding" "web" {
  provider = clb
  limit    = 50

  config {
    load_balancer_id = "lb-1a2b3c4d"
  }
}
