//! VPCs, subnets, their route tables and elastic addresses: decode, ask, answer. There are no elastic addresses, so the
//! answer about them is always empty.

use clb_cloud_api::action::Accepted;
use clb_cloud_api::vpc;
use clb_model::network::{Subnet, SubnetChange, SubnetDraft, Vpc, VpcChange, VpcDraft};
use clb_model::refusal::{Field, Refusal};
use clb_model::region::Region;
use clb_model::rules::Rule;
use clb_model::tag::ResourceName;
use clb_model::world::World;

use super::listing::{Listed, Listing, MOST_IDS, shown_tags, tags};
use super::refusal::Fault;
use super::written::{self, Page};
use super::{Call, not_served};

/// Filters of DescribeAddresses (SDK); `tag:<key>` besides.
const ADDRESS_FILTERS: [&str; 13] = [
    "address-id",
    "address-name",
    "address-ip",
    "address-status",
    "instance-id",
    "private-ip-address",
    "network-interface-id",
    "is-arrears",
    "address-type",
    "address-isp",
    "dedicated-cluster-id",
    "tag-key",
    "tag-value",
];
const MOST_ADDRESS_FILTERS: usize = 10;
const MOST_ADDRESS_FILTER_VALUES: usize = 100;

/// Only what has IPv4 is simulated.
fn only_ipv4(stack: Option<&String>, ipv6_cidr: Option<&String>) -> Result<(), Fault> {
    let given = |text: Option<&String>| text.is_some_and(|text| !text.is_empty());
    not_served(&[
        ("StackType IPv6Only", stack.is_some_and(|stack| stack == "IPv6Only")),
        ("Ipv6CidrBlock", given(ipv6_cidr)),
    ])
}

pub(super) fn create_vpc(call: &Call<'_>, request: vpc::CreateVpc) -> Result<vpc::CreateVpcReply, Fault> {
    only_ipv4(request.stack_type.as_ref(), request.ipv6_cidr_block.as_ref())?;
    not_served(&[
        ("AddressType", request.address_type.as_ref().is_some_and(|kind| !kind.is_empty())),
        ("EnableRouteVpcPublish", request.enable_route_vpc_publish == Some(true)),
        ("EnableRouteVpcPublishIpv6", request.enable_route_vpc_publish_ipv6 == Some(true)),
    ])?;
    let draft = VpcDraft {
        name: request.vpc_name,
        cidr: request.cidr_block,
        multicast: request.enable_multicast,
        dns_servers: request.dns_servers.unwrap_or_default(),
        domain_name: request.domain_name,
        tags: tags(request.tags)?,
    };
    let vpc = call.write(|world, occasion| {
        let id = world.create_vpc(call.region, &draft, occasion)?;
        let created = world.region(call.region)?.network.known_vpc(id.as_str(), Rule::VpcMustExist)?;
        Ok(view_vpc(created, world))
    })?;
    Ok(vpc::CreateVpcReply { vpc })
}

pub(super) fn describe_vpcs(call: &Call<'_>, request: vpc::DescribeVpcs) -> Result<vpc::DescribeVpcsReply, Fault> {
    let listed = Listing {
        ids: request.vpc_ids,
        filters: request.filters,
        known: &["vpc-id", "vpc-name", "cidr-block", "is-default"],
        offset: request.offset.as_deref(),
        limit: request.limit.as_deref(),
    }
    .check()?;
    call.in_region(|world, region| {
        let says = |it: &Vpc, filter: &str| match filter {
            "vpc-id" => it.id.to_string(),
            "vpc-name" => it.name.clone(),
            "cidr-block" => it.cidr.to_string(),
            _ => it.is_default.to_string(),
        };
        let wanted = |it: &&Vpc| listed.wants(&ResourceName::vpc(&it.id), world, |filter| says(it, filter));
        let found: Vec<&Vpc> = region.network.vpcs().filter(wanted).collect();
        Ok(vpc::DescribeVpcsReply {
            total_count: found.len() as u64,
            vpc_set: listed.page.of(found).into_iter().map(|it| view_vpc(it, world)).collect(),
        })
    })
}

