resource "clb_certificate" "web" {
  name        = "web"
  certificate = file("server.pem")

  # Uploaded, and never stored in plan or state. Raise the version to upload another key.
  private_key_wo         = file("server.key")
  private_key_wo_version = 1
}

# The authority that client certificates must come from, for mutual TLS.
resource "clb_certificate" "clients" {
  type        = "client_ca"
  name        = "clients"
  certificate = file("client-ca.pem")
}
