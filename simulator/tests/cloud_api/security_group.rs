//! Security groups through the API: their life, their rules, and their being bound to load balancers.

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::time::Duration;

use clb_cloud_api::{clb, vpc};
use clb_simulator::backend::Backend;
use clb_simulator::client::{Client, Options};
use clb_simulator::seed::{INSTANCES, SECURITY_GROUP};

use crate::sandbox::{Sandbox, instance, register};

fn create() -> vpc::CreateSecurityGroup {
    vpc::CreateSecurityGroup {
        group_name: "game".into(),
        group_description: "QUIC only".into(),
        ..vpc::CreateSecurityGroup::default()
    }
}

fn rule(port: &str) -> vpc::SecurityGroupPolicy {
    vpc::SecurityGroupPolicy {
        protocol: Some("udp".into()),
        port: Some(port.into()),
        cidr_block: Some("10.0.0.0/8".into()),
        action: Some("accept".into()),
        ..vpc::SecurityGroupPolicy::default()
    }
}

fn ingress(rules: Vec<vpc::SecurityGroupPolicy>) -> vpc::SecurityGroupPolicySet {
    vpc::SecurityGroupPolicySet { ingress: Some(rules), ..vpc::SecurityGroupPolicySet::default() }
}

async fn new_group(sandbox: &Sandbox) -> String {
    sandbox.call(&create()).await.security_group.security_group_id
}

async fn rules(sandbox: &Sandbox, group: &str) -> vpc::SecurityGroupPolicySet {
    let question = vpc::DescribeSecurityGroupPolicies { security_group_id: group.into(), filters: None };
    sandbox.call(&question).await.security_group_policy_set
}

#[tokio::test]
async fn a_group_is_made_renamed_listed_and_deleted() {
    let sandbox = Sandbox::start().await;
    let tagged = vpc::CreateSecurityGroup {
        project_id: Some("7".into()),
        tags: Some(vec![vpc::Tag { key: "team".into(), value: "game".into() }]),
        ..create()
    };
    let made = sandbox.call(&tagged).await.security_group;
    assert_eq!((made.project_id.as_str(), made.is_default, made.tag_set.len()), ("7", false, 1));
    let modify = vpc::ModifySecurityGroupAttribute {
        security_group_id: made.security_group_id.clone(),
        group_name: Some("games".into()),
        group_description: None,
    };
    sandbox.call(&modify).await;
    let filter = |name: &str, value: &str| vpc::Filter { name: name.into(), values: vec![value.into()] };
    let question = vpc::DescribeSecurityGroups {
        filters: Some(vec![filter("project-id", "7"), filter("tag:team", "game")]),
        order_field: Some("UpdateTime".into()),
        order_direction: Some("DESC".into()),
        ..vpc::DescribeSecurityGroups::default()
    };
    let found = sandbox.call(&question).await.security_group_set;
    let names: Vec<_> = found.iter().map(|it| (&*it.security_group_name, &*it.security_group_desc)).collect();
    assert_eq!(names, [("games", "QUIC only")]);
    let delete = vpc::DeleteSecurityGroup { security_group_id: made.security_group_id };
    sandbox.call(&delete).await;
    assert_eq!(sandbox.code(&delete).await, "ResourceNotFound");
}

