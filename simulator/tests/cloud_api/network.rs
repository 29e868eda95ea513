//! Networks, instances and zones through the API.

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

#[tokio::test]
async fn a_vpc_with_a_subnet_is_made_changed_and_deleted() {
    let sandbox = Sandbox::start().await;
    let tag = |value: &str| Some(vec![vpc::Tag { key: "team".into(), value: value.into() }]);
    let create = vpc::CreateVpc {
        vpc_name: "game".into(),
        cidr_block: Some("172.16.0.0/16".into()),
        dns_servers: Some(vec!["1.1.1.1".into()]),
        tags: tag("game"),
        ..vpc::CreateVpc::default()
    };
    let made = sandbox.call(&create).await.vpc;
    assert!(made.vpc_id.starts_with("vpc-") && !made.is_default, "{made:?}");
    assert_eq!((made.dns_server_set.as_slice(), made.tag_set.len()), (&["1.1.1.1".to_owned()][..], 1));
    let create = vpc::CreateSubnet {
        vpc_id: made.vpc_id.clone(),
        subnet_name: "arena".into(),
        zone: "ap-guangzhou-6".into(),
        cidr_block: Some("172.16.1.0/28".into()),
        tags: tag("arena"),
        ..vpc::CreateSubnet::default()
    };
    let subnet = sandbox.call(&create).await.subnet;
    let subnet_id = subnet.subnet_id.clone().expect("shown");
    assert_eq!((subnet.total_ip_address_count, subnet.available_ip_address_count), (Some(13), Some(13)));

    let by_tag =
        |filters: Option<Vec<vpc::Filter>>| vpc::DescribeSubnets { filters, ..vpc::DescribeSubnets::default() };
    let filter = |name: &str, value: &str| vpc::Filter { name: name.into(), values: vec![value.into()] };
    let found = sandbox.call(&by_tag(Some(vec![filter("tag:team", "arena"), filter("tag-key", "team")]))).await;
    assert_eq!((found.total_count, &found.subnet_set[0]), (1, &subnet));

    let tables = vpc::DescribeRouteTables {
        filters: Some(vec![filter("vpc-id", &made.vpc_id), filter("association.main", "true")]),
        ..vpc::DescribeRouteTables::default()
    };
    let table = sandbox.call(&tables).await.route_table_set.pop().expect("each VPC has one");
    assert_eq!(Some(&table.route_table_id), subnet.route_table_id.as_ref());
    assert_eq!((table.main, table.association_set[0].subnet_id.as_str()), (true, subnet_id.as_str()));

    let modify = vpc::ModifySubnetAttribute {
        subnet_id: subnet_id.clone(),
        subnet_name: Some("hall".into()),
        enable_broadcast: Some("true".into()),
    };
    sandbox.call(&modify).await;
    let modify = vpc::ModifyVpcAttribute {
        vpc_id: made.vpc_id.clone(),
        vpc_name: Some("games".into()),
        domain_name: Some("example.com".into()),
        ..vpc::ModifyVpcAttribute::default()
    };
    sandbox.call(&modify).await;
    let shown = sandbox.call(&by_tag(Some(vec![filter("vpc-id", &made.vpc_id)]))).await.subnet_set.remove(0);
    assert_eq!((shown.subnet_name.as_deref(), shown.enable_broadcast), (Some("hall"), Some(true)));
    let question = vpc::DescribeVpcs { vpc_ids: Some(vec![made.vpc_id.clone()]), ..vpc::DescribeVpcs::default() };
    let shown = sandbox.call(&question).await.vpc_set.remove(0);
    assert_eq!((shown.vpc_name.as_str(), shown.domain_name.as_str()), ("games", "example.com"));

    let delete = vpc::DeleteVpc { vpc_id: made.vpc_id.clone() };
    let (code, message) = sandbox.refused(&delete).await;
    assert_eq!(code, "ResourceInUse");
    assert!(message.contains(&subnet_id), "{message}");
    sandbox.call(&vpc::DeleteSubnet { subnet_id }).await;
    sandbox.call(&delete).await;
    assert_eq!(sandbox.call(&question).await.total_count, 0);
}

