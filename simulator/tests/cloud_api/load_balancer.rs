//! Load balancers through the API: their life, and how they are shown.

use std::time::Duration;

use clb_cloud_api::{clb, tag};
use clb_model::client_token;
use clb_model::quota::Quota;
use clb_simulator::Config;
use clb_simulator::clock::Clock;
use clb_simulator::control::Weather;

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
        ("renamed", vec!["DeleteProtect".to_owned(), "SharedLimitFlag".to_owned()])
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

fn modify(id: &str) -> clb::ModifyLoadBalancerAttributes {
    clb::ModifyLoadBalancerAttributes { load_balancer_id: id.into(), ..clb::ModifyLoadBalancerAttributes::default() }
}

#[tokio::test]
async fn every_field_that_is_never_null_is_there() {
    let sandbox = Sandbox::start().await;
    let shown = sandbox.describe_load_balancer(&sandbox.load_balancer().await).await.expect("there");
    assert!(shown.numerical_vpc_id > 0);
    assert_eq!(shown.target_region_info.numerical_vpc_id, i64::try_from(shown.numerical_vpc_id).ok());
    assert_eq!((shown.exclusive, shown.snat_ips), (Some(0), Some(serde_json::json!([]))));
    assert_eq!((shown.target_count, shown.zones, shown.backup_zone_set), (Some(0), None, None));
    assert_eq!(shown.attribute_flags, ["SharedLimitFlag"]);
}

#[tokio::test]
async fn zones_are_those_of_the_region_and_for_public_ipv4() {
    let sandbox = Sandbox::start().await;
    let zoned = |zone: &str| clb::CreateLoadBalancer { zone_id: Some(zone.into()), ..public() };
    let request = clb::CreateLoadBalancer { slave_zone_id: Some("ap-guangzhou-6".into()), ..zoned("100004") };
    let id = sandbox.create_load_balancer(&request).await;
    let shown = sandbox.describe_load_balancer(&id).await.expect("there");
    let master = shown.master_zone.expect("a zone");
    assert_eq!((master.zone.as_str(), master.zone_id), ("ap-guangzhou-4", 100_004));
    assert_eq!(shown.backup_zone_set.expect("a zone")[0].zone_id, 100_006);
    assert_eq!(sandbox.code(&zoned("ap-beijing-3")).await, "InvalidParameterValue");
    let nat64 = clb::CreateLoadBalancer { address_ip_version: Some("IPV6".into()), ..zoned("100004") };
    assert_eq!(sandbox.code(&nat64).await, "InvalidParameter");
    let internal = clb::CreateLoadBalancer {
        load_balancer_type: "INTERNAL".into(),
        vpc_id: Some(VPC.into()),
        subnet_id: Some(SUBNET.into()),
        ..clb::CreateLoadBalancer::default()
    };
    let id = sandbox.create_load_balancer(&internal).await;
    let shown = sandbox.describe_load_balancer(&id).await.expect("there");
    assert_eq!((shown.zones, shown.vip_isp), (Some(vec!["ap-guangzhou-3".into()]), Some("INTERNAL".into())));
}

