//! Load balancer actions: decode, ask, answer.

use std::collections::BTreeSet;

use clb_cloud_api::action::Accepted;
use clb_cloud_api::clb;
use clb_model::listener::Listener;
use clb_model::load_balancer::{
    Exposure, IpVersion, Kind, LoadBalancer, LoadBalancerChange, LoadBalancerDraft, LogKind, LogTopic, Phase,
    Placement, SpecificationChange, TargetRegion,
};
use clb_model::refusal::{Field, Refusal};
use clb_model::region::{Region, check_format};
use clb_model::rules::Rule;
use clb_model::tag::{ResourceName, Tags};
use clb_model::world::World;
use clb_model::zone::Zone;
use serde_json::json;

use super::refusal::{Fault, WireRule};
use super::written::{self, Page};
use super::{Call, asked_for, not_served};

/// Filters of DescribeLoadBalancers that the platform knows (SDK); `tag:<key>` besides.
const FILTERS: [&str; 8] = [
    "charge-type",
    "internet-charge-type",
    "master-zone-id",
    "tag-key",
    "function-name",
    "vip-isp",
    "sla-type",
    "exclusive",
];
const MOST_IDS: usize = 20;
const MOST_FILTERS: usize = 10;
const MOST_FILTER_VALUES: usize = 100;

pub(super) fn create(call: &Call<'_>, request: clb::CreateLoadBalancer) -> Result<clb::CreateLoadBalancerReply, Fault> {
    let text = |given: &Option<String>| given.as_ref().is_some_and(|text| !text.is_empty());
    not_served(&[
        ("BandwidthPackageId", text(&request.bandwidth_package_id)),
        ("ClusterTag", text(&request.cluster_tag)),
        ("Egress", text(&request.egress)),
        ("AccessLogTopicId", text(&request.access_log_topic_id)),
        ("ExclusiveCluster", request.exclusive_cluster.is_some()),
        ("ClusterIds", request.cluster_ids.as_ref().is_some_and(|ids| !ids.is_empty())),
        ("SnatIps", request.snat_ips.as_ref().is_some_and(|ips| ips.as_array().is_none_or(|ips| !ips.is_empty()))),
        ("EipAddressId", text(&request.eip_address_id)),
        ("DynamicVip", request.dynamic_vip == Some(true)),
        ("LBChargePrepaid", request.lb_charge_prepaid.is_some()),
        ("LBChargeType PREPAID", request.lb_charge_type.as_deref() == Some("PREPAID")),
        ("AdvancedRoute", request.advanced_route == Some(true)),
        ("AvailableZoneAffinityInfo", request.available_zone_affinity_info.is_some()),
    ])?;
    let negative = |_| Fault::Wire(WireRule::ArgumentType, "`ProjectId` is a negative number".to_owned());
    let project_id = request.project_id.map(u64::try_from).transpose().map_err(negative)?;
    let internet = request.internet_accessible.unwrap_or_default();
    let draft = LoadBalancerDraft {
        exposure: request.load_balancer_type,
        forward: request.forward,
        name: request.load_balancer_name,
        vpc_id: request.vpc_id,
        subnet_id: request.subnet_id,
        project_id,
        ip_version: request.address_ip_version,
        count: request.number,
        charge_kind: request.lb_charge_type,
        charge_type: internet.internet_charge_type,
        bandwidth: internet.internet_max_bandwidth_out,
        isp: request.vip_isp,
        sla_type: request.sla_type,
        pass_to_target: request.load_balancer_pass_to_target,
        snat_pro: request.snat_pro,
        // The first is that of the load balancer's main part, when there are two.
        zone: request.master_zone_id.filter(|zone| !zone.is_empty()).or(request.zone_id),
        backup_zone: request.slave_zone_id,
        vip: request.vip,
        client_token: request.client_token,
        tags: tags(request.tags.unwrap_or_default()),
    };
    let order = call.write(|world, occasion| world.create_load_balancers(call.region, &draft, occasion))?;
    Ok(clb::CreateLoadBalancerReply {
        load_balancer_ids: Some(order.load_balancers.iter().map(ToString::to_string).collect()),
        deal_name: Some(order.deal_name.to_string()),
    })
}

