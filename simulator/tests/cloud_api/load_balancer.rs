//! Load balancers through the API: their life, and how they are shown.

use clb_cloud_api::{clb, tag};

use crate::sandbox::{Sandbox, public};
use clb_simulator::seed::{CLASSIC_LOAD_BALANCER, SECURITY_GROUP, SUBNET, VPC};

#[tokio::test]
async fn a_load_balancer_is_created_shown_changed_and_deleted() {
    let sandbox = Sandbox::start().await;
    let request = clb::CreateLoadBalancer {
        load_balancer_name: Some("web".into()),
        tags: Some(vec![clb::TagInfo { tag_key: "team".into(), tag_value: "games".into() }]),
        ..public()
    };
    let id = sandbox.create_load_balancer(&request).await;
    let shown = sandbox.describe_load_balancer(&id).await.expect("there");
    assert_eq!((shown.load_balancer_name.as_str(), shown.load_balancer_type.as_str()), ("web", "OPEN"));
    assert_eq!((shown.forward, shown.status, shown.vpc_id.as_str()), (1, 1, VPC));
    assert_eq!((shown.address_ip_version.as_str(), shown.ipv6_mode), ("ipv4", None));
    assert!(shown.load_balancer_vips[0].starts_with("127."), "{:?}", shown.load_balancer_vips);
    assert_eq!(
        (shown.target_region_info.region.as_str(), shown.target_region_info.vpc_id.as_str()),
        ("ap-guangzhou", VPC)
    );
    assert_eq!(shown.tags, request.tags.clone().expect("given"));
    assert_eq!(shown.create_time.len(), "2026-01-02 03:04:05".len());

    let change = clb::ModifyLoadBalancerAttributes {
        load_balancer_id: id.clone(),
        load_balancer_name: Some("renamed".into()),
        delete_protect: Some(true),
        ..clb::ModifyLoadBalancerAttributes::default()
    };
    sandbox.done(&change).await;
    let groups = clb::SetLoadBalancerSecurityGroups {
        load_balancer_id: id.clone(),
        security_groups: Some(vec![SECURITY_GROUP.into()]),
    };
    sandbox.done(&groups).await;
    let shown = sandbox.describe_load_balancer(&id).await.expect("there");
    assert_eq!(
        (shown.load_balancer_name.as_str(), shown.attribute_flags),
        ("renamed", vec!["DeleteProtect".to_owned()])
    );
    assert_eq!(shown.secure_groups, [SECURITY_GROUP]);

    let delete = clb::DeleteLoadBalancer { load_balancer_ids: vec![id.clone()], force_delete: None };
    assert_eq!(sandbox.code(&delete).await, "FailedOperation");
    let unprotect = clb::ModifyLoadBalancerAttributes { delete_protect: Some(false), ..change };
    sandbox.done(&unprotect).await;
    sandbox.done(&delete).await;
    assert_eq!(sandbox.describe_load_balancer(&id).await, None);
    assert_eq!(sandbox.code(&delete).await, "InvalidParameter.LBIdNotFound");
}

#[tokio::test]
async fn the_first_load_balancer_has_the_first_address_and_each_has_its_own() {
    let sandbox = Sandbox::start().await;
    let (one, two) = (sandbox.load_balancer().await, sandbox.load_balancer().await);
    let (first, second) = (sandbox.address(&one, 1).await, sandbox.address(&two, 1).await);
    assert!(first.ip().to_string().ends_with(".1") && second.ip().to_string().ends_with(".2"), "{first} {second}");
}

#[tokio::test]
async fn ip_versions_are_shown_in_other_words_than_they_are_asked_for() {
    let sandbox = Sandbox::start().await;
    for (asked, version, mode) in [("IPV6", "ipv6", "IPv6Nat64"), ("IPv6FullChain", "ipv6", "IPv6FullChain")] {
        let native = asked == "IPv6FullChain";
        let request = clb::CreateLoadBalancer {
            address_ip_version: Some(asked.into()),
            subnet_id: native.then(|| SUBNET.to_owned()),
            ..public()
        };
        let id = sandbox.create_load_balancer(&request).await;
        let shown = sandbox.describe_load_balancer(&id).await.expect("there");
        assert_eq!((shown.address_ip_version.as_str(), shown.ipv6_mode.as_deref()), (version, Some(mode)));
    }
}

