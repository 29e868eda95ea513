//! The rules of security groups: decode, ask, answer.

use clb_cloud_api::action::Accepted;
use clb_cloud_api::vpc;
use clb_model::refusal::{Field, Refusal};
use clb_model::rules::Rule;
use clb_model::security_group::SecurityGroup;
use clb_model::security_group::policy::{Peer, Policy, PolicyDraft};
use clb_model::security_group::rule_set::{Direction, RuleSetDraft};
use clb_model::task::Occasion;
use clb_model::world::World;

use super::refusal::Fault;
use super::{Call, not_served, written};

/// Filters of DescribeSecurityGroupPolicies (SDK).
const FILTERS: [&str; 9] = [
    "security-group-id",
    "ip",
    "address-module",
    "service-module",
    "protocol-type",
    "port",
    "poly",
    "direction",
    "description",
];

pub(super) fn describe(
    call: &Call<'_>,
    request: vpc::DescribeSecurityGroupPolicies,
) -> Result<vpc::DescribeSecurityGroupPoliciesReply, Fault> {
    let filters = request.filters.unwrap_or_default();
    if let Some(index) = filters.iter().position(|filter| !FILTERS.contains(&filter.name.as_str())) {
        let refused = Refusal::new(Rule::VpcFilterNames).at(Field::Filters).nth(index).given(&filters[index].name);
        return Err(refused.into());
    }
    call.in_region(|_, region| {
        let group = region.security_group(&request.security_group_id)?;
        Ok(vpc::DescribeSecurityGroupPoliciesReply { security_group_policy_set: view(group, &filters) })
    })
}

pub(super) async fn create(call: &Call<'_>, request: vpc::CreateSecurityGroupPolicies) -> Result<Accepted, Fault> {
    change(call, &request.security_group_id, request.security_group_policy_set, World::create_policies).await
}

pub(super) async fn reset(call: &Call<'_>, request: vpc::ModifySecurityGroupPolicies) -> Result<Accepted, Fault> {
    // SortPolicys keeps rules in the order in which they are given; here they always are.
    change(call, &request.security_group_id, request.security_group_policy_set, World::reset_policies).await
}

pub(super) async fn replace(call: &Call<'_>, request: vpc::ReplaceSecurityGroupPolicies) -> Result<Accepted, Fault> {
    // The old rules are for the platform's own logs (INTL 215/55997) where no priorities change.
    not_served(&[("UpdateType", request.update_type.is_some_and(|kind| kind != "Policy"))])?;
    change(call, &request.security_group_id, request.security_group_policy_set, World::replace_policies).await
}

pub(super) async fn delete(call: &Call<'_>, request: vpc::DeleteSecurityGroupPolicies) -> Result<Accepted, Fault> {
    change(call, &request.security_group_id, request.security_group_policy_set, World::delete_policies).await
}

