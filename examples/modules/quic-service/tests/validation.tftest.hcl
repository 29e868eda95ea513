# What the module refuses before anything is planned. Nothing is called: the provider is a mock.

mock_provider "clb" {}

variables {
  name            = "web"
  vpc_id          = "vpc-demo0001"
  certificate_pem = file("./tests/fixtures/certificate.pem")
  private_key_pem = file("./tests/fixtures/private_key.pem")
}

run "the_least_that_must_be_said_is_enough" {
  command = plan
}

run "a_name_fits_all_that_bear_it" {
  command = plan

  variables {
    name = "0123456789012345678901234567890123456789012345678901234567890"
  }

  expect_failures = [var.name]
}

run "an_internal_load_balancer_has_a_subnet" {
  command = plan

  variables {
    network_type = "internal"
  }

  expect_failures = [var.subnet_id]
}

run "a_public_load_balancer_has_no_subnet" {
  command = plan

  variables {
    subnet_id = "subnet-demo0001"
  }

  expect_failures = [var.subnet_id]
}

run "a_port_is_one_of_udp" {
  command = plan

  variables {
    port = 65536
  }

  expect_failures = [var.port]
}

run "clients_come_from_networks" {
  command = plan

  variables {
    allowed_cidrs = ["everywhere"]
  }

  expect_failures = [var.allowed_cidrs]
}

run "somebody_is_admitted" {
  command = plan

  variables {
    allowed_cidrs = []
  }

  expect_failures = [var.allowed_cidrs]
}

run "a_file_name_is_no_certificate" {
  command = plan

  variables {
    certificate_pem = "server.pem"
  }

  expect_failures = [var.certificate_pem]
}

run "a_weight_is_at_most_100" {
  command = plan

  variables {
    pools = { blue = [{ address = "10.0.1.5", weight = 101 }] }
  }

  expect_failures = [var.pools]
}

run "a_backend_is_in_one_pool" {
  command = plan

  variables {
    pools = {
      blue  = [{ address = "10.0.1.5" }]
      green = [{ address = "10.0.1.5", port = 8080 }]
    }
  }

  expect_failures = [var.pools]
}

run "a_pool_has_backends" {
  command = plan

  variables {
    pools = { blue = [] }
  }

  expect_failures = [var.pools]
}
