//! The connection journal, as the admin door shows it.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use clb_cloud_api::clb;
use clb_simulator::backend::Backend;
use clb_simulator::seed::INSTANCES;
use serde_json::Value;

use crate::ctl::ctl;
use crate::sandbox::{Sandbox, instance, register};

/// A listener with one backend that answers `blue`.
pub struct Forwarding {
    pub sandbox: Sandbox,
    pub load_balancer_id: String,
    pub listener_id: String,
    /// The backend's address as the cloud knows it.
    pub cloud_address: String,
    target: String,
    _backend: Backend,
}

impl Forwarding {
    pub async fn start() -> Self {
        Self::on(Sandbox::start().await).await
    }

    pub async fn on(sandbox: Sandbox) -> Self {
        let backend = Backend::start("127.10.1.5:0".parse().expect("an address"), Some("blue")).await.expect("one");
        let mut request = sandbox.listener_request().await;
        // Without a health check a new backend gets traffic at once.
        request.health_check = Some(clb::HealthCheck { health_switch: Some(0), ..clb::HealthCheck::default() });
        let listener_id = sandbox.done(&request).await.listener_ids[0].clone();
        let port = i64::from(backend.address().port());
        let load_balancer_id = request.load_balancer_id;
        sandbox.done(&register(&load_balancer_id, &listener_id, vec![instance(INSTANCES[0].0, port)])).await;
        let target = sandbox.address(&load_balancer_id, 8443).await.to_string();
        let cloud_address = format!("10.0.1.5:{port}");
        Self { sandbox, load_balancer_id, listener_id, cloud_address, target, _backend: backend }
    }

    /// Sends a line on one connection with `clb-simulator client`; whether that was answered.
    pub async fn say(&self, line: &str, further: &[&str]) -> bool {
        let mut client = Command::new(env!("CARGO_BIN_EXE_clb-simulator"));
        client.args(["client", &self.target, "--line", line, "--source", "127.0.0.77"]).args(further);
        let said = tokio::task::spawn_blocking(move || client.output()).await.expect("no panic").expect("it runs");
        said.status.success() && String::from_utf8_lossy(&said.stdout).contains("blue")
    }
}

#[tokio::test]
async fn a_connection_through_a_listener_is_listed_with_its_backend() {
    let forwarding = Forwarding::start().await;
    assert!(forwarding.say("hello", &["--insecure"]).await);

    let id = forwarding.listener_id.as_str();
    let journal = ctl(&forwarding.sandbox, &["connections", "--listener", id]).await;
    let connections = journal["connections"].as_array().expect("a list");
    assert_eq!((connections.len(), &journal["totals"]["opened"]), (1, &1.into()));
    assert_eq!(connections[0]["backend"], forwarding.cloud_address);
    assert!(connections[0]["client"].as_str().is_some_and(|client| client.starts_with("127.0.0.77:")), "{journal}");
    assert_eq!((&connections[0]["streams"], &connections[0]["streams_reset"]), (&1.into(), &0.into()));
    let other = ctl(&forwarding.sandbox, &["connections", "--listener", "lbl-99999999"]).await;
    assert_eq!(other["connections"], Value::Array(Vec::new()));
}

#[tokio::test]
async fn connections_can_be_followed_and_so_can_attempts_that_fail() {
    let forwarding = Forwarding::start().await;
    assert!(forwarding.say("hello", &["--insecure"]).await);
    let mut command = Command::new(env!("CARGO_BIN_EXE_clb-simulator"));
    let admin = forwarding.sandbox.simulator.admin_address().to_string();
    command.args(["ctl", "--admin", &admin, "connections", "--follow"]);
    let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
    let output = BufReader::new(child.stdout.take().expect("piped"));
    let (sender, mut lines) = tokio::sync::mpsc::channel(10);
    let reading = tokio::task::spawn_blocking(move || {
        for line in output.lines() {
            let _ = sender.blocking_send(line.expect("UTF-8"));
        }
    });
    let mut next = async || {
        let line = tokio::time::timeout(Duration::from_secs(20), lines.recv()).await.expect("in time").expect("a line");
        serde_json::from_str::<Value>(&line).expect("JSON")
    };
    // What is remembered comes first. It may still be open then; its end follows.
    let mut first = next().await;
    while first["connection"]["closed_by"] == "" {
        first = next().await;
    }
    let first = &first["connection"];
    assert_eq!((&first["closed_by"], &first["close_code"], &first["number"]), (&"client".into(), &0.into(), &1.into()));

    // A CA that the listener's certificate does not come from.
    let stranger = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data_plane/fixtures/rsa_certificate.pem");
    assert!(!forwarding.say("hello", &["--ca", stranger]).await);
    let failed = &next().await["failed_attempt"];
    assert_eq!((&failed["kind"], &failed["class"]), (&"handshake".into(), &"tls_alert_received".into()));
    assert_eq!(failed["listener_id"], forwarding.listener_id);
    assert!(failed["reason"].as_str().is_some_and(|reason| reason.contains("TLS alert")), "{failed}");
    let listed = ctl(&forwarding.sandbox, &["connections", "--newest", "1"]).await;
    assert_eq!(listed["failed_attempts"][0]["reason"], failed["reason"]);
    child.kill().expect("its own child");
    child.wait().expect("it ends");
    reading.await.expect("no panic");
}