pub(super) fn modify_vpc(call: &Call<'_>, request: vpc::ModifyVpcAttribute) -> Result<Accepted, Fault> {
    not_served(&[
        ("EnableCdcPublish", request.enable_cdc_publish == Some(true)),
        ("EnableRouteVpcPublish", request.enable_route_vpc_publish == Some(true)),
        ("EnableRouteVpcPublishIpv6", request.enable_route_vpc_publish_ipv6 == Some(true)),
    ])?;
    let change = VpcChange {
        name: request.vpc_name,
        multicast: request.enable_multicast,
        dns_servers: request.dns_servers,
        domain_name: request.domain_name,
    };
    call.write(|world, _| world.modify_vpc(call.region, &request.vpc_id, &change))?;
    Ok(Accepted {})
}

pub(super) fn delete_vpc(call: &Call<'_>, request: vpc::DeleteVpc) -> Result<Accepted, Fault> {
    call.write(|world, _| world.delete_vpc(call.region, &request.vpc_id))?;
    Ok(Accepted {})
}

fn view_vpc(it: &Vpc, world: &World) -> vpc::Vpc {
    vpc::Vpc {
        vpc_name: it.name.clone(),
        vpc_id: it.id.to_string(),
        cidr_block: it.cidr.to_string(),
        is_default: it.is_default,
        enable_multicast: it.multicast,
        created_time: written::time(it.created_at),
        dns_server_set: it.dns_servers.iter().map(ToString::to_string).collect(),
        domain_name: it.domain_name.clone(),
        enable_dhcp: true,
        tag_set: shown_tags(&ResourceName::vpc(&it.id), world),
        assistant_cidr_set: view_assistants(it),
        enable_route_vpc_publish_ipv6: Some(false),
        stack_type: Some("DualStack".to_owned()),
        ..vpc::Vpc::default()
    }
}

fn view_assistants(it: &Vpc) -> Vec<vpc::AssistantCidr> {
    let view = |range: &clb_model::address_range::AddressRange| vpc::AssistantCidr {
        vpc_id: it.id.to_string(),
        cidr_block: range.to_string(),
        ..vpc::AssistantCidr::default()
    };
    it.assistant_cidrs.iter().map(view).collect()
}

fn modify_assistants(
    call: &Call<'_>,
    vpc_id: &str,
    add: &[String],
    remove: &[String],
) -> Result<vpc::AssistantCidrReply, Fault> {
    let assistant_cidr_set = call.write(|world, _| {
        world.modify_assistant_cidrs(call.region, vpc_id, add, remove)?;
        let vpc = world.region(call.region)?.network.known_vpc(vpc_id, Rule::VpcMustExist)?;
        Ok(view_assistants(vpc))
    })?;
    Ok(vpc::AssistantCidrReply { assistant_cidr_set })
}

pub(super) fn create_assistants(
    call: &Call<'_>,
    request: vpc::CreateAssistantCidr,
) -> Result<vpc::AssistantCidrReply, Fault> {
    modify_assistants(call, &request.vpc_id, &request.cidr_blocks, &[])
}

pub(super) fn change_assistants(
    call: &Call<'_>,
    request: vpc::ModifyAssistantCidr,
) -> Result<vpc::AssistantCidrReply, Fault> {
    let (add, remove) = (request.new_cidr_blocks.unwrap_or_default(), request.old_cidr_blocks.unwrap_or_default());
    modify_assistants(call, &request.vpc_id, &add, &remove)
}

pub(super) fn delete_assistants(call: &Call<'_>, request: vpc::DeleteAssistantCidr) -> Result<Accepted, Fault> {
    modify_assistants(call, &request.vpc_id, &[], &request.cidr_blocks)?;
    Ok(Accepted {})
}

pub(super) fn describe_assistants(
    call: &Call<'_>,
    request: vpc::DescribeAssistantCidr,
) -> Result<vpc::DescribeAssistantCidrReply, Fault> {
    let page = Page::check(request.offset, request.limit, 20, 100, Rule::VpcPagingStrings)?;
    let listed = Listed::check(request.vpc_ids, request.filters, &["vpc-id"], page)?;
    call.in_region(|world, region| {
        let wanted = |it: &&Vpc| listed.wants(&ResourceName::vpc(&it.id), world, |_| it.id.to_string());
        let found: Vec<_> = region.network.vpcs().filter(wanted).flat_map(view_assistants).collect();
        Ok(vpc::DescribeAssistantCidrReply {
            total_count: found.len() as u64,
            assistant_cidr_set: listed.page.of(found),
        })
    })
}

