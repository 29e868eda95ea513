# All QUIC listeners of the region, with their arguments: `terraform query -generate-config-out=listeners.tf` writes resources
# and import blocks for them.
list "clb_quic_listener" "all" {
  provider         = clb
  include_resource = true
}
