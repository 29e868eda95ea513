//! Snapshots through `clb-simulator ctl snapshot`: saved, listed, loaded, compared.

use std::net::UdpSocket;
use std::path::PathBuf;
use std::process::{Command, Output};

use clb_cloud_api::{clb, ssl};
use clb_simulator::seed::INSTANCES;
use clb_simulator::{Config, Simulator};
use serde_json::Value;

use crate::program::pool;
use crate::restart::everything;
use crate::sandbox::{Sandbox, client, instance, register};

async fn start(pool: &str, snapshots: Option<PathBuf>) -> Sandbox {
    let config = Config { vip_pool: pool.parse().expect("a network"), snapshots, ..Config::default() };
    let simulator = Simulator::start(config).await.expect("it starts");
    let demo = (clb_simulator::config::DEMO_SECRET_ID, clb_simulator::config::DEMO_SECRET_KEY);
    let client = client(simulator.api_address(), demo.0, demo.1);
    Sandbox { simulator, client }
}

async fn run(sandbox: &Sandbox, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clb-simulator"));
    command.args(["ctl", "--admin", &sandbox.simulator.admin_address().to_string(), "snapshot"]).args(arguments);
    tokio::task::spawn_blocking(move || command.output()).await.expect("no panic").expect("it runs")
}

/// What `ctl snapshot` prints.
async fn said(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let output = run(sandbox, arguments).await;
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

async fn json(sandbox: &Sandbox, arguments: &[&str]) -> Value {
    serde_json::from_str(&said(sandbox, arguments).await).expect("JSON")
}

async fn refused(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let output = run(sandbox, arguments).await;
    assert!(!output.status.success(), "{arguments:?} is done");
    String::from_utf8(output.stderr).expect("UTF-8")
}

#[tokio::test]
async fn a_snapshot_loaded_elsewhere_gives_the_same_describes() {
    let (folder, pool) = (tempfile::tempdir().expect("a folder"), pool());
    let file = folder.path().join("snapshot.json");
    let path = file.to_str().expect("UTF-8");
    let first = start(&pool, None).await;
    let (lb, id) = first.listener().await;
    first.done(&register(&lb, &id, vec![instance(INSTANCES[0].0, 8080)])).await;
    let address = first.address(&lb, 8443).await;
    let before = everything(&first).await;
    let text = said(&first, &["save", "--with-private-keys"]).await;
    assert_eq!(text, said(&first, &["save", "--with-private-keys"]).await, "the same worlds give the same text");
    std::fs::write(&file, &text).expect("written");
    let bare = said(&first, &["save"]).await;
    assert!(text.contains("PRIVATE KEY") && !bare.contains("PRIVATE KEY"));
    first.simulator.stop().await;
    UdpSocket::bind(address).expect("the port is closed");

    let other = start(&pool, None).await;
    std::fs::write(folder.path().join("bare.json"), &bare).expect("written");
    let said = refused(&other, &["load", "--file", folder.path().join("bare.json").to_str().expect("UTF-8")]).await;
    assert!(said.contains("has no private key for certificate") && said.contains("--with-private-keys"), "{said}");
    let loaded = json(&other, &["load", "--file", path]).await;
    assert_eq!(loaded["worlds"], serde_json::json!(["closed", "demo"]));
    assert_eq!(everything(&other).await, before);
    UdpSocket::bind(address).expect_err("the port is open when the answer is there");
    // What can be done, can be done.
    other.done(&clb::DeleteListener { load_balancer_id: lb, listener_id: id }).await;
    other.simulator.stop().await;
}

#[tokio::test]
async fn names_differences_and_the_way_back() {
    for in_folder in [false, true] {
        let folder = tempfile::tempdir().expect("a folder");
        let sandbox = start(&pool(), in_folder.then(|| folder.path().to_owned())).await;
        let (lb, id) = sandbox.listener().await;
        let before = everything(&sandbox).await;
        json(&sandbox, &["save", "before"]).await;
        assert_eq!(json(&sandbox, &["diff", "before"]).await["differences"], serde_json::json!([]));
        let renamed = clb::ModifyListener {
            load_balancer_id: lb.clone(),
            listener_id: id.clone(),
            listener_name: Some("another".into()),
            ..clb::ModifyListener::default()
        };
        sandbox.done(&renamed).await;
        json(&sandbox, &["save", "after", "--with-private-keys"]).await;
        let found = json(&sandbox, &["diff", "before", "after"]).await;
        let differences = found["differences"].as_array().expect("a list");
        assert_eq!(differences.len(), 1, "{found}");
        let path = format!("worlds/demo/regions/ap-guangzhou/listener/{id}/listener/name");
        assert_eq!(
            (&differences[0]["path"], &differences[0]["after_json"]),
            (&path.into(), &"another".into()),
            "{found}"
        );
        let listed = json(&sandbox, &["list"]).await;
        let names: Vec<_> = listed["snapshots"].as_array().expect("a list").iter().map(|it| &it["name"]).collect();
        assert_eq!(names, ["after", "before"]);
        assert_eq!(listed["snapshots"][0]["has_private_keys"], true);
        // The key is left out, and is that of the certificate that is here.
        json(&sandbox, &["load", "before", "--world", "demo"]).await;
        assert_eq!(everything(&sandbox).await, before);
        json(&sandbox, &["delete", "before"]).await;
        assert!(refused(&sandbox, &["load", "before"]).await.contains("there is no snapshot before"));
        assert!(refused(&sandbox, &["load", "after", "--world", "x"]).await.contains("there is no world x"));
        assert!(refused(&sandbox, &["save", "../x"]).await.contains("no name of a snapshot"));
        sandbox.simulator.stop().await;
    }
}

#[tokio::test]
async fn what_does_not_fit_is_refused_and_changes_nothing() {
    let (folder, pool_of_first) = (tempfile::tempdir().expect("a folder"), pool());
    let sandbox = start(&pool_of_first, None).await;
    let (lb, _) = sandbox.listener().await;
    let before = everything(&sandbox).await;
    let good: Value = json(&sandbox, &["save", "--with-private-keys"]).await;
    let file = folder.path().join("snapshot.json");
    let load = ["load", "--file", file.to_str().expect("UTF-8")];
    let region = "/worlds/demo/regions/ap-guangzhou";
    let spoilt: [(&str, Value, &str); 6] = [
        ("/format", "another".into(), "no snapshot of clb-simulator"),
        ("/version", 99.into(), "version 99"),
        (&format!("{region}/load_balancer/{lb}/vip"), "127.1.2.3".into(), "--vip-pool"),
        (&format!("{region}/load_balancer/{lb}/security_groups"), serde_json::json!(["sg-none0000"]), "not there"),
        (&format!("{region}/load_balancer/{lb}/bandwidth"), "much".into(), "cannot be read"),
        (&format!("{region}/subnet"), serde_json::json!([]), "an object"),
    ];
    for (pointer, value, reason) in spoilt {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).expect("it is there") = value;
        std::fs::write(&file, bad.to_string()).expect("written");
        let said = refused(&sandbox, &load).await;
        assert!(said.contains(reason), "{pointer}: {said}");
    }
    assert_eq!(everything(&sandbox).await, before);
    sandbox.call(&ssl::DescribeCertificates::default()).await;
    sandbox.simulator.stop().await;
}
