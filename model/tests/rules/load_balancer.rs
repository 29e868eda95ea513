//! Rules of load balancers.

use clb_model::load_balancer::{Exposure, IpVersion, LoadBalancerChange, LoadBalancerDraft, Placement};
use clb_model::quota::Quota;
use clb_model::rules::Rule;
use clb_model::tag::Tags;

use crate::bench::{BLUE, Bench, REGION, address, instance, public, targets};

fn refused(draft: &LoadBalancerDraft) -> Rule {
    Bench::new().refused(|world, occasion| world.create_load_balancers(REGION, draft, occasion))
}

fn accepted(draft: &LoadBalancerDraft) {
    Bench::new().create_load_balancer(draft);
}

fn internal() -> LoadBalancerDraft {
    LoadBalancerDraft {
        exposure: "INTERNAL".into(),
        vpc_id: Some("vpc-00000001".into()),
        subnet_id: Some("subnet-00000001".into()),
        ..LoadBalancerDraft::default()
    }
}

fn ip_version(word: &str) -> LoadBalancerDraft {
    LoadBalancerDraft { ip_version: Some(word.into()), ..public() }
}

#[test]
fn type_and_generation_are_enumerations() {
    accepted(&public());
    accepted(&internal());
    assert_eq!(refused(&LoadBalancerDraft { exposure: "open".into(), ..public() }), Rule::LbTypeEnum);
    accepted(&LoadBalancerDraft { forward: Some(1), ..public() });
    assert_eq!(refused(&LoadBalancerDraft { forward: Some(0), ..public() }), Rule::LbForwardOnlyCurrent);
}

#[test]
fn names_obey_their_rules() {
    let named = |name: &str| LoadBalancerDraft { name: Some(name.into()), ..public() };
    accepted(&named(&"a".repeat(80)));
    assert_eq!(refused(&named(&"a".repeat(81))), Rule::LbNameLength);
    assert_eq!(refused(&named("")), Rule::LbNameLength);
    assert_eq!(refused(&named("smile😀")), Rule::LbNameCharacters);
}

#[test]
fn a_name_that_is_taken_is_replaced_by_another() {
    let mut bench = Bench::new();
    let named = LoadBalancerDraft { name: Some("web".into()), ..public() };
    let first = bench.create_load_balancer(&named);
    let second = bench.create_load_balancer(&named);
    let name = |id: &str| bench.region().load_balancer(id, Rule::LbNotFound).expect("there").name.clone();
    assert_eq!(name(&first), "web");
    assert_ne!(name(&second), "web");
}

#[test]
fn an_internal_load_balancer_needs_vpc_and_subnet() {
    assert_eq!(refused(&LoadBalancerDraft { vpc_id: None, subnet_id: None, ..internal() }), Rule::LbInternalNeedsVpc);
    assert_eq!(refused(&LoadBalancerDraft { vpc_id: None, ..internal() }), Rule::LbInternalNeedsVpc);
    assert_eq!(refused(&LoadBalancerDraft { subnet_id: None, ..internal() }), Rule::LbInternalNeedsSubnet);
}

#[test]
fn the_network_must_exist_and_hang_together() {
    let vpc = |id: &str| LoadBalancerDraft { vpc_id: Some(id.into()), ..public() };
    accepted(&vpc("vpc-00000002"));
    assert_eq!(refused(&vpc("vpc-99999999")), Rule::LbVpcAndSubnetMustExist);
    let subnet = |id: &str| LoadBalancerDraft { subnet_id: Some(id.into()), ..internal() };
    assert_eq!(refused(&subnet("subnet-99999999")), Rule::LbVpcAndSubnetMustExist);
    assert_eq!(refused(&subnet("subnet-00000002")), Rule::LbVpcAndSubnetMustExist);
}

#[test]
fn a_subnet_is_for_internal_and_native_ipv6_only() {
    let with_subnet = |draft| LoadBalancerDraft { subnet_id: Some("subnet-00000001".into()), ..draft };
    assert_eq!(refused(&with_subnet(public())), Rule::LbPublicIpv4RefusesSubnet);
    accepted(&with_subnet(ip_version("IPv6FullChain")));
    assert_eq!(refused(&ip_version("IPv6FullChain")), Rule::LbIpv6FullchainNeedsSubnet);
}

