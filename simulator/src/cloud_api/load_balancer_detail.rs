//! DescribeLoadBalancersDetail: load balancers with their listeners and targets, a row for each. Spells much in other words
//! than DescribeLoadBalancers does.
//!
//! A load balancer has one row; one for each listener when fields of listeners are asked for, and one for each target when
//! fields of targets are. Rows are counted and paged (our choice: the documentation does not say what is).

use clb_cloud_api::clb;
use clb_model::binding::{BackendRef, Binding};
use clb_model::listener::Listener;
use clb_model::load_balancer::{Exposure, IpVersion, LoadBalancer};
use clb_model::refusal::{Field, Refusal};
use clb_model::region::Region;
use clb_model::rules::Rule;
use clb_model::tag::ResourceName;
use clb_model::world::World;
use clb_model::zone::Zone;

use super::load_balancer::{
    CHARGE_KIND, attribute_flags, candidates, ipv6_mode, network_attributes, status, tags_of, zones,
};
use super::refusal::Fault;
use super::written::{self, Page};
use super::{Call, target_health};

const MOST_FILTERS: usize = 10;
const MOST_FILTER_VALUES: usize = 100;
const FILTERS: [&str; 9] =
    ["loadbalancer-id", "project-id", "network", "vip", "vpcid", "target-ip", "zone", "tag-key", "fuzzy-search"];
const OF_LISTENER: [&str; 7] = ["ListenerId", "Protocol", "Port", "LocationId", "Domain", "Url", "SniSwitch"];
const OF_TARGET: [&str; 5] = ["TargetId", "TargetAddress", "TargetPort", "TargetWeight", "TargetHealth"];
const OF_LOAD_BALANCER: [&str; 31] = [
    "LoadBalancerId",
    "LoadBalancerName",
    "LoadBalancerType",
    "Status",
    "Address",
    "AddressIPv6",
    "AddressIPVersion",
    "IPv6Mode",
    "Zone",
    "AddressIsp",
    "VpcId",
    "ProjectId",
    "CreateTime",
    "ChargeType",
    "NetworkAttributes",
    "PrepaidAttributes",
    "ExtraInfo",
    "ConfigId",
    "Tags",
    "Isolation",
    "SecurityGroup",
    "LoadBalancerPassToTarget",
    "Domains",
    "SlaveZone",
    "Zones",
    "LoadBalancerDomain",
    "Egress",
    "AttributeFlags",
    "SlaType",
    "Exclusive",
    "AvailableZoneAffinityInfo",
];

/// One row.
#[derive(Clone, Copy)]
struct Row<'a> {
    load_balancer: &'a LoadBalancer,
    listener: Option<&'a Listener>,
    target: Option<&'a Binding>,
}

pub(super) fn describe(
    call: &Call<'_>,
    request: clb::DescribeLoadBalancersDetail,
) -> Result<clb::DescribeLoadBalancersDetailReply, Fault> {
    let number = |given: Option<u64>| given.map(|given| i64::try_from(given).unwrap_or(i64::MAX));
    let page = Page::check(number(request.offset), number(request.limit), 20, 100, Rule::LbDescribeLimitMax100)?;
    let fields = request.fields.unwrap_or_default();
    let filters = request.filters.unwrap_or_default();
    check_filters(&filters)?;
    let depth = check_fields(&fields, request.target_type.as_deref())?;
    call.in_region(|world, region| {
        let ids = filters.iter().find(|filter| filter.name == "loadbalancer-id").map(|filter| filter.values.as_slice());
        let found = candidates(region, ids)
            .into_iter()
            .filter(|it| filters.iter().all(|filter| passes(it, filter, region, world)));
        let rows: Vec<Row<'_>> = found.flat_map(|it| depth.rows(it)).collect();
        let total_count = rows.len() as u64;
        let view = |row| view(row, &fields, region, world);
        Ok(clb::DescribeLoadBalancersDetailReply {
            total_count,
            load_balancer_detail_set: page.of(rows).into_iter().map(view).collect(),
        })
    })
}

