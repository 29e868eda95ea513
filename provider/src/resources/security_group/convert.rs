//! Between a security group in Terraform and on the wire. Pure: no calls.

use std::collections::BTreeMap;

use clb_cloud_api::{tag, vpc};

use super::rule::is_ipv6;
use super::{Action, Cidr, Ports, Protocol, SecurityGroup, SecurityGroupPlan, SecurityRule};
use crate::resources::tags;

/// The version of rules by which the platform removes all of them.
const NO_RULES: &str = "0";

/// A group with its rules.
pub(super) fn creation(plan: &SecurityGroupPlan) -> vpc::CreateSecurityGroupWithPolicies {
    let tags = plan.tags.iter().map(|(key, value)| vpc::Tag { key: key.clone(), value: value.clone() });
    vpc::CreateSecurityGroupWithPolicies {
        group_name: plan.name.clone(),
        group_description: plan.description.clone(),
        security_group_policy_set: Some(vpc::SecurityGroupPolicySet {
            ingress: Some(plan.ingress.iter().map(rule_to_wire).collect()),
            egress: Some(plan.egress.iter().map(rule_to_wire).collect()),
            ..Default::default()
        }),
        project_id: (plan.project_id != 0).then(|| plan.project_id.to_string()),
        tags: (!plan.tags.is_empty()).then(|| tags.collect()),
    }
}

/// The change of name and description; `None` when there is none.
pub(super) fn renaming(now: &SecurityGroup, plan: &SecurityGroupPlan) -> Option<vpc::ModifySecurityGroupAttribute> {
    let changed = |now: &String, wanted: &String| (now != wanted).then(|| wanted.clone());
    let request = vpc::ModifySecurityGroupAttribute {
        security_group_id: now.security_group_id.clone(),
        group_name: changed(&now.name, &plan.name),
        group_description: changed(&now.description, &plan.description),
    };
    (request.group_name.is_some() || request.group_description.is_some()).then_some(request)
}

/// All rules in place of all that are there, both directions with one call, so that no traffic ever meets half of them.
pub(super) fn new_rules(id: &str, plan: &SecurityGroupPlan) -> vpc::ModifySecurityGroupPolicies {
    let is_empty = plan.ingress.is_empty() && plan.egress.is_empty();
    let rules = |rules: &[SecurityRule]| (!is_empty).then(|| rules.iter().map(rule_to_wire).collect());
    vpc::ModifySecurityGroupPolicies {
        security_group_id: id.to_owned(),
        security_group_policy_set: vpc::SecurityGroupPolicySet {
            version: is_empty.then(|| NO_RULES.to_owned()),
            ingress: rules(&plan.ingress),
            egress: rules(&plan.egress),
            ..Default::default()
        },
        sort_policys: Some(false),
    }
}

/// The calls that turn some tags into others.
pub(super) fn retagging(
    region: &str,
    id: &str,
    now: &BTreeMap<String, String>,
    wanted: &BTreeMap<String, String>,
) -> Vec<tag::ModifyResourceTags> {
    tags::retagging(&format!("qcs::cvm:{region}:uin/:sg/{id}"), now, wanted)
}

/// What the platform says of a group and its rules, as Terraform's state; or what it has that cannot be written here.
pub(super) fn state(group: vpc::SecurityGroup, rules: vpc::SecurityGroupPolicySet) -> Result<SecurityGroup, String> {
    let read = |rules: Option<Vec<vpc::SecurityGroupPolicy>>| {
        rules.unwrap_or_default().into_iter().map(rule_from_wire).collect::<Result<Vec<_>, _>>()
    };
    Ok(SecurityGroup {
        security_group_id: group.security_group_id,
        name: group.security_group_name,
        description: group.security_group_desc,
        ingress: read(rules.ingress)?,
        egress: read(rules.egress)?,
        project_id: group.project_id.parse().unwrap_or_default(),
        tags: group.tag_set.into_iter().map(|tag| (tag.key, tag.value)).collect(),
    })
}