#[test]
fn a_public_load_balancer_without_a_vpc_goes_to_the_default_one() {
    let mut bench = Bench::new();
    let id = bench.load_balancer();
    let load_balancer = bench.region().load_balancer(&id, Rule::LbNotFound).expect("there");
    assert_eq!(load_balancer.placement, Placement::Vpc { vpc_id: "vpc-00000001".into(), subnet_id: None });
    assert_eq!((load_balancer.exposure, load_balancer.bandwidth), (Exposure::Open, 10));
}

#[test]
fn ip_versions_are_words_in_any_case_and_for_public_ones_only() {
    for (word, expected) in [("ipv4", IpVersion::V4), ("IPV6", IpVersion::Nat64)] {
        let mut bench = Bench::new();
        let id = bench.create_load_balancer(&ip_version(word));
        assert_eq!(bench.region().load_balancer(&id, Rule::LbNotFound).expect("there").ip_version, expected);
    }
    assert_eq!(refused(&ip_version("IPv5")), Rule::LbIpVersionEnum);
    let word = |word: &str| LoadBalancerDraft { ip_version: Some(word.into()), ..internal() };
    assert_eq!(refused(&word("IPV6")), Rule::LbIpVersionPublicOnly);
    accepted(&word("IPV4"));
}

#[test]
fn counts_are_bounded() {
    let count = |count| LoadBalancerDraft { count: Some(count), ..public() };
    accepted(&count(20));
    for refused_count in [0, 21, u64::MAX] {
        assert_eq!(refused(&count(refused_count)), Rule::LbNumberMax20);
    }
    let tags = |count| LoadBalancerDraft {
        tags: Tags((0..count).map(|number| (format!("key{number}"), "value".into())).collect()),
        ..public()
    };
    accepted(&tags(20));
    assert_eq!(refused(&tags(21)), Rule::LbTagsMax20);
    let token = |token: &str| LoadBalancerDraft { client_token: Some(token.into()), ..public() };
    accepted(&token(&"t".repeat(64)));
    assert_eq!(refused(&token(&"t".repeat(65))), Rule::LbClientTokenMax64);
    assert_eq!(refused(&token("täken")), Rule::LbClientTokenMax64);
}

#[test]
fn a_repeated_client_token_creates_nothing_again() {
    let mut bench = Bench::new();
    let draft = LoadBalancerDraft { client_token: Some("token".into()), ..public() };
    let first = bench.create_load_balancer(&draft);
    assert_eq!(bench.create_load_balancer(&draft), first);
    assert_eq!(bench.region().load_balancers().count(), 3, "the two fixtures and one");
    let empty = LoadBalancerDraft { client_token: Some(String::new()), ..public() };
    assert_ne!(bench.create_load_balancer(&empty), bench.create_load_balancer(&empty), "an empty token is none");
}

#[test]
fn bandwidth_depends_on_the_specification() {
    let with =
        |bandwidth, sla: &str| LoadBalancerDraft { bandwidth: Some(bandwidth), sla_type: Some(sla.into()), ..public() };
    accepted(&with(2048, ""));
    assert_eq!(refused(&with(2049, "")), Rule::LbBandwidthRangeShared);
    assert_eq!(refused(&with(0, "")), Rule::LbBandwidthRangeShared);
    accepted(&with(61440, "clb.c2.medium"));
    assert_eq!(refused(&with(61441, "clb.c2.medium")), Rule::LbBandwidthRangeLcu);
    assert_eq!(refused(&with(10, "clb.c9.huge")), Rule::LbSlaTypeEnum);
}

#[test]
fn a_single_carrier_needs_a_bandwidth_package() {
    let with = |isp: &str, charge: &str| LoadBalancerDraft {
        isp: Some(isp.into()),
        charge_type: Some(charge.into()),
        ..public()
    };
    accepted(&with("CMCC", "BANDWIDTH_PACKAGE"));
    accepted(&with("BGP", "TRAFFIC_POSTPAID_BY_HOUR"));
    assert_eq!(refused(&with("CMCC", "TRAFFIC_POSTPAID_BY_HOUR")), Rule::LbSingleIspNeedsBandwidthPackage);
}