pub(super) fn describe(
    call: &Call<'_>,
    request: clb::DescribeLoadBalancers,
) -> Result<clb::DescribeLoadBalancersReply, Fault> {
    check_description(&request)?;
    let page = Page::check(request.offset, request.limit, 20, 100, Rule::LbDescribeLimitMax100)?;
    let ascending = check_order(&request)?;
    let filters = request.filters.as_deref().unwrap_or_default();
    call.in_region(|world, region| {
        let matches = |it: &&LoadBalancer| {
            fits(it, &request)
                && in_zone(it, region, request.master_zone.as_deref())
                && filters.iter().all(|filter| passes(it, filter, region, world))
        };
        let mut found: Vec<&LoadBalancer> =
            candidates(region, request.load_balancer_ids.as_deref()).into_iter().filter(matches).collect();
        found.sort_by(|one, two| match request.order_by.as_deref() {
            Some("LoadBalancerName") => one.name.cmp(&two.name),
            Some("LoadBalancerType") => type_word(one.exposure).cmp(type_word(two.exposure)),
            _ => (one.created_at, &one.id).cmp(&(two.created_at, &two.id)),
        });
        if !ascending {
            found.reverse();
        }
        // The count of targets is there whether it is asked for or not (AdditionalFields): it is documented as never null.
        Ok(clb::DescribeLoadBalancersReply {
            total_count: found.len() as u64,
            load_balancer_set: page.of(found).into_iter().map(|it| view(it, region, world)).collect(),
        })
    })
}

/// The load balancers that a question can be about. One that names some is not answered by looking at all.
pub(super) fn candidates<'a>(region: &'a Region, ids: Option<&[String]>) -> Vec<&'a LoadBalancer> {
    match ids.filter(|ids| !ids.is_empty()) {
        None => region.load_balancers().collect(),
        Some(ids) => {
            let ids: BTreeSet<&String> = ids.iter().collect();
            ids.into_iter().filter_map(|id| region.load_balancer(id, Rule::LbNotFound).ok()).collect()
        }
    }
}

fn in_zone(it: &LoadBalancer, region: &Region, wanted: Option<&str>) -> bool {
    wanted.is_none_or(|wanted| Zone::parse(&region.name, wanted) == Some(it.zone))
}

/// What is wrong with a question, whatever is there.
fn check_description(request: &clb::DescribeLoadBalancers) -> Result<(), Refusal> {
    let ids = request.load_balancer_ids.as_deref().unwrap_or_default();
    if ids.len() > MOST_IDS {
        return Err(Refusal::new(Rule::LbDescribeIdsMax20).at(Field::LoadBalancerIds).given(ids.len()));
    }
    for (index, id) in ids.iter().enumerate() {
        check_format(id).map_err(|refusal| Refusal { field: Some(Field::LoadBalancerIds), ..refusal.nth(index) })?;
    }
    let filters = request.filters.as_deref().unwrap_or_default();
    if filters.len() > MOST_FILTERS || filters.iter().any(|filter| filter.values.len() > MOST_FILTER_VALUES) {
        return Err(Refusal::new(Rule::LbDescribeFiltersMax10).at(Field::Filters).given(filters.len()));
    }
    let known = |name: &str| FILTERS.contains(&name) || name.starts_with("tag:");
    match filters.iter().position(|filter| !known(&filter.name)) {
        None => Ok(()),
        Some(index) => {
            Err(Refusal::new(Rule::LbDescribeFilterNames).at(Field::Filters).nth(index).given(&filters[index].name))
        }
    }
}

/// Whether the list is in ascending order.
fn check_order(request: &clb::DescribeLoadBalancers) -> Result<bool, Refusal> {
    let refused = |given: &dyn std::fmt::Display| Refusal::new(Rule::LbDescribeOrder).at(Field::OrderBy).given(given);
    match request.order_by.as_deref() {
        None | Some("CreateTime" | "LoadBalancerName" | "Domain" | "LoadBalancerType") => {}
        Some(other) => return Err(refused(&other)),
    }
    match request.order_type {
        None | Some(1) => Ok(false),
        Some(0) => Ok(true),
        Some(other) => Err(refused(&format_args!("OrderType {other}"))),
    }
}

