//! Instances and zones: reading them. Instances come from the seed; nothing makes one.

use clb_cloud_api::cvm;
use clb_model::id::InstanceId;
use clb_model::network::Instance;
use clb_model::refusal::{Field, Refusal};
use clb_model::rules::Rule;
use clb_model::tag::ResourceName;
use clb_model::world::World;

use super::listing::{MOST_IDS, passes_tags, shown_tags};
use super::refusal::Fault;
use super::written::{self, Page};
use super::{Call, asked_for};

/// Filters of DescribeInstances (SDK); `tag:<key>` besides.
const FILTERS: [&str; 15] = [
    "zone",
    "project-id",
    "host-id",
    "vpc-id",
    "subnet-id",
    "instance-id",
    "uuid",
    "security-group-id",
    "instance-name",
    "instance-charge-type",
    "instance-state",
    "private-ip-address",
    "public-ip-address",
    "tag-key",
    "tag-value",
];
const MOST_FILTERS: usize = 10;
const MOST_FILTER_VALUES: usize = 5;
const CHARGE_TYPE: &str = "POSTPAID_BY_HOUR";
const STATE: &str = "RUNNING";

pub(super) fn describe(call: &Call<'_>, request: cvm::DescribeInstances) -> Result<cvm::DescribeInstancesReply, Fault> {
    let ids = request.instance_ids.unwrap_or_default();
    let filters = request.filters.unwrap_or_default();
    check(&ids, &filters)?;
    let page = Page::check(request.offset, request.limit, 20, 100, Rule::CvmDescribeMax100)?;
    call.in_region(|world, region| {
        let wanted =
            |it: &&Instance| asked_for(&ids, it.id.as_str()) && filters.iter().all(|filter| passes(it, filter, world));
        let found: Vec<&Instance> = region.network.instances().filter(wanted).collect();
        Ok(cvm::DescribeInstancesReply {
            total_count: i64::try_from(found.len()).unwrap_or(i64::MAX),
            instance_set: page.of(found).into_iter().map(|it| view(it, world)).collect(),
        })
    })
}

fn check(ids: &[String], filters: &[cvm::Filter]) -> Result<(), Refusal> {
    if !ids.is_empty() && !filters.is_empty() {
        return Err(Refusal::new(Rule::CvmIdsAndFiltersExclusive).at(Field::Filters));
    }
    if ids.len() > MOST_IDS {
        return Err(Refusal::new(Rule::CvmDescribeMax100).at(Field::InstanceIds).given(ids.len()));
    }
    if let Some(index) = ids.iter().position(|id| !InstanceId::is_well_formed(id)) {
        return Err(Refusal::new(Rule::CvmIdFormat).at(Field::InstanceIds).nth(index).given(&ids[index]));
    }
    let most = filters.iter().map(|filter| filter.values.len()).max().unwrap_or(0);
    if filters.len() > MOST_FILTERS || most > MOST_FILTER_VALUES {
        let given = format!("{} filters, {most} values", filters.len());
        return Err(Refusal::new(Rule::CvmFiltersMax10).at(Field::Filters).given(given));
    }
    let known = |name: &str| FILTERS.contains(&name) || name.starts_with("tag:");
    match filters.iter().position(|filter| !known(&filter.name)) {
        None => Ok(()),
        Some(index) => {
            Err(Refusal::new(Rule::CvmFilterNames).at(Field::Filters).nth(index).given(&filters[index].name))
        }
    }
}

fn passes(it: &Instance, filter: &cvm::Filter, world: &World) -> bool {
    let given = |text: &str| filter.values.iter().any(|value| value == text);
    let by_tags = passes_tags(&filter.name, &ResourceName::instance(&it.id), world, given);
    by_tags.unwrap_or_else(|| match filter.name.as_str() {
        "instance-id" => given(it.id.as_str()),
        "instance-name" => given(&it.name),
        "vpc-id" => given(it.vpc_id.as_str()),
        "subnet-id" => given(it.subnet_id.as_str()),
        "private-ip-address" => given(&it.primary_ip.to_string()),
        "zone" => given(&it.zone),
        "project-id" => given("0"),
        "uuid" => given(&uuid(it)),
        "security-group-id" => it.security_groups.iter().any(|group| given(group.as_str())),
        "instance-charge-type" => given(CHARGE_TYPE),
        "instance-state" => given(STATE),
        // Nothing here has a public address or a host of its own.
        _ => false,
    })
}

/// An instance's UUID: the same one for the same id.
fn uuid(it: &Instance) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, it.id.as_str().as_bytes());
    let hex: String = digest.as_ref().iter().take(16).fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// What the seed does not say is that of a small machine without a public side.
fn view(it: &Instance, world: &World) -> cvm::Instance {
    let tags = shown_tags(&ResourceName::instance(&it.id), world);
    cvm::Instance {
        placement: cvm::Placement { zone: it.zone.clone(), project_id: 0 },
        instance_id: it.id.to_string(),
        instance_type: "S5.SMALL1".to_owned(),
        cpu: 1,
        memory: 1,
        restrict_state: "NORMAL".to_owned(),
        instance_name: it.name.clone(),
        instance_charge_type: CHARGE_TYPE.to_owned(),
        private_ip_addresses: vec![it.primary_ip.to_string()],
        internet_accessible: cvm::InternetAccessible {
            internet_charge_type: "TRAFFIC_POSTPAID_BY_HOUR".to_owned(),
            internet_max_bandwidth_out: 0,
            public_ip_assigned: Some(false),
            bandwidth_package_id: Some(String::new()),
        },
        virtual_private_cloud: cvm::VirtualPrivateCloud {
            vpc_id: it.vpc_id.to_string(),
            subnet_id: it.subnet_id.to_string(),
            as_vpc_gateway: false,
            private_ip_addresses: Some(vec![it.primary_ip.to_string()]),
            ipv6_address_count: Some(0),
        },
        image_id: "img-simulate".to_owned(),
        os_name: "Simulated".to_owned(),
        created_time: written::time(it.created_at),
        security_group_ids: it.security_groups.iter().map(ToString::to_string).collect(),
        instance_state: STATE.to_owned(),
        tags: tags.into_iter().map(|tag| cvm::Tag { key: tag.key, value: tag.value }).collect(),
        uuid: uuid(it),
        ..cvm::Instance::default()
    }
}

pub(super) fn describe_zones(call: &Call<'_>, _: cvm::DescribeZones) -> Result<cvm::DescribeZonesReply, Fault> {
    call.in_region(|_, region| {
        let view = |zone: clb_model::network::Zone| cvm::ZoneInfo {
            zone_name: format!("{} zone {}", region.name, zone.name.rsplit('-').next().unwrap_or_default()),
            zone: zone.name,
            zone_id: zone.number.to_string(),
            zone_state: "AVAILABLE".to_owned(),
        };
        let zone_set: Vec<_> = region.zones().map(view).collect();
        Ok(cvm::DescribeZonesReply { total_count: zone_set.len() as u64, zone_set })
    })
}