pub(super) fn create_subnet(call: &Call<'_>, request: vpc::CreateSubnet) -> Result<vpc::CreateSubnetReply, Fault> {
    only_ipv4(request.stack_type.as_ref(), request.ipv6_cidr_block.as_ref())?;
    not_served(&[("CdcId", request.cdc_id.as_ref().is_some_and(|id| !id.is_empty()))])?;
    let draft = SubnetDraft {
        vpc_id: request.vpc_id,
        name: request.subnet_name,
        cidr: request.cidr_block,
        zone: request.zone,
        tags: tags(request.tags)?,
    };
    let subnet = call.write(|world, occasion| {
        let id = world.create_subnet(call.region, &draft, occasion)?;
        let region = world.region(call.region)?;
        Ok(view_subnet(region.network.known_subnet(id.as_str(), Rule::VpcMustExist)?, region, world))
    })?;
    Ok(vpc::CreateSubnetReply { subnet })
}

pub(super) fn describe_subnets(
    call: &Call<'_>,
    request: vpc::DescribeSubnets,
) -> Result<vpc::DescribeSubnetsReply, Fault> {
    let (offset, limit) = tokens(&request);
    let listed = Listing {
        ids: request.subnet_ids,
        filters: request.filters,
        known: &["subnet-id", "vpc-id", "cidr-block", "is-default", "is-remote-vpc-snat", "subnet-name", "zone"],
        offset: offset.as_deref(),
        limit: limit.as_deref(),
    }
    .check()?;
    call.in_region(|world, region| {
        let says = |it: &Subnet, filter: &str| match filter {
            "subnet-id" => it.id.to_string(),
            "vpc-id" => it.vpc_id.to_string(),
            "cidr-block" => it.cidr.to_string(),
            "subnet-name" => it.name.clone(),
            "zone" => it.zone.clone(),
            _ => "false".to_owned(),
        };
        let wanted = |it: &&Subnet| listed.wants(&ResourceName::subnet(&it.id), world, |filter| says(it, filter));
        let found: Vec<&Subnet> = region.network.subnets().filter(wanted).collect();
        let next = listed.page.next(found.len()).filter(|_| request.max_results.is_some());
        Ok(vpc::DescribeSubnetsReply {
            total_count: found.len() as u64,
            subnet_set: listed.page.of(found).into_iter().map(|it| view_subnet(it, region, world)).collect(),
            next_token: Some(next.map(|next| next.to_string()).unwrap_or_default()),
        })
    })
}

/// Offset and limit of a question. A token is the offset of the next page; the platform's look differently.
fn tokens(request: &vpc::DescribeSubnets) -> (Option<String>, Option<String>) {
    let token = request.next_token.clone().filter(|token| !token.is_empty());
    let most = request.max_results.map(|most| most.to_string());
    (token.or_else(|| request.offset.clone()), most.or_else(|| request.limit.clone()))
}

pub(super) fn modify_subnet(call: &Call<'_>, request: vpc::ModifySubnetAttribute) -> Result<Accepted, Fault> {
    let change = SubnetChange { name: request.subnet_name, broadcast: request.enable_broadcast };
    call.write(|world, _| world.modify_subnet(call.region, &request.subnet_id, &change))?;
    Ok(Accepted {})
}

pub(super) fn delete_subnet(call: &Call<'_>, request: vpc::DeleteSubnet) -> Result<Accepted, Fault> {
    call.write(|world, _| world.delete_subnet(call.region, &request.subnet_id))?;
    Ok(Accepted {})
}

fn view_subnet(it: &Subnet, region: &Region, world: &World) -> vpc::Subnet {
    let (total, free) = region.addresses_of(it);
    let route_table = region.network.vpc(it.vpc_id.as_str()).map(Vpc::main_route_table);
    vpc::Subnet {
        vpc_id: Some(it.vpc_id.to_string()),
        subnet_id: Some(it.id.to_string()),
        subnet_name: Some(it.name.clone()),
        cidr_block: Some(it.cidr.to_string()),
        is_default: Some(false),
        enable_broadcast: Some(it.broadcast),
        zone: Some(it.zone.clone()),
        route_table_id: Some(route_table.map(|table| table.to_string()).unwrap_or_default()),
        created_time: Some(written::time(it.created_at)),
        available_ip_address_count: Some(free),
        ipv6_cidr_block: Some(String::new()),
        network_acl_id: Some(String::new()),
        is_remote_vpc_snat: Some(false),
        total_ip_address_count: Some(total),
        tag_set: Some(shown_tags(&ResourceName::subnet(&it.id), world)),
        cdc_id: Some(String::new()),
        is_cdc_subnet: Some(0),
        stack_type: Some("DualStack".to_owned()),
    }
}

