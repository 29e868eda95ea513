//! What can be said of the plan of a load balancer: what its protection forbids, whether what it names exists, and whether the
//! account may have it. What is unknown, or what the platform does not tell these credentials, is left to the platform.

use tfplugin_sdk::{Path, PlanEdit, Refinements, Report, Result, Value, path};

use super::{AddressIpVersion, InternetChargeType, LoadBalancer, LoadBalancerConfig, NetworkType, Status};
use crate::errors::Doing;
use crate::platform::{Platform, Quota, Sighting};
use crate::resources::{quota, refuse_absent};

/// The largest bandwidth of a shared load balancer in Mbit/s (SDK); one with LCU has up to 61440.
const LARGEST_SHARED_BANDWIDTH: u32 = 2048;

/// Security groups of a load balancer, unless the account has asked for more: a quota that DescribeQuota does not tell (QD
/// 78ae521d).
const USUAL_SECURITY_GROUPS: usize = 5;

/// The word for an address of several carriers.
const SEVERAL_CARRIERS: &str = "BGP";

/// An address of a single carrier is paid from a bandwidth package (TKE documentation).
pub(super) fn validate(config: &LoadBalancerConfig, report: &mut Report) {
    let Some(carrier) = config.vip_isp.known().filter(|carrier| *carrier != SEVERAL_CARRIERS) else { return };
    let paid = &config.internet_charge_type;
    if paid.is_null() || paid.known().is_some_and(|paid| *paid != InternetChargeType::BandwidthPackage) {
        report.error(
            path!(internet_charge_type),
            format!("An address of the carrier {carrier} alone is paid from a bandwidth package"),
            format!(
                "With vip_isp = \"{carrier}\" set internet_charge_type to \"bandwidth_package\", or leave vip_isp out for an \
                 address of several carriers."
            ),
        );
    }
}

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
    check_bandwidth(plan);
    warn_of_many_security_groups(plan);
    let Some(platform) = plan.api else { return Ok(()) };
    if let Some(prior) = &plan.prior {
        platform.remember_managed(&prior.load_balancer_id);
    }
    check_network(plan, platform).await?;
    check_security_groups(plan, platform).await?;
    check_zones(plan, platform).await?;
    check_vip(plan, platform).await?;
    check_quota(plan, platform).await
}

async fn check_zones(plan: &mut PlanEdit<'_, LoadBalancer>, platform: &Platform) -> Result<()> {
    let zones = [(path!(zone), plan.config.zone.clone()), (path!(backup_zone), plan.config.backup_zone.clone())];
    for (path, zone) in zones {
        let Some(zone) = zone.known().filter(|_| plan.changes(&path)) else { continue };
        let looked = platform.look_for_zone(zone).await;
        if looked.doing(format_args!("look for the zone {zone}"))? == Sighting::Missing {
            refuse_absent(plan, path, "zone", zone);
        }
    }
    Ok(())
}

async fn check_vip(plan: &mut PlanEdit<'_, LoadBalancer>, platform: &Platform) -> Result<()> {
    let vip = plan.config.vip.known().cloned().filter(|_| plan.changes(&path!(vip)));
    let Some(vip) = vip else { return Ok(()) };
    let found = platform.load_balancer_at(&vip).await.doing(format_args!("look for the address {vip}"))?;
    // One that Terraform manages may be about to give it up, by this very plan.
    let Some(holder) = found.filter(|found| !platform.is_managed(&found.load_balancer_id)) else { return Ok(()) };
    plan.error(
        path!(vip),
        format!("The address {vip} is taken"),
        format!(
            "The load balancer {} has it. Choose an address that is free, or leave out vip.",
            holder.load_balancer_id
        ),
    );
    Ok(())
}

