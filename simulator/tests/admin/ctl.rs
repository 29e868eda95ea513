//! `clb-simulator ctl` as a program: what it prints, and how it fails.

use std::process::{Command, Output};

use serde_json::Value;

use crate::sandbox::Sandbox;

/// The program with these arguments, at the sandbox's door.
pub async fn run(sandbox: &Sandbox, arguments: &[&str]) -> Output {
    at(&sandbox.simulator.admin_address().to_string(), arguments).await
}

async fn at(admin: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clb-simulator"));
    command.arg("ctl").args(arguments).args(["--admin", admin]);
    tokio::task::spawn_blocking(move || command.output()).await.expect("no panic").expect("it runs")
}

/// What `ctl` prints for these arguments.
pub async fn ctl(sandbox: &Sandbox, arguments: &[&str]) -> Value {
    let output = run(sandbox, arguments).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// The one line that `ctl` says when it fails.
pub async fn fails(sandbox: &Sandbox, arguments: &[&str]) -> String {
    failure(&run(sandbox, arguments).await)
}

fn failure(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!((output.status.code(), output.stdout.len(), said.lines().count()), (Some(1), 0, 1), "{said}");
    assert!(said.starts_with("error: the admin door "), "{said}");
    said
}

#[tokio::test]
async fn the_door_is_found_by_its_address_its_url_and_the_endpoints_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("endpoints.json");
    let config = clb_simulator::Config { endpoints_file: Some(file.clone()), ..clb_simulator::Config::default() };
    let sandbox = Sandbox::start_with(config).await;
    let address = sandbox.simulator.admin_address();
    for admin in [address.to_string(), format!("http://{address}/"), file.to_str().expect("UTF-8").to_owned()] {
        let output = at(&admin, &["health"]).await;
        assert!(output.status.success(), "{admin}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[tokio::test]
async fn a_door_that_is_none_is_said_in_one_line() {
    let sandbox = Sandbox::start().await;
    let api = sandbox.simulator.api_address().to_string();
    assert!(failure(&at(&api, &["health"]).await).contains("is this the address of the cloud API?"));
    // Bound and not listening: nobody can be there.
    let nobody = tokio::net::TcpSocket::new_v4().expect("a socket");
    nobody.bind("127.0.0.1:0".parse().expect("an address")).expect("a port");
    let address = nobody.local_addr().expect("an address").to_string();
    assert!(failure(&at(&address, &["health"]).await).contains("start `clb-simulator serve`"));
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("endpoints.json");
    let name = file.to_str().expect("UTF-8");
    assert!(failure(&at(name, &["health"]).await).contains("not readable"));
    std::fs::write(&file, "{}").expect("written");
    assert!(failure(&at(name, &["health"]).await).contains("without an address at `admin`"));
}
