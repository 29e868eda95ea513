import {
  to = clb_security_group.web
  id = "sg-1a2b3c4d"
}
