//! Worlds in numbers, and their reset.

use std::net::UdpSocket;

use clb_cloud_api::clb;

use crate::ctl::ctl;
use crate::sandbox::Sandbox;

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
