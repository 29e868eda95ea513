//! Tags through the API, and who is asking.

use clb_cloud_api::{cvm, sts, tag, vpc};
use clb_simulator::seed::{INSTANCES, SECURITY_GROUP, SUBNET, VPC};

use crate::sandbox::Sandbox;

fn name(service: &str, prefix: &str, id: &str) -> String {
    format!("qcs::{service}:ap-guangzhou:uin/:{prefix}/{id}")
}

fn tags() -> Vec<tag::Tag> {
    vec![tag::Tag { tag_key: "team".into(), tag_value: "game".into(), category: None }]
}

#[tokio::test]
async fn several_resources_are_tagged_at_once_and_each_shows_its_tags() {
    let sandbox = Sandbox::start().await;
    let blue = INSTANCES[0].0;
    let resources = vec![
        name("vpc", "vpc", VPC),
        name("vpc", "subnet", SUBNET),
        name("cvm", "sg", SECURITY_GROUP),
        "qcs::cvm:ap-guangzhou:uin/100000000001:instance/ins-demoblue".to_owned(),
        name("vpc", "vpc", "vpc-99999999"),
        "nonsense".to_owned(),
    ];
    let request = tag::TagResources { resource_list: resources.clone(), tags: tags() };
    let failed = sandbox.call(&request).await.failed_resources;
    let failed: Vec<_> = failed.iter().map(|it| (&*it.resource, &*it.code)).collect();
    assert_eq!(failed, [(&*resources[4], "ResourceNotFound"), ("nonsense", "ResourceNotFound")]);

    let shown = vec![vpc::Tag { key: "team".into(), value: "game".into() }];
    let vpcs = vpc::DescribeVpcs { vpc_ids: Some(vec![VPC.into()]), ..vpc::DescribeVpcs::default() };
    assert_eq!(sandbox.call(&vpcs).await.vpc_set[0].tag_set, shown);
    let subnets = vpc::DescribeSubnets { subnet_ids: Some(vec![SUBNET.into()]), ..vpc::DescribeSubnets::default() };
    assert_eq!(sandbox.call(&subnets).await.subnet_set[0].tag_set.as_ref(), Some(&shown));
    let groups = vpc::DescribeSecurityGroups {
        security_group_ids: Some(vec![SECURITY_GROUP.into()]),
        ..vpc::DescribeSecurityGroups::default()
    };
    assert_eq!(sandbox.call(&groups).await.security_group_set[0].tag_set, shown);
    let filter = cvm::Filter { name: "tag:team".into(), values: vec!["game".into()] };
    let instances = cvm::DescribeInstances { filters: Some(vec![filter]), ..cvm::DescribeInstances::default() };
    let found = sandbox.call(&instances).await.instance_set;
    assert_eq!((found[0].instance_id.as_str(), found[0].tags.len()), (blue, 1));

    let remove = tag::UnTagResources { resource_list: resources[..4].to_vec(), tag_keys: vec!["team".into()] };
    assert_eq!(sandbox.call(&remove).await.failed_resources, []);
    assert_eq!(sandbox.call(&vpcs).await.vpc_set[0].tag_set, []);
    assert_eq!(sandbox.call(&instances).await.total_count, 0);
}

#[tokio::test]
async fn a_list_of_tags_has_their_digests_and_their_kind() {
    let sandbox = Sandbox::start().await;
    sandbox.call(&tag::TagResources { resource_list: vec![name("vpc", "vpc", VPC)], tags: tags() }).await;
    let question = |category: Option<&str>| tag::DescribeResourceTagsByResourceIds {
        service_type: "vpc".into(),
        resource_prefix: "vpc".into(),
        resource_ids: vec![VPC.into()],
        resource_region: "ap-guangzhou".into(),
        category: category.map(str::to_owned),
        ..tag::DescribeResourceTagsByResourceIds::default()
    };
    let found = sandbox.call(&question(None)).await;
    let one = &found.tags[0];
    assert_eq!((found.total_count, one.tag_key.as_str(), one.category.as_deref()), (1, "team", Some("Custom")));
    // What `printf team | md5sum` says.
    assert_eq!(one.tag_key_md5, "f894427cc1c571f79da49605ef8b112f");
    assert_eq!(sandbox.call(&question(Some("System"))).await.total_count, 0);
}

#[tokio::test]
async fn a_caller_is_told_who_it_is() {
    let sandbox = Sandbox::start().await;
    let caller = sandbox.call(&sts::GetCallerIdentity {}).await;
    assert_eq!((caller.account_id.as_str(), caller.kind.as_str()), ("100000000001", "CAMUser"));
    assert_eq!(caller.arn, "qcs::cam::uin/100000000001:uin/100000000001");
    let other = sandbox.closed_client().call(&sts::GetCallerIdentity {}).await.expect("answered").reply;
    assert_eq!(other.account_id, "100000000002");
}