/// Whether a load balancer is what is asked for, filters aside.
fn fits(it: &LoadBalancer, request: &clb::DescribeLoadBalancers) -> bool {
    let listed = |list: &Option<Vec<String>>, text: &str| list.as_ref().is_none_or(|list| asked_for(list, text));
    let contains = |wanted: &Option<String>, texts: &[&str]| {
        wanted.as_deref().is_none_or(|wanted| texts.iter().any(|text| text.contains(wanted)))
    };
    let equals = |wanted: &Option<String>, text: &str| wanted.as_deref().is_none_or(|wanted| wanted == text);
    let vip = it.address().to_string();
    let backend = |wanted: &Option<Vec<String>>| {
        wanted.as_ref().is_none_or(|wanted| {
            let ips = it.listeners().flat_map(Listener::bindings).map(|bound| bound.address.ip.to_string());
            ips.into_iter().any(|ip| wanted.contains(&ip))
        })
    };
    let with_backends = || it.listeners().any(|listener| !listener.bindings().is_empty());
    listed(&request.load_balancer_vips, &vip)
        && equals(&request.load_balancer_type, type_word(it.exposure))
        && request.forward.is_none_or(|forward| forward == i64::from(it.kind == Kind::Current))
        && contains(&request.load_balancer_name, &[&it.name])
        && request.domain.as_deref().is_none_or(str::is_empty)
        && contains(&request.search_key, &[&it.name, it.id.as_str(), &vip])
        && request.project_id.is_none_or(|project| u64::try_from(project) == Ok(it.project_id))
        && request.with_rs.is_none_or(|with| with == -1 || (with == 1) == with_backends())
        && request.vpc_id.as_deref().is_none_or(|wanted| it.vpc_id().map_or("0", |vpc| vpc.as_str()) == wanted)
        && request
            .security_group
            .as_deref()
            .is_none_or(|wanted| it.security_groups.iter().any(|group| group.as_str() == wanted))
        && backend(&request.backend_private_ips)
        && request.backend_public_ips.as_ref().is_none_or(Vec::is_empty)
}

fn passes(it: &LoadBalancer, filter: &clb::Filter, region: &Region, world: &World) -> bool {
    let any = |text: &str| filter.values.iter().any(|value| value == text);
    let name = ResourceName::load_balancer(&it.id);
    match filter.name.as_str() {
        "charge-type" => any("POSTPAID_BY_HOUR"),
        "internet-charge-type" => any(&it.charge_type),
        "vip-isp" => any(&it.isp),
        "sla-type" => any(&it.sla_type),
        "master-zone-id" => any(&it.zone.number(&region.name).to_string()),
        "tag-key" => world.tags(&name).any(|(key, _)| any(key)),
        other => match other.strip_prefix("tag:") {
            Some(wanted) => world.tags(&name).any(|(key, value)| key == wanted && any(value)),
            // Functions and dedicated clusters are not simulated: nothing has one.
            None => false,
        },
    }
}

pub(super) fn modify(
    call: &Call<'_>,
    request: clb::ModifyLoadBalancerAttributes,
) -> Result<clb::ModifyLoadBalancerAttributesReply, Fault> {
    not_served(&[
        ("SwitchFlag 1", request.switch_flag == Some(1)),
        ("ModifyClassicDomain", request.modify_classic_domain == Some(true)),
    ])?;
    let internet = request.internet_charge_info.unwrap_or_default();
    let target = |given: clb::TargetRegionInfo| TargetRegion { region: given.region, vpc_id: given.vpc_id };
    let change = LoadBalancerChange {
        name: request.load_balancer_name,
        pass_to_target: request.load_balancer_pass_to_target,
        delete_protection: request.delete_protect,
        charge_type: internet.internet_charge_type,
        bandwidth: internet.internet_max_bandwidth_out,
        snat_pro: request.snat_pro,
        switch_flag: request.switch_flag,
        target_region: request.target_region_info.map(target),
        endpoint: request.associate_endpoint,
    };
    let id = &request.load_balancer_id;
    let deal_name = call.write(|world, occasion| world.modify_load_balancer(call.region, id, &change, occasion))?;
    Ok(clb::ModifyLoadBalancerAttributesReply { deal_name: deal_name.map(|name| name.to_string()) })
}