#[tokio::test]
async fn rules_are_shown_in_their_order_and_as_they_were_written() {
    let sandbox = Sandbox::start().await;
    let group = new_group(&sandbox).await;
    let add = |security_group_policy_set| vpc::CreateSecurityGroupPolicies {
        security_group_id: group.clone(),
        security_group_policy_set,
    };
    sandbox.call(&add(ingress(vec![rule("443"), rule("8000-8010")]))).await;
    let first = vpc::SecurityGroupPolicy { policy_index: Some(0), ..rule("80,81") };
    sandbox.call(&add(vpc::SecurityGroupPolicySet { version: Some("1".into()), ..ingress(vec![first]) })).await;
    let shown = rules(&sandbox, &group).await;
    assert_eq!(shown.version.as_deref(), Some("2"));
    assert_eq!(shown.egress, Some(Vec::new()));
    let of = |rule: &vpc::SecurityGroupPolicy| {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        (rule.policy_index, text(&rule.protocol), text(&rule.port), text(&rule.cidr_block), text(&rule.action))
    };
    let list: Vec<_> = shown.ingress.iter().flatten().map(of).collect();
    let expected = |index, port: &str| {
        (Some(index), "udp".to_owned(), port.to_owned(), "10.0.0.0/8".to_owned(), "ACCEPT".to_owned())
    };
    assert_eq!(list, [expected(0, "80,81"), expected(1, "443"), expected(2, "8000-8010")]);
    let one = &shown.ingress.expect("some")[0];
    let empty = Some(String::new());
    assert_eq!((&one.ipv6_cidr_block, &one.security_group_id), (&empty, &empty), "empty texts, not null");
    assert_eq!(one.address_template.as_ref().map(|it| &it.address_id), Some(&empty));
}

#[tokio::test]
async fn rules_are_replaced_removed_and_cleared() {
    let sandbox = Sandbox::start().await;
    let group = new_group(&sandbox).await;
    let set = |version: Option<&str>, rules| vpc::SecurityGroupPolicySet {
        version: version.map(str::to_owned),
        ..ingress(rules)
    };
    let modify = |set| vpc::ModifySecurityGroupPolicies {
        security_group_id: group.clone(),
        security_group_policy_set: set,
        sort_policys: Some(true),
    };
    sandbox.call(&modify(set(Some("1"), vec![rule("1"), rule("2"), rule("3")]))).await;
    let second = vpc::SecurityGroupPolicy { policy_index: Some(1), ..rule("22") };
    let replace = vpc::ReplaceSecurityGroupPolicies {
        security_group_id: group.clone(),
        security_group_policy_set: set(Some("1"), vec![second]),
        ..vpc::ReplaceSecurityGroupPolicies::default()
    };
    sandbox.call(&replace).await;
    assert_eq!(sandbox.code(&replace).await, "UnsupportedOperation.VersionMismatch");
    let delete = vpc::DeleteSecurityGroupPolicies {
        security_group_id: group.clone(),
        security_group_policy_set: set(None, vec![rule("1")]),
    };
    sandbox.call(&delete).await;
    let shown = rules(&sandbox, &group).await;
    let ports: Vec<_> = shown.ingress.iter().flatten().filter_map(|it| it.port.as_deref()).collect();
    assert_eq!((ports, shown.version.as_deref()), (vec!["22", "3"], Some("3")));
    sandbox.call(&modify(set(Some("0"), vec![]))).await;
    assert_eq!(rules(&sandbox, &group).await.ingress, Some(Vec::new()));
}

#[tokio::test]
async fn rules_are_filtered() {
    let sandbox = Sandbox::start().await;
    let policies = vpc::SecurityGroupPolicySet {
        egress: Some(vec![rule("443")]),
        ..ingress(vec![
            rule("443"),
            vpc::SecurityGroupPolicy {
                action: Some("DROP".into()),
                policy_description: Some("no".into()),
                ..rule("80")
            },
            vpc::SecurityGroupPolicy { cidr_block: None, security_group_id: Some(SECURITY_GROUP.into()), ..rule("81") },
        ])
    };
    let create = vpc::CreateSecurityGroupWithPolicies {
        group_name: "game".into(),
        group_description: "QUIC only".into(),
        security_group_policy_set: Some(policies),
        ..vpc::CreateSecurityGroupWithPolicies::default()
    };
    let group = sandbox.call(&create).await.security_group.security_group_id;
    let mut counts = Vec::new();
    for (name, value) in [
        ("poly", "DROP"),
        ("direction", "OUTBOUND"),
        ("port", "44"),
        ("ip", "10.0"),
        ("security-group-id", SECURITY_GROUP),
        ("protocol-type", "TCP"),
        ("description", "n"),
    ] {
        let filter = vpc::Filter { name: name.into(), values: vec![value.into()] };
        let question =
            vpc::DescribeSecurityGroupPolicies { security_group_id: group.clone(), filters: Some(vec![filter]) };
        let shown = sandbox.call(&question).await.security_group_policy_set;
        counts.push((shown.ingress.map(|it| it.len()), shown.egress.map(|it| it.len())));
    }
    let expected = [(1, 0), (0, 1), (1, 1), (2, 1), (1, 0), (0, 0), (1, 0)];
    assert_eq!(counts, expected.map(|(ingress, egress)| (Some(ingress), Some(egress))));
}

