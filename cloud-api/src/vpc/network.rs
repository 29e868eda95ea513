//! VPCs, subnets, route tables and addresses.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::{Filter, Tag};
use crate::action::{Accepted, Opaque, actions};

actions! { Vpc:
    CreateVpc => CreateVpcReply;
    DescribeVpcs => DescribeVpcsReply;
    ModifyVpcAttribute => Accepted;
    DeleteVpc => Accepted;
    CreateAssistantCidr => AssistantCidrReply;
    ModifyAssistantCidr => AssistantCidrReply;
    DeleteAssistantCidr => Accepted;
    DescribeAssistantCidr => DescribeAssistantCidrReply;
    CreateSubnet => CreateSubnetReply;
    DescribeSubnets => DescribeSubnetsReply;
    ModifySubnetAttribute => Accepted;
    DeleteSubnet => Accepted;
    DescribeRouteTables => DescribeRouteTablesReply;
    ReplaceRouteTableAssociation => Accepted;
    DescribeAddresses => DescribeAddressesReply;
}

/// Makes a VPC.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct CreateVpc {
    /// VPC name, at most 60 bytes.
    pub vpc_name: String,
    /// DualStack or IPv6Only.
    pub stack_type: Option<String>,
    /// Inside 10.0.0.0/12, 172.16.0.0/12 or 192.168.0.0/16; masks 12/16 to 28.
    pub cidr_block: Option<String>,
    /// IPv6 CIDR.
    pub ipv6_cidr_block: Option<String>,
    /// GUA or ULA.
    pub address_type: Option<String>,
    /// Multicast flag, true or false as text.
    pub enable_multicast: Option<String>,
    /// DNS servers, at most 4.
    pub dns_servers: Option<Vec<String>>,
    /// DHCP domain.
    pub domain_name: Option<String>,
    /// Tag list.
    pub tags: Option<Vec<Tag>>,
    /// CCN publish policy.
    pub enable_route_vpc_publish: Option<bool>,
    /// CCN publish policy IPv6.
    pub enable_route_vpc_publish_ipv6: Option<bool>,
}

/// What [`CreateVpc`] answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct CreateVpcReply {
    /// The VPC.
    pub vpc: Vpc,
}

/// Lists VPCs.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeVpcs {
    /// VPC ids, at most 100; exclusive with Filters.
    pub vpc_ids: Option<Vec<String>>,
    /// vpc-name, is-default, vpc-id, cidr-block, tag-key, tag:KEY,.
    pub filters: Option<Vec<Filter>>,
    /// Offset (string for security groups, VPCs and subnets), default 0.
    pub offset: Option<String>,
    /// Page size (string for security groups, VPCs and subnets), default 20, max 100.
    pub limit: Option<String>,
}

/// What [`DescribeVpcs`] answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct DescribeVpcsReply {
    /// Number of matches before paging.
    pub total_count: u64,
    /// VPCs.
    pub vpc_set: Vec<Vpc>,
}

/// Changes a VPC; what is left out stays.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ModifyVpcAttribute {
    /// VPC id `vpc-xxxxxxxx`.
    pub vpc_id: String,
    /// VPC name, at most 60 bytes.
    pub vpc_name: Option<String>,
    /// Multicast flag, true or false as text.
    pub enable_multicast: Option<String>,
    /// DNS servers, at most 4.
    pub dns_servers: Option<Vec<String>>,
    /// DHCP domain.
    pub domain_name: Option<String>,
    /// Publish of dedicated cluster subnets to CCN.
    pub enable_cdc_publish: Option<bool>,
    /// CCN publish policy.
    pub enable_route_vpc_publish: Option<bool>,
    /// CCN publish policy IPv6.
    pub enable_route_vpc_publish_ipv6: Option<bool>,
}

/// Deletes a VPC.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DeleteVpc {
    /// VPC id `vpc-xxxxxxxx`.
    pub vpc_id: String,
}

/// Gives a VPC further CIDRs.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct CreateAssistantCidr {
    /// VPC id `vpc-xxxxxxxx`.
    pub vpc_id: String,
    /// CIDRs.
    pub cidr_blocks: Vec<String>,
}

/// Gives a VPC further CIDRs and takes others away.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ModifyAssistantCidr {
    /// VPC id `vpc-xxxxxxxx`.
    pub vpc_id: String,
    /// CIDRs to add.
    pub new_cidr_blocks: Option<Vec<String>>,
    /// CIDRs to take away.
    pub old_cidr_blocks: Option<Vec<String>>,
}

/// What [`CreateAssistantCidr`] and [`ModifyAssistantCidr`] answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct AssistantCidrReply {
    /// The further CIDRs of the VPC.
    pub assistant_cidr_set: Vec<AssistantCidr>,
}

