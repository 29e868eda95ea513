//! From the official provider to this one: states as its schema writes them are taken over by `moved` blocks, and both providers
//! work side by side.

use clb_acceptance_tests::official_provider::{self, SOURCE};
use clb_acceptance_tests::sandbox::Sandbox;
use clb_acceptance_tests::service::{BINDING, CERTIFICATE, LISTENER, LOAD_BALANCER, PORT, REQUIRED_PROVIDERS, Service};
use clb_cloud_api::clb;

const GROUP: &str = "clb_security_group.web";

/// What is moved from where.
const MOVES: [(&str, &str); 5] = [
    ("tencentcloud_clb_instance.web", LOAD_BALANCER),
    ("tencentcloud_ssl_certificate.web", CERTIFICATE),
    ("tencentcloud_clb_listener.web", LISTENER),
    ("tencentcloud_clb_attachment.web", BINDING),
    ("tencentcloud_security_group.web", GROUP),
];

fn moved(from: &str, to: &str) -> String {
    format!("moved {{\n  from = {from}\n  to   = {to}\n}}\n")
}

/// A service with a security group, as a user of this provider writes it.
fn service(backends: [(&str, u16, u8); 2]) -> Service {
    let backend = |(ip, port, weight)| format!("{{ eni_ip = \"{ip}\", port = {port}, weight = {weight} }}");
    let [blue, green] = backends.map(backend);
    let load_balancer = "security_group_ids = [clb_security_group.web.security_group_id]\n  tags = { team = \"edge\" }";
    let service = Service::new().load_balancer(load_balancer).health_check("").listener("name = \"web\"");
    // The private key may stand in the configuration: it is sent only when a certificate is created.
    let certificate = "  name = \"web\"\n  certificate = file(\"server.pem\")\n  private_key_wo = file(\"server.key\")";
    service.certificate(certificate).backend_text(&blue).backend_text(&green)
}

const SECURITY_GROUP: &str = "resource \"clb_security_group\" \"web\" {\n  name = \"web\"\n  description = \"who may\"\n  \
    ingress = [{ action = \"accept\", protocol = \"udp\", ports = \"8443\", cidr = \"0.0.0.0/0\" }]\n}\n";

/// Makes what exists on the platform what the configuration says, and gives Terraform the state that the official provider would
/// have of it.
fn created_by_the_official_provider(world: &Sandbox, configuration: &str, backends: &[(&str, u16, u8)]) {
    world.terraform.apply(configuration);
    let id = |address: &str, name: &str| world.terraform.text(address, name);
    let (balancer, listener) = (id(LOAD_BALANCER, "load_balancer_id"), id(LISTENER, "listener_id"));
    let (certificate, group) = (id(CERTIFICATE, "certificate_id"), id(GROUP, "security_group_id"));
    let (vpc, vip) = (id(LOAD_BALANCER, "vpc_id"), world.address().ip().to_string());
    let server = &world.server;
    let state = official_provider::state_file(&[
        ("tencentcloud_clb_instance", official_provider::clb_instance(&balancer, "web", &vpc, &vip, &[&group])),
        (
            "tencentcloud_ssl_certificate",
            official_provider::ssl_certificate(&certificate, &server.certificate_pem, &server.private_key_pem),
        ),
        (
            "tencentcloud_clb_listener",
            official_provider::clb_listener(&balancer, &listener, "QUIC", PORT, &certificate),
        ),
        ("tencentcloud_clb_attachment", official_provider::clb_attachment(&balancer, &listener, backends)),
        ("tencentcloud_security_group", official_provider::security_group(&group, "web")),
    ]);
    world.terraform.write("terraform.tfstate", &state);
}

#[test]
fn a_service_is_moved_here_without_a_change_and_nothing_is_written() {
    let world = Sandbox::start_beside_the_official_provider();
    let backends = [("10.0.1.5", 8080, 30), ("10.0.1.6", 8081, 10)];
    let configuration = service(backends).hcl() + SECURITY_GROUP;
    created_by_the_official_provider(&world, &configuration, &backends);
    let moves: String = MOVES.iter().map(|(from, to)| moved(from, to)).collect();
    let writes = world.writes();

    for options in [&["-refresh=false"][..], &[]] {
        let plan = world.terraform.plan_with(&format!("{configuration}{moves}"), options);
        for (from, to) in MOVES {
            assert_eq!(plan.previous_address(to), from, "{options:?}");
            // The rules of a group are in no state that is moved: reading finds them. And only after reading does Terraform
            // forget that there was a sensitive `key`.
            let unread = [GROUP, CERTIFICATE].contains(&to) && !options.is_empty();
            assert_eq!(plan.actions(to), if unread { ["update"] } else { ["no-op"] }, "{to} {options:?}");
        }
        assert!(!plan.json().contains("PRIVATE KEY"));
    }
    world.terraform.apply(&format!("{configuration}{moves}"));

    assert_eq!(world.writes(), writes, "something was written");
    let state = world.terraform.state_file();
    assert!(!state.contains("PRIVATE KEY") && !state.contains("tencentcloud"), "{state}");
    // The blocks may be taken out again, and the official provider with them.
    world.terraform.apply(&configuration);
    world.terraform.destroy();
}

