//! Ends and new starts that are wanted: everything is as it was.

use std::net::UdpSocket;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use clb_cloud_api::{clb, ssl, tag};
use clb_simulator::seed::INSTANCES;
use clb_simulator::{Config, Simulator};

use crate::program::{Program, pool};
use crate::sandbox::{Sandbox, client, instance, listener, public, register};

fn config(path: &Path, pool: &str) -> Config {
    Config { state: Some(path.to_owned()), vip_pool: pool.parse().expect("a network"), ..Config::default() }
}

async fn start(path: &Path, pool: &str) -> Sandbox {
    let simulator = Simulator::start(config(path, pool)).await.expect("it starts");
    let demo = (clb_simulator::config::DEMO_SECRET_ID, clb_simulator::config::DEMO_SECRET_KEY);
    let client = client(simulator.api_address(), demo.0, demo.1);
    Sandbox { simulator, client }
}

fn state() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("state.redb");
    (folder, path)
}

/// What the API says of everything.
pub async fn everything(sandbox: &Sandbox) -> String {
    let mut said = Vec::new();
    let load_balancers = sandbox.call(&clb::DescribeLoadBalancers::default()).await;
    for it in &load_balancers.load_balancer_set {
        let listeners = clb::DescribeListeners {
            load_balancer_id: it.load_balancer_id.clone(),
            ..clb::DescribeListeners::default()
        };
        let targets =
            clb::DescribeTargets { load_balancer_id: it.load_balancer_id.clone(), ..clb::DescribeTargets::default() };
        if it.forward != 0 {
            said.push(format!("{:?}", sandbox.call(&listeners).await));
            said.push(format!("{:?}", sandbox.call(&targets).await));
        }
    }
    said.push(format!("{load_balancers:?}"));
    said.push(format!("{:?}", sandbox.call(&ssl::DescribeCertificates::default()).await));
    said.join("\n")
}

#[tokio::test]
pub async fn everything_is_as_it_was_and_ports_are_open_when_the_start_has_returned() {
    let ((_folder, path), pool) = (state(), pool());
    let sandbox = start(&path, &pool).await;
    let (lb, id) = sandbox.listener().await;
    let ca = sandbox.ca_certificate().await;
    sandbox.done(&register(&lb, &id, vec![instance(INSTANCES[0].0, 8080)])).await;
    let mutual = clb::ModifyListener {
        load_balancer_id: lb.clone(),
        listener_id: id.clone(),
        certificate: Some(clb::CertificateInput {
            ssl_mode: Some("MUTUAL".into()),
            cert_ca_id: Some(ca.clone()),
            ..clb::CertificateInput::default()
        }),
        ..clb::ModifyListener::default()
    };
    sandbox.done(&mutual).await;
    let tags = tag::ModifyResourceTags {
        resource: format!("qcs::clb:ap-guangzhou:uin/:clb/{lb}"),
        replace_tags: Some(vec![tag::Tag { tag_key: "team".into(), tag_value: "game".into(), ..tag::Tag::default() }]),
        ..tag::ModifyResourceTags::default()
    };
    sandbox.call(&tags).await;
    // The listener keeps what the account no longer has.
    sandbox.call(&ssl::DeleteCertificate { certificate_id: ca, ..ssl::DeleteCertificate::default() }).await;
    let token = clb::CreateLoadBalancer { client_token: Some("once".into()), ..public() };
    let once = sandbox.create_load_balancer(&token).await;
    let before = everything(&sandbox).await;
    let address = sandbox.address(&lb, 8443).await;
    sandbox.simulator.stop().await;
    UdpSocket::bind(address).expect("the port is closed");

    for _ in 0..2 {
        let sandbox = start(&path, &pool).await;
        UdpSocket::bind(address).expect_err("the port is open again");
        assert_eq!(everything(&sandbox).await, before);
        assert_eq!(sandbox.create_load_balancer(&token).await, once, "the token is known");
        sandbox.simulator.stop().await;
    }
    // Ids go on: a new thing has none that was given out.
    let sandbox = start(&path, &pool).await;
    let next = sandbox.load_balancer().await;
    assert!(!before.contains(&next));
    let other = listener(&next, &sandbox.server_certificate().await);
    sandbox.done(&other).await;
    sandbox.simulator.stop().await;
}

#[tokio::test]
async fn a_reset_and_a_world_of_its_own_are_kept() {
    let ((_folder, path), pool) = (state(), pool());
    let secret_id = format!("{}-job7", clb_simulator::config::DEMO_SECRET_ID);
    let secret_key = clb_simulator::config::DEMO_SECRET_KEY;
    let sandbox = start(&path, &pool).await;
    let job = client(sandbox.simulator.api_address(), &secret_id, secret_key);
    job.call(&public()).await.expect("accepted");
    let of_job = format!("{:?}", job.call(&clb::DescribeLoadBalancers::default()).await.expect("answered").reply);
    sandbox.load_balancer().await;
    sandbox.simulator.stop().await;

    let sandbox = start(&path, &pool).await;
    let job = client(sandbox.simulator.api_address(), &secret_id, secret_key);
    let again = format!("{:?}", job.call(&clb::DescribeLoadBalancers::default()).await.expect("answered").reply);
    assert_eq!(again.replace("Status: 0", "Status: 1"), of_job.replace("Status: 0", "Status: 1"));
    sandbox.simulator.stop().await;
}

#[test]
fn the_file_is_its_owners_only_and_nothing_is_left_beside_it() {
    let ((folder, path), pool) = (state(), pool());
    std::fs::write(path.with_file_name("state.redb.new"), "left by a start that was interrupted").expect("written");
    Program::start(&path, &pool).kill();
    let mode = std::fs::metadata(&path).expect("the file is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 1);
}

#[test]
fn a_file_that_cannot_be_used_is_refused_with_its_path_and_what_to_do() {
    let ((folder, path), network) = (state(), pool());
    let name = path.to_str().expect("UTF-8");
    let running = Program::start(&path, &network);
    let said = Program::refused(&path, &network);
    assert!(said.contains(name) && said.contains("in use by another process"), "{said}");
    running.kill();

    let foreign = folder.path().join("foreign");
    std::fs::write(&foreign, "a letter to a friend\n".repeat(1000)).expect("written");
    let said = Program::refused(&foreign, &network);
    assert!(said.contains("foreign is no state file"), "{said}");
    assert!(std::fs::read_to_string(&foreign).expect("there").starts_with("a letter"), "it stays as it is");

    let said = Program::refused(&path, &pool());
    assert!(said.contains(name) && said.contains("--vip-pool"), "{said}");
    let said = Program::refused(&folder.path().join("nowhere/state"), &network);
    assert!(said.contains("nowhere/state") && said.contains("No such file"), "{said}");
    let said = Program::refused(folder.path(), &network);
    assert!(said.contains(folder.path().to_str().expect("UTF-8")), "{said}");
}

#[test]
fn a_start_may_be_killed_at_any_moment() {
    let ((_folder, path), pool) = (state(), pool());
    let mut chance = clb_model::chance::Chance::seeded(3);
    for round in 0..12 {
        if round % 4 == 0 {
            let _ = std::fs::remove_file(&path);
        }
        Program::killed_after(&path, &pool, std::time::Duration::from_micros(chance.below(60_000)));
    }
    Program::start(&path, &pool).kill();
    Program::start(&path, &pool).kill();
}
