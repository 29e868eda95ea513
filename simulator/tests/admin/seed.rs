//! `clb-simulator seed`, and `serve --seed-file`.

use std::io::{BufRead, BufReader};
use std::process::{Command, Output, Stdio};

use clb_cloud_api::{clb, cvm, ssl};
use clb_simulator::Config;
use clb_simulator::seed::Seed;

use crate::sandbox::{Sandbox, client, public, server};

fn program(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_clb-simulator")).args(arguments).output().expect("it runs")
}

const SEED: &str = r#"
regions = ["ap-tokyo", "ap-guangzhou"]

[[account]]
name = "mine"
uin = "7"
quic_admitted = true
key_pairs = [{ secret_id = "AKIDmine", secret_key = "mine" }]

[[vpc]]
id = "vpc-aaaaaaaa"
name = "mine"
cidr = "192.168.0.0/16"
default = true

[[subnet]]
id = "subnet-aaaaaaaa"
vpc = "vpc-aaaaaaaa"
name = "mine"
cidr = "192.168.7.0/24"
zone = 2

[[instance]]
regions = ["ap-guangzhou"]
id = "ins-aaaaaaaa"
name = "mine"
subnet = "subnet-aaaaaaaa"
ip = "192.168.7.7"

[[load_balancer]]
regions = ["ap-guangzhou"]
id = "lb-aaaaaaaa"
name = "old"
kind = "classic"
basic_network = true

[[certificate]]
id = "mineCert"
type = "SVR"
alias = "from the seed"
certificate_file = "server.pem"
private_key_file = "server.key"
"#;

/// The seed above beside its certificate.
fn written(folder: &tempfile::TempDir) -> std::path::PathBuf {
    let material = server();
    std::fs::write(folder.path().join("server.pem"), material.certificate).expect("written");
    std::fs::write(folder.path().join("server.key"), material.key).expect("written");
    let file = folder.path().join("seed.toml");
    std::fs::write(&file, SEED).expect("written");
    file
}

#[test]
fn the_printed_seed_is_one_that_can_be_used() {
    let printed = program(&["seed"]);
    assert_eq!(String::from_utf8(printed.stdout).expect("UTF-8"), clb_simulator::seed::DEMO);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("my.toml");
    std::fs::write(&file, clb_simulator::seed::DEMO).expect("written");
    let checked = program(&["seed", "--check", file.to_str().expect("UTF-8")]);
    assert!(checked.status.success() && checked.stdout.ends_with(b"accounts closed, demo\n"));
    std::fs::write(&file, clb_simulator::seed::DEMO.replace("zone = 3", "zones = 3")).expect("written");
    let checked = program(&["seed", "--check", file.to_str().expect("UTF-8")]);
    let said = String::from_utf8(checked.stderr).expect("UTF-8");
    assert!(!checked.status.success() && said.contains("my.toml: line ") && said.contains("`zones`"), "{said}");
}

#[tokio::test]
async fn everything_of_a_seed_file_is_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let seed = Seed::read(&written(&folder)).expect("a seed");
    let sandbox = Sandbox::start_with(Config::default().with_seed(seed)).await;
    let client = client(sandbox.simulator.api_address(), "AKIDmine", "mine");
    let instances = client.call(&cvm::DescribeInstances::default()).await.expect("answered").reply;
    assert_eq!((instances.total_count, instances.instance_set[0].instance_id.as_str()), (1, "ins-aaaaaaaa"));
    let balancers = client.call(&clb::DescribeLoadBalancers::default()).await.expect("answered").reply;
    let old = &balancers.load_balancer_set[0];
    assert_eq!((old.load_balancer_id.as_str(), old.forward, old.vpc_id.as_str()), ("lb-aaaaaaaa", 0, ""));
    let question = ssl::DescribeCertificateDetail { certificate_id: "mineCert".into() };
    let detail = client.call(&question).await.expect("answered").reply;
    assert_eq!((detail.alias.as_str(), detail.domain.is_empty()), ("from the seed", false));

    // A load balancer in the default VPC, and a listener with the seed's certificate.
    let made = client.call(&public()).await.expect("accepted");
    client.wait_for(&made.request_id, clb_cloud_api::task::Wait::default()).await.expect("made");
    let id = made.reply.load_balancer_ids.expect("ids")[0].clone();
    let listener = client.call(&crate::sandbox::listener(&id, "mineCert")).await.expect("accepted");
    client.wait_for(&listener.request_id, clb_cloud_api::task::Wait::default()).await.expect("its port is open");
}

#[test]
fn the_program_serves_a_seed_file_and_refuses_one_that_is_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = written(&folder);
    let start = |file: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_clb-simulator"));
        command.args(["serve", "--api", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--seed-file", file]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    };
    let mut child = start(file.to_str().expect("UTF-8")).spawn().expect("it starts");
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().expect("piped")).read_line(&mut line).expect("a line");
    assert!(line.contains("key pair AKIDmine mine"), "{line}");
    child.kill().expect("its own child");
    child.wait().expect("it ends");

    std::fs::remove_file(folder.path().join("server.key")).expect("removed");
    let output = start(file.to_str().expect("UTF-8")).output().expect("it runs");
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(said.contains("seed.toml: certificate[0].private_key_file: ") && said.contains("server.key"), "{said}");
}
