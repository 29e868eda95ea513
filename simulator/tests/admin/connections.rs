//! The connection journal, as the admin door shows it.

use std::process::Command;

use clb_cloud_api::clb;
use clb_simulator::backend::Backend;
use clb_simulator::seed::INSTANCES;
use serde_json::Value;

use crate::ctl::ctl;
use crate::sandbox::{Sandbox, instance, register};

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

    let journal = ctl(&sandbox, &["connections", "--listener", &id]).await;
    let connections = journal["connections"].as_array().expect("a list");
    assert_eq!((connections.len(), &journal["totals"]["opened"]), (1, &1.into()));
    assert_eq!(connections[0]["backend"], format!("10.0.1.5:{port}"));
    assert!(connections[0]["client"].as_str().is_some_and(|client| client.starts_with("127.0.0.77:")), "{journal}");
    let other = ctl(&sandbox, &["connections", "--listener", "lbl-99999999"]).await;
    assert_eq!(other["connections"], Value::Array(Vec::new()));
}
