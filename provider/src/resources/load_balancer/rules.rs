//! What a load balancer has to obey, as far as it can be known before apply: rules between attributes, and whether what it names
//! exists. What is unknown, or what the platform does not tell these credentials, is left to the platform.

use std::collections::BTreeSet;

use tfplugin_sdk::{PlanEdit, Refinements, Report, Result, Value, path};

use super::{AddressIpVersion, LoadBalancer, LoadBalancerConfig, NetworkType, Status};
use crate::errors::Doing;
use crate::platform::Platform;

/// Rules between attributes.
pub(super) fn validate(config: &LoadBalancerConfig, report: &mut Report) {
    let version = match &config.address_ip_version {
        Value::Null => Some(AddressIpVersion::Ipv4),
        Value::Known(version) => Some(*version),
        Value::Unknown(_) => None,
    };
    let full_chain = version == Some(AddressIpVersion::Ipv6FullChain);
    match config.network_type.known() {
        Some(NetworkType::Internal) => validate_internal(config, version, report),
        Some(NetworkType::Public) if version == Some(AddressIpVersion::Ipv4) && !config.subnet_id.is_null() => {
            let rule = "A public IPv4 load balancer has an address on the internet, not in a subnet. Remove subnet_id, or set \
                        network_type to \"internal\".";
            report.error(path!(subnet_id), "A public IPv4 load balancer takes no subnet_id", rule);
        }
        Some(NetworkType::Public) if full_chain && config.subnet_id.is_null() => {
            let rule = "A load balancer with ipv6_full_chain gets its address from a subnet.";
            report.error(path!(subnet_id), "This load balancer needs subnet_id", rule);
        }
        _ => {}
    }
    validate_security_groups(config, report);
    validate_tags(config, report);
    if full_chain && config.pass_to_target.known() == Some(&false) {
        let rule = "With ipv6_full_chain the platform always checks only the load balancer's own security groups. Remove \
                    pass_to_target, or set it to true.";
        report.error(path!(pass_to_target), "pass_to_target cannot be false here", rule);
    }
}

fn validate_security_groups(config: &LoadBalancerConfig, report: &mut Report) {
    let Value::Known(ids) = &config.security_group_ids else { return };
    let mut seen = BTreeSet::new();
    for (position, id) in ids.iter().enumerate().filter(|(_, id)| !id.is_unknown()) {
        let path = path!(security_group_ids).index(position);
        let Some(id) = id.known().filter(|id| id.starts_with("sg-")) else {
            let rule = "It must be the id of a security group, such as sg-1a2b3c4d.";
            report.error(path, "This is not the id of a security group", rule);
            continue;
        };
        if !seen.insert(id) {
            let rule = "The platform keeps each security group of a load balancer once. Remove one of the two entries.";
            report.error(path, format!("The security group {id} is listed twice"), rule);
        }
    }
}

fn validate_tags(config: &LoadBalancerConfig, report: &mut Report) {
    let Value::Known(tags) = &config.tags else { return };
    for (key, _) in tags.iter().filter(|(_, value)| value.is_null()) {
        let rule = "The value of a tag is a text. Leave the tag out, or set it to \"\".";
        report.error(path!(tags).key(key), format!("The tag {key} has no value"), rule);
    }
}

fn validate_internal(config: &LoadBalancerConfig, version: Option<AddressIpVersion>, report: &mut Report) {
    let rule = "An internal load balancer gets its address from a subnet of a VPC.";
    if config.vpc_id.is_null() {
        report.error(path!(vpc_id), "An internal load balancer needs vpc_id", rule);
    }
    if config.subnet_id.is_null() {
        report.error(path!(subnet_id), "An internal load balancer needs subnet_id", rule);
    }
    if version.is_some_and(|version| version != AddressIpVersion::Ipv4) {
        report.error(
            path!(address_ip_version),
            "An internal load balancer has an IPv4 address",
            "The kinds of IPv6 address are for public load balancers. Remove address_ip_version, or set network_type to \
             \"public\".",
        );
    }
    if config.bandwidth.known().is_some() {
        let rule = "The bandwidth is that to the internet. Remove it, or set network_type to \"public\".";
        report.error(path!(bandwidth), "An internal load balancer takes no bandwidth", rule);
    }
}

