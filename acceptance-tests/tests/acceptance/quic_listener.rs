//! `clb_quic_listener`: the port it opens, what changes in place, what replaces it, import.

use std::net::SocketAddr;

use clb_acceptance_tests::certificates::Identity;
use clb_acceptance_tests::sandbox::Sandbox;
use clb_acceptance_tests::service::{LISTENER, LOAD_BALANCER, PORT, Service};

/// The argument of a load balancer whose listeners may have limits of their own.
const PERFORMANCE: &str = "sla_type = \"clb.c2.medium\"";

#[test]
fn apply_returns_only_when_the_port_is_open() {
    let world = Sandbox::start();
    let blue = world.backend("blue");
    world.terraform.apply(&Service::new().backend(&blue, 10).hcl());
    assert_eq!(world.client().ask(world.address(), b"at once").unwrap().echo, b"at once");
}

#[test]
fn destroy_closes_the_port() {
    let world = Sandbox::start();
    world.terraform.apply(&Service::new().hcl());
    let address = world.address();
    world.client().connect(address).unwrap();

    world.terraform.destroy();

    // Nobody holds the address any more: it can be bound.
    std::net::UdpSocket::bind(address).unwrap();
}

#[test]
fn two_listeners_of_one_load_balancer_open_two_ports() {
    let world = Sandbox::start();
    let second = "resource \"clb_quic_listener\" \"second\" {\n  \
                  load_balancer_id = clb_load_balancer.web.load_balancer_id\n  port = 9443\n  \
                  tls = { certificate_id = clb_certificate.web.certificate_id }\n}\n";
    world.terraform.apply(&(Service::new().hcl() + second));
    let mut address = world.address();
    world.client().connect(address).unwrap();
    address.set_port(9443);
    world.client().connect(address).unwrap();
}

#[test]
fn many_listeners_of_one_load_balancer_are_created_and_destroyed_in_one_run() {
    let world = Sandbox::start();
    let many = Service::new().hcl().replace("  port = 8443\n", "  count = 10\n  port = 8443 + count.index\n");
    // The platform takes one write at a time per load balancer; Terraform starts ten.
    world.terraform.apply(&many);
    for number in 0..10 {
        let ip = world.terraform.attribute(LOAD_BALANCER, "vips")[0].as_str().unwrap().parse().unwrap();
        world.client().connect(SocketAddr::new(ip, PORT + number)).unwrap();
    }
    world.terraform.destroy();
}

#[test]
fn each_argument_that_can_change_in_place_does() {
    let world = Sandbox::start();
    let service = || Service::new().load_balancer(PERFORMANCE);
    world.terraform.apply(&service().health_check("").hcl());
    let listener_id = world.terraform.text(LISTENER, "listener_id");
    let named = "name = \"renamed\"";
    let least = "name = \"renamed\"\n  scheduler = \"least_connections\"";
    let proxied = "name = \"renamed\"\n  scheduler = \"least_connections\"\n  proxy_protocol = true";
    for (arguments, health_check) in [
        (named, ""),
        (least, ""),
        (proxied, ""),
        (proxied, "interval = 20, timeout = 10, healthy_threshold = 2, unhealthy_threshold = 4"),
        (proxied, "type = \"http\", http_domain = \"a.test\", http_path = \"/up\", http_method = \"GET\""),
        (proxied, "type = \"http\", http_domain = \"a.test\", http_version = \"HTTP/1.0\""),
        (proxied, "type = \"http\", http_domain = \"a.test\", http_status_classes = [\"2xx\", \"3xx\"]"),
        (proxied, "enabled = false"),
        (proxied, "source_ip = \"100.64.0.0/10\""),
        ("snat = true", ""),
        ("max_connections = 100", ""),
        ("max_connections = 100\n  max_new_connections_per_second = 20", ""),
        ("max_new_connections_per_second = 20", ""),
    ] {
        let changed = service().health_check(health_check).listener(arguments).hcl();
        assert_eq!(world.terraform.plan(&changed).actions(LISTENER), ["update"], "{arguments} {health_check}");
        world.terraform.apply(&changed);
        assert_eq!(world.terraform.text(LISTENER, "listener_id"), listener_id, "{arguments} {health_check}");
    }
}

#[test]
fn arguments_taken_out_again_go_back_to_their_defaults() {
    let world = Sandbox::start();
    let said = "scheduler = \"least_connections\"\n  proxy_protocol = true\n  snat = true\n  max_connections = 100";
    let service = || Service::new().load_balancer(PERFORMANCE);
    world.terraform.apply(&service().health_check("interval = 20").listener(said).hcl());
    world.terraform.apply(&service().health_check("").hcl());
    assert!(world.terraform.attribute(LISTENER, "max_connections").is_null());
    assert_eq!(world.terraform.attribute(LISTENER, "snat"), false);
    assert_eq!(world.terraform.text(LISTENER, "scheduler"), "weighted_round_robin");
    assert_eq!(world.terraform.attribute(LISTENER, "proxy_protocol"), false);
    assert_eq!(world.terraform.attribute(LISTENER, "health_check")["interval"], 5);
}

