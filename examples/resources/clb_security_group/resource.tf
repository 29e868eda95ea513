# Everyone may reach QUIC on port 443, but for one network. The first rule that matches decides.
resource "clb_security_group" "web" {
  name        = "web"
  description = "QUIC from everywhere"

  ingress = [
    { action = "drop", cidr = "203.0.113.0/24", description = "not from here" },
    { action = "accept", protocol = "udp", ports = "443", cidr = "0.0.0.0/0" },
  ]
}
