//! Two readings of the same documentation: clients that are not ours, against the simulator.

use clb_acceptance_tests::certificates::SERVER_NAME;
use clb_acceptance_tests::independent::Python;
use clb_acceptance_tests::sandbox::Sandbox;
use clb_acceptance_tests::service::{CERTIFICATE, LOAD_BALANCER, Service};
use clb_simulator::data_plane::Settings;
use serde_json::{Value, json};

#[test]
fn the_official_sdk_creates_describes_and_deletes_a_listener() {
    let world = Sandbox::start();
    world.terraform.apply(&Service::new().hcl());
    let endpoint = world.endpoint();
    let host = endpoint.strip_prefix("http://").unwrap();

    let said = Python::ready().run(
        "sdk_listener.py",
        &[
            host,
            world.secret_id(),
            world.secret_key(),
            "ap-guangzhou",
            &world.terraform.text(LOAD_BALANCER, "load_balancer_id"),
            &world.terraform.text(CERTIFICATE, "certificate_id"),
            "9443",
        ],
    );

    let said: Value = serde_json::from_str(&said).unwrap();
    assert!(said["listener_id"].as_str().unwrap().starts_with("lbl-"));
    assert_eq!(said["name"], "made-by-the-official-sdk");
    assert_eq!(said["protocol"], "QUIC");
    assert_eq!(said["port"], 9443);
    assert_eq!(said["scheduler"], "LEAST_CONN");
    assert_eq!(said["certificate_id"], world.terraform.text(CERTIFICATE, "certificate_id"));
    assert_eq!(said["left"], 0);
}

#[test]
fn aioquic_sends_a_text_and_gets_the_backends_answer() {
    let world = Sandbox::start();
    let blue = world.backend("blue");
    world.terraform.apply(&Service::new().backend(&blue, 10).hcl());
    let address = world.address();
    let certificate = world.terraform.folder().join("server.pem");

    let said = Python::ready().run(
        "aioquic_ask.py",
        &[
            &address.ip().to_string(),
            &address.port().to_string(),
            SERVER_NAME,
            &certificate.to_string_lossy(),
            "0",
            "hello from aioquic",
        ],
    );

    assert!(said.starts_with("blue 127.0.0.1:"), "{said}");
    assert!(said.ends_with("\nhello from aioquic"), "{said}");
}

/// What aioquic says that has been here before and sends before its handshake is complete.
fn early_data(settings: Settings) -> Value {
    let world = Sandbox::start_with(settings);
    let blue = world.backend("blue");
    world.terraform.apply(&Service::new().backend(&blue, 10).hcl());
    let (ip, port) = (world.address().ip().to_string(), world.address().port().to_string());
    let certificate = world.terraform.folder().join("server.pem");
    let said = Python::ready().run("early_data.py", &[&ip, &port, SERVER_NAME, &certificate.to_string_lossy()]);
    serde_json::from_str(&said).unwrap()
}

#[test]
fn early_data_of_aioquic_is_taken_only_when_that_was_asked_for() {
    let off = early_data(Settings::default());
    assert_eq!(off, json!({"allowed": false, "resumed": true, "accepted": false, "whole": true}));
    let on = early_data(Settings { early_data: true, ..Settings::default() });
    assert_eq!(on, json!({"allowed": true, "resumed": true, "accepted": true, "whole": true}));
}
