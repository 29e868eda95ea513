//! Load balancer actions: decode, ask, answer.

use clb_cloud_api::action::Accepted;
use clb_cloud_api::clb;
use clb_model::listener::Listener;
use clb_model::load_balancer::{
    Exposure, IpVersion, Kind, LoadBalancer, LoadBalancerChange, LoadBalancerDraft, Phase, Placement,
};
use clb_model::refusal::{Field, Refusal};
use clb_model::region::{Region, check_format};
use clb_model::rules::Rule;
use clb_model::tag::{ResourceName, Tags};
use clb_model::world::World;
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
    let zone = zone(call.region);
    let other_zone = |given: &Option<String>| given.as_ref().is_some_and(|wanted| !is_zone(wanted, &zone));
    let text = |given: &Option<String>| given.as_ref().is_some_and(|text| !text.is_empty());
    not_served(&[
        ("MasterZoneId", other_zone(&request.master_zone_id)),
        ("ZoneId", other_zone(&request.zone_id)),
        ("SlaveZoneId", text(&request.slave_zone_id)),
        ("BandwidthPackageId", text(&request.bandwidth_package_id)),
        ("ClusterTag", text(&request.cluster_tag)),
        ("Egress", text(&request.egress)),
        ("AccessLogTopicId", text(&request.access_log_topic_id)),
        ("ExclusiveCluster", request.exclusive_cluster.is_some()),
        ("ClusterIds", request.cluster_ids.as_ref().is_some_and(|ids| !ids.is_empty())),
        ("SnatPro", request.snat_pro == Some(true)),
        ("SnatIps", request.snat_ips.is_some()),
        ("EipAddressId", request.eip_address_id.is_some()),
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
        charge_type: internet.internet_charge_type,
        bandwidth: internet.internet_max_bandwidth_out,
        isp: request.vip_isp,
        sla_type: request.sla_type,
        pass_to_target: request.load_balancer_pass_to_target,
        vip: request.vip,
        client_token: request.client_token,
        tags: tags(request.tags.unwrap_or_default()),
    };
    let ids = call.write(|world, occasion| world.create_load_balancers(call.region, &draft, occasion))?;
    let load_balancer_ids = Some(ids.iter().map(ToString::to_string).collect());
    Ok(clb::CreateLoadBalancerReply { load_balancer_ids, deal_name: None })
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
        let zone = zone(&region.name);
        let matches = |it: &&LoadBalancer| {
            fits(it, &request)
                && request.master_zone.as_ref().is_none_or(|wanted| is_zone(wanted, &zone))
                && filters.iter().all(|filter| passes(it, filter, &zone, world))
        };
        let mut found: Vec<&LoadBalancer> = region.load_balancers().filter(matches).collect();
        found.sort_by(|one, two| match request.order_by.as_deref() {
            Some("LoadBalancerName") => one.name.cmp(&two.name),
            Some("LoadBalancerType") => type_word(one.exposure).cmp(type_word(two.exposure)),
            _ => (one.created_at, &one.id).cmp(&(two.created_at, &two.id)),
        });
        if !ascending {
            found.reverse();
        }
        Ok(clb::DescribeLoadBalancersReply {
            total_count: found.len() as u64,
            load_balancer_set: page.of(found).into_iter().map(|it| view(it, region, world)).collect(),
        })
    })
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
    let vip = it.vip.to_string();
    let backend = |wanted: &Option<Vec<String>>| {
        wanted.as_ref().is_none_or(|wanted| {
            let ips = it.listeners().flat_map(Listener::bindings).map(|bound| bound.address.ip.to_string());
            ips.into_iter().any(|ip| wanted.contains(&ip))
        })
    };
    let with_backends = it.target_count() > 0;
    listed(&request.load_balancer_ids, it.id.as_str())
        && listed(&request.load_balancer_vips, &vip)
        && equals(&request.load_balancer_type, type_word(it.exposure))
        && request.forward.is_none_or(|forward| forward == i64::from(it.kind == Kind::Current))
        && contains(&request.load_balancer_name, &[&it.name])
        && request.domain.as_deref().is_none_or(str::is_empty)
        && contains(&request.search_key, &[&it.name, it.id.as_str(), &vip])
        && request.project_id.is_none_or(|project| u64::try_from(project) == Ok(it.project_id))
        && request.with_rs.is_none_or(|with| with == -1 || (with == 1) == with_backends)
        && request.vpc_id.as_deref().is_none_or(|wanted| it.vpc_id().map_or("0", |vpc| vpc.as_str()) == wanted)
        && request
            .security_group
            .as_deref()
            .is_none_or(|wanted| it.security_groups.iter().any(|group| group.as_str() == wanted))
        && backend(&request.backend_private_ips)
        && request.backend_public_ips.as_ref().is_none_or(Vec::is_empty)
}

