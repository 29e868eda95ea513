# Takes a machine out of service on all listeners of a load balancer, before its maintenance:
#
#     terraform apply -invoke=action.clb_drain_backend.maintenance
#
# Afterwards an apply gives it its weight back.
action "clb_drain_backend" "maintenance" {
  config {
    load_balancer_id = clb_load_balancer.web.load_balancer_id
    instance_id      = "ins-demoblue"
    wait             = "10m"
  }
}
