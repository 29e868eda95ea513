//! `clb_certificate`: upload, rename in place, replacement, import.

use clb_acceptance_tests::certificates::{Authority, Identity, SERVER_NAME};
use clb_acceptance_tests::sandbox::Sandbox;
use clb_acceptance_tests::service::{CERTIFICATE, REQUIRED_PROVIDERS};

fn certificate(arguments: &str) -> String {
    format!("{REQUIRED_PROVIDERS}resource \"clb_certificate\" \"web\" {{\n{arguments}\n}}\n")
}

const WITH_KEY: &str = "  certificate = file(\"server.pem\")\n  private_key_wo = file(\"server.key\")\n";

#[test]
fn name_project_and_tags_are_changed_in_place() {
    let world = Sandbox::start();
    let with = |arguments: &str| certificate(&format!("{WITH_KEY}  private_key_wo_version = 1\n  {arguments}"));
    world.terraform.apply(&with("name = \"first\"\n  project_id = 3\n  tags = { team = \"edge\" }"));
    let id = world.terraform.text(CERTIFICATE, "certificate_id");
    for changed in [
        "name = \"second\"\n  project_id = 3\n  tags = { team = \"edge\" }",
        "name = \"second\"\n  project_id = 4\n  tags = { team = \"edge\" }",
        "name = \"second\"\n  project_id = 4\n  tags = { team = \"core\", stage = \"test\" }",
        "name = \"second\"",
    ] {
        assert_eq!(world.terraform.plan(&with(changed)).actions(CERTIFICATE), ["update"], "{changed}");
        world.terraform.apply(&with(changed));
        assert_eq!(world.terraform.text(CERTIFICATE, "certificate_id"), id, "{changed}");
    }
    assert_eq!(world.terraform.attribute(CERTIFICATE, "project_id"), 0);
}

#[test]
fn another_certificate_or_key_version_is_another_upload() {
    let world = Sandbox::start();
    world.terraform.apply(&certificate(&format!("{WITH_KEY}  private_key_wo_version = 1")));
    let newer = certificate(&format!("{WITH_KEY}  private_key_wo_version = 2"));
    assert_eq!(world.terraform.plan(&newer).actions(CERTIFICATE), ["delete", "create"]);
    let other = Identity::server();
    world.terraform.write("server.pem", &other.certificate_pem);
    world.terraform.write("server.key", &other.private_key_pem);
    let plan = world.terraform.plan(&certificate(&format!("{WITH_KEY}  private_key_wo_version = 1")));
    assert_eq!(plan.actions(CERTIFICATE), ["delete", "create"]);
}

#[test]
fn a_key_of_another_certificate_is_refused() {
    let world = Sandbox::start();
    world.terraform.write("server.key", &Identity::server().private_key_pem);
    let said = world.terraform.refused_apply(&certificate(&format!("{WITH_KEY}  private_key_wo_version = 1")));
    super::expect_words(&said, &["private_key_wo", "certificate"]);
    assert!(world.terraform.attributes(CERTIFICATE).is_none());
}

#[test]
fn a_server_certificate_without_a_key_is_refused_before_anything_is_sent() {
    let world = Sandbox::start();
    let said = world.terraform.refused_plan(&certificate("  certificate = file(\"server.pem\")"));
    super::expect_words(&said, &["private_key_wo"]);
}

#[test]
fn a_text_that_is_no_certificate_is_refused_before_anything_is_sent() {
    let world = Sandbox::start();
    let text = "  certificate = \"not PEM\"\n  private_key_wo = file(\"server.key\")\n  private_key_wo_version = 1";
    let said = world.terraform.refused_plan(&certificate(text));
    super::expect_words(&said, &["certificate", "PEM"]);
}

#[test]
fn an_authority_for_clients_needs_no_key() {
    let world = Sandbox::start();
    world.terraform.write("ca.pem", &Authority::new().certificate_pem);
    world.terraform.apply(&certificate("  type = \"client_ca\"\n  certificate = file(\"ca.pem\")"));
}

#[test]
fn another_type_replaces_the_certificate() {
    let world = Sandbox::start();
    world.terraform.write("ca.pem", &Authority::new().certificate_pem);
    world.terraform.apply(&certificate("  type = \"client_ca\"\n  certificate = file(\"ca.pem\")"));
    let server = certificate(&format!("{WITH_KEY}  private_key_wo_version = 1"));
    assert_eq!(world.terraform.plan(&server).actions(CERTIFICATE), ["delete", "create"]);
    world.terraform.apply(&server);
}

#[test]
fn an_imported_server_certificate_is_not_uploaded_again() {
    let world = Sandbox::start();
    let configuration = certificate(&format!("{WITH_KEY}  private_key_wo_version = 1\n  name = \"web\""));
    world.terraform.apply(&configuration);
    let id = world.terraform.text(CERTIFICATE, "certificate_id");
    world.terraform.forget(CERTIFICATE);
    world.terraform.import(CERTIFICATE, &id);

    // The platform does not tell which version of the key it has: the first apply only writes that down.
    let plan = world.terraform.plan(&configuration);
    assert!(
        matches!(plan.actions(CERTIFICATE).as_slice(), [only] if only != "create"),
        "{:?}",
        plan.actions(CERTIFICATE)
    );
    world.terraform.apply(&configuration);
    assert_eq!(world.terraform.text(CERTIFICATE, "certificate_id"), id);
}

#[test]
fn what_the_platform_reads_from_a_certificate_is_in_the_state() {
    let world = Sandbox::start();
    world.terraform.apply(&certificate(&format!("{WITH_KEY}  private_key_wo_version = 1")));
    for name in ["domain", "not_before", "not_after"] {
        assert!(!world.terraform.text(CERTIFICATE, name).is_empty(), "{name}");
    }
    let names = world.terraform.attribute(CERTIFICATE, "subject_alternative_names").to_string();
    let domain = world.terraform.text(CERTIFICATE, "domain");
    assert!(names.contains(SERVER_NAME) || domain == SERVER_NAME, "{domain} {names}");
    assert!(world.terraform.attributes(CERTIFICATE).unwrap().get("fingerprint").is_some());
}

#[test]
fn an_imported_certificate_needs_no_change() {
    let world = Sandbox::start();
    world.terraform.write("ca.pem", &Authority::new().certificate_pem);
    let configuration = certificate("  type = \"client_ca\"\n  name = \"clients\"\n  certificate = file(\"ca.pem\")");
    world.terraform.apply(&configuration);
    let id = world.terraform.text(CERTIFICATE, "certificate_id");
    let before = world.terraform.attributes(CERTIFICATE);
    world.terraform.forget(CERTIFICATE);

    world.terraform.import(CERTIFICATE, &id);

    assert_eq!(world.terraform.attributes(CERTIFICATE), before);
    world.terraform.expect_empty_plan();
}