fn rule_to_wire(rule: &SecurityRule) -> vpc::SecurityGroupPolicy {
    let cidr = |ipv6: bool| rule.cidr.as_ref().filter(|cidr| is_ipv6(cidr) == ipv6).map(|cidr| cidr.0.clone());
    let has_ports = matches!(rule.protocol, Protocol::Tcp | Protocol::Udp);
    vpc::SecurityGroupPolicy {
        protocol: Some(protocol_word(rule.protocol).to_owned()),
        port: has_ports.then(|| rule.ports.0.clone()),
        cidr_block: cidr(false),
        ipv6_cidr_block: cidr(true),
        security_group_id: rule.security_group_id.clone(),
        action: Some(if rule.action == Action::Accept { "ACCEPT" } else { "DROP" }.to_owned()),
        policy_description: Some(rule.description.clone()),
        ..Default::default()
    }
}

fn rule_from_wire(rule: vpc::SecurityGroupPolicy) -> Result<SecurityRule, String> {
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let position = rule.policy_index.unwrap_or_default();
    let cidr = given(rule.cidr_block).or_else(|| given(rule.ipv6_cidr_block));
    let group = given(rule.security_group_id);
    if cidr.is_none() && group.is_none() {
        return Err(format!(
            "Its rule {position} names its other side by an address template. Such rules cannot be written in \
             clb_security_group: replace the rule in the console, or manage the group elsewhere."
        ));
    }
    let word = given(rule.protocol).unwrap_or_else(|| "ALL".to_owned());
    let protocol = read_protocol(&word).ok_or_else(|| {
        format!("Its rule {position} has the protocol {word:?}, which cannot be written in clb_security_group.")
    })?;
    Ok(SecurityRule {
        action: if rule.action.is_some_and(|word| word.eq_ignore_ascii_case("accept")) {
            Action::Accept
        } else {
            Action::Drop
        },
        protocol,
        ports: Ports(given(rule.port).map_or_else(|| "all".to_owned(), |text| text.to_ascii_lowercase())),
        cidr: cidr.map(Cidr),
        security_group_id: group,
        description: rule.policy_description.unwrap_or_default(),
    })
}

fn protocol_word(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::All => "ALL",
        Protocol::Tcp => "TCP",
        Protocol::Udp => "UDP",
        Protocol::Icmp => "ICMP",
        Protocol::Icmpv6 => "ICMPV6",
        Protocol::Gre => "GRE",
    }
}

fn read_protocol(word: &str) -> Option<Protocol> {
    let all = [Protocol::All, Protocol::Tcp, Protocol::Udp, Protocol::Icmp, Protocol::Icmpv6, Protocol::Gre];
    all.into_iter().find(|protocol| protocol_word(*protocol).eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule() -> SecurityRule {
        SecurityRule {
            action: Action::Accept,
            protocol: Protocol::Udp,
            ports: Ports("443".to_owned()),
            cidr: Some(Cidr("10.0.0.0/8".to_owned())),
            security_group_id: None,
            description: String::new(),
        }
    }

    #[test]
    fn a_rule_comes_back_as_it_was_sent() {
        let ipv6 = SecurityRule { cidr: Some(Cidr("2001:db8::/32".to_owned())), ..rule() };
        let group = SecurityRule { cidr: None, security_group_id: Some("sg-1".to_owned()), ..rule() };
        let everything = SecurityRule { protocol: Protocol::All, ports: Ports("all".to_owned()), ..rule() };
        for rule in [rule(), ipv6, group, everything] {
            assert_eq!(rule_from_wire(rule_to_wire(&rule)), Ok(rule));
        }
    }

    #[test]
    fn what_cannot_be_written_here_is_said_and_not_lost() {
        let template = vpc::SecurityGroupPolicy { policy_index: Some(3), ..Default::default() };
        let said = rule_from_wire(template).expect_err("no other side");
        assert!(said.contains("rule 3") && said.contains("address template"), "{said}");
    }
}
