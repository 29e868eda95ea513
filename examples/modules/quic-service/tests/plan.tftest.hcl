# What the module asks of the provider. Nothing is called: the provider is a mock, and ids are made up.

mock_provider "clb" {
  mock_resource "clb_load_balancer" {
    defaults = {
      load_balancer_id = "lb-k3x9d0qa"
      vips             = ["203.0.113.1"]
    }
  }

  mock_resource "clb_quic_listener" {
    defaults = {
      listener_id = "lbl-7h2m4c1z"
    }
  }

  mock_resource "clb_security_group" {
    defaults = {
      security_group_id = "sg-1a2b3c4d"
    }
  }

  mock_resource "clb_certificate" {
    defaults = {
      certificate_id = "k8Xw2LqP"
    }
  }
}

variables {
  name            = "web"
  vpc_id          = "vpc-demo0001"
  certificate_pem = file("./tests/fixtures/certificate.pem")
  private_key_pem = file("./tests/fixtures/private_key.pem")
}

run "only_the_port_is_open_and_to_these_networks" {
  command = plan

  variables {
    port          = 8443
    allowed_cidrs = ["203.0.113.0/24", "2001:db8::/32"]
  }

  assert {
    condition = [for rule in clb_security_group.this.ingress : "${rule.action} ${rule.protocol} ${rule.ports} ${rule.cidr}"] == [
      "accept udp 8443 203.0.113.0/24",
      "accept udp 8443 2001:db8::/32",
    ]
    error_message = "The security group must admit these networks to this port, and nothing else."
  }

  assert {
    condition     = clb_load_balancer.this.pass_to_target
    error_message = "The security groups of the backends must not be asked for clients."
  }
}

run "without_a_client_ca_nobody_is_asked_for_a_certificate" {
  command = plan

  assert {
    condition     = clb_quic_listener.this.tls.mode == "one_way" && length(clb_certificate.client_ca) == 0
    error_message = "TLS must be one-way."
  }
}

run "with_a_client_ca_tls_is_mutual" {
  command = plan

  variables {
    client_ca_pem = file("./tests/fixtures/client_ca.pem")
  }

  assert {
    condition     = clb_quic_listener.this.tls.mode == "mutual" && clb_certificate.client_ca[0].type == "client_ca"
    error_message = "TLS must be mutual."
  }
}

run "each_pool_has_a_binding_of_its_own" {
  command = plan

  variables {
    pools = {
      blue  = [{ address = "10.0.1.5", weight = 100 }]
      green = [{ address = "10.0.1.6", port = 9090, weight = 0 }]
    }
  }

  assert {
    condition     = sort(keys(clb_backend_binding.pool)) == tolist(["blue", "green"])
    error_message = "There must be a binding for blue and one for green."
  }

  assert {
    condition     = one(clb_backend_binding.pool["green"].backends).weight == 0 && one(clb_backend_binding.pool["blue"].backends).port == 8080
    error_message = "Weights must be passed on, and the port must default to 8080."
  }
}

run "clients_are_told_address_and_port" {
  # Applied to the mock: that is what gives values to what is known after the apply.
  command = apply

  variables {
    port = 8443
  }

  assert {
    condition     = output.address == "203.0.113.1:8443"
    error_message = "address is ${output.address}."
  }
}
