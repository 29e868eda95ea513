//! Rules of the rules of security groups, and what becomes of packets.

use std::net::IpAddr;
use std::sync::Arc;

use clb_model::address_range::AddressRange;
use clb_model::forwarding::BackendAddress;
use clb_model::load_balancer::LoadBalancerChange;
use clb_model::rules::Rule;
use clb_model::security_group::filter::Packet;
use clb_model::security_group::policy::{PolicyDraft, Protocol, Verdict};
use clb_model::security_group::rule_set::{Direction, RuleSetDraft};
use clb_model::security_group::{SecurityGroup, SecurityGroupDraft, Usage};
use clb_model::task::Occasion;
use clb_model::world::World;

use crate::bench::{BLUE, Bench, REGION, address, targets};

const GROUP: &str = "sg-00000001";

type Change = fn(&mut World, &str, &str, &RuleSetDraft, &mut Occasion<'_>) -> Result<(), clb_model::refusal::Refusal>;

fn policy(protocol: &str, port: &str, cidr: &str, action: &str) -> PolicyDraft {
    PolicyDraft {
        protocol: Some(protocol.into()),
        port: Some(port.into()),
        cidr: Some(cidr.into()),
        action: Some(action.into()),
        ..PolicyDraft::default()
    }
}

/// A rule that lets in UDP at that port, from anywhere.
fn udp(port: usize) -> PolicyDraft {
    policy("UDP", &port.to_string(), "0.0.0.0/0", "ACCEPT")
}

fn ingress(policies: Vec<PolicyDraft>) -> RuleSetDraft {
    RuleSetDraft { ingress: Some(policies), ..RuleSetDraft::default() }
}

fn change(bench: &mut Bench, change: Change, draft: &RuleSetDraft) -> Result<(), Rule> {
    bench.ask(|world, occasion| change(world, REGION, GROUP, draft, occasion)).map_err(|refusal| refusal.rule)
}

fn group(bench: &Bench) -> &SecurityGroup {
    bench.region().security_group(GROUP).expect("there")
}

/// The ports of the group's inbound rules, in order.
fn ports(bench: &Bench) -> Vec<&str> {
    group(bench).rules(Direction::Ingress).iter().map(|rule| rule.written.port.as_str()).collect()
}

#[test]
fn a_rule_is_refused_for_what_it_says() {
    let cases = [
        (policy("SCTP", "all", "0.0.0.0/0", "ACCEPT"), Rule::SecurityGroupRuleProtocol),
        (policy("UDP", "80-", "0.0.0.0/0", "ACCEPT"), Rule::SecurityGroupRulePortFormat),
        (policy("UDP", "90-80", "0.0.0.0/0", "ACCEPT"), Rule::SecurityGroupRulePortFormat),
        (policy("UDP", "80,", "0.0.0.0/0", "ACCEPT"), Rule::SecurityGroupRulePortFormat),
        (policy("UDP", "65536", "0.0.0.0/0", "ACCEPT"), Rule::SecurityGroupRulePortFormat),
        (policy("ICMP", "80", "0.0.0.0/0", "ACCEPT"), Rule::SecurityGroupRulePortFormat),
        (policy("ALL", "80", "0.0.0.0/0", "ACCEPT"), Rule::SecurityGroupRulePortFormat),
        (policy("UDP", "80", "10.0.0.0/33", "ACCEPT"), Rule::SecurityGroupRuleAddressFormat),
        (policy("UDP", "80", "fd00::/8", "ACCEPT"), Rule::SecurityGroupRuleAddressFormat),
        (policy("UDP", "80", "0.0.0.0/0", "REJECT"), Rule::SecurityGroupRuleAction),
        (policy("UDP", "80", "0.0.0.0/0", ""), Rule::SecurityGroupRuleAction),
        (policy("UDP", "80", "", "ACCEPT"), Rule::SecurityGroupRuleOneSource),
        (PolicyDraft { group: Some(GROUP.into()), ..udp(80) }, Rule::SecurityGroupRuleOneSource),
        (PolicyDraft { ipv6_cidr: Some("::/0".into()), ..udp(80) }, Rule::SecurityGroupRuleOneSource),
        (PolicyDraft { description: Some("a".repeat(101)), ..udp(80) }, Rule::SecurityGroupRuleDescriptionMax100),
        (
            PolicyDraft { ipv6_cidr: Some("::/0".into()), ..policy("icmp", "all", "", "ACCEPT") },
            Rule::SecurityGroupRuleNoIcmpForIpv6,
        ),
        (
            PolicyDraft { group: Some("sg-99999999".into()), ..policy("UDP", "80", "", "ACCEPT") },
            Rule::SecurityGroupNotFound,
        ),
    ];
    for (draft, rule) in cases {
        let mut bench = Bench::new();
        let draft = ingress(vec![draft]);
        let refused = bench.refused(|world, occasion| world.create_policies(REGION, GROUP, &draft, occasion));
        assert_eq!(refused, rule, "{draft:?}");
    }
}

#[test]
fn rules_are_taken_as_they_are_written() {
    let mut bench = Bench::new();
    let drafts = vec![
        policy("udp", "80-90", "10.0.0.0/8", "accept"),
        policy("TCP", "80,443", "1.2.3.4", "Drop"),
        policy("ALL", "ALL", "0.0.0.0/8", "ACCEPT"),
        PolicyDraft { ipv6_cidr: Some("fd00::/8".into()), ..policy("icmpv6", "all", "", "ACCEPT") },
        PolicyDraft { group: Some(GROUP.into()), ..policy("gre", "", "", "ACCEPT") },
        PolicyDraft { description: Some("a".repeat(100)), ..udp(1) },
    ];
    assert_eq!(change(&mut bench, World::create_policies, &ingress(drafts)), Ok(()));
    let written: Vec<[&str; 3]> = group(&bench)
        .policies()
        .map(|rule| [&*rule.written.protocol, &*rule.written.port, &*rule.written.addresses])
        .collect();
    assert_eq!(written[0], ["udp", "80-90", "10.0.0.0/8"]);
    assert_eq!(written[1], ["TCP", "80,443", "1.2.3.4"]);
    assert_eq!(written[2], ["ALL", "ALL", "0.0.0.0/0"], "0.0.0.0 with any prefix is everyone");
    assert_eq!(written[4], ["gre", "ALL", ""]);
}

#[test]
fn new_rules_go_where_their_index_says_or_to_the_end() {
    let mut bench = Bench::new();
    let at = |index: i64, port| PolicyDraft { index: Some(index), ..udp(port) };
    let mut create = |policies: Vec<PolicyDraft>| change(&mut bench, World::create_policies, &ingress(policies));
    assert_eq!(create(vec![udp(1), udp(2)]), Ok(()));
    assert_eq!(create(vec![udp(3)]), Ok(()));
    assert_eq!(create(vec![at(0, 4), at(0, 5)]), Ok(()));
    assert_eq!(create(vec![at(5, 6)]), Ok(()), "after the last");
    assert_eq!(create(vec![at(7, 7)]), Err(Rule::SecurityGroupRuleIndex));
    assert_eq!(create(vec![at(-1, 7)]), Err(Rule::SecurityGroupRuleIndex));
    assert_eq!(create(vec![at(0, 7), at(1, 8)]), Err(Rule::SecurityGroupRuleSameIndex));
    assert_eq!(ports(&bench), ["4", "5", "1", "2", "3", "6"]);
}

#[test]
fn the_version_grows_by_one_and_a_stale_one_is_refused() {
    let mut bench = Bench::new();
    let versioned = |version: &str, port| RuleSetDraft { version: Some(version.into()), ..ingress(vec![udp(port)]) };
    let mut create = |draft: &RuleSetDraft| change(&mut bench, World::create_policies, draft);
    assert_eq!(create(&versioned("0", 1)), Ok(()));
    assert_eq!(create(&versioned("0", 2)), Err(Rule::SecurityGroupVersionCurrent));
    assert_eq!(create(&versioned("1", 2)), Ok(()));
    assert_eq!(create(&versioned("", 3)), Ok(()), "without one nothing is compared");
    assert_eq!(create(&versioned("new", 4)), Err(Rule::SecurityGroupVersionNumber));
    assert_eq!(group(&bench).version, 3);
    for stale in [World::replace_policies as Change, World::delete_policies] {
        assert_eq!(change(&mut bench, stale, &versioned("1", 1)), Err(Rule::SecurityGroupVersionCurrent));
    }
    assert_eq!(change(&mut bench, World::reset_policies, &versioned("1", 1)), Ok(()), "not compared there");
}

#[test]
fn one_direction_is_changed_at_a_time() {
    let mut bench = Bench::new();
    let both = RuleSetDraft { egress: Some(vec![udp(1)]), ..ingress(vec![udp(1)]) };
    for one in [World::create_policies as Change, World::replace_policies, World::delete_policies] {
        assert_eq!(change(&mut bench, one, &both), Err(Rule::SecurityGroupOneDirectionPerCall));
        assert_eq!(change(&mut bench, one, &ingress(vec![])), Err(Rule::SecurityGroupRulesNotEmpty));
    }
    let nothing = RuleSetDraft::default();
    assert_eq!(change(&mut bench, World::reset_policies, &nothing), Err(Rule::SecurityGroupRulesNotEmpty));
    assert_eq!(change(&mut bench, World::reset_policies, &both), Ok(()));
    assert_eq!((group(&bench).ingress.len(), group(&bench).egress.len()), (1, 1));
}

#[test]
fn a_reset_replaces_what_it_gives_and_version_zero_removes_all() {
    let mut bench = Bench::new();
    let both = RuleSetDraft { egress: Some(vec![udp(1)]), ..ingress(vec![udp(1), udp(2)]) };
    change(&mut bench, World::reset_policies, &both).expect("valid");
    change(&mut bench, World::reset_policies, &ingress(vec![udp(9), udp(2)])).expect("valid");
    assert_eq!((ports(&bench), group(&bench).egress.len()), (vec!["9", "2"], 1));
    let clear = RuleSetDraft { version: Some("0".into()), ..both };
    change(&mut bench, World::reset_policies, &clear).expect("valid");
    assert_eq!((group(&bench).policies().count(), group(&bench).version), (0, 3));
}

#[test]
fn rules_are_replaced_and_removed_by_index_or_by_what_they_say() {
    let mut bench = Bench::new();
    change(&mut bench, World::create_policies, &ingress((0..6).map(udp).collect())).expect("valid");
    let at = |index: i64, port| PolicyDraft { index: Some(index), ..udp(port) };
    let mut ask = |how: Change, policies: Vec<PolicyDraft>| change(&mut bench, how, &ingress(policies));
    assert_eq!(ask(World::replace_policies, vec![at(3, 33), at(4, 44)]), Ok(()));
    assert_eq!(ask(World::replace_policies, vec![udp(7)]), Err(Rule::SecurityGroupRuleIndex), "it names its place");
    assert_eq!(ask(World::replace_policies, vec![at(6, 66)]), Err(Rule::SecurityGroupRuleIndex));
    let only_index = |index: i64| PolicyDraft { index: Some(index), ..PolicyDraft::default() };
    assert_eq!(ask(World::delete_policies, vec![only_index(0), only_index(2)]), Ok(()));
    assert_eq!(ask(World::delete_policies, vec![only_index(4)]), Err(Rule::SecurityGroupRuleIndex));
    assert_eq!(ask(World::delete_policies, vec![policy("udp", "44", "0.0.0.0/0", "accept")]), Ok(()));
    assert_eq!(ask(World::delete_policies, vec![udp(44)]), Err(Rule::SecurityGroupRuleNotFound));
    assert_eq!(ports(&bench), ["1", "33", "5"]);
}

#[test]
fn no_two_rules_of_a_direction_say_the_same() {
    let mut bench = Bench::new();
    change(&mut bench, World::create_policies, &ingress(vec![udp(1), udp(2)])).expect("valid");
    let again = policy("udp", "1", "0.0.0.0/0", "accept");
    let mut ask = |how: Change, policies: Vec<PolicyDraft>| change(&mut bench, how, &ingress(policies));
    let duplicate = Err(Rule::SecurityGroupRuleDuplicate);
    assert_eq!(ask(World::create_policies, vec![again.clone()]), duplicate);
    assert_eq!(ask(World::create_policies, vec![udp(3), udp(3)]), duplicate);
    assert_eq!(ask(World::reset_policies, vec![udp(3), udp(3)]), duplicate);
    assert_eq!(ask(World::replace_policies, vec![PolicyDraft { index: Some(1), ..again.clone() }]), duplicate);
    assert_eq!(ask(World::create_policies, vec![PolicyDraft { action: Some("DROP".into()), ..again }]), Ok(()));
    let egress = RuleSetDraft { egress: Some(vec![udp(1)]), ..RuleSetDraft::default() };
    assert_eq!(change(&mut bench, World::create_policies, &egress), Ok(()), "the other direction is another matter");
}

#[test]
fn rule_sets_have_bounds() {
    let mut bench = Bench::new();
    let hundred = || ingress((1..=100).map(udp).collect());
    assert_eq!(change(&mut bench, World::reset_policies, &hundred()), Ok(()));
    assert_eq!(change(&mut bench, World::create_policies, &ingress(vec![udp(101)])), Err(Rule::SecurityGroupRuleQuota));
    let many = ingress((1..=101).map(udp).collect());
    assert_eq!(change(&mut bench, World::reset_policies, &many), Err(Rule::SecurityGroupRuleQuota));

    let about = |group: String| PolicyDraft { group: Some(group), ..policy("UDP", "1", "", "ACCEPT") };
    let mut others = Vec::new();
    for _ in 0..11 {
        let draft = SecurityGroupDraft { name: "other".into(), ..SecurityGroupDraft::default() };
        let id = bench.ask(|world, occasion| world.create_security_group(REGION, &draft, occasion)).expect("valid");
        others.push(about(id.to_string()));
    }
    assert_eq!(
        change(&mut bench, World::reset_policies, &ingress(others.clone())),
        Err(Rule::SecurityGroupReferencesMax10)
    );
    others.pop();
    assert_eq!(change(&mut bench, World::reset_policies, &ingress(others)), Ok(()));
}

#[test]
fn the_groups_of_a_load_balancer_hold_512_rules() {
    let mut bench = Bench::new();
    let id = bench.load_balancer();
    let groups: Vec<String> = (1..4).map(|number| format!("sg-0000000{number}")).collect();
    bench.ask(|world, occasion| world.set_security_groups(REGION, &id, &groups, occasion)).expect("valid");
    let full: Vec<PolicyDraft> = (1..=100).map(udp).collect();
    let full = RuleSetDraft { egress: Some(full.clone()), ..ingress(full) };
    for group in &groups[1..] {
        bench.ask(|world, occasion| world.reset_policies(REGION, group, &full, occasion)).expect("400 in all");
    }
    let add =
        |bench: &mut Bench, count| change(bench, World::create_policies, &ingress((1..=count).map(udp).collect()));
    assert_eq!(add(&mut bench, 100), Ok(()), "500 in all");
    let rest = |count: usize| RuleSetDraft { egress: Some((1..=count).map(udp).collect()), ..RuleSetDraft::default() };
    assert_eq!(change(&mut bench, World::create_policies, &rest(13)), Err(Rule::LbSgRulesMax512));
    assert_eq!(change(&mut bench, World::create_policies, &rest(12)), Ok(()));
}

#[test]
fn a_group_that_a_rule_is_about_stays() {
    let mut bench = Bench::new();
    let about = PolicyDraft { group: Some("sg-00000002".into()), ..policy("UDP", "1", "", "ACCEPT") };
    change(&mut bench, World::create_policies, &ingress(vec![about])).expect("valid");
    assert_eq!(bench.region().usage_of(&"sg-00000002".into()), Usage { groups: 1, ..Usage::default() });
    let rule = bench.refused(|world, _| world.delete_security_group(REGION, "sg-00000002"));
    assert_eq!(rule, Rule::SecurityGroupInUse);
    bench.ask(|world, _| world.delete_security_group(REGION, GROUP)).expect("nobody uses this one");
    bench.ask(|world, _| world.delete_security_group(REGION, "sg-00000002")).expect("nor the other now");
}

#[test]
fn a_group_may_come_with_its_rules() {
    let mut bench = Bench::new();
    let rules = RuleSetDraft { egress: Some(vec![udp(1)]), ..ingress(vec![udp(1), udp(2)]) };
    let draft = SecurityGroupDraft { name: "with rules".into(), rules, ..SecurityGroupDraft::default() };
    let id = bench.ask(|world, occasion| world.create_security_group(REGION, &draft, occasion)).expect("valid");
    let group = bench.region().security_group(id.as_str()).expect("there");
    assert_eq!((group.ingress.len(), group.egress.len(), group.version), (2, 1, 1));
    let twice = SecurityGroupDraft { rules: ingress(vec![udp(1), udp(1)]), ..draft };
    let rule = bench.refused(|world, occasion| world.create_security_group(REGION, &twice, occasion));
    assert_eq!(rule, Rule::SecurityGroupRuleDuplicate);
}

fn packet(peer: &str, protocol: Protocol, port: u16) -> Packet {
    Packet { peer: peer.parse().expect("an address"), protocol, port: Some(port) }
}

/// What becomes of a UDP datagram to that port, at a load balancer with these groups.
fn decide(bench: &Bench, groups: &[&str], peer: &str, port: u16) -> Verdict {
    let groups: Vec<_> = groups.iter().map(|group| (*group).into()).collect();
    bench.region().ingress_filter(&groups).decide(&packet(peer, Protocol::Udp, port))
}

#[test]
fn without_groups_everything_passes_and_a_new_group_stops_everything() {
    let bench = Bench::new();
    assert_eq!(decide(&bench, &[], "1.2.3.4", 443), Verdict::Accept);
    assert_eq!(decide(&bench, &[GROUP], "1.2.3.4", 443), Verdict::Drop);
}

#[test]
fn the_first_rule_that_matches_decides() {
    let mut bench = Bench::new();
    let rules = vec![policy("UDP", "443", "10.1.0.0/16", "DROP"), policy("UDP", "400-499,", "10.0.0.0/8", "ACCEPT")];
    assert_eq!(change(&mut bench, World::create_policies, &ingress(rules)), Err(Rule::SecurityGroupRulePortFormat));
    let rules = vec![
        policy("UDP", "443", "10.1.0.0/16", "DROP"),
        policy("UDP", "400-499", "10.0.0.0/8", "ACCEPT"),
        policy("TCP", "500", "0.0.0.0/0", "ACCEPT"),
        policy("ALL", "ALL", "192.168.0.1", "ACCEPT"),
    ];
    change(&mut bench, World::create_policies, &ingress(rules)).expect("valid");
    for (peer, port, verdict) in [
        ("10.1.2.3", 443, Verdict::Drop),
        ("10.1.2.3", 444, Verdict::Accept),
        ("10.2.0.1", 443, Verdict::Accept),
        ("10.2.0.1", 500, Verdict::Drop),
        ("192.168.0.1", 500, Verdict::Accept),
        ("192.168.0.2", 443, Verdict::Drop),
        ("::ffff:10.2.0.1", 443, Verdict::Accept),
        ("fd00::1", 443, Verdict::Drop),
    ] {
        assert_eq!(decide(&bench, &[GROUP], peer, port), verdict, "{peer} {port}");
    }
    let filter = bench.region().ingress_filter(&[GROUP.into()]);
    assert_eq!(filter.decide(&packet("8.8.8.8", Protocol::Tcp, 500)), Verdict::Accept);
    let echo = Packet { peer: IpAddr::from([192, 168, 0, 1]), protocol: Protocol::Icmp, port: None };
    assert_eq!(filter.decide(&echo), Verdict::Accept);
}

#[test]
fn groups_are_asked_in_their_order_and_members_by_their_addresses() {
    let mut bench = Bench::new();
    change(&mut bench, World::create_policies, &ingress(vec![policy("UDP", "443", "0.0.0.0/0", "DROP")]))
        .expect("valid");
    let open = ingress(vec![policy("UDP", "ALL", "0.0.0.0/0", "ACCEPT")]);
    bench.ask(|world, occasion| world.create_policies(REGION, "sg-00000002", &open, occasion)).expect("valid");
    assert_eq!(decide(&bench, &[GROUP, "sg-00000002"], "1.2.3.4", 443), Verdict::Drop);
    assert_eq!(decide(&bench, &["sg-00000002", GROUP], "1.2.3.4", 443), Verdict::Accept);

    give_groups(&mut bench, BLUE, &["sg-00000004"]);
    let members = PolicyDraft { group: Some("sg-00000004".into()), ..policy("UDP", "443", "", "ACCEPT") };
    bench
        .ask(|world, occasion| world.create_policies(REGION, "sg-00000003", &ingress(vec![members]), occasion))
        .expect("valid");
    assert_eq!(decide(&bench, &["sg-00000003"], "10.0.1.5", 443), Verdict::Accept);
    assert_eq!(decide(&bench, &["sg-00000003"], "10.0.1.6", 443), Verdict::Drop);
}

/// The groups that an instance has, as a seed gives them.
fn give_groups(bench: &mut Bench, instance: &str, groups: &[&str]) {
    let mut region = bench.region().clone();
    let mut it = region.network.instance(instance).expect("there").clone();
    it.security_groups = groups.iter().map(|group| (*group).into()).collect();
    region.network.add_instance(it);
    bench.world.add_region(region);
}

#[test]
fn without_passing_to_targets_the_groups_of_instances_count_too() {
    let mut bench = Bench::new();
    let (load_balancer, listener) = bench.with_bindings();
    let by_address = targets(&load_balancer, &listener, vec![address("10.0.1.5", 81), address("10.0.1.9", 81)]);
    bench.ask(|world, occasion| world.create_bindings(REGION, &by_address, occasion)).expect("valid");
    give_groups(&mut bench, BLUE, &[GROUP]);
    change(&mut bench, World::create_policies, &ingress(vec![policy("TCP", "80", "10.9.0.0/16", "ACCEPT")]))
        .expect("valid");
    let admits = |bench: &Bench, backend: &str, port: u16, source: &str| {
        let ip = backend.parse().expect("an address");
        let security = bench.forwarding(&listener).expect("it forwards").security;
        security.admits_at_backend(BackendAddress { ip, port }, source.parse().expect("an address"))
    };
    for (backend, port, source, admitted) in [
        ("10.0.1.5", 80, "10.9.0.1", true),
        ("10.0.1.5", 80, "10.8.0.1", false),
        // The same instance by its address, at a port of which no rule speaks.
        ("10.0.1.5", 81, "10.9.0.1", false),
        // Without groups, and without an instance.
        ("10.0.1.6", 80, "10.8.0.1", true),
        ("10.0.1.9", 81, "10.8.0.1", true),
    ] {
        assert_eq!(admits(&bench, backend, port, source), admitted, "{backend} {port} {source}");
    }
    let passing = LoadBalancerChange { pass_to_target: Some(true), ..LoadBalancerChange::default() };
    bench.ask(|world, occasion| world.modify_load_balancer(REGION, &load_balancer, &passing, occasion)).expect("valid");
    assert!(admits(&bench, "10.0.1.5", 80, "10.8.0.1"), "only the load balancer's own groups count");
}

#[test]
fn a_load_balancers_groups_are_the_same_filter_for_all_its_listeners() {
    let mut bench = Bench::new();
    let mut draft = bench.with_listener_draft();
    draft.ports = vec![443, 444];
    let listeners = bench.create_listeners(&draft);
    let filter = |bench: &Bench, of: usize| bench.forwarding(&listeners[of]).expect("it forwards").security.clients;
    assert_eq!(filter(&bench, 0), None);
    let groups = [GROUP.to_owned()];
    bench
        .ask(|world, occasion| world.set_security_groups(REGION, &draft.load_balancer_id, &groups, occasion))
        .expect("valid");
    let both: Vec<_> = bench.world.forwardings().filter_map(|(_, it)| it.security.clients).collect();
    assert!(both.len() == 2 && Arc::ptr_eq(&both[0], &both[1]), "{both:?}");
    assert_eq!(both[0].decide(&packet("1.2.3.4", Protocol::Udp, 443)), Verdict::Drop);
}

#[test]
fn probes_come_from_the_source_that_the_check_names() {
    let mut bench = Bench::new();
    let mut draft = bench.with_listener_draft();
    draft.settings.health_check.source = Some(1);
    let listener = bench.create_listeners(&draft).remove(0);
    let source = bench.forwarding(&listener).expect("it forwards").security.probe_source;
    let range: AddressRange = "100.64.0.0/10".parse().expect("a range");
    assert!(source.is_some_and(|source| range.contains(source)), "{source:?}");
}