#[test]
fn native_ipv6_passes_clients_to_backends_always() {
    let full = LoadBalancerDraft { subnet_id: Some("subnet-00000001".into()), ..ip_version("IPv6FullChain") };
    let asked = LoadBalancerDraft { pass_to_target: Some(false), ..full.clone() };
    assert_eq!(refused(&asked), Rule::LbIpv6RefusesPassToTarget);
    let mut bench = Bench::new();
    let id = bench.create_load_balancer(&full);
    assert!(bench.region().load_balancer(&id, Rule::LbNotFound).expect("there").pass_to_target);
    let change = LoadBalancerChange { pass_to_target: Some(true), ..LoadBalancerChange::default() };
    assert_eq!(
        bench.refused(|world, occasion| world.modify_load_balancer(REGION, &id, &change, occasion)),
        Rule::LbIpv6RefusesPassToTarget
    );
    accepted(&LoadBalancerDraft { pass_to_target: Some(true), ..public() });
}

#[test]
fn a_wanted_address_is_a_free_one_of_the_pool() {
    let with = |vip: &str| LoadBalancerDraft { vip: Some(vip.into()), ..public() };
    let mut bench = Bench::new();
    let id = bench.create_load_balancer(&with("127.80.0.9"));
    assert_eq!(bench.region().load_balancer(&id, Rule::LbNotFound).expect("there").vip.to_string(), "127.80.0.9");
    for (wrong, expected) in [
        ("127.80.0.9", Rule::LbVipMustBeFree),
        ("10.0.1.9", Rule::LbVipInsideSubnet),
        ("2001:db8::1", Rule::LbVipInsideSubnet),
        ("nine", Rule::LbVipInsideSubnet),
    ] {
        let rule = bench.refused(|world, occasion| world.create_load_balancers(REGION, &with(wrong), occasion));
        assert_eq!(rule, expected, "{wrong}");
    }
    let nat64 = LoadBalancerDraft { ip_version: Some("IPV6".into()), ..with("127.80.0.10") };
    assert_eq!(refused(&nat64), Rule::LbVipNotOnNat64);
}

#[test]
fn a_pool_that_is_empty_gives_no_load_balancer() {
    let mut bench = Bench::new();
    bench.vips = clb_model::vip_pool::VipPool::new([127, 80, 0, 0].into(), 30);
    let draft = LoadBalancerDraft { count: Some(3), ..public() };
    // The fixtures have addresses of another pool; that is not what this is about.
    let refusal = bench.world.create_load_balancers(
        REGION,
        &draft,
        &mut clb_model::task::Occasion {
            now: clb_model::time::Timestamp::default(),
            generation: 1,
            task_id: String::from("task").into(),
            pace: clb_model::task::Pace::AtOnce,
            fails_with: None,
            chance: &mut clb_model::chance::Chance::seeded(1),
            vips: &mut bench.vips,
        },
    );
    assert_eq!(refusal.expect_err("two addresses for three").rule, Rule::LbVipPoolExhausted);
    assert!(bench.vips.take().is_some() && bench.vips.take().is_some(), "both are free again");
}

#[test]
fn a_region_holds_so_many() {
    for (draft, rule) in [(public(), Rule::LbQuotaPublic), (internal(), Rule::LbQuotaInternal)] {
        let mut bench = Bench::new();
        bench.world.quotas.set(Quota::InternalLoadBalancers, 100);
        let twenty = LoadBalancerDraft { count: Some(20), ..draft.clone() };
        // Two public ones are there from the start.
        for _ in 0..4 {
            bench.create_load_balancer(&twenty);
        }
        let rest = LoadBalancerDraft { count: Some(18), ..draft.clone() };
        bench.create_load_balancer(&rest);
        let over = LoadBalancerDraft { count: Some(3), ..draft };
        assert_eq!(bench.refused(|world, occasion| world.create_load_balancers(REGION, &over, occasion)), rule);
    }
}

#[test]
fn an_unknown_region_is_refused() {
    let rule = Bench::new().refused(|world, occasion| world.create_load_balancers("ap-nowhere", &public(), occasion));
    assert_eq!(rule, Rule::ClbRegionMustExist);
}

