import {
  to = clb_load_balancer.web
  id = "lb-k3x9d0qa"
}