pub(super) fn modify_sla(
    call: &Call<'_>,
    request: clb::ModifyLoadBalancerSla,
) -> Result<clb::ModifyLoadBalancerSlaReply, Fault> {
    // Force makes no difference here: nothing keeps a load balancer from being upgraded.
    let change = |given: clb::SlaUpdateParam| SpecificationChange {
        load_balancer_id: given.load_balancer_id,
        sla_type: given.sla_type,
    };
    let changes: Vec<SpecificationChange> = request.load_balancer_sla.into_iter().map(change).collect();
    let deal_name = call.write(|world, occasion| world.modify_specifications(call.region, &changes, occasion))?;
    Ok(clb::ModifyLoadBalancerSlaReply { deal_name: Some(deal_name.to_string()) })
}

pub(super) fn modify_project(call: &Call<'_>, request: clb::ModifyLoadBalancersProject) -> Result<Accepted, Fault> {
    let (ids, project) = (&request.load_balancer_ids, request.project_id);
    call.write(|world, occasion| world.modify_projects(call.region, ids, project, occasion))?;
    Ok(Accepted {})
}

pub(super) fn set_log(call: &Call<'_>, request: clb::SetLoadBalancerClsLog) -> Result<Accepted, Fault> {
    let kind = LogKind::parse(request.log_type.as_deref())?;
    let topic = LogTopic { set_id: request.log_set_id, topic_id: request.log_topic_id };
    let id = &request.load_balancer_id;
    call.write(|world, occasion| world.set_log_topic(call.region, id, kind, topic, occasion))?;
    Ok(Accepted {})
}

pub(super) fn delete(call: &Call<'_>, request: clb::DeleteLoadBalancer) -> Result<Accepted, Fault> {
    let (ids, force) = (&request.load_balancer_ids, request.force_delete.unwrap_or_default());
    call.write(|world, occasion| world.delete_load_balancers(call.region, ids, force, occasion))?;
    Ok(Accepted {})
}

/// The tags of a request.
pub(super) fn tags(given: Vec<clb::TagInfo>) -> Tags {
    Tags(given.into_iter().map(|tag| (tag.tag_key, tag.tag_value)).collect())
}

fn type_word(exposure: Exposure) -> &'static str {
    match exposure {
        Exposure::Open => "OPEN",
        Exposure::Internal => "INTERNAL",
    }
}

pub(super) fn view(it: &LoadBalancer, region: &Region, world: &World) -> clb::LoadBalancer {
    let subnet_id = match &it.placement {
        Placement::Vpc { subnet_id, .. } => subnet_id.as_ref().map(ToString::to_string),
        Placement::Basic => None,
    };
    // Create and describe spell the kinds of addresses differently (SDK).
    let address_ip_version = if it.ip_version == IpVersion::V4 { "ipv4" } else { "ipv6" };
    let vpc_id = it.vpc_id().map(ToString::to_string).unwrap_or_default();
    let number = numerical_vpc_id(&vpc_id);
    let logs = |topic: &Option<LogTopic>| topic.clone().map_or_else(Default::default, |it| (it.set_id, it.topic_id));
    let ((log_set_id, log_topic_id), (health_log_set_id, health_log_topic_id)) =
        (logs(&it.access_log), logs(&it.health_log));
    clb::LoadBalancer {
        load_balancer_id: it.id.to_string(),
        load_balancer_name: it.name.clone(),
        load_balancer_type: type_word(it.exposure).to_owned(),
        forward: u64::from(it.kind == Kind::Current),
        // An address of IPv6 stands in a field of its own, and the list is empty then (TKE).
        load_balancer_vips: if it.ipv6.is_some() { Vec::new() } else { vec![it.vip.to_string()] },
        address_ipv6: it.ipv6.map(|address| address.to_string()),
        status: status(it),
        create_time: written::time(it.created_at),
        status_time: written::time(it.status_at),
        project_id: it.project_id,
        target_region_info: clb::TargetRegionInfo {
            region: region.name.clone(),
            vpc_id: vpc_id.clone(),
            numerical_vpc_id: i64::try_from(number).ok(),
        },
        vpc_id,
        numerical_vpc_id: number,
        subnet_id: subnet_id.unwrap_or_default(),
        tags: tags_of(it, world),
        secure_groups: it.security_groups.iter().map(ToString::to_string).collect(),
        address_ip_version: address_ip_version.to_owned(),
        ipv6_mode: ipv6_mode(it).map(str::to_owned),
        vip_isp: Some(it.isp.clone()),
        master_zone: Some(zone(it.zone, &region.name)),
        backup_zone_set: it.backup_zone.map(|backup| vec![zone(backup, &region.name)]),
        zones: zones(it, &region.name),
        charge_type: Some(CHARGE_KIND.to_owned()),
        network_attributes: Some(network_attributes(it)),
        log_set_id,
        log_topic_id,
        health_log_set_id,
        health_log_topic_id,
        load_balancer_pass_to_target: it.pass_to_target,
        exclusive_cluster: Some(json!({"L4Clusters": null, "L7Clusters": null, "ClassicalCluster": null})),
        snat_pro: it.snat_pro,
        snat_ips: Some(json!([])),
        sla_type: it.sla_type.clone(),
        attribute_flags: attribute_flags(it),
        exclusive: Some(0),
        target_count: Some(it.target_count() as u64),
        associate_endpoint: Some(it.endpoint.clone()),
        ..clb::LoadBalancer::default()
    }
}

