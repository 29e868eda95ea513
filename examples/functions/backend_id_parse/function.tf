# Backends as people write them, with one weight for all of them, in the form that clb_backend_binding takes.
variable "backends" {
  type    = list(string)
  default = ["10.0.1.5:8080", "ins-1a2b3c4d:8080"]
}

output "backends" {
  value = [for backend in var.backends : merge(provider::clb::backend_id_parse(backend), { weight = 30 })]
}