/// Takes further CIDRs of a VPC away.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DeleteAssistantCidr {
    /// VPC id `vpc-xxxxxxxx`.
    pub vpc_id: String,
    /// CIDRs.
    pub cidr_blocks: Vec<String>,
}

/// Lists further CIDRs.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeAssistantCidr {
    /// VPC ids, at most 100; exclusive with Filters.
    pub vpc_ids: Option<Vec<String>>,
    /// vpc-id.
    pub filters: Option<Vec<Filter>>,
    /// Offset, default 0.
    pub offset: Option<i64>,
    /// Page size, default 20, max 100.
    pub limit: Option<i64>,
}

/// What [`DescribeAssistantCidr`] answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct DescribeAssistantCidrReply {
    /// Further CIDRs.
    pub assistant_cidr_set: Vec<AssistantCidr>,
    /// Number of matches before paging.
    pub total_count: u64,
}

/// Makes a subnet.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct CreateSubnet {
    /// VPC id `vpc-xxxxxxxx`.
    pub vpc_id: String,
    /// Subnet name, at most 60 bytes.
    pub subnet_name: String,
    /// Zone name such as ap-guangzhou-3.
    pub zone: String,
    /// DualStack or IPv6Only.
    pub stack_type: Option<String>,
    /// Inside the VPC, no overlap, masks 16-28.
    pub cidr_block: Option<String>,
    /// IPv6 CIDR.
    pub ipv6_cidr_block: Option<String>,
    /// Tag list.
    pub tags: Option<Vec<Tag>>,
    /// Dedicated cluster id.
    pub cdc_id: Option<String>,
}

/// What [`CreateSubnet`] answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct CreateSubnetReply {
    /// The subnet.
    pub subnet: Subnet,
}

/// Lists subnets.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeSubnets {
    /// Subnet ids, at most 100.
    pub subnet_ids: Option<Vec<String>>,
    /// subnet-id, vpc-id, cidr-block, is-default, subnet-name, zone, tag-key, tag:KEY,.
    pub filters: Option<Vec<Filter>>,
    /// Offset (string for security groups, VPCs and subnets), default 0.
    pub offset: Option<String>,
    /// Page size (string for security groups, VPCs and subnets), default 20, max 100.
    pub limit: Option<String>,
    /// Token paging size.
    pub max_results: Option<u64>,
    /// Token paging cursor.
    pub next_token: Option<String>,
}

/// What [`DescribeSubnets`] answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct DescribeSubnetsReply {
    /// Number of matches before paging.
    pub total_count: u64,
    /// Subnets.
    pub subnet_set: Vec<Subnet>,
    /// Token paging cursor.
    pub next_token: Option<String>,
}

/// Changes a subnet; what is left out stays.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ModifySubnetAttribute {
    /// Subnet id `subnet-xxxxxxxx`.
    pub subnet_id: String,
    /// Subnet name, at most 60 bytes.
    pub subnet_name: Option<String>,
    /// Broadcast flag, true or false as text.
    pub enable_broadcast: Option<String>,
}

/// Deletes a subnet.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DeleteSubnet {
    /// Subnet id `subnet-xxxxxxxx`.
    pub subnet_id: String,
}

/// Lists route tables.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeRouteTables {
    /// Route table ids, at most 100; exclusive with Filters.
    pub route_table_ids: Option<Vec<String>>,
    /// route-table-id, route-table-name, vpc-id, association.main, tag-key, tag:KEY.
    pub filters: Option<Vec<Filter>>,
    /// Offset (string), default 0.
    pub offset: Option<String>,
    /// Page size (string), default 20, max 100.
    pub limit: Option<String>,
    /// Whether to answer with the routes, default true.
    pub need_router_info: Option<bool>,
}

/// What [`DescribeRouteTables`] answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct DescribeRouteTablesReply {
    /// Number of matches before paging.
    pub total_count: u64,
    /// Route tables.
    pub route_table_set: Vec<RouteTable>,
}

/// Gives a subnet another route table.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ReplaceRouteTableAssociation {
    /// Subnet id `subnet-xxxxxxxx`.
    pub subnet_id: String,
    /// Route table id `rtb-xxxxxxxx`.
    pub route_table_id: String,
}

/// Lists elastic IP addresses.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeAddresses {
    /// EIP ids, at most 100.
    pub address_ids: Option<Vec<String>>,
    /// instance-id, address-id, address-ip, address-status and others.
    pub filters: Option<Vec<Filter>>,
    /// Offset, default 0.
    pub offset: Option<i64>,
    /// Page size, default 20, max 100.
    pub limit: Option<i64>,
}

/// What [`DescribeAddresses`] answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct DescribeAddressesReply {
    /// Number of matches before paging.
    pub total_count: i64,
    /// Addresses.
    pub address_set: Vec<Opaque>,
}