/// How every load balancer here is paid: there are no prepaid ones.
pub(super) const CHARGE_KIND: &str = "POSTPAID_BY_HOUR";

pub(super) fn status(it: &LoadBalancer) -> u64 {
    u64::from(it.phase == Phase::Running)
}

pub(super) fn ipv6_mode(it: &LoadBalancer) -> Option<&'static str> {
    match it.ip_version {
        IpVersion::V4 => None,
        IpVersion::Nat64 => Some("IPv6Nat64"),
        IpVersion::V6FullChain => Some("IPv6FullChain"),
    }
}

pub(super) fn tags_of(it: &LoadBalancer, world: &World) -> Vec<clb::TagInfo> {
    let tag = |(key, value): (&String, &String)| clb::TagInfo { tag_key: key.clone(), tag_value: value.clone() };
    world.tags(&ResourceName::load_balancer(&it.id)).map(tag).collect()
}

/// Zones are listed for private load balancers only (SDK).
pub(super) fn zones(it: &LoadBalancer, region: &str) -> Option<Vec<String>> {
    (it.exposure == Exposure::Internal).then(|| vec![it.zone.name(region)])
}

pub(super) fn network_attributes(it: &LoadBalancer) -> clb::InternetAccessible {
    clb::InternetAccessible {
        internet_charge_type: Some(it.charge_type.clone()),
        internet_max_bandwidth_out: Some(i64::from(it.bandwidth)),
        bandwidthpkg_sub_type: Some("BGP".to_owned()),
    }
}

/// A shared load balancer says so (SDK sample).
pub(super) fn attribute_flags(it: &LoadBalancer) -> Vec<String> {
    let flags = [(it.delete_protection, "DeleteProtect"), (!it.is_lcu(), "SharedLimitFlag")];
    flags.into_iter().filter(|(set, _)| *set).map(|(_, flag)| flag.to_owned()).collect()
}

/// The number of a VPC: never 0 (SDK), always the same for the same VPC, and here of no meaning. 0 for no VPC.
fn numerical_vpc_id(vpc_id: &str) -> u64 {
    if vpc_id.is_empty() {
        return 0;
    }
    let digits = vpc_id.bytes().fold(0_u64, |number, byte| number.wrapping_mul(31).wrapping_add(u64::from(byte)));
    1_000_000 + digits % 9_000_000
}

pub(super) fn zone(zone: Zone, region: &str) -> clb::ZoneInfo {
    clb::ZoneInfo {
        zone_id: zone.number(region),
        zone: zone.name(region),
        zone_name: format!("{region} zone {}", zone.place()),
        zone_region: region.to_owned(),
        local_zone: false,
        edge_zone: false,
    }
}
