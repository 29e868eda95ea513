# The listeners that still show a certificate which is about to be replaced.
data "clb_quic_listeners" "web" {
  load_balancer_id = clb_quic_listener.web.load_balancer_id
  certificate_id   = clb_certificate.web.certificate_id
}

output "ports_with_the_certificate" {
  value = data.clb_quic_listeners.web.listeners[*].port
}
