//! The admin door, as `clb-simulator ctl` uses it.

use std::net::UdpSocket;
use std::process::Command;

use clb_cloud_api::clb;
use clb_simulator::backend::Backend;
use clb_simulator::seed::INSTANCES;
use serde_json::Value;

use crate::sandbox::{Sandbox, instance, register};

/// What `ctl` prints for these arguments.
async fn ctl(sandbox: &Sandbox, arguments: &[&str]) -> Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clb-simulator"));
    command.arg("ctl").args(arguments).args(["--admin", &sandbox.simulator.admin_address().to_string()]);
    let output = tokio::task::spawn_blocking(move || command.output()).await.expect("no panic").expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[tokio::test]
async fn health_says_how_far_the_data_plane_is() {
    let sandbox = Sandbox::start().await;
    sandbox.listener().await;
    let health = ctl(&sandbox, &["health"]).await;
    assert_eq!(health["listeners"], 1);
    assert_eq!(health["generation"], health["applied_generation"]);
}

#[tokio::test]
async fn a_reset_puts_everything_back_and_closes_every_port() {
    let sandbox = Sandbox::start().await;
    let (lb, _) = sandbox.listener().await;
    let address = sandbox.address(&lb, 8443).await;
    ctl(&sandbox, &["reset"]).await;
    UdpSocket::bind(address).expect("the port is closed when the reset has answered");
    assert_eq!(sandbox.describe_load_balancer(&lb).await, None);
    let seed = sandbox.call(&clb::DescribeLoadBalancers::default()).await;
    assert_eq!(seed.total_count, 2, "the fixtures are there");
    sandbox.listener().await;
}

#[tokio::test]
async fn calls_are_remembered_without_their_arguments() {
    let sandbox = Sandbox::start().await;
    sandbox.listener().await;
    sandbox.code(&clb::DeleteListener { load_balancer_id: "lb-99999999".into(), listener_id: "x".into() }).await;
    let journal = ctl(&sandbox, &["journal", "--calls"]).await;
    let calls = journal["calls"].as_array().expect("a list");
    assert_eq!(journal["total"], calls.len());
    let last = calls.last().expect("calls");
    assert_eq!((&last["action"], &last["error_code"]), (&"DeleteListener".into(), &"InvalidParameter".into()));
    assert_eq!((&last["account"], &last["region"]), (&"demo".into(), &"ap-guangzhou".into()));
    assert!(!journal.to_string().contains("PRIVATE KEY"));
}

#[tokio::test]
async fn a_connection_through_a_listener_is_listed_with_its_backend() {
    let sandbox = Sandbox::start().await;
    let backend = Backend::start("127.10.1.5:0".parse().expect("an address"), Some("blue")).await.expect("a backend");
    let mut request = sandbox.listener_request().await;
    // Without a health check a new backend gets traffic at once.
    request.health_check = Some(clb::HealthCheck { health_switch: Some(0), ..clb::HealthCheck::default() });
    let id = sandbox.done(&request).await.listener_ids[0].clone();
    let port = i64::from(backend.address().port());
    sandbox.done(&register(&request.load_balancer_id, &id, vec![instance(INSTANCES[0].0, port)])).await;

    let address = sandbox.address(&request.load_balancer_id, 8443).await.to_string();
    let mut client = Command::new(env!("CARGO_BIN_EXE_clb-simulator"));
    client.args(["client", &address, "--insecure", "--line", "hello", "--source", "127.0.0.77"]);
    let said = tokio::task::spawn_blocking(move || client.output()).await.expect("no panic").expect("it runs");
    let text = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(said.status.success() && text.contains("blue"), "{text}{}", String::from_utf8_lossy(&said.stderr));

    let journal = ctl(&sandbox, &["journal", "--listener", &id]).await;
    let connections = journal["connections"].as_array().expect("a list");
    assert_eq!((connections.len(), &journal["totals"]["opened"]), (1, &1.into()));
    assert_eq!(connections[0]["backend"], format!("10.0.1.5:{port}"));
    assert!(connections[0]["client"].as_str().is_some_and(|client| client.starts_with("127.0.0.77:")), "{journal}");
    let other = ctl(&sandbox, &["journal", "--listener", "lbl-99999999"]).await;
    assert_eq!(other["connections"], Value::Array(Vec::new()));
}