pub(super) fn describe_route_tables(
    call: &Call<'_>,
    request: vpc::DescribeRouteTables,
) -> Result<vpc::DescribeRouteTablesReply, Fault> {
    let listed = Listing {
        ids: request.route_table_ids,
        filters: request.filters,
        known: &["route-table-id", "route-table-name", "vpc-id", "association.main"],
        offset: request.offset.as_deref(),
        limit: request.limit.as_deref(),
    }
    .check()?;
    call.in_region(|world, region| {
        let wanted = |table: &vpc::RouteTable| {
            let name = ResourceName { service: "vpc".into(), prefix: "rtb".into(), id: table.route_table_id.clone() };
            listed.wants(&name, world, |filter| match filter {
                "route-table-id" => table.route_table_id.clone(),
                "route-table-name" => table.route_table_name.clone(),
                "vpc-id" => table.vpc_id.clone(),
                _ => table.main.to_string(),
            })
        };
        let tables = region.network.vpcs().map(|vpc| view_route_table(vpc, region));
        let found: Vec<_> = tables.filter(wanted).collect();
        Ok(vpc::DescribeRouteTablesReply { total_count: found.len() as u64, route_table_set: listed.page.of(found) })
    })
}

/// The main route table of a VPC. It has no routes of its own: the local one is not among those that the API lists.
fn view_route_table(vpc: &Vpc, region: &Region) -> vpc::RouteTable {
    let id = vpc.main_route_table().to_string();
    let association =
        |subnet: &Subnet| vpc::RouteTableAssociation { subnet_id: subnet.id.to_string(), route_table_id: id.clone() };
    vpc::RouteTable {
        vpc_id: vpc.id.to_string(),
        route_table_id: id.clone(),
        route_table_name: "default".to_owned(),
        association_set: region.network.subnets_of(&vpc.id).map(association).collect(),
        main: true,
        created_time: written::time(vpc.created_at),
        ..vpc::RouteTable::default()
    }
}

pub(super) fn replace_route_table(
    call: &Call<'_>,
    request: vpc::ReplaceRouteTableAssociation,
) -> Result<Accepted, Fault> {
    call.write(|world, _| world.replace_route_table(call.region, &request.subnet_id, &request.route_table_id))?;
    Ok(Accepted {})
}

pub(super) fn describe_addresses(
    call: &Call<'_>,
    request: vpc::DescribeAddresses,
) -> Result<vpc::DescribeAddressesReply, Fault> {
    check_addresses(&request.address_ids.unwrap_or_default(), &request.filters.unwrap_or_default())?;
    Page::check(request.offset, request.limit, 20, 100, Rule::AddressLimitMax100)?;
    call.in_region(|_, _| Ok(vpc::DescribeAddressesReply { total_count: 0, address_set: Vec::new() }))
}

fn check_addresses(ids: &[String], filters: &[vpc::Filter]) -> Result<(), Refusal> {
    let by_id = filters.iter().position(|filter| filter.name == "address-id");
    if let Some(index) = by_id.filter(|_| !ids.is_empty()) {
        return Err(Refusal::new(Rule::VpcIdsAndFiltersExclusive).at(Field::Filters).nth(index));
    }
    if ids.len() > MOST_IDS {
        return Err(Refusal::new(Rule::AddressLimitMax100).at(Field::AddressIds).given(ids.len()));
    }
    if let Some(index) = ids.iter().position(|id| !clb_model::id::AddressId::is_well_formed(id)) {
        return Err(Refusal::new(Rule::AddressIdFormat).at(Field::AddressIds).nth(index).given(&ids[index]));
    }
    let most = filters.iter().map(|filter| filter.values.len()).max().unwrap_or(0);
    if filters.len() > MOST_ADDRESS_FILTERS || most > MOST_ADDRESS_FILTER_VALUES {
        return Err(Refusal::new(Rule::AddressFiltersMax10).at(Field::Filters).given(filters.len()));
    }
    let known = |name: &str| ADDRESS_FILTERS.contains(&name) || name.starts_with("tag:");
    match filters.iter().position(|filter| !known(&filter.name)) {
        None => Ok(()),
        Some(index) => {
            Err(Refusal::new(Rule::AddressFilterNames).at(Field::Filters).nth(index).given(&filters[index].name))
        }
    }
}
