//! Backends that do not answer their probes.

use clb_acceptance_tests::sandbox::Sandbox;
use clb_acceptance_tests::service::Service;

/// The fastest check the platform allows: two failures, two seconds apart.
const FAST: &str = "interval = 3, timeout = 2, healthy_threshold = 2, unhealthy_threshold = 2";

#[test]
fn a_new_backend_gets_nothing_until_it_has_passed_its_checks() {
    let world = Sandbox::start();
    let blue = world.backend("blue");
    world.terraform.apply(&Service::new().health_check("interval = 300").backend(&blue, 10).hcl());

    let refused = world.client().ask(world.address(), b"too early").unwrap_err();

    assert!(refused.contains("no backend"), "{refused}");
    world.terraform.apply(&Service::new().health_check(FAST).backend(&blue, 10).hcl());
    world.wait_for_health("10.0.1.5", "Alive");
    world.send(1);
}

#[test]
fn when_all_are_dead_all_are_given_connections() {
    let world = Sandbox::start();
    let (blue, green) = (world.backend("blue"), world.backend("green"));
    let ports = (blue.port, green.port);
    world.terraform.apply(&Service::new().health_check(FAST).backend(&blue, 10).backend(&green, 10).hcl());
    drop((blue, green));
    world.wait_for_health("10.0.1.5", "Dead");
    world.wait_for_health("10.0.1.6", "Dead");

    // Back again, before their checks have noticed.
    let (blue, green) = (world.backend_again("blue", ports.0), world.backend_again("green", ports.1));
    world.send(2);

    assert_eq!((blue.served().len(), green.served().len()), (1, 1));
}

#[test]
fn an_unhealthy_backend_gets_nothing() {
    let world = Sandbox::start();
    let (blue, green) = (world.backend("blue"), world.backend("green"));
    world.terraform.apply(&Service::new().health_check(FAST).backend(&blue, 10).backend(&green, 10).hcl());
    world.wait_for_health("10.0.1.5", "Alive");
    world.wait_for_health("10.0.1.6", "Alive");
    drop(green);
    world.wait_for_health("10.0.1.6", "Dead");

    world.send(10);

    assert_eq!(blue.served().len(), 10);
}

#[test]
fn a_backend_that_comes_back_is_given_connections_again() {
    let world = Sandbox::start();
    let (blue, green) = (world.backend("blue"), world.backend("green"));
    let port = green.port;
    world.terraform.apply(&Service::new().health_check(FAST).backend(&blue, 10).backend(&green, 10).hcl());
    drop(green);
    world.wait_for_health("10.0.1.6", "Dead");

    let green = world.backend_again("green", port);
    world.wait_for_health("10.0.1.5", "Alive");
    world.wait_for_health("10.0.1.6", "Alive");
    world.send(10);

    assert_eq!((blue.served().len(), green.served().len()), (5, 5));
}

#[test]
fn an_http_check_is_not_content_with_a_connection() {
    let world = Sandbox::start();
    // It accepts connections, but what it says is no HTTP.
    let blue = world.backend("blue");
    let http = format!("{FAST}, type = \"http\", http_domain = \"a.test\"");
    world.terraform.apply(&Service::new().health_check(&http).backend(&blue, 10).hcl());
    world.wait_for_health("10.0.1.5", "Dead");
}

#[test]
fn without_a_check_a_silent_backend_is_not_noticed() {
    let world = Sandbox::start();
    let blue = world.backend("blue");
    world.terraform.apply(&Service::new().health_check("enabled = false").backend(&blue, 10).hcl());
    assert_eq!(world.client().ask(world.address(), b"hello").unwrap().backend, "blue");
}