#[test]
fn another_certificate_is_shown_to_new_connections_without_a_new_listener() {
    let world = Sandbox::start();
    let blue = world.backend("blue");
    world.terraform.apply(&Service::new().backend(&blue, 10).hcl());
    let listener_id = world.terraform.text(LISTENER, "listener_id");
    let live = world.client().connect(world.address()).unwrap();
    let other = Identity::server();
    world.terraform.write("other.pem", &other.certificate_pem);
    world.terraform.write("other.key", &other.private_key_pem);

    let rotated = Service::new()
        .certificate(
            "  name = \"web\"\n  certificate = file(\"other.pem\")\n  private_key_wo = file(\"other.key\")\n  \
             private_key_wo_version = 2\n  lifecycle { create_before_destroy = true }",
        )
        .backend(&blue, 10)
        .hcl();
    world.terraform.apply(&rotated);

    assert_eq!(world.terraform.text(LISTENER, "listener_id"), listener_id);
    assert_eq!(world.client_trusting(&other).ask(world.address(), b"new").unwrap().echo, b"new");
    assert!(world.client().connect(world.address()).is_err(), "the old certificate is still shown");
    assert_eq!(world.client().ask_on(&live, b"old").unwrap().echo, b"old", "a live connection was cut");
}

#[test]
fn another_port_replaces_the_listener() {
    let world = Sandbox::start();
    world.terraform.apply(&Service::new().hcl());
    let (old, listener_id) = (world.address(), world.terraform.text(LISTENER, "listener_id"));
    let moved = Service::new().port(9443).hcl();
    assert_eq!(world.terraform.plan(&moved).actions(LISTENER), ["delete", "create"]);

    world.terraform.apply(&moved);

    assert_ne!(world.terraform.text(LISTENER, "listener_id"), listener_id);
    assert_eq!(world.address().port(), 9443);
    world.client().connect(world.address()).unwrap();
    std::net::UdpSocket::bind(old).unwrap();
}

#[test]
fn another_load_balancer_replaces_the_listener() {
    let world = Sandbox::start();
    let other =
        "resource \"clb_load_balancer\" \"other\" {\n  network_type = \"public\"\n  vpc_id = \"vpc-demo0001\"\n}\n";
    let both = Service::new().hcl() + other;
    world.terraform.apply(&both);
    let moved = both.replace(
        "load_balancer_id = clb_load_balancer.web.load_balancer_id",
        "load_balancer_id = clb_load_balancer.other.load_balancer_id",
    );
    assert_eq!(world.terraform.plan(&moved).actions(LISTENER), ["delete", "create"]);
    world.terraform.apply(&moved);
}

#[test]
fn an_imported_listener_needs_no_change() {
    let world = Sandbox::start();
    let service = Service::new().health_check("interval = 20").listener("name = \"imported\"").hcl();
    world.terraform.apply(&service);
    let id = format!(
        "{}/{}",
        world.terraform.text(LOAD_BALANCER, "load_balancer_id"),
        world.terraform.text(LISTENER, "listener_id")
    );
    let before = world.terraform.attributes(LISTENER);
    world.terraform.forget(LISTENER);

    world.terraform.import(LISTENER, &id);

    assert_eq!(world.terraform.attributes(LISTENER), before);
    world.terraform.expect_empty_plan();
}

#[test]
fn an_import_of_nothing_says_so() {
    let world = Sandbox::start();
    world.terraform.apply(&Service::new().hcl());
    let load_balancer_id = world.terraform.text(LOAD_BALANCER, "load_balancer_id");
    world.terraform.forget(LISTENER);
    let unknown = world.terraform.run(&["import", "-no-color", LISTENER, &format!("{load_balancer_id}/lbl-00000000")]);
    assert_ne!(unknown.code, 0);
    super::expect_words(&unknown.sentence(), &["does not exist", "lbl-00000000"]);
    let malformed = world.terraform.run(&["import", "-no-color", LISTENER, "lbl-00000000"]);
    assert_ne!(malformed.code, 0);
    super::expect_words(&malformed.sentence(), &["load_balancer_id", "listener_id"]);
}

#[test]
fn the_state_says_what_the_configuration_said() {
    let world = Sandbox::start();
    world.terraform.apply(&Service::new().listener("name = \"written\"").hcl());
    assert_eq!(world.terraform.attribute(LISTENER, "port"), PORT);
    assert_eq!(world.terraform.text(LISTENER, "name"), "written");
    assert!(world.terraform.text(LISTENER, "listener_id").starts_with("lbl-"));
}
