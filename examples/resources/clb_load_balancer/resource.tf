resource "clb_load_balancer" "web" {
  name         = "web"
  network_type = "public"
  vpc_id       = "vpc-demo0001"
}
