//! Security groups through the API: their life, their rules, and their being bound to load balancers.

use clb_cloud_api::{clb, vpc};
use clb_simulator::seed::SECURITY_GROUP;

use crate::sandbox::Sandbox;

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
