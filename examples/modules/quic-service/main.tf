resource "clb_security_group" "this" {
  name        = var.name
  description = "Clients of ${var.name}"
  tags        = var.tags

  # QUIC arrives as UDP. What no rule matches is dropped.
  ingress = [
    for cidr in var.allowed_cidrs :
    { action = "accept", protocol = "udp", ports = tostring(var.port), cidr = cidr }
  ]
}

resource "clb_load_balancer" "this" {
  name               = var.name
  network_type       = var.network_type
  vpc_id             = var.vpc_id
  subnet_id          = var.subnet_id
  security_group_ids = [clb_security_group.this.security_group_id]
  # The group above decides alone; those of the backends need not know the clients.
  pass_to_target    = true
  delete_protection = var.delete_protection
  tags              = var.tags
}

resource "clb_certificate" "server" {
  name                   = var.name
  certificate            = var.certificate_pem
  private_key_wo         = var.private_key_pem
  private_key_wo_version = var.private_key_version

  # A new certificate is uploaded and taken by the listener before the old one goes.
  lifecycle {
    create_before_destroy = true
  }
}

resource "clb_certificate" "client_ca" {
  count = var.client_ca_pem == null ? 0 : 1

  type        = "client_ca"
  name        = var.name
  certificate = var.client_ca_pem

  lifecycle {
    create_before_destroy = true
  }
}

resource "clb_quic_listener" "this" {
  load_balancer_id = clb_load_balancer.this.load_balancer_id
  name             = var.name
  port             = var.port
  scheduler        = var.scheduler
  proxy_protocol   = var.proxy_protocol
  health_check     = var.health_check

  tls = {
    mode                     = var.client_ca_pem == null ? "one_way" : "mutual"
    certificate_id           = clb_certificate.server.certificate_id
    client_ca_certificate_id = one(clb_certificate.client_ca[*].certificate_id)
  }
}

resource "clb_backend_binding" "pool" {
  for_each = var.pools

  load_balancer_id = clb_load_balancer.this.load_balancer_id
  listener_id      = clb_quic_listener.this.listener_id

  backends = [
    for backend in each.value :
    { eni_ip = backend.address, port = backend.port, weight = backend.weight }
  ]
}
