resource "clb_backend_binding" "web" {
  load_balancer_id = clb_load_balancer.web.load_balancer_id
  listener_id      = clb_quic_listener.web.listener_id

  default_port = 8080
  backends = [
    { instance_id = "ins-demoblue", weight = 30 },
    { eni_ip = "10.0.1.6", port = 8080, weight = 10 },
  ]
}
