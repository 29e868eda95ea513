# The certificate of a domain that is valid for longest, whoever uploaded it.
data "clb_certificates" "web" {
  type   = "server"
  domain = "www.example.com"
  status = "usable"
}

output "newest_certificate" {
  value = try(data.clb_certificates.web.certificates[0].certificate_id, null)
}
