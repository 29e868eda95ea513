terraform {
  required_providers {
    clb = {
      source  = "quic-clb/clb"
      version = "~> 0.1"
    }
  }
}

# Credentials come from TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY, or from a profile of tccli.
provider "clb" {
  region = "ap-guangzhou"
}

# The same configuration against a simulator on this machine.
provider "clb" {
  alias    = "simulator"
  region   = "ap-guangzhou"
  endpoint = "http://127.0.0.1:9000"
}
