//! Data sources: what exists is found by each filter, whoever made it, with all its pages, and nothing secret comes with it.

use clb_acceptance_tests::sandbox::Sandbox;
use clb_acceptance_tests::service::{CERTIFICATE, LISTENER, LOAD_BALANCER, PORT, REQUIRED_PROVIDERS, Service};
use clb_provider::data_sources::load_balancers::LoadBalancersConfig;
use clb_provider::data_sources::security_groups::SecurityGroupsConfig;
use clb_provider::data_sources::{LoadBalancers, SecurityGroups};
use clb_provider::resources::load_balancer::NetworkType;
use serde_json::{Value as Json, json};
use tfplugin_sdk::Value;

/// What a data source found: these attributes of each element.
#[track_caller]
fn found(world: &Sandbox, address: &str, list: &str, attribute: &str) -> Json {
    let elements = world.terraform.attribute(&format!("data.{address}"), list);
    elements.as_array().unwrap().iter().map(|element| element[attribute].clone()).collect()
}

#[test]
fn everything_that_was_just_created_is_found_by_its_filters_and_nothing_secret_with_it() {
    let world = Sandbox::start();
    let (blue, green) = (world.backend("blue"), world.backend("green"));
    let service = Service::new()
        .load_balancer("tags = { team = \"edge\" }")
        .listener("name = \"web-443\"")
        .backend(&blue, 30)
        .backend(&green, 10)
        .hcl();
    // All of it in one apply: while the ids are not known yet, Terraform puts the reading off.
    let data = r#"
resource "clb_security_group" "web" {
  name = "clb-web"
  tags = { team = "edge" }
}
data "clb_load_balancers" "edge" {
  name               = clb_load_balancer.web.name
  load_balancer_ids  = [clb_load_balancer.web.load_balancer_id, "lb-nosuch00"]
  network_type       = "public"
  address_ip_version = "ipv4"
  vpc_id             = clb_load_balancer.web.vpc_id
  vip                = clb_load_balancer.web.vips[0]
  tags               = clb_load_balancer.web.tags
}
data "clb_load_balancers" "not_for_quic" {
  can_carry_quic = false
}
data "clb_load_balancers" "guarded" {
  security_group_id = clb_security_group.web.security_group_id
}
data "clb_quic_listeners" "web" {
  load_balancer_id = clb_quic_listener.web.load_balancer_id
  listener_ids     = [clb_quic_listener.web.listener_id]
  port             = clb_quic_listener.web.port
  name_contains    = "443"
  certificate_id   = clb_certificate.web.certificate_id
}
data "clb_quic_listeners" "others" {
  load_balancer_id = clb_quic_listener.web.load_balancer_id
  name             = "web"
}
data "clb_backends" "web" {
  load_balancer_id = clb_backend_binding.web.load_balancer_id
  listener_id      = clb_backend_binding.web.listener_id
}
data "clb_backends" "green" {
  load_balancer_id = clb_backend_binding.web.load_balancer_id
  address          = "10.0.1.6"
  health           = "unchecked"
}
data "clb_certificates" "web" {
  certificate_ids = [clb_certificate.web.certificate_id]
  type            = "server"
  status          = "usable"
  domain          = clb_certificate.web.domain
}
data "clb_certificates" "authorities" {
  type = "client_ca"
}
data "clb_security_groups" "web" {
  security_group_ids = [clb_security_group.web.security_group_id, "sg-nosuch00"]
  name_contains      = "web"
  tags               = clb_security_group.web.tags
}
data "clb_security_groups" "open" {
  name = "open"
}
"#;
    world.terraform.apply(&format!("{service}{data}"));

    let id = |address: &str, name: &str| world.terraform.text(address, name);
    let balancer = id(LOAD_BALANCER, "load_balancer_id");
    assert_eq!(found(&world, "clb_load_balancers.edge", "load_balancers", "load_balancer_id"), json!([balancer]));
    assert_eq!(found(&world, "clb_load_balancers.edge", "load_balancers", "can_carry_quic"), json!([true]));
    assert_eq!(
        found(&world, "clb_load_balancers.edge", "load_balancers", "vips")[0],
        world.terraform.attribute(LOAD_BALANCER, "vips")
    );
    let created = found(&world, "clb_load_balancers.edge", "load_balancers", "created_at");
    assert_eq!(created[0].as_str().unwrap().len(), "YYYY-MM-DD hh:mm:ss".len(), "{created}");
    let others = found(&world, "clb_load_balancers.not_for_quic", "load_balancers", "load_balancer_id");
    assert_eq!(others, json!([world.basic_network_load_balancer(), world.classic_load_balancer()]));
    assert_eq!(found(&world, "clb_load_balancers.guarded", "load_balancers", "name"), json!([]));

    let listeners = |attribute: &str| found(&world, "clb_quic_listeners.web", "listeners", attribute);
    assert_eq!(listeners("listener_id"), json!([id(LISTENER, "listener_id")]));
    assert_eq!(listeners("tls")[0], world.terraform.attribute(LISTENER, "tls"));
    assert_eq!(listeners("health_check")[0], world.terraform.attribute(LISTENER, "health_check"));
    assert_eq!(found(&world, "clb_quic_listeners.others", "listeners", "port"), json!([]), "a part is no name");

    let backends = |attribute: &str| found(&world, "clb_backends.web", "backends", attribute);
    assert_eq!(backends("address"), json!(["10.0.1.5", "10.0.1.6"]));
    assert_eq!(backends("port"), json!([blue.port, green.port]));
    assert_eq!(backends("weight"), json!([30, 10]));
    assert_eq!(backends("protocol"), json!(["QUIC", "QUIC"]));
    assert_eq!(backends("listener_port"), json!([PORT, PORT]));
    assert_eq!((backends("instance_id"), backends("instance_name")), (json!([null, null]), json!([null, null])));
    assert!(backends("bound_at")[0].as_str().is_some_and(|text| !text.is_empty()));
    assert_eq!(found(&world, "clb_backends.green", "backends", "address"), json!(["10.0.1.6"]));

    let certificate = id(CERTIFICATE, "certificate_id");
    assert_eq!(found(&world, "clb_certificates.web", "certificates", "certificate_id"), json!([certificate]));
    assert_eq!(found(&world, "clb_certificates.web", "certificates", "not_after")[0], id(CERTIFICATE, "not_after"));
    let algorithm = found(&world, "clb_certificates.web", "certificates", "key_algorithm");
    assert!(algorithm[0].as_str().is_some_and(|text| text.contains("EC")), "{algorithm}");
    assert_eq!(found(&world, "clb_certificates.authorities", "certificates", "certificate_id"), json!([]));
    assert_eq!(found(&world, "clb_security_groups.web", "security_groups", "name"), json!(["clb-web"]));
    assert_eq!(
        found(&world, "clb_security_groups.open", "security_groups", "security_group_id"),
        json!(["sg-demo0001"])
    );
    assert_eq!(found(&world, "clb_security_groups.open", "security_groups", "is_default"), json!([false]));
    assert!(!world.terraform.state_file().contains("PRIVATE KEY"));
}