#[test]
fn a_version_for_the_key_of_a_moved_certificate_uploads_nothing() {
    let world = Sandbox::start_beside_the_official_provider();
    let backends = [("10.0.1.5", 8080, 30), ("10.0.1.6", 8081, 10)];
    let configuration = service(backends).hcl() + SECURITY_GROUP;
    created_by_the_official_provider(&world, &configuration, &backends);
    let moves: String = MOVES.iter().map(|(from, to)| moved(from, to)).collect();
    let key = "private_key_wo = file(\"server.key\")";
    let versioned = configuration.replace(key, &format!("{key}\n  private_key_wo_version = 1"));
    let writes = world.writes();

    let plan = world.terraform.plan(&format!("{versioned}{moves}"));
    assert_eq!(plan.actions(CERTIFICATE), ["update"]);
    assert_eq!(plan.actions(LISTENER), ["no-op"]);
    world.terraform.apply(&format!("{versioned}{moves}"));

    assert_eq!(world.writes(), writes, "something was written");
}

#[test]
fn a_listener_of_another_protocol_stays_with_the_official_provider() {
    let world = Sandbox::start_beside_the_official_provider();
    world.terraform.apply(&Service::new().hcl());
    let balancer = world.terraform.text(LOAD_BALANCER, "load_balancer_id");
    let created = world.cloud(&clb::CreateListener {
        load_balancer_id: balancer.clone(),
        ports: vec![9000],
        protocol: "TCP".to_owned(),
        listener_names: Some(vec!["web".to_owned()]),
        ..clb::CreateListener::default()
    });
    let listener = official_provider::clb_listener(&balancer, &created.listener_ids[0], "TCP", 9000, "");
    let state = official_provider::state_file(&[("tencentcloud_clb_listener", listener)]);
    world.terraform.write("terraform.tfstate", &state);
    let ours = "resource \"clb_quic_listener\" \"tcp\" {\n  load_balancer_id = \"lb-1a2b3c4d\"\n  port = 9000\n  tls = { certificate_id = \
        \"aB3dE5gH\" }\n}\n";
    let moves = moved("tencentcloud_clb_listener.web", "clb_quic_listener.tcp");

    let said = world.terraform.refused_plan(&format!("{REQUIRED_PROVIDERS}{ours}{moves}"));
    super::expect_words(&said, &["no QUIC listener", "\"TCP\"", "Remove this `moved` block", "official provider"]);

    world.terraform.write("provider.tf", "");
    let kept = format!(
        "terraform {{\n  required_providers {{\n    tencentcloud = {{ source = \"{SOURCE}\" }}\n  }}\n}}\nresource \
         \"tencentcloud_clb_listener\" \"web\" {{\n  clb_id = \"{balancer}\"\n  listener_name = \"web\"\n  port = 9000\n  \
         protocol = \"TCP\"\n}}\n"
    );
    world.terraform.write("main.tf", &kept);
    world.terraform.expect_empty_plan();
}

#[test]
fn both_providers_work_in_one_configuration() {
    let world = Sandbox::start_beside_the_official_provider();
    world.terraform.apply(&Service::new().hcl());
    let balancer = world.terraform.text(LOAD_BALANCER, "load_balancer_id");
    let theirs = official_provider::clb_listener(&balancer, "lbl-12345678", "TCP", 9000, "");
    let state = official_provider::state_file(&[("tencentcloud_clb_listener", theirs)]);
    world.terraform.write("terraform.tfstate", &state);

    let both = "terraform {\n  required_providers {\n    clb          = { source = \"quic-clb/clb\" }\n    tencentcloud = { source = \
        \"tencentcloudstack/tencentcloud\" }\n  }\n}\n";
    let theirs = format!(
        "resource \"tencentcloud_clb_listener\" \"web\" {{\n  clb_id = \"{balancer}\"\n  listener_name = \"web\"\n  port = 9000\n  \
         protocol = \"TCP\"\n}}\n"
    );
    let ours = "resource \"clb_certificate\" \"web\" {\n  name = tencentcloud_clb_listener.web.listener_id\n  certificate = \
        file(\"server.pem\")\n  private_key_wo = file(\"server.key\")\n}\n";
    world.terraform.apply(&format!("{both}{theirs}{ours}"));

    assert_eq!(world.terraform.text(CERTIFICATE, "name"), "lbl-12345678");
}