#[tokio::test]
async fn attributes_of_cross_region_binding_and_endpoints_are_set_and_shown() {
    let sandbox = Sandbox::start().await;
    let id = sandbox.create_load_balancer(&clb::CreateLoadBalancer { snat_pro: Some(true), ..public() }).await;
    assert!(sandbox.describe_load_balancer(&id).await.expect("there").snat_pro);
    let target = |region: &str, vpc: &str| clb::ModifyLoadBalancerAttributes {
        target_region_info: Some(clb::TargetRegionInfo {
            region: region.into(),
            vpc_id: vpc.into(),
            numerical_vpc_id: None,
        }),
        ..modify(&id)
    };
    let change = clb::ModifyLoadBalancerAttributes {
        snat_pro: Some(false),
        associate_endpoint: Some("vpce-kig4revm".into()),
        ..target("ap-guangzhou", VPC)
    };
    assert_eq!(sandbox.done(&change).await.deal_name, None);
    let shown = sandbox.describe_load_balancer(&id).await.expect("there");
    assert_eq!((shown.snat_pro, shown.associate_endpoint.as_deref()), (false, Some("vpce-kig4revm")));
    assert_eq!(sandbox.code(&target("ap-beijing", VPC)).await, "UnsupportedOperation");
    assert_eq!(sandbox.code(&target("ap-nowhere", VPC)).await, "InvalidParameter.RegionNotFound");
    let wrong = clb::ModifyLoadBalancerAttributes { associate_endpoint: Some("endpoint".into()), ..modify(&id) };
    assert_eq!(sandbox.code(&wrong).await, "InvalidParameter.FormatError");
    let gone = clb::ModifyLoadBalancerAttributes { associate_endpoint: Some(String::new()), ..modify(&id) };
    sandbox.done(&gone).await;
    assert_eq!(sandbox.describe_load_balancer(&id).await.expect("there").associate_endpoint.as_deref(), Some(""));
}

#[tokio::test]
async fn another_way_to_pay_is_an_order() {
    let sandbox = Sandbox::start().await;
    let id = sandbox.load_balancer().await;
    let pay = |charge_type: Option<&str>, switch_flag| clb::ModifyLoadBalancerAttributes {
        internet_charge_info: Some(clb::InternetAccessible {
            internet_charge_type: charge_type.map(str::to_owned),
            ..clb::InternetAccessible::default()
        }),
        switch_flag,
        ..modify(&id)
    };
    let name = sandbox.done(&pay(Some("BANDWIDTH_POSTPAID_BY_HOUR"), Some(2))).await.deal_name.expect("an order");
    assert_eq!(name.len(), 23);
    let shown = sandbox.describe_load_balancer(&id).await.expect("there");
    let attributes = shown.network_attributes.expect("there");
    assert_eq!(attributes.internet_charge_type.as_deref(), Some("BANDWIDTH_POSTPAID_BY_HOUR"));
    for (wrong, code) in [
        (pay(Some("FREE"), None), "InvalidParameterValue"),
        (pay(None, Some(2)), "InvalidParameterValue"),
        (pay(None, Some(3)), "InvalidParameterValue"),
        (pay(None, Some(1)), "UnsupportedOperation"),
    ] {
        assert_eq!(sandbox.code(&wrong).await, code, "{wrong:?}");
    }
}

#[tokio::test]
async fn specification_project_and_log_topic_have_actions_of_their_own() {
    let sandbox = Sandbox::start().await;
    let id = sandbox.load_balancer().await;
    let sla = |id: &str, sla_type: &str| clb::ModifyLoadBalancerSla {
        load_balancer_sla: vec![clb::SlaUpdateParam { load_balancer_id: id.into(), sla_type: sla_type.into() }],
        force: None,
    };
    sandbox.done(&sla(&id, "clb.c2.medium")).await.deal_name.expect("an order");
    let project = |ids: Vec<String>| clb::ModifyLoadBalancersProject { load_balancer_ids: ids, project_id: 1122 };
    sandbox.done(&project(vec![id.clone()])).await;
    let log = |set: &str, topic: &str, kind: Option<&str>| clb::SetLoadBalancerClsLog {
        load_balancer_id: id.clone(),
        log_set_id: set.into(),
        log_topic_id: topic.into(),
        log_type: kind.map(str::to_owned),
    };
    sandbox.done(&log("set", "topic", None)).await;
    sandbox.done(&log("health-set", "health-topic", Some("HEALTH"))).await;
    let shown = sandbox.describe_load_balancer(&id).await.expect("there");
    assert_eq!((shown.sla_type.as_str(), shown.project_id, shown.attribute_flags), ("clb.c2.medium", 1122, vec![]));
    assert_eq!((shown.log_set_id.as_str(), shown.log_topic_id.as_str()), ("set", "topic"));
    assert_eq!((shown.health_log_set_id.as_str(), shown.health_log_topic_id.as_str()), ("health-set", "health-topic"));
    sandbox.done(&log("", "", None)).await;
    assert_eq!(sandbox.describe_load_balancer(&id).await.expect("there").log_topic_id, "");

    assert_eq!(sandbox.code(&sla(&id, "")).await, "InvalidParameter");
    assert_eq!(sandbox.code(&sla(CLASSIC_LOAD_BALANCER, "clb.c2.medium")).await, "InvalidParameter");
    assert_eq!(sandbox.code(&sla("lb-99999999", "clb.c2.medium")).await, "InvalidParameter.LBIdNotFound");
    let none = clb::ModifyLoadBalancerSla::default();
    assert_eq!(sandbox.code(&none).await, "InvalidParameter");
    assert_eq!(sandbox.code(&project(vec![id.clone(); 21])).await, "InvalidParameterValue.Length");
    let unknown = project(vec![id.clone(), "lb-99999999".into()]);
    assert_eq!(sandbox.code(&unknown).await, "InvalidParameter.LBIdNotFound");
    assert_eq!(sandbox.code(&log("set", "", None)).await, "InvalidParameter");
    assert_eq!(sandbox.code(&log("set", "topic", Some("AUDIT"))).await, "InvalidParameterValue");
}