/// What depends on the state, and what the platform can say of a plan. Only what changes is asked about.
pub(super) async fn plan(plan: &mut PlanEdit<'_, LoadBalancer>) -> Result<()> {
    if plan.is_destroy() {
        if let Some(prior) = plan.prior.as_ref().filter(|prior| prior.delete_protection) {
            let id = prior.load_balancer_id.clone();
            plan.error(
                path!(delete_protection),
                format!("The load balancer {id} is protected against deletion"),
                "Set delete_protection to false and apply, then destroy it.",
            );
        }
        return Ok(());
    }
    refuse_to_replace_what_is_protected(plan);
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
fn refuse_to_replace_what_is_protected(plan: &mut PlanEdit<'_, LoadBalancer>) {
    let Some(prior) = plan.prior.as_ref().filter(|prior| prior.delete_protection) else { return };
    let planned = &plan.planned;
    let kept = [
        (path!(network_type), planned.network_type.known() == Some(&prior.network_type)),
        (path!(vpc_id), planned.vpc_id.known() == Some(&prior.vpc_id)),
        (path!(subnet_id), !planned.subnet_id.is_unknown() && planned.subnet_id.known() == prior.subnet_id.as_ref()),
        (path!(address_ip_version), planned.address_ip_version.known() == Some(&prior.address_ip_version)),
    ];
    let id = prior.load_balancer_id.clone();
    for (path, _) in kept.into_iter().filter(|(_, kept)| !kept) {
        let rule = format!(
            "A change of {path} replaces it: it would have to be deleted. Set delete_protection to false and apply that by itself \
             first."
        );
        plan.error(path, format!("The load balancer {id} is protected against deletion"), rule);
    }
}

async fn check_network(plan: &mut PlanEdit<'_, LoadBalancer>, platform: &Platform) -> Result<()> {
    let (vpc, subnet) = (plan.planned.vpc_id.known().cloned(), plan.planned.subnet_id.known().cloned());
    let prior = plan.prior.as_ref();
    let same_vpc = prior.is_some_and(|prior| Some(&prior.vpc_id) == vpc.as_ref());
    let same_subnet = prior.is_some_and(|prior| prior.subnet_id == subnet);
    if let Some(id) = vpc.as_ref().filter(|_| !same_vpc)
        && platform.vpc_is_missing(id).await.doing(format_args!("look for the VPC {id}"))?
    {
        plan.error(path!(vpc_id), format!("The VPC {id} does not exist"), NOT_HERE);
        return Ok(());
    }
    let Some(id) = subnet.filter(|_| !(same_vpc && same_subnet)) else { return Ok(()) };
    let Some(found) = platform.subnets(&id).await.doing(format_args!("look for the subnet {id}"))? else {
        return Ok(());
    };
    match (found.first().and_then(|subnet| subnet.vpc_id.as_ref()), vpc) {
        (None, _) => plan.error(path!(subnet_id), format!("The subnet {id} does not exist"), NOT_HERE),
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
    let Value::Known(planned) = &plan.planned.security_group_ids else { return Ok(()) };
    let before = plan.prior.as_ref().map(|prior| prior.security_group_ids.as_slice()).unwrap_or_default();
    let new: Vec<(usize, String)> = planned
        .iter()
        .enumerate()
        .filter_map(|(position, id)| id.known().map(|id| (position, id.clone())))
        .filter(|(_, id)| !before.contains(id))
        .collect();
    for (position, id) in new {
        if platform.security_group_is_missing(&id).await.doing(format_args!("look for the security group {id}"))? {
            let path = path!(security_group_ids).index(position);
            plan.error(path, format!("The security group {id} does not exist"), NOT_HERE);
        }
    }
    Ok(())
}

const NOT_HERE: &str = "There is none with this id in this account and region. Check the id and the provider's region.";

#[cfg(test)]
mod tests {
    use tfplugin_sdk::{Refinements, Report, Value};

    use super::validate;
    use crate::resources::load_balancer::{AddressIpVersion, LoadBalancerConfig, NetworkType};

    fn wrong(config: &LoadBalancerConfig) -> Vec<String> {
        let mut report = Report::new();
        validate(config, &mut report);
        report.diagnostics().iter().map(|found| found.path.to_string()).collect()
    }

    fn internal() -> LoadBalancerConfig {
        LoadBalancerConfig { network_type: Value::Known(NetworkType::Internal), ..Default::default() }
    }

    fn public() -> LoadBalancerConfig {
        LoadBalancerConfig { network_type: Value::Known(NetworkType::Public), ..Default::default() }
    }

    #[test]
    fn an_internal_load_balancer_needs_a_subnet_of_a_vpc() {
        assert_eq!(wrong(&internal()), ["vpc_id", "subnet_id"]);
        let unknown = || Value::Unknown(Refinements::none());
        assert!(wrong(&LoadBalancerConfig { vpc_id: unknown(), subnet_id: unknown(), ..internal() }).is_empty());
    }

    #[test]
    fn a_public_ipv4_load_balancer_takes_no_subnet_and_a_full_ipv6_one_needs_it() {
        assert!(wrong(&public()).is_empty());
        let subnet = || Value::Known("subnet-1".to_owned());
        assert_eq!(wrong(&LoadBalancerConfig { subnet_id: subnet(), ..public() }), ["subnet_id"]);
        let full =
            || LoadBalancerConfig { address_ip_version: Value::Known(AddressIpVersion::Ipv6FullChain), ..public() };
        assert_eq!(wrong(&full()), ["subnet_id"]);
        assert!(wrong(&LoadBalancerConfig { subnet_id: subnet(), ..full() }).is_empty());
        let off = LoadBalancerConfig { subnet_id: subnet(), pass_to_target: Value::Known(false), ..full() };
        assert_eq!(wrong(&off), ["pass_to_target"]);
    }

    #[test]
    fn what_only_a_public_load_balancer_has_is_refused_on_an_internal_one() {
        let id = || Value::Known("id".to_owned());
        let complete = LoadBalancerConfig { vpc_id: id(), subnet_id: id(), ..internal() };
        let nat64 = Value::Known(AddressIpVersion::Ipv6Nat64);
        let config = LoadBalancerConfig { address_ip_version: nat64, bandwidth: Value::Known(10), ..complete };
        assert_eq!(wrong(&config), ["address_ip_version", "bandwidth"]);
    }

    #[test]
    fn a_security_group_is_listed_once_and_has_an_id() {
        let groups =
            |ids: Vec<Value<String>>| wrong(&LoadBalancerConfig { security_group_ids: Value::Known(ids), ..public() });
        let id = |id: &str| Value::Known(id.to_owned());
        assert!(groups(vec![id("sg-1"), id("sg-2"), Value::Unknown(Refinements::none())]).is_empty());
        assert_eq!(groups(vec![id("sg-1"), id("sg-1")]), ["security_group_ids[1]"]);
        assert_eq!(groups(vec![id(""), Value::Null]), ["security_group_ids[0]", "security_group_ids[1]"]);
    }

    #[test]
    fn a_tag_without_a_value_is_refused_before_apply() {
        let tags = [("a".to_owned(), Value::Null), ("b".to_owned(), Value::Known(String::new()))];
        let config = LoadBalancerConfig { tags: Value::Known(tags.into_iter().collect()), ..public() };
        assert_eq!(wrong(&config), ["tags[\"a\"]"]);
    }
}
