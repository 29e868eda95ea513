//! Functions: what they make of ids under Terraform. Their cases are told by unit tests.

use clb_acceptance_tests::sandbox::Sandbox;
use clb_acceptance_tests::service::{LISTENER, REQUIRED_PROVIDERS, Service};
use serde_json::json;

#[test]
fn ids_are_built_and_taken_apart_in_a_configuration() {
    let world = Sandbox::start();
    let blue = world.backend("blue");
    let backend = format!("merge(provider::clb::backend_id_parse(\"10.0.1.5:{}\"), {{ weight = 30 }})", blue.port);
    let outputs = r##"
locals {
  id    = provider::clb::listener_id_build(clb_load_balancer.web.load_balancer_id, clb_quic_listener.web.listener_id)
  parts = provider::clb::listener_id_parse(local.id)
}
output "built" { value = local.id }
output "same" { value = local.parts.listener_id == clb_quic_listener.web.listener_id }
output "official" { value = provider::clb::listener_id_parse("#lbl-5e6f7a8b#lb-1a2b3c4d") }
output "backend" { value = provider::clb::backend_id_build("2001:db8::5", 8080) }
output "instance" { value = provider::clb::backend_id_parse("ins-1a2b3c4d:8080") }
"##;
    world.terraform.apply(&format!("{}{outputs}", Service::new().backend_text(&backend).hcl()));

    let said: serde_json::Value = serde_json::from_str(&world.terraform.must(&["output", "-json"]).output).unwrap();
    let id = |name: &str| world.terraform.text(LISTENER, name);
    assert_eq!(said["built"]["value"], format!("{}/{}", id("load_balancer_id"), id("listener_id")));
    assert_eq!(said["same"]["value"], true);
    assert_eq!(said["official"]["value"], json!({ "load_balancer_id": "lb-1a2b3c4d", "listener_id": "lbl-5e6f7a8b" }));
    assert_eq!(said["backend"]["value"], "[2001:db8::5]:8080");
    assert_eq!(said["instance"]["value"], json!({ "instance_id": "ins-1a2b3c4d", "eni_ip": null, "port": 8080 }));
    world.send(1);
}

#[test]
fn an_argument_that_is_no_id_is_named_with_the_forms_there_are() {
    let world = Sandbox::start();
    for (call, words) in [
        ("listener_id_parse(\"lbl-1\")", ["id", "\"lbl-1\" is not the id of a listener", "lb-1a2b3c4d/lbl-5e6f7a8b"]),
        ("listener_id_build(\"web\", \"lbl-1\")", ["load_balancer_id", "the id of a load balancer", "lb-1a2b3c4d"]),
        ("backend_id_parse(\"10.0.1.5\")", ["id", "There is no colon in it", "10.0.1.5:8080"]),
        ("backend_id_build(\"10.0.1.5\", 0)", ["port", "from 1 to 65535", "provider::clb::backend_id_build"]),
    ] {
        let output = format!("output \"it\" {{ value = provider::clb::{call} }}\n");
        let said = world.terraform.refused_plan(&format!("{REQUIRED_PROVIDERS}{output}"));
        super::expect_words(&said, &words);
    }
}
