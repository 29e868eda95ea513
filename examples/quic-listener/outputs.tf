output "address" {
  description = "Where clients connect: the load balancer's address and the listener's port."
  value       = "${tolist(clb_load_balancer.web.vips)[0]}:${clb_quic_listener.web.port}"
}

output "load_balancer_id" {
  description = "Id of the load balancer."
  value       = clb_load_balancer.web.load_balancer_id
}

output "listener_id" {
  description = "Id of the QUIC listener."
  value       = clb_quic_listener.web.listener_id
}