fn passes(it: &LoadBalancer, filter: &clb::Filter, zone: &clb::ZoneInfo, world: &World) -> bool {
    let any = |text: &str| filter.values.iter().any(|value| value == text);
    let name = ResourceName::load_balancer(&it.id);
    match filter.name.as_str() {
        "charge-type" => any("POSTPAID_BY_HOUR"),
        "internet-charge-type" => any(&it.charge_type),
        "vip-isp" => any(&it.isp),
        "sla-type" => any(&it.sla_type),
        "master-zone-id" => any(&zone.zone_id.to_string()),
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
        ("TargetRegionInfo", request.target_region_info.is_some()),
        ("SwitchFlag", request.switch_flag.is_some_and(|flag| flag != 0)),
        ("SnatPro", request.snat_pro == Some(true)),
        ("ModifyClassicDomain", request.modify_classic_domain == Some(true)),
        ("AssociateEndpoint", request.associate_endpoint.as_ref().is_some_and(|endpoint| !endpoint.is_empty())),
    ])?;
    let internet = request.internet_charge_info.unwrap_or_default();
    let change = LoadBalancerChange {
        name: request.load_balancer_name,
        pass_to_target: request.load_balancer_pass_to_target,
        delete_protection: request.delete_protect,
        charge_type: internet.internet_charge_type,
        bandwidth: internet.internet_max_bandwidth_out,
    };
    let id = &request.load_balancer_id;
    call.write(|world, occasion| world.modify_load_balancer(call.region, id, &change, occasion))?;
    Ok(clb::ModifyLoadBalancerAttributesReply::default())
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
    let (vpc_id, subnet_id) = match &it.placement {
        Placement::Vpc { vpc_id, subnet_id } => (vpc_id.to_string(), subnet_id.as_ref().map(ToString::to_string)),
        Placement::Basic => (String::new(), None),
    };
    // Create and describe spell the kinds of addresses differently (SDK).
    let (address_ip_version, ipv6_mode) = match it.ip_version {
        IpVersion::V4 => ("ipv4", None),
        IpVersion::Nat64 => ("ipv6", Some("IPv6Nat64")),
        IpVersion::V6FullChain => ("ipv6", Some("IPv6FullChain")),
    };
    let name = ResourceName::load_balancer(&it.id);
    let tags = world.tags(&name).map(|(key, value)| clb::TagInfo { tag_key: key.clone(), tag_value: value.clone() });
    let created = written::time(it.created_at);
    clb::LoadBalancer {
        load_balancer_id: it.id.to_string(),
        load_balancer_name: it.name.clone(),
        load_balancer_type: type_word(it.exposure).to_owned(),
        forward: u64::from(it.kind == Kind::Current),
        load_balancer_vips: vec![it.vip.to_string()],
        status: u64::from(it.phase == Phase::Running),
        create_time: created.clone(),
        status_time: created,
        project_id: it.project_id,
        target_region_info: clb::TargetRegionInfo {
            region: region.name.clone(),
            vpc_id: vpc_id.clone(),
            numerical_vpc_id: Some(0),
        },
        vpc_id,
        subnet_id: subnet_id.unwrap_or_default(),
        tags: tags.collect(),
        secure_groups: it.security_groups.iter().map(ToString::to_string).collect(),
        address_ip_version: address_ip_version.to_owned(),
        ipv6_mode: ipv6_mode.map(str::to_owned),
        vip_isp: Some(it.isp.clone()),
        master_zone: Some(zone(&region.name)),
        charge_type: Some("POSTPAID_BY_HOUR".to_owned()),
        network_attributes: Some(clb::InternetAccessible {
            internet_charge_type: Some(it.charge_type.clone()),
            internet_max_bandwidth_out: Some(i64::from(it.bandwidth)),
            bandwidthpkg_sub_type: Some("BGP".to_owned()),
        }),
        load_balancer_pass_to_target: it.pass_to_target,
        exclusive_cluster: Some(json!({"L4Clusters": null, "L7Clusters": null, "ClassicalCluster": null})),
        snat_ips: Some(json!([])),
        sla_type: it.sla_type.clone(),
        attribute_flags: it.delete_protection.then(|| "DeleteProtect".to_owned()).into_iter().collect(),
        target_count: Some(it.target_count() as u64),
        ..clb::LoadBalancer::default()
    }
}

/// Whether a zone is meant: by its name or by its number.
fn is_zone(wanted: &str, zone: &clb::ZoneInfo) -> bool {
    wanted == zone.zone || wanted == zone.zone_id.to_string()
}

/// Every load balancer of a region says it is in the same zone; zones are not simulated.
fn zone(region: &str) -> clb::ZoneInfo {
    clb::ZoneInfo {
        zone_id: 100_003,
        zone: format!("{region}-3"),
        zone_name: format!("{region} zone 3"),
        zone_region: region.to_owned(),
        local_zone: false,
        edge_zone: false,
    }
}
