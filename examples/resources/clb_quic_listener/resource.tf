resource "clb_quic_listener" "web" {
  load_balancer_id = clb_load_balancer.web.load_balancer_id
  name             = "web"
  port             = 443

  tls = {
    certificate_id = clb_certificate.web.certificate_id
  }

  health_check = {
    interval            = 5
    timeout             = 2
    healthy_threshold   = 3
    unhealthy_threshold = 3
  }
}
