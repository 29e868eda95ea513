# The security groups whose names say that they are for load balancers.
list "clb_security_group" "clb" {
  provider = clb

  config {
    name_contains = "clb"
  }
}
