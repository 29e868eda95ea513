//! Security group actions: reading groups, and binding them to a load balancer. Editing groups is not served.

use clb_cloud_api::action::Accepted;
use clb_cloud_api::{clb, vpc};
use clb_model::security_group::SecurityGroup;

use super::Call;
use super::network::{Listing, listing};
use super::refusal::Fault;
use super::written;

pub(super) fn set(call: &Call<'_>, request: clb::SetLoadBalancerSecurityGroups) -> Result<Accepted, Fault> {
    let groups = request.security_groups.unwrap_or_default();
    let id = &request.load_balancer_id;
    call.write(|world, occasion| world.set_security_groups(call.region, id, &groups, occasion))?;
    Ok(Accepted {})
}

pub(super) fn describe(
    call: &Call<'_>,
    request: vpc::DescribeSecurityGroups,
) -> Result<vpc::DescribeSecurityGroupsReply, Fault> {
    super::not_served(&[
        ("OrderField", request.order_field.is_some()),
        ("OrderDirection", request.order_direction.is_some()),
    ])?;
    let ids = request.security_group_ids.unwrap_or_default();
    let listing = listing(Listing {
        ids: ids.clone(),
        filters: request.filters.unwrap_or_default(),
        known: &["security-group-id", "security-group-name", "project-id"],
        offset: request.offset.as_deref(),
        limit: request.limit.as_deref(),
    })?;
    call.in_region(|_, region| {
        for id in &ids {
            region.security_group(id)?;
        }
        let words = |it: &SecurityGroup, name: &str| match name {
            "security-group-id" => it.id.to_string(),
            "security-group-name" => it.name.clone(),
            _ => "0".to_owned(),
        };
        let found: Vec<&SecurityGroup> =
            region.security_groups().filter(|it| listing.wants(it.id.as_str(), |name| words(it, name))).collect();
        Ok(vpc::DescribeSecurityGroupsReply {
            total_count: found.len() as u64,
            security_group_set: listing.page.of(found).into_iter().map(view).collect(),
        })
    })
}

fn view(it: &SecurityGroup) -> vpc::SecurityGroup {
    vpc::SecurityGroup {
        security_group_id: it.id.to_string(),
        security_group_name: it.name.clone(),
        security_group_desc: it.description.clone(),
        project_id: "0".to_owned(),
        is_default: it.is_default,
        created_time: written::time(it.created_at),
        tag_set: Vec::new(),
        update_time: written::time(it.created_at),
    }
}