#[tokio::test]
async fn templates_and_priorities_are_not_simulated() {
    let sandbox = Sandbox::start().await;
    let group = new_group(&sandbox).await;
    let template = vpc::AddressTemplate { address_id: Some("ipm-12345678".into()), address_group_id: None };
    let wrong = vpc::SecurityGroupPolicy { cidr_block: None, address_template: Some(template), ..rule("1") };
    let add =
        vpc::CreateSecurityGroupPolicies { security_group_id: group, security_group_policy_set: ingress(vec![wrong]) };
    let (code, message) = sandbox.refused(&add).await;
    assert_eq!(code, "UnsupportedOperation");
    assert!(message.contains("AddressTemplate"), "{message}");
}

#[tokio::test]
async fn a_group_is_bound_to_several_load_balancers_and_counted() {
    let sandbox = Sandbox::start().await;
    let group = new_group(&sandbox).await;
    let ids = vec![sandbox.load_balancer().await, sandbox.load_balancer().await];
    let set = |operation: &str| clb::SetSecurityGroupForLoadbalancers {
        security_group: group.clone(),
        operation_type: operation.into(),
        load_balancer_ids: ids.clone(),
    };
    sandbox.done(&set("ADD")).await;
    let shown = sandbox.describe_load_balancer(&ids[1]).await.expect("there");
    assert_eq!(shown.secure_groups, std::slice::from_ref(&group));
    let count = vpc::DescribeSecurityGroupAssociationStatistics {
        security_group_ids: vec![group.clone(), SECURITY_GROUP.into()],
    };
    let counted = sandbox.call(&count).await.security_group_association_statistics_set;
    assert_eq!((counted[0].clb, counted[0].total_count), (2, 2));
    assert_eq!((counted[1].clb, counted[1].cvm), (0, 3));
    let delete = vpc::DeleteSecurityGroup { security_group_id: group.clone() };
    assert_eq!(sandbox.code(&delete).await, "ResourceInUse");
    sandbox.done(&set("DEL")).await;
    sandbox.call(&delete).await;
}

/// Whether the listener answers a datagram from that address: one of a QUIC version that nobody speaks, to which everyone
/// gets an answer who is let in. One from an address that every group here lets in comes after it.
fn is_let_in(source: &str, listener: SocketAddr) -> bool {
    let ask = |source: &str| {
        let socket = UdpSocket::bind((source.parse::<IpAddr>().expect("an address"), 0)).expect("a free port");
        socket.set_read_timeout(Some(Duration::from_secs(30))).expect("a timeout");
        let mut datagram = vec![0; 1200];
        datagram[..6].copy_from_slice(&[0xc0, 0xba, 0xba, 0xba, 0xba, 8]);
        datagram[14] = 8;
        socket.send_to(&datagram, listener).expect("a datagram is sent");
        socket
    };
    let (asked, always) = (ask(source), ask(ALWAYS));
    always.recv(&mut [0; 1500]).expect("this one is let in");
    asked.set_nonblocking(true).expect("a mode");
    asked.recv(&mut [0; 1500]).is_ok()
}

/// The address that every group below lets in.
const ALWAYS: &str = "127.0.0.99";

