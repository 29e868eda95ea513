# The module applied, changed and destroyed, for real: CLB_ENDPOINT, TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY say
# where. Meant for a simulator, which costs nothing; `terraform test` destroys what it has made, also after a failure.

provider "clb" {}

variables {
  name            = "quic-service-test"
  vpc_id          = "vpc-demo0001"
  port            = 8443
  certificate_pem = file("./tests/fixtures/certificate.pem")
  private_key_pem = file("./tests/fixtures/private_key.pem")
  pools = {
    blue  = [{ address = "10.0.1.5", weight = 100 }]
    green = [{ address = "10.0.1.6", weight = 0 }]
  }
}

run "create" {
  assert {
    condition     = can(regex("^[0-9.]+:8443$", output.address))
    error_message = "address is ${output.address}."
  }

  assert {
    condition     = clb_load_balancer.this.status == "running"
    error_message = "The load balancer is ${clb_load_balancer.this.status}."
  }
}

run "from_blue_to_green_in_place" {
  variables {
    pools = {
      blue  = [{ address = "10.0.1.5", weight = 0 }]
      green = [{ address = "10.0.1.6", weight = 100 }]
    }
  }

  assert {
    condition     = output.listener_id == run.create.listener_id && output.address == run.create.address
    error_message = "Other weights must not replace the listener."
  }
}

run "a_pool_goes" {
  variables {
    pools = { green = [{ address = "10.0.1.6", weight = 100 }] }
  }

  assert {
    condition     = keys(clb_backend_binding.pool) == ["green"]
    error_message = "Blue must be unbound."
  }
}

run "rotate_the_certificate" {
  variables {
    private_key_version = 2
    pools               = { green = [{ address = "10.0.1.6", weight = 100 }] }
  }

  assert {
    condition     = output.certificate_id != run.create.certificate_id
    error_message = "Another version of the key must upload another certificate."
  }

  assert {
    condition     = output.listener_id == run.create.listener_id
    error_message = "Another certificate must not replace the listener."
  }

  assert {
    condition     = clb_quic_listener.this.tls.certificate_id == output.certificate_id
    error_message = "The listener must show the new certificate."
  }
}
