//! Security groups: making and unmaking them, and binding them to load balancers. Their rules are
//! [`super::security_group_policy`]'s topic.

use clb_cloud_api::action::Accepted;
use clb_cloud_api::{clb, vpc};
use clb_model::refusal::{Field, Refusal};
use clb_model::rules::Rule;
use clb_model::security_group::SecurityGroup;
use clb_model::security_group::SecurityGroupDraft;
use clb_model::security_group::rule_set::RuleSetDraft;
use clb_model::tag::ResourceName;
use clb_model::world::World;

use super::listing::{Listing, check_ids, shown_tags, tags};
use super::refusal::Fault;
use super::security_group_policy::draft;
use super::{Call, written};

pub(super) fn set(call: &Call<'_>, request: clb::SetLoadBalancerSecurityGroups) -> Result<Accepted, Fault> {
    let groups = request.security_groups.unwrap_or_default();
    let id = &request.load_balancer_id;
    call.write(|world, occasion| world.set_security_groups(call.region, id, &groups, occasion))?;
    Ok(Accepted {})
}

pub(super) async fn set_for_load_balancers(
    call: &Call<'_>,
    request: clb::SetSecurityGroupForLoadbalancers,
) -> Result<Accepted, Fault> {
    let (group, operation) = (&request.security_group, &request.operation_type);
    call.write(|world, occasion| {
        world.set_security_group_of(call.region, group, operation, &request.load_balancer_ids, occasion)
    })?;
    call.in_effect().await?;
    Ok(Accepted {})
}

pub(super) fn create(
    call: &Call<'_>,
    request: vpc::CreateSecurityGroup,
) -> Result<vpc::CreateSecurityGroupReply, Fault> {
    let draft = SecurityGroupDraft {
        name: request.group_name,
        description: request.group_description,
        project_id: request.project_id,
        rules: RuleSetDraft::default(),
        tags: tags(request.tags)?,
    };
    create_drafted(call, &draft)
}

pub(super) fn create_with_policies(
    call: &Call<'_>,
    request: vpc::CreateSecurityGroupWithPolicies,
) -> Result<vpc::CreateSecurityGroupReply, Fault> {
    let draft = SecurityGroupDraft {
        name: request.group_name,
        description: request.group_description,
        project_id: request.project_id,
        rules: draft(request.security_group_policy_set.unwrap_or_default())?,
        tags: tags(request.tags)?,
    };
    create_drafted(call, &draft)
}

fn create_drafted(call: &Call<'_>, draft: &SecurityGroupDraft) -> Result<vpc::CreateSecurityGroupReply, Fault> {
    let security_group = call.write(|world, occasion| {
        let id = world.create_security_group(call.region, draft, occasion)?;
        Ok(view(world.region(call.region)?.security_group(id.as_str())?, world))
    })?;
    Ok(vpc::CreateSecurityGroupReply { security_group })
}

pub(super) fn describe(
    call: &Call<'_>,
    request: vpc::DescribeSecurityGroups,
) -> Result<vpc::DescribeSecurityGroupsReply, Fault> {
    let descending = check_order(request.order_field.as_deref(), request.order_direction.as_deref())?;
    let by_update = request.order_field.as_deref() == Some("UpdateTime");
    let listed = Listing {
        ids: request.security_group_ids,
        filters: request.filters,
        known: &["security-group-id", "security-group-name", "project-id"],
        offset: request.offset.as_deref(),
        limit: request.limit.as_deref(),
    }
    .check()?;
    call.in_region(|world, region| {
        for id in listed.ids() {
            region.security_group(id)?;
        }
        let says = |it: &SecurityGroup, filter: &str| match filter {
            "security-group-id" => it.id.to_string(),
            "security-group-name" => it.name.clone(),
            _ => it.project_id.to_string(),
        };
        let wanted =
            |it: &&SecurityGroup| listed.wants(&ResourceName::security_group(&it.id), world, |filter| says(it, filter));
        let mut found: Vec<&SecurityGroup> = region.security_groups().filter(wanted).collect();
        found.sort_by_key(|it| if by_update { it.updated_at } else { it.created_at });
        if descending {
            found.reverse();
        }
        Ok(vpc::DescribeSecurityGroupsReply {
            total_count: found.len() as u64,
            security_group_set: listed.page.of(found).into_iter().map(|it| view(it, world)).collect(),
        })
    })
}

/// Whether the newest come first.
fn check_order(field: Option<&str>, direction: Option<&str>) -> Result<bool, Refusal> {
    let refused = |given: &str| Refusal::new(Rule::SecurityGroupOrder).at(Field::OrderField).given(given);
    if let Some(field) = field.filter(|field| !matches!(*field, "CreatedTime" | "UpdateTime")) {
        return Err(refused(field));
    }
    match direction {
        None | Some("ASC") => Ok(false),
        Some("DESC") => Ok(true),
        Some(other) => Err(refused(other)),
    }
}

pub(super) fn modify(call: &Call<'_>, request: vpc::ModifySecurityGroupAttribute) -> Result<Accepted, Fault> {
    let (name, description) = (request.group_name.as_deref(), request.group_description.as_deref());
    let id = &request.security_group_id;
    call.write(|world, occasion| world.modify_security_group(call.region, id, name, description, occasion))?;
    Ok(Accepted {})
}

pub(super) fn delete(call: &Call<'_>, request: vpc::DeleteSecurityGroup) -> Result<Accepted, Fault> {
    call.write(|world, _| world.delete_security_group(call.region, &request.security_group_id))?;
    Ok(Accepted {})
}

pub(super) fn count_users(
    call: &Call<'_>,
    request: vpc::DescribeSecurityGroupAssociationStatistics,
) -> Result<vpc::DescribeSecurityGroupAssociationStatisticsReply, Fault> {
    check_ids(&request.security_group_ids)?;
    call.in_region(|_, region| {
        let count = |id: &String| {
            let group = region.security_group(id)?;
            let usage = region.usage_of(&group.id);
            let (clb, cvm, sg) = (usage.load_balancers as u64, usage.instances as u64, usage.groups as u64);
            let of_kind =
                |kind: &str, count| vpc::InstanceStatistic { instance_type: kind.to_owned(), instance_count: count };
            Ok(vpc::SecurityGroupAssociationStatistics {
                security_group_id: id.clone(),
                cvm,
                sg,
                clb,
                instance_statistics: vec![of_kind("CVM", cvm), of_kind("CLB", clb)],
                total_count: clb + cvm + sg,
                ..vpc::SecurityGroupAssociationStatistics::default()
            })
        };
        let counted: Result<Vec<_>, Refusal> = request.security_group_ids.iter().map(count).collect();
        Ok(vpc::DescribeSecurityGroupAssociationStatisticsReply { security_group_association_statistics_set: counted? })
    })
}

fn view(it: &SecurityGroup, world: &World) -> vpc::SecurityGroup {
    vpc::SecurityGroup {
        security_group_id: it.id.to_string(),
        security_group_name: it.name.clone(),
        security_group_desc: it.description.clone(),
        project_id: it.project_id.to_string(),
        is_default: it.is_default,
        created_time: written::time(it.created_at),
        tag_set: shown_tags(&ResourceName::security_group(&it.id), world),
        update_time: written::time(it.updated_at),
    }
}
