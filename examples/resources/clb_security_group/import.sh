terraform import clb_security_group.web sg-1a2b3c4d
