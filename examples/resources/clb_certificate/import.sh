terraform import clb_certificate.web k8Xw2LqP
