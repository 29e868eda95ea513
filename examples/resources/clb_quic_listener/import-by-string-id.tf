import {
  to = clb_quic_listener.web
  id = "lb-k3x9d0qa/lbl-7h2m4c1z"
}
