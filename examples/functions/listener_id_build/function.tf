# Takes over a listener whose two ids are known from elsewhere.
output "import_id" {
  value = provider::clb::listener_id_build("lb-1a2b3c4d", "lbl-5e6f7a8b")
}