#[tokio::test]
async fn quotas_are_shown_with_what_is_used_and_kept() {
    let mut weather = Weather::default();
    weather.quotas.set(Quota::PublicLoadBalancers, 3);
    let sandbox = Sandbox::start_with(Config { weather, ..Config::default() }).await;
    sandbox.load_balancer().await;
    let shown = sandbox.call(&clb::DescribeQuota::default()).await.quota_set;
    let of = |id: &str| shown.iter().find(|it| it.quota_id == id).map(|it| (it.quota_limit, it.quota_current));
    // Two public ones are there from the start.
    assert_eq!(of("TOTAL_OPEN_CLB_QUOTA"), Some((3, Some(3))));
    assert_eq!(of("TOTAL_INTERNAL_CLB_QUOTA"), Some((200, Some(0))));
    assert_eq!(of("TOTAL_TARGET_BIND_QUOTA"), Some((200, None)));
    assert_eq!((shown.len(), of("TOTAL_ISP_CLB_QUOTA")), (8, Some((15, Some(0)))));
    let (code, message) = sandbox.refused(&public()).await;
    assert_eq!(code, "LimitExceeded");
    assert!(message.contains("the quota is 3"), "{message}");
}

#[tokio::test]
async fn a_client_token_stands_for_one_order_until_it_expires() {
    let clock = Clock::system();
    let sandbox = Sandbox::start_with(Config { clock: clock.clone(), ..Config::default() }).await;
    let request = clb::CreateLoadBalancer { client_token: Some("once".into()), ..public() };
    let first = sandbox.done(&request).await;
    assert_eq!(sandbox.done(&request).await, first);
    clock.advance(client_token::LIFETIME + Duration::from_secs(1)).expect("near");
    assert_eq!(sandbox.code(&request).await, "InvalidParameter.ClientTokenLimitExceeded");
}

#[tokio::test]
async fn after_thirty_deletions_in_five_minutes_no_more_is_deleted_for_a_while() {
    let clock = Clock::system();
    clock.freeze();
    let sandbox = Sandbox::start_with(Config { clock: clock.clone(), ..Config::default() }).await;
    let many = clb::CreateLoadBalancer { number: Some(15), ..public() };
    let create = async || sandbox.done(&many).await.load_balancer_ids.expect("ids");
    let delete = |ids: &[String], force: bool| clb::DeleteLoadBalancer {
        load_balancer_ids: ids.to_vec(),
        force_delete: Some(force),
    };
    let (one, two, three) = (create().await, create().await, create().await);
    sandbox.done(&delete(&one, false)).await;
    clock.advance(Duration::from_mins(1)).expect("near");
    sandbox.done(&delete(&two, false)).await;
    for force in [false, true] {
        assert_eq!(sandbox.code(&delete(&three[..1], force)).await, "FailedOperation.FrequencyCheckRisk");
    }
    clock.advance(Duration::from_mins(4)).expect("near");
    sandbox.done(&delete(&three[..1], false)).await;
}