#[tokio::test]
async fn assistant_cidrs_are_shown_with_their_vpc() {
    let sandbox = Sandbox::start().await;
    let add = vpc::CreateAssistantCidr { vpc_id: VPC.into(), cidr_blocks: vec!["172.16.0.0/16".into()] };
    assert_eq!(sandbox.call(&add).await.assistant_cidr_set[0].cidr_block, "172.16.0.0/16");
    let change = vpc::ModifyAssistantCidr {
        vpc_id: VPC.into(),
        new_cidr_blocks: Some(vec!["172.17.0.0/16".into()]),
        old_cidr_blocks: Some(add.cidr_blocks),
    };
    sandbox.call(&change).await;
    let all = sandbox.call(&vpc::DescribeAssistantCidr::default()).await;
    assert_eq!((all.total_count, all.assistant_cidr_set[0].cidr_block.as_str()), (1, "172.17.0.0/16"));
    let vpcs = vpc::DescribeVpcs { vpc_ids: Some(vec![VPC.into()]), ..vpc::DescribeVpcs::default() };
    assert_eq!(sandbox.call(&vpcs).await.vpc_set[0].assistant_cidr_set, all.assistant_cidr_set);
    sandbox.call(&vpc::DeleteAssistantCidr { vpc_id: VPC.into(), cidr_blocks: vec!["172.17.0.0/16".into()] }).await;
    assert_eq!(sandbox.call(&vpc::DescribeAssistantCidr::default()).await.total_count, 0);
}

#[tokio::test]
async fn there_are_zones_and_no_elastic_addresses() {
    let sandbox = Sandbox::start().await;
    let zones = sandbox.call(&cvm::DescribeZones {}).await.zone_set;
    let third = zones.iter().find(|zone| zone.zone == "ap-guangzhou-3").expect("the zone of the seed");
    assert_eq!((third.zone_id.as_str(), third.zone_state.as_str()), ("100003", "AVAILABLE"));
    let addresses = sandbox.call(&vpc::DescribeAddresses::default()).await;
    assert_eq!((addresses.total_count, addresses.address_set.len()), (0, 0));
}

#[tokio::test]
async fn instances_are_found_by_what_they_are() {
    let sandbox = Sandbox::start().await;
    let mut found = Vec::new();
    for (name, value) in [
        ("security-group-id", SECURITY_GROUP),
        ("instance-state", "RUNNING"),
        ("instance-state", "STOPPED"),
        ("private-ip-address", "10.0.1.5"),
        ("project-id", "0"),
        ("public-ip-address", "1.1.1.1"),
    ] {
        let filter = cvm::Filter { name: name.into(), values: vec![value.into()] };
        let request = cvm::DescribeInstances { filters: Some(vec![filter]), ..cvm::DescribeInstances::default() };
        found.push(sandbox.call(&request).await.total_count);
    }
    assert_eq!(found, [3, 3, 0, 1, 3, 0]);
}

#[tokio::test]
async fn subnets_are_paged_by_tokens_too() {
    let sandbox = Sandbox::start().await;
    for number in 2..4 {
        let create = vpc::CreateSubnet {
            vpc_id: VPC.into(),
            subnet_name: "one of several".into(),
            zone: "ap-guangzhou-3".into(),
            cidr_block: Some(format!("10.0.{number}.0/24")),
            ..vpc::CreateSubnet::default()
        };
        sandbox.call(&create).await;
    }
    let all = sandbox.call(&vpc::DescribeSubnets::default()).await;
    let mut paged = Vec::new();
    let mut token = None;
    while token.as_deref() != Some("") {
        let request =
            vpc::DescribeSubnets { max_results: Some(3), next_token: token, ..vpc::DescribeSubnets::default() };
        let reply = sandbox.call(&request).await;
        paged.extend(reply.subnet_set);
        token = reply.next_token;
    }
    assert_eq!((paged, all.next_token.as_deref()), (all.subnet_set, Some("")));
    let nonsense = vpc::DescribeSubnets { next_token: Some("next".into()), ..vpc::DescribeSubnets::default() };
    assert_eq!(sandbox.code(&nonsense).await, "InvalidParameterValue.Range");
}
