//! Between a load balancer in Terraform and on the wire. Pure: no calls.

use std::collections::BTreeMap;

use clb_cloud_api::{clb, tag};
use tfplugin_sdk::Planned;

use super::{AddressIpVersion, InternetChargeType, LoadBalancer, LoadBalancerPlan, NetworkType, Status};
use crate::resources::tags;

/// The only generation that can be created.
const CURRENT_GENERATION: i64 = 1;

/// The flag of a load balancer that is protected against deletion.
pub(super) const DELETE_PROTECT: &str = "DeleteProtect";

/// The word for a change between ways to pay afterwards.
const SWITCH_POSTPAID: u64 = 2;

/// The purchase. What the platform takes only afterwards is left to [`modification`].
pub(super) fn creation(plan: &LoadBalancerPlan, client_token: String) -> clb::CreateLoadBalancer {
    let full_chain = plan.address_ip_version == AddressIpVersion::Ipv6FullChain;
    let public = plan.network_type == NetworkType::Public;
    let (charge_type, bandwidth) = (plan.internet_charge_type.known().copied().flatten(), bandwidth(plan));
    let tags = plan.tags.iter().map(|(key, value)| clb::TagInfo { tag_key: key.clone(), tag_value: value.clone() });
    clb::CreateLoadBalancer {
        load_balancer_type: if public { "OPEN" } else { "INTERNAL" }.to_owned(),
        forward: Some(CURRENT_GENERATION),
        load_balancer_name: plan.name.known().cloned(),
        vpc_id: plan.vpc_id.known().cloned(),
        subnet_id: plan.subnet_id.clone(),
        address_ip_version: public.then(|| match plan.address_ip_version {
            AddressIpVersion::Ipv4 => "IPV4".to_owned(),
            AddressIpVersion::Ipv6Nat64 => "IPV6".to_owned(),
            AddressIpVersion::Ipv6FullChain => "IPv6FullChain".to_owned(),
        }),
        number: Some(1),
        internet_accessible: (charge_type.is_some() || bandwidth.is_some()).then(|| clb::InternetAccessible {
            internet_charge_type: charge_type.map(|paid| charge_word(paid).to_owned()),
            internet_max_bandwidth_out: bandwidth,
            ..Default::default()
        }),
        vip_isp: plan.vip_isp.known().cloned().flatten(),
        vip: plan.vip.known().cloned().flatten(),
        master_zone_id: plan.zone.known().cloned().flatten(),
        slave_zone_id: plan.backup_zone.known().cloned().flatten(),
        project_id: (plan.project_id != 0).then(|| plan.project_id.into()),
        snat_pro: plan.snat_pro.then_some(true),
        sla_type: plan.sla_type.known().cloned().flatten(),
        tags: (!plan.tags.is_empty()).then(|| tags.collect()),
        client_token: Some(client_token),
        load_balancer_pass_to_target: plan.pass_to_target.known().copied().filter(|_| !full_chain),
        ..Default::default()
    }
}

/// The change from what is to what is planned; `None` when there is none.
pub(super) fn modification(now: &LoadBalancer, plan: &LoadBalancerPlan) -> Option<clb::ModifyLoadBalancerAttributes> {
    let full_chain = plan.address_ip_version == AddressIpVersion::Ipv6FullChain;
    let pass_to_target = plan.pass_to_target.known().filter(|wanted| **wanted != now.pass_to_target && !full_chain);
    let charge_type = plan.internet_charge_type.known().copied().flatten();
    let charge_type = charge_type.filter(|wanted| now.internet_charge_type != Some(*wanted));
    // Another way to pay is said together with the bandwidth: the platform calls both one setting.
    let bandwidth =
        bandwidth(plan).filter(|wanted| charge_type.is_some() || now.bandwidth.map(i64::from) != Some(*wanted));
    let request = clb::ModifyLoadBalancerAttributes {
        load_balancer_id: now.load_balancer_id.clone(),
        load_balancer_name: plan.name.known().filter(|wanted| **wanted != now.name).cloned(),
        internet_charge_info: (charge_type.is_some() || bandwidth.is_some()).then(|| clb::InternetAccessible {
            internet_charge_type: charge_type.map(|paid| charge_word(paid).to_owned()),
            internet_max_bandwidth_out: bandwidth,
            ..Default::default()
        }),
        switch_flag: charge_type.map(|_| SWITCH_POSTPAID),
        snat_pro: Some(plan.snat_pro).filter(|wanted| *wanted != now.snat_pro),
        load_balancer_pass_to_target: pass_to_target.copied(),
        delete_protect: Some(plan.delete_protection).filter(|wanted| *wanted != now.delete_protection),
        ..Default::default()
    };
    let nothing =
        clb::ModifyLoadBalancerAttributes { load_balancer_id: now.load_balancer_id.clone(), ..Default::default() };
    (request != nothing).then_some(request)
}