#[tokio::test]
async fn details_have_a_row_for_each_target_and_the_fields_that_are_asked_for() {
    let sandbox = Sandbox::start().await;
    let (lb, listener) = sandbox.listener().await;
    let targets = (1..=2).map(|port| clb::Target { eni_ip: Some("10.0.1.5".into()), port, ..clb::Target::default() });
    sandbox.done(&crate::sandbox::register(&lb, &listener, targets.collect())).await;
    let question = |fields: &[&str], target_type: Option<&str>, filters: &[(&str, &str)]| {
        let filter =
            |(name, value): &(&str, &str)| clb::Filter { name: (*name).to_owned(), values: vec![(*value).to_owned()] };
        clb::DescribeLoadBalancersDetail {
            fields: Some(fields.iter().map(ToString::to_string).collect()),
            target_type: target_type.map(str::to_owned),
            filters: Some(filters.iter().map(filter).collect()),
            ..clb::DescribeLoadBalancersDetail::default()
        }
    };
    let mine = ("loadbalancer-id", lb.as_str());
    let whole = ["LoadBalancerType", "AddressIPVersion", "LoadBalancerPassToTarget", "ListenerId", "TargetPort"];
    let shown = sandbox.call(&question(&whole, Some("NODE"), &[mine])).await;
    let rows = &shown.load_balancer_detail_set;
    assert_eq!((shown.total_count, rows.len()), (2, 2));
    assert_eq!(
        (rows[0].load_balancer_type.as_deref(), rows[0].address_ip_version.as_deref()),
        (Some("Public"), Some("IPv4"))
    );
    assert_eq!((rows[0].load_balancer_pass_to_target, rows[0].listener_id.as_ref()), (Some(0), Some(&listener)));
    assert_eq!(rows.iter().filter_map(|row| row.target_port).collect::<Vec<_>>(), [1, 2]);
    assert_eq!((rows[0].protocol.as_ref(), rows[0].vpc_id.as_ref()), (None, None), "nobody has asked for these");
    let count = async |filters: &[(&str, &str)]| sandbox.call(&question(&[], None, filters)).await.total_count;
    assert_eq!(count(&[mine]).await, 1);
    assert_eq!(count(&[mine, ("network", "Private")]).await, 0);
    assert_eq!(count(&[("target-ip", "10.0.1.5")]).await, 1);
    assert_eq!(count(&[("fuzzy-search", &lb[..6])]).await, 1);
    assert_eq!(count(&[("vpcid", "0"), ("zone", "100003")]).await, 1);
    assert_eq!(sandbox.code(&question(&["ListenerId"], None, &[])).await, "InvalidParameter");
    assert_eq!(sandbox.code(&question(&[], Some("POD"), &[])).await, "InvalidParameter");
    assert_eq!(sandbox.code(&question(&["Color"], None, &[])).await, "InvalidParameterValue");
    assert_eq!(sandbox.code(&question(&[], None, &[("color", "red")])).await, "InvalidParameterValue.InvalidFilter");
}

#[tokio::test]
async fn what_is_paid_and_where_from_are_enumerations() {
    let sandbox = Sandbox::start().await;
    let cases = [
        clb::CreateLoadBalancer { vip_isp: Some("DTAG".into()), ..public() },
        clb::CreateLoadBalancer { lb_charge_type: Some("GIFT".into()), ..public() },
        clb::CreateLoadBalancer {
            internet_accessible: Some(clb::InternetAccessible {
                internet_charge_type: Some("GIFT".into()),
                ..clb::InternetAccessible::default()
            }),
            ..public()
        },
    ];
    for request in cases {
        assert_eq!(sandbox.code(&request).await, "InvalidParameterValue", "{request:?}");
    }
    let postpaid = clb::CreateLoadBalancer { lb_charge_type: Some("POSTPAID_BY_HOUR".into()), ..public() };
    sandbox.create_load_balancer(&postpaid).await;
}