/// How far a row goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Depth {
    LoadBalancer,
    Listener,
    Target,
}

impl Depth {
    fn rows(self, load_balancer: &LoadBalancer) -> Vec<Row<'_>> {
        let mut rows = Vec::new();
        if self != Self::LoadBalancer {
            for listener in load_balancer.listeners() {
                let row = Row { load_balancer, listener: Some(listener), target: None };
                if self == Self::Target {
                    rows.extend(listener.bindings().iter().map(|target| Row { target: Some(target), ..row }));
                }
                if self == Self::Listener || listener.bindings().is_empty() {
                    rows.push(row);
                }
            }
        }
        if rows.is_empty() {
            rows.push(Row { load_balancer, listener: None, target: None });
        }
        rows
    }
}

fn check_filters(filters: &[clb::Filter]) -> Result<(), Refusal> {
    if filters.len() > MOST_FILTERS || filters.iter().any(|filter| filter.values.len() > MOST_FILTER_VALUES) {
        return Err(Refusal::new(Rule::LbDescribeFiltersMax10).at(Field::Filters).given(filters.len()));
    }
    let known = |name: &str| FILTERS.contains(&name) || name.starts_with("tag:");
    match filters.iter().enumerate().find(|(_, filter)| !known(&filter.name)) {
        None => Ok(()),
        Some((index, filter)) => {
            Err(Refusal::new(Rule::LbDetailFilterNames).at(Field::Filters).nth(index).given(&filter.name))
        }
    }
}

/// How far the rows of these fields go.
fn check_fields(fields: &[String], target_type: Option<&str>) -> Result<Depth, Refusal> {
    let mut depth = Depth::LoadBalancer;
    for (index, field) in fields.iter().enumerate() {
        let field = field.as_str();
        if OF_TARGET.contains(&field) {
            depth = Depth::Target;
        } else if OF_LISTENER.contains(&field) {
            depth = if depth == Depth::Target { depth } else { Depth::Listener };
        } else if !OF_LOAD_BALANCER.contains(&field) {
            return Err(Refusal::new(Rule::LbDetailFields).at(Field::DetailFields).nth(index).given(field));
        }
    }
    match target_type {
        None if depth == Depth::LoadBalancer => Ok(depth),
        Some("NODE") => Ok(depth),
        // There are no target groups, so no target of one.
        Some("GROUP") => Ok(if depth == Depth::Target { Depth::Listener } else { depth }),
        other => Err(Refusal::new(Rule::LbDetailTargetType).at(Field::TargetType).given(other.unwrap_or("none"))),
    }
}

fn passes(it: &LoadBalancer, filter: &clb::Filter, region: &Region, world: &World) -> bool {
    let any = |text: &str| filter.values.iter().any(|value| value == text);
    let vip = it.address().to_string();
    let name = ResourceName::load_balancer(&it.id);
    match filter.name.as_str() {
        "loadbalancer-id" => any(it.id.as_str()),
        "project-id" => any(&it.project_id.to_string()),
        "network" => any(network(it)),
        "vip" => any(&vip),
        "vpcid" => any(it.vpc_id().map_or("0", |id| id.as_str())),
        "zone" => filter.values.iter().any(|value| Zone::parse(&region.name, value) == Some(it.zone)),
        "target-ip" => it.listeners().flat_map(Listener::bindings).any(|bound| any(&bound.address.ip.to_string())),
        "tag-key" => world.tags(&name).any(|(key, _)| any(key)),
        "fuzzy-search" => {
            let texts = [it.name.as_str(), it.id.as_str(), &vip];
            filter.values.iter().any(|value| texts.iter().any(|text| text.contains(value.as_str())))
        }
        other => other
            .strip_prefix("tag:")
            .is_some_and(|wanted| world.tags(&name).any(|(key, value)| key == wanted && any(value))),
    }
}

