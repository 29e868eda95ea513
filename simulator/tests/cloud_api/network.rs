//! Reading networks, instances and security groups.

use clb_cloud_api::{cvm, vpc};
use clb_simulator::seed::{INSTANCES, SECURITY_GROUP, SUBNET, VPC};

use crate::sandbox::Sandbox;

#[tokio::test]
async fn the_seeds_network_is_there() {
    let sandbox = Sandbox::start().await;
    let vpcs = sandbox.call(&vpc::DescribeVpcs::default()).await;
    let default = vpcs.vpc_set.iter().find(|it| it.is_default).expect("a default VPC");
    assert_eq!((default.vpc_id.as_str(), default.cidr_block.as_str()), (VPC, "10.0.0.0/16"));
    let filter = vpc::Filter { name: "vpc-id".into(), values: vec![VPC.into()] };
    let subnets = vpc::DescribeSubnets { filters: Some(vec![filter]), ..vpc::DescribeSubnets::default() };
    let subnets = sandbox.call(&subnets).await;
    assert_eq!((subnets.total_count, subnets.subnet_set[0].subnet_id.as_deref()), (1, Some(SUBNET)));
    let instances = cvm::DescribeInstances {
        instance_ids: Some(INSTANCES.iter().map(|(id, ..)| (*id).to_owned()).collect()),
        ..cvm::DescribeInstances::default()
    };
    let instances = sandbox.call(&instances).await.instance_set;
    let found: Vec<(&str, &str)> =
        instances.iter().map(|it| (it.instance_name.as_str(), it.private_ip_addresses[0].as_str())).collect();
    assert_eq!(found, [("blue", "10.0.1.5"), ("green", "10.0.1.6")]);
    let groups = vpc::DescribeSecurityGroups {
        security_group_ids: Some(vec![SECURITY_GROUP.into()]),
        ..vpc::DescribeSecurityGroups::default()
    };
    assert_eq!(sandbox.call(&groups).await.total_count, 1);
}

#[tokio::test]
async fn questions_obey_their_rules() {
    let sandbox = Sandbox::start().await;
    let filter = |name: &str| vpc::Filter { name: name.into(), values: vec!["x".into()] };
    let vpcs = vpc::DescribeVpcs::default;
    let cases = [
        (
            vpc::DescribeVpcs { vpc_ids: Some(vec![VPC.into()]), filters: Some(vec![filter("vpc-id")]), ..vpcs() },
            "InvalidParameter.Coexist",
        ),
        (vpc::DescribeVpcs { vpc_ids: Some(vec![VPC.into(); 101]), ..vpcs() }, "InvalidParameterValue.LimitExceeded"),
        (vpc::DescribeVpcs { limit: Some("101".into()), ..vpcs() }, "InvalidParameterValue.Range"),
        (vpc::DescribeVpcs { limit: Some("ten".into()), ..vpcs() }, "InvalidParameterValue.Range"),
        (vpc::DescribeVpcs { filters: Some(vec![filter("color")]), ..vpcs() }, "InvalidParameter.FilterInvalidKey"),
    ];
    for (request, code) in cases {
        assert_eq!(sandbox.code(&request).await, code, "{request:?}");
    }
    let group = vpc::DescribeSecurityGroups {
        security_group_ids: Some(vec!["sg-99999999".into()]),
        ..vpc::DescribeSecurityGroups::default()
    };
    assert_eq!(sandbox.code(&group).await, "ResourceNotFound");

    let filter = |name: &str| cvm::Filter { name: name.into(), values: vec!["x".into()] };
    let instances = cvm::DescribeInstances::default;
    let ids = |ids| cvm::DescribeInstances { instance_ids: Some(ids), ..instances() };
    let blue = INSTANCES[0].0.to_owned();
    let both = cvm::DescribeInstances { filters: Some(vec![filter("vpc-id")]), ..ids(vec![blue.clone()]) };
    let cases = [
        (both, "InvalidParameter"),
        (ids(vec![blue; 101]), "InvalidParameterValue.LimitExceeded"),
        (cvm::DescribeInstances { limit: Some(101), ..instances() }, "InvalidParameterValue.LimitExceeded"),
        (ids(vec!["blue".into()]), "InvalidInstanceId.Malformed"),
        (cvm::DescribeInstances { filters: Some(vec![filter("color")]), ..instances() }, "InvalidFilter"),
    ];
    for (request, code) in cases {
        assert_eq!(sandbox.code(&request).await, code, "{request:?}");
    }
    assert_eq!(sandbox.call(&ids(vec!["ins-99999999".into()])).await.total_count, 0);
}