/// The change to another performance specification.
pub(super) fn new_specification(now: &LoadBalancer, plan: &LoadBalancerPlan) -> Option<clb::ModifyLoadBalancerSla> {
    let sla_type = plan.sla_type.known().filter(|wanted| **wanted != now.sla_type)?.clone()?;
    let specification = clb::SlaUpdateParam { load_balancer_id: now.load_balancer_id.clone(), sla_type };
    Some(clb::ModifyLoadBalancerSla { load_balancer_sla: vec![specification], force: None })
}

/// The calls that turn some tags into others.
pub(super) fn retagging(
    region: &str,
    id: &str,
    now: &BTreeMap<String, String>,
    wanted: &BTreeMap<String, String>,
) -> Vec<tag::ModifyResourceTags> {
    tags::retagging(&format!("qcs::clb:{region}:uin/:clb/{id}"), now, wanted)
}

/// What the platform says of a load balancer, as Terraform's state: of what a kind of load balancer refuses to be told, nothing,
/// so that configuration written from the state can be applied. A public IPv4 load balancer has no subnet of its own: what the
/// platform says there counts only if the state has one.
pub(crate) fn from_wire(balancer: &clb::LoadBalancer, subnet_id: Option<&str>) -> LoadBalancer {
    let address_ip_version = ip_version(balancer);
    let network_type = match balancer.load_balancer_type.as_str() {
        "INTERNAL" => NetworkType::Internal,
        _ => NetworkType::Public,
    };
    let subnet_says =
        network_type == NetworkType::Internal || address_ip_version != AddressIpVersion::Ipv4 || subnet_id.is_some();
    let ipv6 = balancer.address_ipv6.iter().filter(|address| !balancer.load_balancer_vips.contains(address));
    let vips = balancer.load_balancer_vips.iter().chain(ipv6).filter(|address| !address.is_empty());
    let public = network_type == NetworkType::Public;
    let network = balancer.network_attributes.as_ref().filter(|_| public);
    let bandwidth = network.and_then(|network| network.internet_max_bandwidth_out);
    let vips: Vec<String> = vips.cloned().collect();
    let has_zones = public && address_ip_version == AddressIpVersion::Ipv4;
    let backup_zone = balancer.backup_zone_set.iter().flatten().next();
    LoadBalancer {
        load_balancer_id: balancer.load_balancer_id.clone(),
        network_type,
        name: balancer.load_balancer_name.clone(),
        vpc_id: balancer.vpc_id.clone(),
        subnet_id: Some(balancer.subnet_id.clone()).filter(|subnet| subnet_says && !subnet.is_empty()),
        address_ip_version,
        security_group_ids: balancer.secure_groups.clone(),
        pass_to_target: balancer.load_balancer_pass_to_target,
        delete_protection: balancer.attribute_flags.iter().any(|flag| flag == DELETE_PROTECT),
        bandwidth: bandwidth.and_then(|megabits| u32::try_from(megabits).ok()).filter(|megabits| *megabits > 0),
        internet_charge_type: network.and_then(|network| charge_type(network.internet_charge_type.as_deref()?)),
        vip_isp: balancer.vip_isp.clone().filter(|carrier| public && !carrier.is_empty()),
        vip: vips.first().filter(|_| address_ip_version != AddressIpVersion::Ipv6Nat64).cloned(),
        zone: balancer.master_zone.as_ref().filter(|_| has_zones).and_then(zone_name),
        backup_zone: backup_zone.filter(|_| has_zones).and_then(zone_name),
        project_id: u32::try_from(balancer.project_id).unwrap_or_default(),
        snat_pro: balancer.snat_pro,
        sla_type: Some(balancer.sla_type.clone()).filter(|specification| !specification.is_empty()),
        tags: balancer.tags.iter().map(|tag| (tag.tag_key.clone(), tag.tag_value.clone())).collect(),
        vips,
        domain: Some(balancer.load_balancer_domain.clone()).filter(|domain| !domain.is_empty()),
        status: if balancer.status == 0 { Status::Creating } else { Status::Running },
        timeouts: None,
    }
}