fn network(it: &LoadBalancer) -> &'static str {
    match it.exposure {
        Exposure::Open => "Public",
        Exposure::Internal => "Private",
    }
}

/// The fields that are asked for; id and name always (INTL 214/38188).
fn view(row: Row<'_>, fields: &[String], region: &Region, world: &World) -> clb::LoadBalancerDetail {
    let Row { load_balancer: it, listener, target } = row;
    let mut detail = clb::LoadBalancerDetail {
        load_balancer_id: it.id.to_string(),
        load_balancer_name: it.name.clone(),
        ..clb::LoadBalancerDetail::default()
    };
    for field in fields {
        match field.as_str() {
            "LoadBalancerType" => detail.load_balancer_type = Some(network(it).to_owned()),
            "Status" => detail.status = Some(status(it)),
            "Address" => detail.address = it.ipv6.is_none().then(|| it.vip.to_string()),
            "AddressIPv6" => detail.address_ipv6 = it.ipv6.map(|address| address.to_string()),
            "AddressIPVersion" => {
                let version = if it.ip_version == IpVersion::V4 { "IPv4" } else { "IPv6" };
                detail.address_ip_version = Some(version.to_owned());
            }
            "IPv6Mode" => detail.ipv6_mode = ipv6_mode(it).map(str::to_owned),
            "Zone" => detail.zone = Some(it.zone.name(&region.name)),
            "AddressIsp" => detail.address_isp = Some(it.isp.clone()),
            "VpcId" => detail.vpc_id = Some(it.vpc_id().map(ToString::to_string).unwrap_or_default()),
            "ProjectId" => detail.project_id = Some(it.project_id),
            "CreateTime" => detail.create_time = Some(written::time(it.created_at)),
            "ChargeType" => detail.charge_type = Some(CHARGE_KIND.to_owned()),
            "NetworkAttributes" => detail.network_attributes = Some(network_attributes(it)),
            "ConfigId" => detail.config_id = Some(String::new()),
            "Tags" => detail.tags = Some(tags_of(it, world)),
            "Isolation" => detail.isolation = Some(0),
            "SecurityGroup" => {
                detail.security_group = Some(it.security_groups.iter().map(ToString::to_string).collect());
            }
            "LoadBalancerPassToTarget" => detail.load_balancer_pass_to_target = Some(u64::from(it.pass_to_target)),
            "SlaveZone" => detail.slave_zone = it.backup_zone.map(|zone| vec![zone.name(&region.name)]),
            "Zones" => detail.zones = zones(it, &region.name),
            "AttributeFlags" => detail.attribute_flags = Some(attribute_flags(it)),
            "SlaType" => detail.sla_type = Some(it.sla_type.clone()),
            "Exclusive" => detail.exclusive = Some(0),
            "ListenerId" => detail.listener_id = listener.map(|listener| listener.id.to_string()),
            "Protocol" => detail.protocol = listener.map(|it| it.protocol.word().to_owned()),
            "Port" => detail.port = listener.map(|listener| u64::from(listener.port)),
            "SniSwitch" => detail.sni_switch = listener.map(|_| 0),
            "TargetId" => detail.target_id = target.and_then(instance_id),
            "TargetAddress" => detail.target_address = target.map(|target| target.address.ip.to_string()),
            "TargetPort" => detail.target_port = target.map(|target| u64::from(target.address.port)),
            "TargetWeight" => detail.target_weight = target.map(|target| u64::from(target.weight)),
            "TargetHealth" => {
                detail.target_health =
                    listener.zip(target).map(|(it, target)| target_health::state(target, it).0.to_owned());
            }
            // What nothing here has: null, or empty where it is never null.
            _ => {}
        }
    }
    detail
}

fn instance_id(target: &Binding) -> Option<String> {
    match &target.key.backend {
        BackendRef::Instance(id) => Some(id.to_string()),
        BackendRef::Address(_) => None,
    }
}
