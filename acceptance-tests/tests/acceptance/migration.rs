//! Clients that are not ours and change their address in the middle of a transfer: nothing is lost, backends notice
//! nothing, and see the new address only once its path is validated.

use clb_acceptance_tests::certificates::SERVER_NAME;
use clb_acceptance_tests::independent::Python;
use clb_acceptance_tests::sandbox::Sandbox;
use clb_acceptance_tests::service::Service;
use serde_json::Value;

/// Bytes of a transfer, each way.
const SIZE: &str = "1500000";

/// What aioquic says of a transfer while it comes from these addresses in turn. Every stream was one connection of the
/// backend.
fn aioquic(kind: &str, addresses: &[&str]) -> Value {
    let world = Sandbox::start();
    let blue = world.backend("blue");
    world.terraform.apply(&Service::new().backend(&blue, 10).hcl());
    let (ip, port) = (world.address().ip().to_string(), world.address().port().to_string());
    let certificate = world.terraform.folder().join("server.pem");
    let fixed = [ip.as_str(), &port, SERVER_NAME, &certificate.to_string_lossy(), kind, SIZE];
    let said = Python::ready().run("aioquic_moving.py", &[&fixed, addresses].concat());
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["whole"], true, "{said}");
    assert_eq!(said["streams"], blue.served().len(), "{said}");
    said
}

#[test]
fn aioquic_behind_a_nat_that_rebinds_loses_nothing_and_the_backend_sees_one_connection() {
    let said = aioquic("rebinding", &["127.0.0.81", "127.0.0.81", "127.0.0.81", "127.0.0.81"]);

    assert!(said["challenges"].as_u64().unwrap() >= 3, "each new path is challenged: {said}");
}

#[test]
fn aioquic_that_changes_its_network_is_shown_to_backends_once_the_path_is_validated() {
    let said = aioquic("migration", &["127.0.0.82", "127.0.0.83", "127.0.0.84"]);

    assert!(said["challenges"].as_u64().unwrap() >= 2, "each new path is challenged: {said}");
    assert_eq!(said["seen"], "127.0.0.82", "a TCP connection keeps its source: {said}");
    assert_ne!(said["seen_right_after"], "127.0.0.84", "{said}");
    assert_eq!(said["seen_later"], "127.0.0.84", "{said}");
}
