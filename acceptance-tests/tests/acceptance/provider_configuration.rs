//! The provider block: where it takes its settings from, and what a new user gets wrong.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::time::{Duration, Instant};

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

#[test]
fn a_profile_of_tccli_is_enough() {
    let mut world = Sandbox::start_packaged(&one_load_balancer());
    let pair = format!("{{\"secretId\": \"{}\", \"secretKey\": \"{}\"}}", world.secret_id(), world.secret_key());
    for name in ["TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY", "TENCENTCLOUD_REGION"] {
        world.terraform.set_environment(name, "");
    }
    let said = world.terraform.refused_apply(&one_load_balancer());
    super::expect_words(&said, &["secret_id", "CLB_SECRET_ID", ".tccli/default.credential", "tccli configure"]);

    std::fs::create_dir(world.terraform.folder().join(".tccli")).unwrap();
    world.terraform.write(".tccli/default.credential", &pair);
    world.terraform.write(".tccli/default.configure", "{\"_sys_param\": {\"region\": \"ap-guangzhou\"}}");
    world.terraform.apply(&one_load_balancer());
    assert!(world.terraform.attributes(LOAD_BALANCER).is_some());

    world.terraform.set_environment("TENCENTCLOUD_PROFILE", "ci");
    let said = world.terraform.refused_plan(&one_load_balancer());
    super::expect_words(&said, &["There is no profile ci", "ci.credential", "tccli configure --profile ci"]);

    std::fs::create_dir(world.terraform.folder().join("keys")).unwrap();
    world.terraform.write("keys/ci.credential", &pair);
    world.terraform.write("provider.tf", "provider \"clb\" {\n  shared_credentials_dir = \"keys\"\n}\n");
    assert_eq!(world.terraform.plan(&one_load_balancer()).actions(LOAD_BALANCER), ["no-op"]);
}

#[test]
fn a_role_is_asked_for_before_anything_else_and_must_have_the_form_of_one() {
    let world = Sandbox::start();
    let endpoint = world.endpoint();
    let role = |arn: &str| {
        format!(
            "endpoint = \"{endpoint}\"\n  assume_role = {{\n    role_arn = \"{arn}\"\n    session_name = \"ci\"\n    \
             session_duration = 900\n    external_id = \"team\"\n  }}"
        )
    };
    world.configure_provider(&role("deployer"));
    super::expect_words(&world.terraform.refused_plan(&one_load_balancer()), &["role_arn", "qcs::cam::uin/"]);

    // The simulator gives no roles: what it says shows that it was asked.
    world.configure_provider(&role("qcs::cam::uin/100000000001:roleName/deployer"));
    super::expect_words(&world.terraform.refused_apply(&one_load_balancer()), &["AssumeRole", "InvalidAction"]);
}

#[test]
fn each_service_can_have_an_endpoint_of_its_own() {
    let world = Sandbox::start();
    let services = ["clb", "ssl", "vpc", "cvm", "tag", "sts"].map(|name| format!("{name} = \"{}\"", world.endpoint()));
    // What is not among them would go to a port where nobody listens.
    world.configure_provider(&format!(
        "endpoint = \"http://127.0.0.1:1\"\n  endpoints = {{\n{}\n}}",
        services.join("\n")
    ));
    world.terraform.apply(&one_load_balancer());

    world.configure_provider("endpoints = { ssl = \"ssl.example\" }");
    super::expect_words(&world.terraform.refused_plan(&one_load_balancer()), &["endpoints.ssl", "ssl.example", "http"]);
}

#[test]
fn what_is_not_on_this_machine_goes_by_the_proxy_and_what_is_does_not() {
    let world = Sandbox::start();
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = proxy.local_addr().unwrap();
    world.configure_provider(&format!("endpoint = \"{}\"\n  proxy = \"http://{address}\"", world.endpoint()));
    world.terraform.apply(&one_load_balancer());

    let asked = std::thread::spawn(move || {
        let (mut client, _) = proxy.accept().unwrap();
        // So that whoever tries again finds nobody.
        drop(proxy);
        let mut line = String::new();
        BufReader::new(&mut client).read_line(&mut line).unwrap();
        client.write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n").unwrap();
        line
    });
    world.configure_provider(&format!("endpoint = \"https://clb.example\"\n  proxy = \"http://me:s3cret@{address}\""));
    let said = world.terraform.refused_plan(&one_load_balancer());
    super::expect_words(&said, &["https://clb.example"]);
    assert!(!said.contains("s3cret"), "{said}");
    assert_eq!(asked.join().unwrap(), "CONNECT clb.example:443 HTTP/1.1\r\n");
}

#[test]
fn an_endpoint_that_is_no_cloud_is_shown_with_what_it_said_within_seconds() {
    let started = Instant::now();
    for (answer, words) in [
        ("HTTP/1.1 404 Not Found\r\ncontent-length: 20\r\n\r\n<html>nobody</html>\n", ["404", "<html>nobody</html>"]),
        ("HTTP/1.1 200 OK\r\ncontent-length: 12\r\n\r\n{\"Response\":", ["not", "http://127.0.0.1"]),
    ] {
        let door = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = door.local_addr().unwrap();
        std::thread::spawn(move || {
            for client in door.incoming() {
                let mut client = client.unwrap();
                let mut head = [0; 4096];
                let _ = client.read(&mut head);
                let _ = client.write_all(answer.as_bytes());
            }
        });
        let said = refused_with(&format!("endpoint = \"http://{address}\""));
        super::expect_words(&said, &words);
    }
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}