#[test]
fn what_is_absent_from_a_change_stays() {
    let mut bench = Bench::new();
    let id = bench.create_load_balancer(&LoadBalancerDraft { name: Some("before".into()), ..public() });
    let change =
        LoadBalancerChange { delete_protection: Some(true), bandwidth: Some(20), ..LoadBalancerChange::default() };
    bench.ask(|world, occasion| world.modify_load_balancer(REGION, &id, &change, occasion)).expect("valid");
    let after = bench.region().load_balancer(&id, Rule::LbNotFound).expect("there");
    assert_eq!((after.name.as_str(), after.delete_protection, after.bandwidth), ("before", true, 20));
    for (id, rule) in [("lb-99999999", Rule::LbNotFoundListed), ("lb-1", Rule::LbIdFormat)] {
        let refused = bench.refused(|world, occasion| world.modify_load_balancer(REGION, id, &change, occasion));
        assert_eq!(refused, rule);
    }
}

#[test]
fn all_that_are_named_are_deleted_or_none() {
    let mut bench = Bench::new();
    let (one, two) = (bench.load_balancer(), bench.load_balancer());
    let mut delete = |ids: &[&str]| {
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        bench.ask(|world, occasion| world.delete_load_balancers(REGION, &ids, false, occasion)).map_err(|no| no.rule)
    };
    assert_eq!(delete(&[&one, "lb-99999999"]), Err(Rule::LbDeleteBatchAtomic));
    assert_eq!(delete(&["lb-99999999"]), Err(Rule::LbNotFound));
    assert_eq!(delete(&[&one, "LB-1"]), Err(Rule::LbIdFormat));
    assert_eq!(delete(&["lb-99999999"; 21]), Err(Rule::LbDeleteIdsMax20));
    assert_eq!(delete(&[&one, &two, &one]), Ok(()));
    assert_eq!(delete(&[&one]), Err(Rule::LbNotFound));
}

#[test]
fn a_protected_load_balancer_is_not_deleted() {
    let mut bench = Bench::new();
    let id = bench.load_balancer();
    let protect = |on| LoadBalancerChange { delete_protection: Some(on), ..LoadBalancerChange::default() };
    let ids = [id.clone()];
    bench.ask(|world, occasion| world.modify_load_balancer(REGION, &id, &protect(true), occasion)).expect("valid");
    let rule = bench.refused(|world, occasion| world.delete_load_balancers(REGION, &ids, true, occasion));
    assert_eq!(rule, Rule::LbDeleteProtection);
    bench.ask(|world, occasion| world.modify_load_balancer(REGION, &id, &protect(false), occasion)).expect("valid");
    bench.ask(|world, occasion| world.delete_load_balancers(REGION, &ids, false, occasion)).expect("valid");
}

#[test]
fn twenty_bound_targets_keep_a_load_balancer_unless_forced() {
    let mut bench = Bench::new();
    let (id, listener) = bench.with_listener();
    let bind = |bench: &mut Bench, targets_| {
        let draft = targets(&id, &listener, targets_);
        bench.ask(|world, occasion| world.create_bindings(REGION, &draft, occasion)).expect("valid");
    };
    bind(&mut bench, (1..=19).map(|port| instance(BLUE, port)).collect());
    let ids = [id.clone()];
    bind(&mut bench, vec![address("10.0.1.9", 80)]);
    let rule = bench.refused(|world, occasion| world.delete_load_balancers(REGION, &ids, false, occasion));
    assert_eq!(rule, Rule::LbDeleteTargetCountRisk);
    bench.ask(|world, occasion| world.delete_load_balancers(REGION, &ids, true, occasion)).expect("forced");
    assert_eq!(bench.world.forwardings().count(), 0, "listeners go with their load balancer");
}

#[test]
fn nineteen_bound_targets_do_not() {
    let mut bench = Bench::new();
    let (id, listener) = bench.with_listener();
    let draft = targets(&id, &listener, (1..=19).map(|port| instance(BLUE, port)).collect());
    bench.ask(|world, occasion| world.create_bindings(REGION, &draft, occasion)).expect("valid");
    bench.ask(|world, occasion| world.delete_load_balancers(REGION, &[id], false, occasion)).expect("not at risk");
}