/// Without a specification a new load balancer is a shared one, in some accounts: of one that exists it is known.
fn check_bandwidth(plan: &mut PlanEdit<'_, LoadBalancer>) {
    let bandwidth = plan.planned.bandwidth.known().copied();
    let Some(bandwidth) = bandwidth.filter(|bandwidth| *bandwidth > LARGEST_SHARED_BANDWIDTH) else { return };
    if !plan.changes(&path!(bandwidth)) {
        return;
    }
    let summary = format!("A shared load balancer has a bandwidth of at most {LARGEST_SHARED_BANDWIDTH} Mbit/s");
    let remedy = "Choose less, or give the load balancer a performance specification with sla_type.";
    if plan.planned.sla_type.is_null() {
        plan.error(path!(bandwidth), summary, format!("It is {bandwidth}. {remedy}"));
    } else if plan.is_create() && plan.config.sla_type.is_null() {
        plan.warn(
            path!(bandwidth),
            summary,
            format!("It is {bandwidth}, and a new load balancer may be a shared one. {remedy}"),
        );
    }
}

async fn check_quota(plan: &mut PlanEdit<'_, LoadBalancer>, platform: &Platform) -> Result<()> {
    let Some(kind) = plan.planned.network_type.known().copied().filter(|_| plan.is_create()) else { return Ok(()) };
    let (quota, what) = match kind {
        NetworkType::Public => (Quota::PublicLoadBalancers, "public load balancers"),
        NetworkType::Internal => (Quota::InternalLoadBalancers, "internal load balancers"),
    };
    hold_against(plan, platform, quota, path!(network_type), what).await?;
    if plan.planned.vip_isp.known().is_some_and(|carrier| carrier != SEVERAL_CARRIERS) {
        let what = "load balancers of a single carrier";
        hold_against(plan, platform, Quota::CarrierLoadBalancers, path!(vip_isp), what).await?;
    }
    Ok(())
}

async fn hold_against(
    plan: &mut PlanEdit<'_, LoadBalancer>,
    platform: &Platform,
    quota: Quota,
    path: Path,
    what: &str,
) -> Result<()> {
    let Some(found) = platform.limit(quota).await.doing("ask for the account's quotas")? else { return Ok(()) };
    let Some(used) = found.used else { return Ok(()) };
    let managed = platform.managed_with("lb-");
    let count = quota::Count { at_least: used.saturating_sub(managed) + 1, at_most: used + 1 };
    quota::check(plan, path, format_args!("{what} in {}", platform.region()), count, found.limit);
    Ok(())
}

fn warn_of_many_security_groups(plan: &mut PlanEdit<'_, LoadBalancer>) {
    let count = plan.planned.security_group_ids.known().map_or(0, Vec::len);
    if count > USUAL_SECURITY_GROUPS && plan.changes(&path!(security_group_ids)) {
        plan.warn(
            path!(security_group_ids),
            format!("Accounts have a quota of {USUAL_SECURITY_GROUPS} security groups for a load balancer"),
            format!("These are {count}. Unless the platform has raised the account's quota, it refuses them."),
        );
    }
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
        && platform.look_for_vpc(id).await.doing(format_args!("look for the VPC {id}"))? == Sighting::Missing
    {
        refuse_absent(plan, path!(vpc_id), "VPC", id);
        return Ok(());
    }
    let Some(id) = subnet.filter(|_| other_vpc || plan.changes(&path!(subnet_id))) else { return Ok(()) };
    match (platform.look_for_subnet(&id).await.doing(format_args!("look for the subnet {id}"))?, vpc) {
        (Sighting::Missing, _) => refuse_absent(plan, path!(subnet_id), "subnet", &id),
        (Sighting::Seen(its), Some(vpc)) if its != vpc && !its.is_empty() => plan.error(
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
        let looked = platform.look_for_security_group(id).await;
        if looked.doing(format_args!("look for the security group {id}"))? == Sighting::Missing {
            refuse_absent(plan, path!(security_group_ids).index(position), "security group", id);
        }
    }
    Ok(())
}
