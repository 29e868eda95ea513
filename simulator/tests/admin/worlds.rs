//! Worlds in numbers, and their reset.

use std::net::UdpSocket;

use clb_cloud_api::task::Wait;
use clb_cloud_api::{clb, cvm};
use clb_simulator::config::{DEMO_SECRET_ID, DEMO_SECRET_KEY};

use crate::ctl::{ctl, fails};
use crate::sandbox::{Sandbox, client, public};

#[tokio::test]
async fn worlds_are_listed_in_numbers() {
    let sandbox = Sandbox::start().await;
    sandbox.listener().await;
    let listed = ctl(&sandbox, &["worlds"]).await;
    let names: Vec<_> = listed["worlds"].as_array().expect("a list").iter().map(|it| it["name"].clone()).collect();
    assert_eq!(names, ["closed", "demo"]);
    let demo = &listed["worlds"][1];
    assert_eq!((&demo["uin"], &demo["quic_admitted"]), (&"100000000001".into(), &true.into()));
    assert_eq!((&demo["made_on_use"], &demo["certificates"]), (&false.into(), &1.into()));
    let regions = demo["regions"].as_array().expect("a list");
    let region = regions.iter().find(|it| it["name"] == "ap-guangzhou").expect("the demo region");
    assert_eq!((&region["vpcs"], &region["instances"]), (&2.into(), &3.into()));
    assert_eq!((&region["load_balancers"], &region["listeners"]), (&3.into(), &1.into()));
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
async fn one_world_can_be_put_back_while_the_others_stay() {
    let sandbox = Sandbox::start().await;
    let named = client(sandbox.simulator.api_address(), &format!("{DEMO_SECRET_ID}-job"), DEMO_SECRET_KEY);
    let made = named.call(&public()).await.expect("accepted");
    named.wait_for(&made.request_id, Wait::default()).await.expect("the task succeeds");
    let (lb, _) = sandbox.listener().await;
    let address = sandbox.address(&lb, 8443).await;
    let count = async || named.call(&clb::DescribeLoadBalancers::default()).await.expect("answered").reply.total_count;
    assert_eq!(count().await, 3);

    ctl(&sandbox, &["reset", "--world", "demo-job"]).await;
    assert_eq!(count().await, 2, "the fixtures are there");
    assert!(sandbox.describe_load_balancer(&lb).await.is_some());
    UdpSocket::bind(address).expect_err("the other world's port is open");

    ctl(&sandbox, &["reset", "--world", "demo"]).await;
    UdpSocket::bind(address).expect("the port is closed when the reset has answered");
    assert_eq!(sandbox.describe_load_balancer(&lb).await, None);
    assert!(fails(&sandbox, &["reset", "--world", "nobody"]).await.contains("there is no world \"nobody\""));
}

/// The built-in seed with an instance more, as a file.
fn other_seed(folder: &tempfile::TempDir, change: impl Fn(String) -> String) -> String {
    let instance = "\n[[instance]]\nregions = [\"ap-guangzhou\"]\nid = \"ins-another0\"\nname = \"another\"\n\
                    subnet = \"subnet-demo0001\"\nip = \"10.0.1.7\"\n";
    let file = folder.path().join("other.toml");
    std::fs::write(&file, change(format!("{}{instance}", clb_simulator::seed::DEMO))).expect("written");
    file.to_str().expect("UTF-8").to_owned()
}

async fn instances(sandbox: &Sandbox) -> i64 {
    sandbox.call(&cvm::DescribeInstances::default()).await.total_count
}

#[tokio::test]
async fn a_reset_can_bring_another_seed_until_the_next_one() {
    let sandbox = Sandbox::start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = other_seed(&folder, |text| text);
    assert_eq!(instances(&sandbox).await, 3);
    ctl(&sandbox, &["reset", "--seed-file", &file]).await;
    assert_eq!(instances(&sandbox).await, 4);
    ctl(&sandbox, &["reset"]).await;
    assert_eq!(instances(&sandbox).await, 3);
    ctl(&sandbox, &["reset", "--world", "demo", "--seed-file", &file]).await;
    assert_eq!(instances(&sandbox).await, 4);
}

#[tokio::test]
async fn a_seed_that_is_none_or_does_not_fit_is_refused_and_changes_nothing() {
    let sandbox = Sandbox::start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let refused = async |file: String| fails(&sandbox, &["reset", "--seed-file", &file]).await;
    let said = refused(other_seed(&folder, |text| text.replace("ip = \"10.0.1.7\"", "ip = \"10.9.1.7\""))).await;
    assert!(said.contains("other.toml: instance[3].ip: 10.9.1.7 is outside"), "{said}");
    let said = refused(other_seed(&folder, |text| text.replace("AKIDdemo", "AKIDelse"))).await;
    assert!(said.contains("key pairs are settled when the simulator starts"), "{said}");
    let said = refused(other_seed(&folder, |text| text.replace("name = \"closed\"", "name = \"shut\""))).await;
    assert!(said.contains("those of the start: closed, demo"), "{said}");
    assert_eq!(instances(&sandbox).await, 3);
}
