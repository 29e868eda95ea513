//! The provider block: where it takes its settings from, and what a new user gets wrong.

use clb_acceptance_tests::sandbox::Sandbox;
use clb_acceptance_tests::service::{LOAD_BALANCER, REQUIRED_PROVIDERS};

const ONE_LOAD_BALANCER: &str =
    "resource \"clb_load_balancer\" \"web\" {\n  network_type = \"public\"\n  vpc_id = \"vpc-demo0001\"\n}\n";

fn one_load_balancer() -> String {
    format!("{REQUIRED_PROVIDERS}{ONE_LOAD_BALANCER}")
}

/// What an apply says with these arguments in the provider block.
#[track_caller]
fn refused_with(arguments: &str) -> String {
    let world = Sandbox::start();
    world.configure_provider(arguments);
    world.terraform.refused_apply(&one_load_balancer())
}

#[test]
fn the_environment_is_enough() {
    let world = Sandbox::start_packaged(&one_load_balancer());
    world.terraform.apply(&one_load_balancer());
    assert!(world.terraform.attributes(LOAD_BALANCER).is_some());
}

#[test]
fn the_block_overrules_the_environment() {
    let mut world = Sandbox::start_packaged(&one_load_balancer());
    for name in ["CLB_ENDPOINT", "TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY"] {
        world.terraform.set_environment(name, "http://127.0.0.1:1");
    }
    world.configure_provider(&format!("endpoint = \"{}\"", world.endpoint()));
    world.terraform.apply(&one_load_balancer());
    assert!(world.terraform.attributes(LOAD_BALANCER).is_some());
}

#[test]
fn a_missing_key_pair_is_asked_for_by_argument_and_variable() {
    let mut world = Sandbox::start_packaged(&one_load_balancer());
    world.terraform.set_environment("TENCENTCLOUD_SECRET_ID", "");
    let said = world.terraform.refused_apply(&one_load_balancer());
    super::expect_words(&said, &["secret_id", "TENCENTCLOUD_SECRET_ID"]);
}

#[test]
fn a_simulator_that_is_not_running_is_named() {
    let said = refused_with("endpoint = \"http://127.0.0.1:1\"");
    super::expect_words(&said, &["http://127.0.0.1:1", "onnection refused"]);
}

#[test]
fn a_wrong_secret_key_is_refused_with_the_platforms_code() {
    let world = Sandbox::start();
    let endpoint = world.endpoint();
    world.configure_provider(&format!("endpoint = \"{endpoint}\"\n  secret_key = \"not-the-secret-key-of-anyone\""));
    let said = world.terraform.refused_apply(&one_load_balancer());
    super::expect_words(&said, &["AuthFailure.SignatureFailure", "secret_key"]);
    assert!(!said.contains("not-the-secret-key-of-anyone"), "the secret key is in the message:\n{said}");
}

#[test]
fn an_unknown_secret_id_is_refused_with_the_platforms_code() {
    let world = Sandbox::start();
    let endpoint = world.endpoint();
    world.configure_provider(&format!("endpoint = \"{endpoint}\"\n  secret_id = \"AKIDnobody\""));
    let said = world.terraform.refused_apply(&one_load_balancer());
    super::expect_words(&said, &["AuthFailure.SecretIdNotFound", "secret_id"]);
}

#[test]
fn a_region_that_does_not_exist_is_refused() {
    let world = Sandbox::start();
    world.configure_provider(&format!("endpoint = \"{}\"\n  region = \"ap-nowhere\"", world.endpoint()));
    super::expect_words(&world.terraform.refused_apply(&one_load_balancer()), &["ap-nowhere", "region"]);
}

#[test]
fn a_token_that_nobody_gave_out_is_refused() {
    let world = Sandbox::start();
    let endpoint = world.endpoint();
    world.configure_provider(&format!("endpoint = \"{endpoint}\"\n  token = \"not-the-token-of-anyone\""));
    let said = world.terraform.refused_apply(&one_load_balancer());
    super::expect_words(&said, &["AuthFailure.TokenFailure", "token"]);
    assert!(!said.contains("not-the-token-of-anyone"), "the token is in the message:\n{said}");
}

#[test]
fn an_endpoint_that_is_no_address_is_refused_before_anything_is_sent() {
    let said = refused_with("endpoint = \"127.0.0.1:9000\"");
    super::expect_words(&said, &["endpoint", "http://"]);
}
