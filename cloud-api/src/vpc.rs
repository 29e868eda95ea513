//! Networks (service `vpc`, version 2017-03-12): read VPCs, subnets and security groups.
//!
//! A trap of this service: `Offset` and `Limit` are strings.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::action::{Opaque, actions};

actions! { Vpc:
    DescribeVpcs => DescribeVpcsReply;
    DescribeSubnets => DescribeSubnetsReply;
    DescribeSecurityGroups => DescribeSecurityGroupsReply;
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

/// Lists security groups.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeSecurityGroups {
    /// Security group ids, at most 100; exclusive with Filters.
    pub security_group_ids: Option<Vec<String>>,
    /// security-group-id, project-id, security-group-name, tag-key, tag:KEY.
    pub filters: Option<Vec<Filter>>,
    /// Offset (string for security groups, VPCs and subnets), default 0.
    pub offset: Option<String>,
    /// Page size (string for security groups, VPCs and subnets), default 20, max 100.
    pub limit: Option<String>,
    /// CreatedTime or UpdateTime.
    pub order_field: Option<String>,
    /// ASC (default) or DESC.
    pub order_direction: Option<String>,
}

/// What [`DescribeSecurityGroups`] answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct DescribeSecurityGroupsReply {
    /// Security groups.
    pub security_group_set: Vec<SecurityGroup>,
    /// Number of matches before paging.
    pub total_count: u64,
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
    pub assistant_cidr_set: Option<Opaque>,
    /// CCN publish policy.
    pub enable_route_vpc_publish: bool,
    /// IPv6 CIDRs by ISP.
    pub ipv6_cidr_block_set: Option<Opaque>,
    /// CCN publish policy IPv6.
    pub enable_route_vpc_publish_ipv6: Option<bool>,
    /// DualStack or IPv6Only.
    pub stack_type: Option<String>,
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

/// A security group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct SecurityGroup {
    /// Security group id `sg-xxxxxxxx`.
    pub security_group_id: String,
    /// Name.
    pub security_group_name: String,
    /// Description.
    pub security_group_desc: String,
    /// Project id (string), default 0.
    pub project_id: String,
    /// Default flag.
    pub is_default: bool,
    /// Creation time.
    pub created_time: String,
    /// Tags {Key,Value}.
    pub tag_set: Vec<Tag>,
    /// Modification time.
    pub update_time: String,
}

/// A filter of a list.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Filter {
    /// Filter name.
    pub name: String,
    /// Filter values.
    pub values: Vec<String>,
}

/// A tag.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Tag {
    /// Tag key.
    pub key: String,
    /// Tag value.
    pub value: String,
}
