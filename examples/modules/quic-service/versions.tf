terraform {
  # Write-only arguments came with 1.11.
  required_version = ">= 1.11"

  required_providers {
    clb = {
      source  = "quic-clb/clb"
      version = "~> 0.1"
    }
  }
}
