provider "clb" {
  region   = var.region
  endpoint = var.endpoint
  # Credentials come from TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY.
}

resource "clb_load_balancer" "web" {
  name         = "quic-web"
  network_type = "public"
  vpc_id       = var.vpc_id
}

resource "clb_certificate" "web" {
  name        = "quic-web"
  certificate = file(var.certificate_file)

  # Write-only: the key is uploaded and stays out of plan and state. Raise the version to upload another.
  private_key_wo         = file(var.private_key_file)
  private_key_wo_version = 1
}

resource "clb_quic_listener" "web" {
  load_balancer_id = clb_load_balancer.web.load_balancer_id
  name             = "quic-web"
  port             = var.port
  scheduler        = "weighted_round_robin"

  tls = {
    certificate_id = clb_certificate.web.certificate_id
  }

  health_check = {
    interval            = 5
    timeout             = 2
    healthy_threshold   = 2
    unhealthy_threshold = 2
  }
}

resource "clb_backend_binding" "web" {
  load_balancer_id = clb_load_balancer.web.load_balancer_id
  listener_id      = clb_quic_listener.web.listener_id

  backends = [
    { eni_ip = var.blue.address, port = var.blue.port, weight = var.blue.weight },
    { eni_ip = var.green.address, port = var.green.port, weight = var.green.weight },
  ]
}
