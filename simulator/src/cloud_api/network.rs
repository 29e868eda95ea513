//! Network actions: reading VPCs, subnets and instances. Making them is not served.

use clb_cloud_api::{cvm, vpc};
use clb_model::id::InstanceId;
use clb_model::network::{Instance, Subnet, Vpc};
use clb_model::refusal::{Field, Refusal};
use clb_model::rules::Rule;

use super::refusal::Fault;
use super::written::{self, Page};
use super::{Call, asked_for};

const MOST_IDS: usize = 100;

/// A question for a list of network resources.
pub(super) struct Listing<'a> {
    pub ids: Vec<String>,
    pub filters: Vec<vpc::Filter>,
    /// The filters that are served.
    pub known: &'a [&'a str],
    /// Numbers that the API writes as strings.
    pub offset: Option<&'a str>,
    pub limit: Option<&'a str>,
}

/// A checked one.
pub(super) struct Listed {
    ids: Vec<String>,
    filters: Vec<vpc::Filter>,
    pub page: Page,
}

pub(super) fn listing(asked: Listing<'_>) -> Result<Listed, Refusal> {
    let Listing { ids, filters, .. } = asked;
    if !ids.is_empty() && !filters.is_empty() {
        return Err(Refusal::new(Rule::VpcIdsAndFiltersExclusive).at(Field::Filters));
    }
    if ids.len() > MOST_IDS {
        return Err(Refusal::new(Rule::VpcDescribeIdsMax100).at(Field::NetworkIds).given(ids.len()));
    }
    if let Some(index) = filters.iter().position(|filter| !asked.known.contains(&filter.name.as_str())) {
        return Err(Refusal::new(Rule::VpcFilterNames).at(Field::Filters).nth(index).given(&filters[index].name));
    }
    let number = |text: Option<&str>, field| {
        let refused = |text| Refusal::new(Rule::VpcPagingStrings).at(field).given(format_args!("{text:?}"));
        text.map(|text| text.parse::<i64>().map_err(|_| refused(text))).transpose()
    };
    let offset = number(asked.offset, Field::Offset)?;
    let limit = number(asked.limit, Field::Limit)?;
    Ok(Listed { ids, filters, page: Page::check(offset, limit, 20, 100, Rule::VpcPagingStrings)? })
}

impl Listed {
    /// Whether a resource is asked for: its id is, or what it says under each filter's name is.
    pub fn wants(&self, id: &str, says: impl Fn(&str) -> String) -> bool {
        asked_for(&self.ids, id) && self.filters.iter().all(|filter| filter.values.contains(&says(&filter.name)))
    }
}

pub(super) fn describe_vpcs(call: &Call<'_>, request: vpc::DescribeVpcs) -> Result<vpc::DescribeVpcsReply, Fault> {
    let listing = listing(Listing {
        ids: request.vpc_ids.unwrap_or_default(),
        filters: request.filters.unwrap_or_default(),
        known: &["vpc-id", "vpc-name", "cidr-block", "is-default"],
        offset: request.offset.as_deref(),
        limit: request.limit.as_deref(),
    })?;
    call.in_region(|_, region| {
        let says = |it: &Vpc, name: &str| match name {
            "vpc-id" => it.id.to_string(),
            "vpc-name" => it.name.clone(),
            "cidr-block" => it.cidr.clone(),
            _ => it.is_default.to_string(),
        };
        let found: Vec<&Vpc> =
            region.network.vpcs().filter(|it| listing.wants(it.id.as_str(), |name| says(it, name))).collect();
        Ok(vpc::DescribeVpcsReply {
            total_count: found.len() as u64,
            vpc_set: listing.page.of(found).into_iter().map(view_vpc).collect(),
        })
    })
}

fn view_vpc(it: &Vpc) -> vpc::Vpc {
    vpc::Vpc {
        vpc_name: it.name.clone(),
        vpc_id: it.id.to_string(),
        cidr_block: it.cidr.clone(),
        is_default: it.is_default,
        created_time: written::time(it.created_at),
        enable_dhcp: true,
        ..vpc::Vpc::default()
    }
}

pub(super) fn describe_subnets(
    call: &Call<'_>,
    request: vpc::DescribeSubnets,
) -> Result<vpc::DescribeSubnetsReply, Fault> {
    super::not_served(&[("MaxResults", request.max_results.is_some()), ("NextToken", request.next_token.is_some())])?;
    let listing = listing(Listing {
        ids: request.subnet_ids.unwrap_or_default(),
        filters: request.filters.unwrap_or_default(),
        known: &["subnet-id", "vpc-id", "cidr-block", "is-default", "subnet-name", "zone"],
        offset: request.offset.as_deref(),
        limit: request.limit.as_deref(),
    })?;
    call.in_region(|_, region| {
        let says = |it: &Subnet, name: &str| match name {
            "subnet-id" => it.id.to_string(),
            "vpc-id" => it.vpc_id.to_string(),
            "cidr-block" => it.cidr.clone(),
            "subnet-name" => it.name.clone(),
            "zone" => it.zone.clone(),
            _ => "false".to_owned(),
        };
        let found: Vec<&Subnet> =
            region.network.subnets().filter(|it| listing.wants(it.id.as_str(), |name| says(it, name))).collect();
        Ok(vpc::DescribeSubnetsReply {
            total_count: found.len() as u64,
            subnet_set: listing.page.of(found).into_iter().map(view_subnet).collect(),
            next_token: None,
        })
    })
}

