//! What can be said of the plan of a load balancer: what its protection forbids, and whether what it names exists. What is
//! unknown, or what the platform does not tell these credentials, is left to the platform.

use tfplugin_sdk::{PlanEdit, Refinements, Result, Value, path};

use super::{AddressIpVersion, LoadBalancer, Status};
use crate::errors::Doing;
use crate::platform::Platform;
use crate::resources::refuse_absent;

/// Decides what is the provider's to decide, and asks about what changes.
pub(super) async fn plan(plan: &mut PlanEdit<'_, LoadBalancer>) -> Result<()> {
    refuse_to_delete_what_is_protected(plan);
    if plan.is_destroy() {
        return Ok(());
    }
    if let (true, Some(version)) = (plan.config.pass_to_target.is_null(), plan.planned.address_ip_version.known()) {
        plan.planned.pass_to_target = Value::Known(*version == AddressIpVersion::Ipv6FullChain);
    }
    if plan.prior.as_ref().is_some_and(|prior| prior.status == Status::Creating) {
        plan.planned.status = Value::Unknown(Refinements::not_null());
    }
    let Some(platform) = plan.api else { return Ok(()) };
    check_network(plan, platform).await?;
    check_security_groups(plan, platform).await
}

/// A replacement would first destroy all that depends on the load balancer, and then meet its protection.
fn refuse_to_delete_what_is_protected(plan: &mut PlanEdit<'_, LoadBalancer>) {
    let Some(prior) = plan.prior.as_ref().filter(|prior| prior.delete_protection) else { return };
    let summary = format!("The load balancer {} is protected against deletion", prior.load_balancer_id);
    for path in plan.replacing().to_vec() {
        let rule = format!(
            "A change of {path} replaces it: it would have to be deleted. Set delete_protection to false and apply that by itself \
             first."
        );
        plan.error(path, summary.clone(), rule);
    }
    if plan.is_destroy() {
        let remedy = "Set delete_protection to false and apply, then destroy it.";
        plan.error(path!(delete_protection), summary, remedy);
    }
}

async fn check_network(plan: &mut PlanEdit<'_, LoadBalancer>, platform: &Platform) -> Result<()> {
    let (vpc, subnet) = (plan.planned.vpc_id.known().cloned(), plan.planned.subnet_id.known().cloned());
    let other_vpc = plan.changes(&path!(vpc_id));
    if let Some(id) = vpc.as_ref().filter(|_| other_vpc)
        && platform.vpc_is_missing(id).await.doing(format_args!("look for the VPC {id}"))?
    {
        refuse_absent(plan, path!(vpc_id), "VPC", id);
        return Ok(());
    }
    let Some(id) = subnet.filter(|_| other_vpc || plan.changes(&path!(subnet_id))) else { return Ok(()) };
    let Some(found) = platform.subnets(&id).await.doing(format_args!("look for the subnet {id}"))? else {
        return Ok(());
    };
    match (found.first().and_then(|subnet| subnet.vpc_id.as_ref()), vpc) {
        (None, _) => refuse_absent(plan, path!(subnet_id), "subnet", &id),
        (Some(its), Some(vpc)) if *its != vpc => plan.error(
            path!(subnet_id),
            format!("The subnet {id} is in another VPC"),
            format!("It belongs to {its}, and vpc_id is {vpc}. Choose a subnet of {vpc}."),
        ),
        _ => {}
    }
    Ok(())
}

/// Only groups that are new to the load balancer are looked for.
async fn check_security_groups(plan: &mut PlanEdit<'_, LoadBalancer>, platform: &Platform) -> Result<()> {
    let Value::Known(planned) = plan.planned.security_group_ids.clone() else { return Ok(()) };
    let before = plan.prior.as_ref().map(|prior| prior.security_group_ids.clone()).unwrap_or_default();
    for (position, id) in planned.iter().enumerate() {
        let Some(id) = id.known().filter(|id| !before.contains(id)) else { continue };
        if platform.security_group_is_missing(id).await.doing(format_args!("look for the security group {id}"))? {
            refuse_absent(plan, path!(security_group_ids).index(position), "security group", id);
        }
    }
    Ok(())
}