#[tokio::test]
async fn lists_are_filtered_ordered_and_paged() {
    let sandbox = Sandbox::start().await;
    for name in ["alpha", "beta", "alphabet"] {
        sandbox
            .create_load_balancer(&clb::CreateLoadBalancer { load_balancer_name: Some(name.into()), ..public() })
            .await;
    }
    let names = async |request: clb::DescribeLoadBalancers| {
        let reply = sandbox.call(&request).await;
        let names: Vec<String> = reply.load_balancer_set.into_iter().map(|it| it.load_balancer_name).collect();
        (names, reply.total_count)
    };
    let question = || clb::DescribeLoadBalancers {
        order_by: Some("LoadBalancerName".into()),
        order_type: Some(0),
        ..clb::DescribeLoadBalancers::default()
    };
    let found = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    let fuzzy = clb::DescribeLoadBalancers { load_balancer_name: Some("alpha".into()), ..question() };
    assert_eq!(names(fuzzy.clone()).await, (found(&["alpha", "alphabet"]), 2));
    let second = clb::DescribeLoadBalancers { offset: Some(1), limit: Some(1), ..fuzzy };
    assert_eq!(names(second).await, (found(&["alphabet"]), 2));
    let basic = clb::DescribeLoadBalancers { vpc_id: Some("0".into()), ..question() };
    assert_eq!(names(basic.clone()).await, (found(&["basic-network"]), 1));
    let classic = clb::DescribeLoadBalancers { forward: Some(0), ..question() };
    assert_eq!(names(classic).await, (found(&["classic"]), 1));
    for (zone, count) in [("ap-guangzhou-3", 1), ("100003", 1), ("ap-guangzhou-4", 0)] {
        let zone = clb::DescribeLoadBalancers { master_zone: Some(zone.into()), ..basic.clone() };
        assert_eq!(names(zone).await.1, count);
    }
    let unknown = clb::DescribeLoadBalancers { load_balancer_ids: Some(vec!["lb-99999999".into()]), ..question() };
    assert_eq!(names(unknown).await, (found(&[]), 0));
}

#[tokio::test]
async fn questions_obey_their_rules() {
    let sandbox = Sandbox::start().await;
    let base = clb::DescribeLoadBalancers::default;
    let filter = |name: &str, values: usize| clb::Filter { name: name.into(), values: vec!["v".into(); values] };
    let filters = |filters| clb::DescribeLoadBalancers { filters: Some(filters), ..base() };
    let ids = |ids| clb::DescribeLoadBalancers { load_balancer_ids: Some(ids), ..base() };
    let cases = [
        (ids(vec![CLASSIC_LOAD_BALANCER.into(); 21]), "InvalidParameterValue.Length"),
        (ids(vec!["lb-1".into()]), "InvalidParameter.FormatError"),
        (clb::DescribeLoadBalancers { limit: Some(101), ..base() }, "InvalidParameterValue.Range"),
        (filters(vec![filter("sla-type", 1); 11]), "InvalidParameterValue.Length"),
        (filters(vec![filter("sla-type", 101)]), "InvalidParameterValue.Length"),
        (filters(vec![filter("color", 1)]), "InvalidParameterValue.InvalidFilter"),
        (clb::DescribeLoadBalancers { order_by: Some("Color".into()), ..base() }, "InvalidParameterValue"),
        (clb::DescribeLoadBalancers { order_type: Some(2), ..base() }, "InvalidParameterValue"),
    ];
    for (request, code) in cases {
        assert_eq!(sandbox.code(&request).await, code, "{request:?}");
    }
    sandbox.call(&ids(vec![CLASSIC_LOAD_BALANCER.into(); 20])).await;
    sandbox.call(&filters(vec![filter("tag:team", 100); 10])).await;
}

#[tokio::test]
async fn tags_are_written_and_read_by_the_tag_service() {
    let sandbox = Sandbox::start().await;
    let id = sandbox.load_balancer().await;
    let change = tag::ModifyResourceTags {
        resource: format!("qcs::clb:ap-guangzhou:uin/:clb/{id}"),
        replace_tags: Some(vec![tag::Tag { tag_key: "team".into(), tag_value: "games".into(), category: None }]),
        delete_tags: None,
    };
    sandbox.call(&change).await;
    let question = |ids| tag::DescribeResourceTagsByResourceIds {
        service_type: "clb".into(),
        resource_prefix: "clb".into(),
        resource_ids: ids,
        resource_region: "ap-guangzhou".into(),
        ..tag::DescribeResourceTagsByResourceIds::default()
    };
    let found = sandbox.call(&question(vec![id.clone()])).await;
    assert_eq!((found.total_count, found.tags[0].tag_key.as_str()), (1, "team"));
    assert_eq!((found.tags[0].resource_id.as_str(), found.tags[0].tag_value.as_str()), (id.as_str(), "games"));
    assert_eq!(sandbox.code(&question(vec![id; 51])).await, "InvalidParameterValue");
    let nowhere = tag::ModifyResourceTags { resource: "qcs::clb:x:uin/:clb/lb-99999999".into(), ..change };
    assert_eq!(sandbox.code(&nowhere).await, "ResourceNotFound");
}

#[tokio::test]
async fn accounts_do_not_see_each_other() {
    let sandbox = Sandbox::start().await;
    let id = sandbox.load_balancer().await;
    let question =
        clb::DescribeLoadBalancers { load_balancer_ids: Some(vec![id]), ..clb::DescribeLoadBalancers::default() };
    let seen = sandbox.closed_client().call(&question).await.expect("answered").reply;
    assert_eq!(seen.total_count, 0);
}
