output "address" {
  description = "Where clients connect: the load balancer's address and the listener's port."
  value       = "${clb_load_balancer.this.vips[0]}:${clb_quic_listener.this.port}"
}

output "load_balancer_id" {
  description = "Id of the load balancer."
  value       = clb_load_balancer.this.load_balancer_id
}

output "listener_id" {
  description = "Id of the QUIC listener."
  value       = clb_quic_listener.this.listener_id
}

output "security_group_id" {
  description = "Id of the security group in front of the listener."
  value       = clb_security_group.this.security_group_id
}

output "certificate_id" {
  description = "Id of the certificate the listener shows; another one after each rotation."
  value       = clb_certificate.server.certificate_id
}

output "certificate_not_after" {
  description = "When the certificate ends, as the platform writes it: YYYY-MM-DD hh:mm:ss in GMT+8."
  value       = clb_certificate.server.not_after
}