#[test]
fn the_health_of_backends_is_what_the_checks_say_at_that_moment() {
    let world = Sandbox::start();
    let (blue, green) = (world.backend("blue"), world.backend("green"));
    let fast = "interval = 3, timeout = 2, healthy_threshold = 2, unhealthy_threshold = 2";
    let service = Service::new().health_check(fast).backend(&blue, 10).backend(&green, 10).hcl();
    let data = "data \"clb_backends\" \"web\" {\n  load_balancer_id = clb_backend_binding.web.load_balancer_id\n}\n";
    world.terraform.apply(&service);
    drop(green);
    world.wait_for_health("10.0.1.5", "Alive");
    world.wait_for_health("10.0.1.6", "Dead");

    world.terraform.apply(&format!("{service}{data}"));

    assert_eq!(found(&world, "clb_backends.web", "backends", "health"), json!(["healthy", "unhealthy"]));
}

#[test]
fn all_pages_are_read() {
    let world = Sandbox::start();
    world.more_load_balancers(120);
    world.block_on(async {
        let core = world.core().await;
        let config =
            LoadBalancersConfig { network_type: Value::Known(NetworkType::Internal), ..LoadBalancersConfig::default() };
        let read = core.data_source::<LoadBalancers>().read(&config).await.unwrap();
        assert_eq!(read.load_balancers.len(), 120);

        let ids: Vec<Value<String>> =
            read.load_balancers.iter().take(41).map(|found| Value::Known(found.load_balancer_id.clone())).collect();
        let config = LoadBalancersConfig { load_balancer_ids: Value::Known(ids), ..LoadBalancersConfig::default() };
        let read = core.data_source::<LoadBalancers>().read(&config).await.unwrap();
        assert_eq!(read.load_balancers.len(), 41, "more ids than one call takes");

        let groups = core.data_source::<SecurityGroups>().read(&SecurityGroupsConfig::default()).await.unwrap();
        assert!(groups.security_groups.iter().any(|group| group.name == "open"));
    });
}

#[test]
fn what_a_search_starts_from_must_exist_and_filters_must_make_sense() {
    let world = Sandbox::start();
    let refused = |block: &str| world.terraform.refused_plan(&format!("{REQUIRED_PROVIDERS}{block}"));
    for noun in ["clb_quic_listeners", "clb_backends"] {
        let said = refused(&format!("data \"{noun}\" \"web\" {{\n  load_balancer_id = \"lb-nosuch00\"\n}}\n"));
        super::expect_words(&said, &["The load balancer lb-nosuch00 does not exist", "region ap-guangzhou"]);
        let said = refused(&format!("data \"{noun}\" \"web\" {{\n  load_balancer_id = \"web\"\n}}\n"));
        super::expect_words(&said, &["the id of a load balancer, such as lb-1a2b3c4d"]);
    }
    let said = refused("data \"clb_certificates\" \"web\" {\n  name = \"a\"\n  name_contains = \"b\"\n}\n");
    super::expect_words(&said, &["name", "name_contains"]);
    let service = Service::new().hcl();
    world.terraform.apply(&service);
    let absent = "data \"clb_backends\" \"web\" {\n  load_balancer_id = clb_load_balancer.web.load_balancer_id\n  \
                  listener_id = \"lbl-nosuch00\"\n}\n";
    let said = world.terraform.refused_plan(&format!("{service}{absent}"));
    super::expect_words(&said, &["The listener lbl-nosuch00 does not exist"]);
}