type Change = fn(&mut World, &str, &str, &RuleSetDraft, &mut Occasion<'_>) -> Result<(), Refusal>;

async fn change(
    call: &Call<'_>,
    group: &str,
    rules: vpc::SecurityGroupPolicySet,
    change: Change,
) -> Result<Accepted, Fault> {
    let draft = draft(rules)?;
    call.write(|world, occasion| change(world, call.region, group, &draft, occasion))?;
    call.in_effect_without_task().await;
    Ok(Accepted {})
}

/// What a request says about rules. Counts and times, which replies have, say nothing in a request.
pub(super) fn draft(given: vpc::SecurityGroupPolicySet) -> Result<RuleSetDraft, Fault> {
    let drafts = |policies: Option<Vec<vpc::SecurityGroupPolicy>>| -> Result<Option<Vec<PolicyDraft>>, Fault> {
        policies.map(|policies| policies.into_iter().map(policy_draft).collect()).transpose()
    };
    Ok(RuleSetDraft { version: given.version, ingress: drafts(given.ingress)?, egress: drafts(given.egress)? })
}

fn policy_draft(given: vpc::SecurityGroupPolicy) -> Result<PolicyDraft, Fault> {
    let names = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
    let service = given.service_template.is_some_and(|it| names(&it.service_id) || names(&it.service_group_id));
    let address = given.address_template.is_some_and(|it| names(&it.address_id) || names(&it.address_group_id));
    not_served(&[("ServiceTemplate", service), ("AddressTemplate", address), ("Priority", given.priority.is_some())])?;
    Ok(PolicyDraft {
        index: given.policy_index,
        protocol: given.protocol,
        port: given.port,
        cidr: given.cidr_block,
        ipv6_cidr: given.ipv6_cidr_block,
        group: given.security_group_id,
        action: given.action,
        description: given.policy_description,
    })
}

fn view(group: &SecurityGroup, filters: &[vpc::Filter]) -> vpc::SecurityGroupPolicySet {
    let rules = |direction| {
        let rules = group.rules(direction).iter().enumerate();
        let wanted = rules.filter(|(_, rule)| filters.iter().all(|filter| passes(rule, direction, filter)));
        wanted.map(|(index, rule)| view_policy(index, rule)).collect::<Vec<_>>()
    };
    let count = |direction, ipv4: bool| {
        let of_family = |rule: &&Policy| match &rule.peer {
            Peer::Addresses(range) => range.is_ipv4() == ipv4,
            Peer::Members(_) => ipv4,
        };
        Some(group.rules(direction).iter().filter(of_family).count() as u64)
    };
    vpc::SecurityGroupPolicySet {
        version: Some(group.version.to_string()),
        egress: Some(rules(Direction::Egress)),
        ingress: Some(rules(Direction::Ingress)),
        policy_statistics: Some(vpc::PolicyStatistics {
            ingress_ipv4_total_count: count(Direction::Ingress, true),
            ingress_ipv6_total_count: count(Direction::Ingress, false),
            egress_ipv4_total_count: count(Direction::Egress, true),
            egress_ipv6_total_count: count(Direction::Egress, false),
        }),
    }
}

fn passes(rule: &Policy, direction: Direction, filter: &vpc::Filter) -> bool {
    let any = |fits: &dyn Fn(&str) -> bool| filter.values.iter().any(|value| fits(value));
    let is = |text: &str, value: &str| value.eq_ignore_ascii_case("all") || value.eq_ignore_ascii_case(text);
    let side = match direction {
        Direction::Ingress => "INBOUND",
        Direction::Egress => "OUTBOUND",
    };
    match filter.name.as_str() {
        "security-group-id" => any(&|value| rule.peer.group().is_some_and(|group| group.as_str() == value)),
        "ip" => any(&|value| rule.written.addresses.contains(value)),
        "protocol-type" => any(&|value| rule.written.protocol.eq_ignore_ascii_case(value)),
        "port" => any(&|value| value.eq_ignore_ascii_case("all") || rule.written.port.contains(value)),
        "poly" => any(&|value| is(rule.action.word(), value)),
        "direction" => any(&|value| is(side, value)),
        "description" => any(&|value| rule.description.contains(value)),
        // No rule has a template.
        _ => false,
    }
}

/// Fields for other kinds of sources are empty texts, not null (TFP).
fn view_policy(index: usize, rule: &Policy) -> vpc::SecurityGroupPolicy {
    let addresses = |ipv4: bool| match &rule.peer {
        Peer::Addresses(range) if range.is_ipv4() == ipv4 => rule.written.addresses.clone(),
        _ => String::new(),
    };
    let empty = || Some(String::new());
    vpc::SecurityGroupPolicy {
        policy_index: i64::try_from(index).ok(),
        protocol: Some(rule.written.protocol.clone()),
        port: Some(rule.written.port.clone()),
        service_template: Some(vpc::ServiceTemplate { service_id: empty(), service_group_id: empty() }),
        cidr_block: Some(addresses(true)),
        ipv6_cidr_block: Some(addresses(false)),
        security_group_id: Some(rule.peer.group().map(ToString::to_string).unwrap_or_default()),
        address_template: Some(vpc::AddressTemplate { address_id: empty(), address_group_id: empty() }),
        action: Some(rule.action.word().to_owned()),
        policy_description: Some(rule.description.clone()),
        modify_time: Some(written::time(rule.modified_at)),
        priority: None,
    }
}