fn accept(port: &str, cidr: &str) -> vpc::SecurityGroupPolicy {
    vpc::SecurityGroupPolicy { cidr_block: Some(cidr.into()), ..rule(port) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn groups_and_their_rules_decide_about_datagrams_as_soon_as_a_call_has_answered() {
    let sandbox = Sandbox::start().await;
    let (lb, _) = sandbox.listener().await;
    let listener = sandbox.address(&lb, 8443).await;
    let client = |source: &'static str| async move {
        tokio::task::spawn_blocking(move || is_let_in(source, listener)).await.expect("asked")
    };
    assert!(client("127.0.0.77").await, "a load balancer without groups is open");

    let group = new_group(&sandbox).await;
    let rules = |security_group_policy_set| vpc::CreateSecurityGroupPolicies {
        security_group_id: group.clone(),
        security_group_policy_set,
    };
    sandbox.call(&rules(ingress(vec![accept("8443", ALWAYS)]))).await;
    let bind =
        clb::SetLoadBalancerSecurityGroups { load_balancer_id: lb.clone(), security_groups: Some(vec![group.clone()]) };
    sandbox.done(&bind).await;
    assert!(!client("127.0.0.77").await, "what no rule names is dropped");
    sandbox.call(&rules(ingress(vec![accept("8443", "127.0.0.77")]))).await;
    assert!(client("127.0.0.77").await, "a rule lets it in");
    assert!(!client("127.0.0.78").await);
    let reset = vpc::ModifySecurityGroupPolicies {
        security_group_id: group.clone(),
        security_group_policy_set: ingress(vec![accept("8443", ALWAYS), accept("8000-9000", "127.0.0.78/32")]),
        ..vpc::ModifySecurityGroupPolicies::default()
    };
    sandbox.call(&reset).await;
    assert!(!client("127.0.0.77").await, "its rule is gone");
    assert!(client("127.0.0.78").await);
    let second = vpc::SecurityGroupPolicy { policy_index: Some(1), ..vpc::SecurityGroupPolicy::default() };
    let delete = vpc::DeleteSecurityGroupPolicies {
        security_group_id: group.clone(),
        security_group_policy_set: ingress(vec![second]),
    };
    sandbox.call(&delete).await;
    assert!(!client("127.0.0.78").await);
    let unbind = clb::SetSecurityGroupForLoadbalancers {
        security_group: group,
        operation_type: "DEL".into(),
        load_balancer_ids: vec![lb],
    };
    sandbox.call(&unbind).await;
    assert!(client("127.0.0.77").await, "without groups it is open again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backends_own_groups_count_unless_its_load_balancer_passes_clients_on() {
    let blue = Backend::start("127.10.1.5:0".parse().expect("an address"), Some("blue")).await.expect("a backend");
    let sandbox = Sandbox::start().await;
    let mut request = sandbox.listener_request().await;
    request.health_check = Some(clb::HealthCheck { health_switch: Some(0), ..clb::HealthCheck::default() });
    let listener = sandbox.done(&request).await.listener_ids.remove(0);
    let (lb, port) = (request.load_balancer_id, i64::from(blue.address().port()));
    sandbox.done(&register(&lb, &listener, vec![instance(INSTANCES[0].0, port)])).await;
    let options = Options::insecure(sandbox.address(&lb, 8443).await);
    let ask = || async { Client::new(options.clone()).expect("a client").exchange(1, b"hello\n", 1).await.error };
    assert_eq!(ask().await, None, "the seed's instances let everyone in");

    // No rule of the seed's group any more.
    let clear = vpc::ModifySecurityGroupPolicies {
        security_group_id: SECURITY_GROUP.into(),
        security_group_policy_set: vpc::SecurityGroupPolicySet {
            version: Some("0".into()),
            ..vpc::SecurityGroupPolicySet::default()
        },
        ..vpc::ModifySecurityGroupPolicies::default()
    };
    sandbox.call(&clear).await;
    let refused = ask().await.expect("the backend lets nobody in");
    assert!(refused.contains("no backend could be reached"), "{refused}");
    let pass = clb::ModifyLoadBalancerAttributes {
        load_balancer_id: lb,
        load_balancer_pass_to_target: Some(true),
        ..clb::ModifyLoadBalancerAttributes::default()
    };
    sandbox.done(&pass).await;
    assert_eq!(ask().await, None, "only the load balancer's groups count");
}