fn view_subnet(it: &Subnet) -> vpc::Subnet {
    vpc::Subnet {
        vpc_id: Some(it.vpc_id.to_string()),
        subnet_id: Some(it.id.to_string()),
        subnet_name: Some(it.name.clone()),
        cidr_block: Some(it.cidr.clone()),
        is_default: Some(false),
        enable_broadcast: Some(false),
        zone: Some(it.zone.clone()),
        route_table_id: Some(String::new()),
        created_time: Some(written::time(it.created_at)),
        // How many addresses are free is not simulated; these are those of a /24.
        available_ip_address_count: Some(253),
        total_ip_address_count: Some(253),
        cdc_id: Some(String::new()),
        tag_set: Some(Vec::new()),
        ..vpc::Subnet::default()
    }
}

pub(super) fn describe_instances(
    call: &Call<'_>,
    request: cvm::DescribeInstances,
) -> Result<cvm::DescribeInstancesReply, Fault> {
    let ids = request.instance_ids.unwrap_or_default();
    let filters = request.filters.unwrap_or_default();
    check_instances(&ids, &filters)?;
    let page = Page::check(request.offset, request.limit, 20, 100, Rule::CvmDescribeMax100)?;
    call.in_region(|_, region| {
        let wanted = |it: &&Instance| {
            asked_for(&ids, it.id.as_str())
                && filters.iter().all(|filter| filter.values.contains(&says(it, &filter.name)))
        };
        let found: Vec<&Instance> = region.network.instances().filter(wanted).collect();
        Ok(cvm::DescribeInstancesReply {
            total_count: i64::try_from(found.len()).unwrap_or(i64::MAX),
            instance_set: page.of(found).into_iter().map(view_instance).collect(),
        })
    })
}

fn check_instances(ids: &[String], filters: &[cvm::Filter]) -> Result<(), Refusal> {
    const KNOWN: [&str; 6] = ["instance-id", "instance-name", "vpc-id", "subnet-id", "private-ip-address", "zone"];
    if !ids.is_empty() && !filters.is_empty() {
        return Err(Refusal::new(Rule::CvmIdsAndFiltersExclusive).at(Field::Filters));
    }
    if ids.len() > MOST_IDS {
        return Err(Refusal::new(Rule::CvmDescribeMax100).at(Field::InstanceIds).given(ids.len()));
    }
    if let Some(index) = ids.iter().position(|id| !InstanceId::is_well_formed(id)) {
        return Err(Refusal::new(Rule::CvmIdFormat).at(Field::InstanceIds).nth(index).given(&ids[index]));
    }
    match filters.iter().position(|filter| !KNOWN.contains(&filter.name.as_str())) {
        None => Ok(()),
        Some(index) => {
            Err(Refusal::new(Rule::CvmFilterNames).at(Field::Filters).nth(index).given(&filters[index].name))
        }
    }
}

/// What an instance says under a filter's name.
fn says(it: &Instance, name: &str) -> String {
    match name {
        "instance-id" => it.id.to_string(),
        "instance-name" => it.name.clone(),
        "vpc-id" => it.vpc_id.to_string(),
        "subnet-id" => it.subnet_id.to_string(),
        "private-ip-address" => it.primary_ip.to_string(),
        _ => it.zone.clone(),
    }
}

fn view_instance(it: &Instance) -> cvm::Instance {
    cvm::Instance {
        placement: cvm::Placement { zone: it.zone.clone(), project_id: 0 },
        instance_id: it.id.to_string(),
        instance_type: "S5.SMALL1".to_owned(),
        cpu: 1,
        memory: 1,
        restrict_state: "NORMAL".to_owned(),
        instance_name: it.name.clone(),
        instance_charge_type: "POSTPAID_BY_HOUR".to_owned(),
        private_ip_addresses: vec![it.primary_ip.to_string()],
        virtual_private_cloud: cvm::VirtualPrivateCloud {
            vpc_id: it.vpc_id.to_string(),
            subnet_id: it.subnet_id.to_string(),
            as_vpc_gateway: false,
            private_ip_addresses: None,
            ipv6_address_count: None,
        },
        created_time: written::time(it.created_at),
        security_group_ids: it.security_groups.iter().map(ToString::to_string).collect(),
        instance_state: "RUNNING".to_owned(),
        ..cvm::Instance::default()
    }
}
