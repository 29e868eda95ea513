terraform import clb_load_balancer.web lb-k3x9d0qa
