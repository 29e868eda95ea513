//! Taking over what exists: import blocks, and configuration that Terraform writes itself.

use clb_acceptance_tests::sandbox::Sandbox;
use clb_acceptance_tests::service::{BINDING, CERTIFICATE, LISTENER, LOAD_BALANCER, REQUIRED_PROVIDERS, Service};

const GROUP: &str = "clb_security_group.web";

const GROUP_BLOCK: &str = "resource \"clb_security_group\" \"web\" {\n  name = \"web\"\n  ingress = [{ action = \"accept\", \
    protocol = \"udp\", ports = \"8443\", cidr = \"0.0.0.0/0\" }]\n}\n";

/// Lets Terraform forget a service, imports each part by the id that `id` makes of load balancer and listener, and has the
/// configuration written by Terraform.
fn taken_over_by(listener_id: fn(&str, &str) -> String, binding_id: fn(&str, &str) -> String) {
    let world = Sandbox::start();
    let blue = world.backend("blue");
    let groups = "security_group_ids = [clb_security_group.web.security_group_id]\n  tags = { team = \"edge\" }";
    let service = Service::new().load_balancer(groups).backend(&blue, 30).health_check("").hcl();
    world.terraform.apply(&format!("{service}{GROUP_BLOCK}"));
    let id = |address: &str, name: &str| world.terraform.text(address, name);
    let (balancer, listener) = (id(LISTENER, "load_balancer_id"), id(LISTENER, "listener_id"));
    let existing = [
        (LOAD_BALANCER, balancer.clone()),
        (CERTIFICATE, id(CERTIFICATE, "certificate_id")),
        (GROUP, id(GROUP, "security_group_id")),
        (LISTENER, listener_id(&balancer, &listener)),
        (BINDING, binding_id(&balancer, &listener)),
    ];
    for (address, _) in &existing {
        world.terraform.forget(address);
    }
    let import = |(address, id): &(&str, String)| format!("import {{\n  to = {address}\n  id = \"{id}\"\n}}\n");
    let imports: String = existing.iter().map(import).collect();
    world.terraform.write("main.tf", &format!("{REQUIRED_PROVIDERS}{imports}"));

    world.terraform.must(&["plan", "-no-color", "-generate-config-out=generated.tf"]);
    let taken_over = world.terraform.must(&["apply", "-auto-approve", "-no-color"]);

    super::expect_words(&taken_over.text(), &["5 imported, 0 added, 0 changed, 0 destroyed"]);
    world.terraform.expect_empty_plan();
}

#[test]
fn generated_configuration_of_what_exists_needs_no_change() {
    let id = |balancer: &str, listener: &str| format!("{balancer}/{listener}");
    taken_over_by(id, id);
}

#[test]
fn ids_as_the_official_provider_writes_them_are_imported() {
    taken_over_by(
        |balancer, listener| format!("{balancer}#{listener}"),
        |balancer, listener| format!("#{listener}#{balancer}"),
    );
}
