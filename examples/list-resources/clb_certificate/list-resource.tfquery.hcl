# The server certificates that can be used at present.
list "clb_certificate" "usable" {
  provider = clb

  config {
    type   = "server"
    status = "usable"
  }
}