/// The kind of address: the platform writes both kinds of IPv6 as `ipv6` and tells them apart elsewhere.
pub(crate) fn ip_version(balancer: &clb::LoadBalancer) -> AddressIpVersion {
    let ipv6 = balancer.address_ip_version.eq_ignore_ascii_case("ipv6");
    match balancer.ipv6_mode.as_deref() {
        Some(mode) if mode.eq_ignore_ascii_case("IPv6FullChain") => AddressIpVersion::Ipv6FullChain,
        Some(mode) if mode.eq_ignore_ascii_case("IPv6Nat64") => AddressIpVersion::Ipv6Nat64,
        _ if ipv6 => AddressIpVersion::Ipv6Nat64,
        _ => AddressIpVersion::Ipv4,
    }
}

/// A load balancer with what was planned in place of what it is, wherever the plan knows.
pub(super) fn as_planned(created: LoadBalancer, plan: LoadBalancerPlan) -> LoadBalancer {
    LoadBalancer {
        name: plan.name.known().cloned().unwrap_or(created.name),
        security_group_ids: plan.security_group_ids,
        pass_to_target: plan.pass_to_target.known().copied().unwrap_or(created.pass_to_target),
        delete_protection: plan.delete_protection,
        bandwidth: plan.bandwidth.known().copied().unwrap_or(created.bandwidth),
        internet_charge_type: plan.internet_charge_type.known().copied().unwrap_or(created.internet_charge_type),
        sla_type: plan.sla_type.known().cloned().unwrap_or(created.sla_type),
        project_id: plan.project_id,
        snat_pro: plan.snat_pro,
        tags: plan.tags,
        ..created
    }
}

/// A zone's name; the platform also counts them.
fn zone_name(zone: &clb::ZoneInfo) -> Option<String> {
    Some(zone.zone.clone()).filter(|name| !name.is_empty())
}

fn charge_word(paid: InternetChargeType) -> &'static str {
    match paid {
        InternetChargeType::TrafficPostpaidByHour => "TRAFFIC_POSTPAID_BY_HOUR",
        InternetChargeType::BandwidthPostpaidByHour => "BANDWIDTH_POSTPAID_BY_HOUR",
        InternetChargeType::BandwidthPackage => "BANDWIDTH_PACKAGE",
    }
}

/// How a load balancer is paid; those that are paid in advance are not created here, and have no word.
fn charge_type(word: &str) -> Option<InternetChargeType> {
    use InternetChargeType::{BandwidthPackage, BandwidthPostpaidByHour, TrafficPostpaidByHour};
    [TrafficPostpaidByHour, BandwidthPostpaidByHour, BandwidthPackage]
        .into_iter()
        .find(|paid| charge_word(*paid) == word)
}