/// A VPC.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Vpc {
    /// VPC name, at most 60 bytes.
    pub vpc_name: String,
    /// VPC id `vpc-xxxxxxxx`.
    pub vpc_id: String,
    /// IPv4 CIDR.
    pub cidr_block: String,
    /// Default flag.
    pub is_default: bool,
    /// Multicast flag.
    pub enable_multicast: bool,
    /// Creation time.
    pub created_time: String,
    /// DNS servers.
    pub dns_server_set: Vec<String>,
    /// DHCP domain.
    pub domain_name: String,
    /// DHCP option set.
    pub dhcp_options_id: String,
    /// DHCP flag.
    pub enable_dhcp: bool,
    /// IPv6 CIDR.
    pub ipv6_cidr_block: String,
    /// Tags {Key,Value}.
    pub tag_set: Vec<Tag>,
    /// Secondary CIDRs.
    pub assistant_cidr_set: Vec<AssistantCidr>,
    /// CCN publish policy.
    pub enable_route_vpc_publish: bool,
    /// IPv6 CIDRs by ISP.
    pub ipv6_cidr_block_set: Vec<Opaque>,
    /// CCN publish policy IPv6.
    pub enable_route_vpc_publish_ipv6: Option<bool>,
    /// DualStack or IPv6Only.
    pub stack_type: Option<String>,
}

/// A further CIDR of a VPC.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct AssistantCidr {
    /// VPC id `vpc-xxxxxxxx`.
    pub vpc_id: String,
    /// IPv4 CIDR.
    pub cidr_block: String,
    /// 0 ordinary, 1 for containers.
    pub assistant_type: i64,
    /// Subnets in it.
    pub subnet_set: Vec<Subnet>,
}

/// A subnet.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Subnet {
    /// VPC id `vpc-xxxxxxxx`.
    pub vpc_id: Option<String>,
    /// Subnet id `subnet-xxxxxxxx`.
    pub subnet_id: Option<String>,
    /// Subnet name, at most 60 bytes.
    pub subnet_name: Option<String>,
    /// IPv4 CIDR.
    pub cidr_block: Option<String>,
    /// Default flag.
    pub is_default: Option<bool>,
    /// Broadcast flag.
    pub enable_broadcast: Option<bool>,
    /// Zone name such as ap-guangzhou-3.
    pub zone: Option<String>,
    /// Route table id.
    pub route_table_id: Option<String>,
    /// Creation time.
    pub created_time: Option<String>,
    /// Free IPv4 addresses.
    pub available_ip_address_count: Option<u64>,
    /// IPv6 CIDR.
    pub ipv6_cidr_block: Option<String>,
    /// ACL id.
    pub network_acl_id: Option<String>,
    /// SNAT pool flag.
    pub is_remote_vpc_snat: Option<bool>,
    /// All IPv4 addresses.
    pub total_ip_address_count: Option<u64>,
    /// Tags {Key,Value}.
    pub tag_set: Option<Vec<Tag>>,
    /// Dedicated cluster id.
    pub cdc_id: Option<String>,
    /// CDC flag.
    pub is_cdc_subnet: Option<i64>,
    /// DualStack or IPv6Only.
    pub stack_type: Option<String>,
}

/// A route table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct RouteTable {
    /// VPC id `vpc-xxxxxxxx`.
    pub vpc_id: String,
    /// Route table id `rtb-xxxxxxxx`.
    pub route_table_id: String,
    /// Its name.
    pub route_table_name: String,
    /// Subnets that use it.
    pub association_set: Vec<RouteTableAssociation>,
    /// Its IPv4 routes.
    pub route_set: Vec<Route>,
    /// Whether it is the main one of its VPC.
    pub main: bool,
    /// Creation time.
    pub created_time: String,
    /// Tags {Key,Value}.
    pub tag_set: Vec<Tag>,
    /// Whether local routes are published to CCN.
    pub local_cidr_for_ccn: Vec<Opaque>,
}

/// A subnet and its route table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct RouteTableAssociation {
    /// Subnet id `subnet-xxxxxxxx`.
    pub subnet_id: String,
    /// Route table id `rtb-xxxxxxxx`.
    pub route_table_id: String,
}

/// A route.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Route {
    /// Where it goes to.
    pub destination_cidr_block: String,
    /// Kind of the next hop.
    pub gateway_type: String,
    /// The next hop.
    pub gateway_id: String,
    /// Its number.
    pub route_id: u64,
    /// Remark.
    pub route_description: String,
    /// Whether it is on.
    pub enabled: bool,
    /// USER, NETD or CCN.
    pub route_type: String,
    /// Route table id `rtb-xxxxxxxx`.
    pub route_table_id: String,
    /// Where it goes to, IPv6.
    pub destination_ipv6_cidr_block: String,
    /// Its id.
    pub route_item_id: String,
    /// Whether it is published to CCN.
    pub published_to_vbc: bool,
    /// Creation time.
    pub created_time: String,
}
