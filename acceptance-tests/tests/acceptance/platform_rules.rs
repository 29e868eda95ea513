//! Every rule of a QUIC listener as a user meets it: Terraform fails, and the message names the argument and the rule.

use clb_acceptance_tests::sandbox::Sandbox;
use clb_acceptance_tests::service::{LISTENER, Service};

use super::expect_words;

/// Refused before anything is sent, with these words.
#[track_caller]
fn refused_at_plan(service: &Service, words: &[&str]) {
    let world = Sandbox::start();
    expect_words(&world.terraform.refused_plan(&service.hcl()), words);
}

/// The base service on a load balancer that exists already.
fn on_load_balancer(id: &str) -> String {
    Service::new()
        .hcl()
        .replace("load_balancer_id = clb_load_balancer.web.load_balancer_id", &format!("load_balancer_id = \"{id}\""))
}

#[test]
fn a_listener_without_a_certificate_is_refused() {
    refused_at_plan(&Service::new().tls(""), &["certificate_id", "required"]);
}

#[test]
fn a_certificate_that_does_not_exist_is_refused() {
    let world = Sandbox::start();
    let said = world.terraform.refused_apply(&Service::new().tls("certificate_id = \"abcdEFGH\"").hcl());
    expect_words(&said, &["abcdEFGH", "certificate"]);
}

#[test]
fn port_0_and_port_65536_are_refused() {
    refused_at_plan(&Service::new().port(0), &["port", "1", "65535"]);
    let world = Sandbox::start();
    let beyond = Service::new().hcl().replace("port = 8443", "port = 65536");
    expect_words(&world.terraform.refused_plan(&beyond), &["port", "65535"]);
}

#[test]
fn a_taken_port_is_refused() {
    let world = Sandbox::start();
    world.terraform.apply(&Service::new().hcl());
    let twin = "resource \"clb_quic_listener\" \"twin\" {\n  \
                load_balancer_id = clb_load_balancer.web.load_balancer_id\n  port = 8443\n  \
                tls = { certificate_id = clb_certificate.web.certificate_id }\n}\n";
    let said = world.terraform.refused_apply(&(Service::new().hcl() + twin));
    expect_words(&said, &["port", "8443", "twin"]);
}

#[test]
fn an_unknown_load_balancer_is_refused() {
    let world = Sandbox::start();
    expect_words(
        &world.terraform.refused_apply(&on_load_balancer("lb-00000000")),
        &["lb-00000000", "load_balancer_id"],
    );
}

#[test]
fn a_classic_load_balancer_is_refused() {
    let world = Sandbox::start();
    let id = world.classic_load_balancer();
    expect_words(&world.terraform.refused_apply(&on_load_balancer(id)), &["load_balancer_id", "classic"]);
}

#[test]
fn a_load_balancer_in_the_basic_network_is_refused() {
    let world = Sandbox::start();
    let id = world.basic_network_load_balancer();
    expect_words(&world.terraform.refused_apply(&on_load_balancer(id)), &["load_balancer_id", "basic"]);
}

#[test]
fn native_ipv6_is_refused_while_nat64_is_not() {
    let world = Sandbox::start();
    let native = Service::new()
        .load_balancer("address_ip_version = \"ipv6_full_chain\"\n  subnet_id = \"subnet-demo0001\"")
        .hcl();
    expect_words(&world.terraform.refused_apply(&native), &["ipv6_full_chain", "NAT64"]);
    assert!(world.terraform.attributes(LISTENER).is_none());

    let world = Sandbox::start();
    world.terraform.apply(&Service::new().load_balancer("address_ip_version = \"ipv6_nat64\"").hcl());
}

#[test]
fn an_account_that_is_not_admitted_is_refused() {
    let world = Sandbox::start_as_closed_account();
    let said = world.terraform.refused_apply(&Service::new().hcl());
    expect_words(&said, &["UnauthorizedOperation", "request id", "beta"]);
}

#[test]
fn an_unknown_scheduler_is_refused_and_the_known_ones_are_named() {
    refused_at_plan(
        &Service::new().listener("scheduler = \"ip_hash\""),
        &["scheduler", "weighted_round_robin", "least_connections"],
    );
}

#[test]
fn session_persistence_has_no_argument() {
    refused_at_plan(&Service::new().listener("session_expire_time = 30"), &["session_expire_time", "not expected"]);
}

#[test]
fn a_health_check_outside_its_bounds_is_refused() {
    for (argument, words) in [
        ("interval = 1", ["interval", "300"]),
        ("interval = 301", ["interval", "300"]),
        ("timeout = 1", ["timeout", "60"]),
        ("timeout = 61, interval = 100", ["timeout", "60"]),
        ("healthy_threshold = 1", ["healthy_threshold", "10"]),
        ("unhealthy_threshold = 11", ["unhealthy_threshold", "10"]),
        ("timeout = 5, interval = 5", ["timeout", "interval"]),
    ] {
        refused_at_plan(&Service::new().health_check(argument), &words);
    }
}

#[test]
fn an_argument_of_an_http_check_on_a_tcp_check_is_refused() {
    refused_at_plan(&Service::new().health_check("type = \"tcp\", http_path = \"/\""), &["http_path", "http"]);
}

#[test]
fn a_weight_outside_0_to_100_is_refused() {
    let backend = "{ eni_ip = \"10.0.1.5\", port = 8080, weight = 101 }";
    refused_at_plan(&Service::new().backend_text(backend), &["weight", "100"]);
}

#[test]
fn a_backend_port_of_0_is_refused() {
    let backend = "{ eni_ip = \"10.0.1.5\", port = 0, weight = 10 }";
    refused_at_plan(&Service::new().backend_text(backend), &["port", "65535"]);
}

#[test]
fn a_backend_listed_twice_is_refused() {
    let service = Service::new()
        .backend_text("{ eni_ip = \"10.0.1.5\", port = 8080, weight = 10 }")
        .backend_text("{ eni_ip = \"10.0.1.5\", port = 8080, weight = 20 }");
    refused_at_plan(&service, &["10.0.1.5", "8080", "twice"]);
}

#[test]
fn a_backend_is_an_instance_or_an_address_and_not_both() {
    refused_at_plan(&Service::new().backend_text("{ port = 8080, weight = 10 }"), &["instance_id", "eni_ip"]);
    let both = "{ instance_id = \"ins-demoblue\", eni_ip = \"10.0.1.5\", port = 8080, weight = 10 }";
    refused_at_plan(&Service::new().backend_text(both), &["instance_id", "eni_ip"]);
}

#[test]
fn a_name_too_long_is_refused() {
    let name = "x".repeat(81);
    refused_at_plan(&Service::new().listener(&format!("name = \"{name}\"")), &["name", "80"]);
}

#[test]
fn everything_wrong_is_said_at_once() {
    let service = Service::new().port(0).listener("scheduler = \"ip_hash\"").health_check("interval = 301");
    refused_at_plan(&service, &["65535", "least_connections", "300"]);
}

#[test]
fn a_listener_of_a_shared_load_balancer_has_no_limits_of_its_own() {
    let world = Sandbox::start();
    world.terraform.apply(&Service::new().hcl());
    for limit in ["max_connections", "max_new_connections_per_second"] {
        let said = world.terraform.refused_plan(&Service::new().listener(&format!("{limit} = 10")).hcl());
        super::expect_words(&said, &[limit, "shared", "sla_type"]);
    }
}
