//! Taking over what exists: import blocks, and configuration that Terraform writes itself.

use clb_acceptance_tests::sandbox::Sandbox;
use clb_acceptance_tests::service::{BINDING, CERTIFICATE, LISTENER, LOAD_BALANCER, REQUIRED_PROVIDERS, Service};

#[test]
fn generated_configuration_of_what_exists_needs_no_change() {
    let world = Sandbox::start();
    let blue = world.backend("blue");
    world.terraform.apply(&Service::new().backend(&blue, 30).hcl());
    let id = |address: &str, name: &str| world.terraform.text(address, name);
    let listener = format!("{}/{}", id(LISTENER, "load_balancer_id"), id(LISTENER, "listener_id"));
    let existing = [
        (LOAD_BALANCER, id(LOAD_BALANCER, "load_balancer_id")),
        (CERTIFICATE, id(CERTIFICATE, "certificate_id")),
        (LISTENER, listener.clone()),
        (BINDING, listener),
    ];
    for (address, _) in &existing {
        world.terraform.forget(address);
    }
    let import = |(address, id): &(&str, String)| format!("import {{\n  to = {address}\n  id = \"{id}\"\n}}\n");
    let imports: String = existing.iter().map(import).collect();
    world.terraform.write("main.tf", &format!("{REQUIRED_PROVIDERS}{imports}"));

    world.terraform.must(&["plan", "-no-color", "-generate-config-out=generated.tf"]);
    let taken_over = world.terraform.must(&["apply", "-auto-approve", "-no-color"]);

    super::expect_words(&taken_over.text(), &["4 imported, 0 added, 0 changed, 0 destroyed"]);
    world.terraform.expect_empty_plan();
}
