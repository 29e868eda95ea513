# What the health checks say of the backends of a listener, after they were bound.
data "clb_backends" "web" {
  load_balancer_id = clb_backend_binding.web.load_balancer_id
  listener_id      = clb_backend_binding.web.listener_id
}

output "backends_that_fail" {
  value = [for backend in data.clb_backends.web.backends : "${backend.address}:${backend.port}" if backend.health == "unhealthy"]
}

# A warning in every plan and apply while there is one. It stops nothing.
check "backends" {
  assert {
    condition     = alltrue([for backend in data.clb_backends.web.backends : backend.health != "unhealthy"])
    error_message = "Some backends of the listener fail their health checks."
  }
}
