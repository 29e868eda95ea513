import {
  to = clb_certificate.web
  id = "k8Xw2LqP"
}
