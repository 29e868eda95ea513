# Keys by which a list of machines can be given to for_each.
locals {
  machines = [
    { address = "10.0.1.5", port = 8080 },
    { address = "2001:db8::5", port = 8080 },
  ]
}

output "machines_by_name" {
  value = { for machine in local.machines : provider::clb::backend_id_build(machine.address, machine.port) => machine }
}