fn bandwidth(plan: &LoadBalancerPlan) -> Option<i64> {
    match plan.bandwidth {
        Planned::Known(megabits) => megabits.map(i64::from),
        Planned::Unknown => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use clb_cloud_api::clb;
    use tfplugin_sdk::Planned;

    use super::{creation, from_wire, ip_version, modification};
    use crate::resources::load_balancer::{AddressIpVersion, InternetChargeType, LoadBalancerPlan, NetworkType};

    fn wire() -> clb::LoadBalancer {
        clb::LoadBalancer {
            load_balancer_id: "lb-1".to_owned(),
            load_balancer_name: "edge".to_owned(),
            load_balancer_type: "OPEN".to_owned(),
            forward: 1,
            status: 1,
            vpc_id: "vpc-1".to_owned(),
            load_balancer_vips: vec!["127.80.0.1".to_owned()],
            address_ip_version: "ipv4".to_owned(),
            ..Default::default()
        }
    }

    fn plan() -> LoadBalancerPlan {
        LoadBalancerPlan {
            load_balancer_id: Planned::Unknown,
            network_type: NetworkType::Public,
            name: Planned::Known("edge".to_owned()),
            vpc_id: Planned::Known("vpc-1".to_owned()),
            subnet_id: None,
            address_ip_version: AddressIpVersion::Ipv4,
            security_group_ids: vec![],
            pass_to_target: Planned::Known(false),
            delete_protection: false,
            bandwidth: Planned::Unknown,
            internet_charge_type: Planned::Unknown,
            vip_isp: Planned::Unknown,
            vip: Planned::Unknown,
            zone: Planned::Unknown,
            backup_zone: Planned::Unknown,
            project_id: 0,
            snat_pro: false,
            sla_type: Planned::Unknown,
            tags: BTreeMap::new(),
            vips: Planned::Unknown,
            domain: Planned::Unknown,
            status: Planned::Unknown,
            timeouts: None,
        }
    }

    #[test]
    fn what_is_as_planned_needs_no_change() {
        assert_eq!(modification(&from_wire(&wire(), None), &plan()), None);
    }

    #[test]
    fn only_what_differs_is_sent() {
        let wanted = LoadBalancerPlan { delete_protection: true, ..plan() };
        let request = modification(&from_wire(&wire(), None), &wanted).expect("protection differs");
        assert_eq!(request.delete_protect, Some(true));
        assert_eq!((request.load_balancer_name, request.load_balancer_pass_to_target), (None, None));
    }

    #[test]
    fn another_way_to_pay_is_said_with_the_bandwidth() {
        let paid = |word: &str| clb::InternetAccessible {
            internet_charge_type: Some(word.to_owned()),
            internet_max_bandwidth_out: Some(10),
            ..Default::default()
        };
        let balancer = clb::LoadBalancer { network_attributes: Some(paid("TRAFFIC_POSTPAID_BY_HOUR")), ..wire() };
        let package = Planned::Known(Some(InternetChargeType::BandwidthPackage));
        let wanted = LoadBalancerPlan { internet_charge_type: package, bandwidth: Planned::Known(Some(10)), ..plan() };
        let request = modification(&from_wire(&balancer, None), &wanted).expect("the way to pay differs");
        assert_eq!(request.internet_charge_info, Some(paid("BANDWIDTH_PACKAGE")));
        assert_eq!(request.switch_flag, Some(2));
    }

    #[test]
    fn a_load_balancer_with_a_domain_and_no_address_is_read() {
        let balancer = clb::LoadBalancer {
            load_balancer_vips: vec![],
            load_balancer_domain: "lb-1.clb.example".to_owned(),
            ..wire()
        };
        let read = from_wire(&balancer, None);
        assert_eq!((read.domain.as_deref(), read.vip), (Some("lb-1.clb.example"), None));
    }

    #[test]
    fn the_kinds_of_ipv6_are_told_apart_by_the_mode() {
        let kind = |mode: Option<&str>| {
            let mode = mode.map(str::to_owned);
            ip_version(&clb::LoadBalancer { address_ip_version: "ipv6".to_owned(), ipv6_mode: mode, ..wire() })
        };
        assert_eq!(kind(Some("IPv6FullChain")), AddressIpVersion::Ipv6FullChain);
        assert_eq!(kind(Some("IPv6Nat64")), AddressIpVersion::Ipv6Nat64);
        assert_eq!(ip_version(&wire()), AddressIpVersion::Ipv4);
    }

    #[test]
    fn each_kind_of_address_has_its_word_on_the_wire() {
        let nat64 = LoadBalancerPlan { address_ip_version: AddressIpVersion::Ipv6Nat64, ..plan() };
        assert_eq!(creation(&nat64, String::new()).address_ip_version.as_deref(), Some("IPV6"));
        let full = LoadBalancerPlan { address_ip_version: AddressIpVersion::Ipv6FullChain, ..plan() };
        let request = creation(&full, String::new());
        assert_eq!(request.address_ip_version.as_deref(), Some("IPv6FullChain"));
        assert_eq!(request.load_balancer_pass_to_target, None, "the platform refuses it there");
    }

    #[test]
    fn an_ipv6_address_is_found_where_the_platform_puts_it() {
        let balancer =
            clb::LoadBalancer { load_balancer_vips: vec![], address_ipv6: Some("2001:db8::1".to_owned()), ..wire() };
        assert_eq!(from_wire(&balancer, None).vips, ["2001:db8::1"]);
    }
}
