//! Instances and zones (service `cvm`, version 2017-03-12): read them, to know what a backend's instance id stands for.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::action::actions;

actions! { Cvm:
    DescribeInstances => DescribeInstancesReply;
    DescribeZones => DescribeZonesReply;
}

/// Lists instances.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeInstances {
    /// Instance ids, at most 100; exclusive with Filters.
    pub instance_ids: Option<Vec<String>>,
    /// Filter list, each {Name, Values}.
    pub filters: Option<Vec<Filter>>,
    /// Page offset, default 0.
    pub offset: Option<i64>,
    /// Page size.
    pub limit: Option<i64>,
}

/// What [`DescribeInstances`] answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct DescribeInstancesReply {
    /// Number of matches before paging.
    pub total_count: i64,
    /// Instances.
    pub instance_set: Vec<Instance>,
}

/// An instance (the fields that matter to a load balancer).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Instance {
    /// Zone and project.
    pub placement: Placement,
    /// CVM id `ins-xxxxxxxx`.
    pub instance_id: String,
    /// Machine type.
    pub instance_type: String,
    /// Cores.
    #[serde(rename = "CPU")]
    pub cpu: i64,
    /// GiB.
    pub memory: i64,
    /// NORMAL, EXPIRED or PROTECTIVELY_ISOLATED.
    pub restrict_state: String,
    /// Instance name.
    pub instance_name: String,
    /// Billing type.
    pub instance_charge_type: String,
    /// Private IPs.
    pub private_ip_addresses: Vec<String>,
    /// Public IPs.
    pub public_ip_addresses: Option<Vec<String>>,
    /// Network billing and bandwidth.
    pub internet_accessible: InternetAccessible,
    /// VPC and subnet.
    pub virtual_private_cloud: VirtualPrivateCloud,
    /// Image.
    pub image_id: String,
    /// Creation time.
    pub created_time: String,
    /// Expiry.
    pub expired_time: String,
    /// OS.
    pub os_name: String,
    /// Security groups of the instance.
    pub security_group_ids: Vec<String>,
    /// RUNNING, STOPPED.
    pub instance_state: String,
    /// Tag list.
    pub tags: Vec<Tag>,
    /// Instance UUID.
    pub uuid: String,
    /// IPv6 addresses.
    #[serde(rename = "IPv6Addresses")]
    pub ipv6_addresses: Option<Vec<String>>,
}

/// Where an instance runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Placement {
    /// Zone name such as ap-guangzhou-3.
    pub zone: String,
    /// Project id, default 0.
    pub project_id: i64,
}

/// Billing and bandwidth of the public side.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct InternetAccessible {
    /// TRAFFIC_POSTPAID_BY_HOUR, BANDWIDTH_POSTPAID_BY_HOUR, BANDWIDTH_PACKAGE, BANDWIDTH_PREPAID.
    pub internet_charge_type: String,
    /// Mbps; default 10; 1-2048 shared/dedicated, 1-61440 LCU.
    pub internet_max_bandwidth_out: i64,
    /// Public IP flag.
    pub public_ip_assigned: Option<bool>,
    /// Bandwidth package; forces BANDWIDTH_PACKAGE billing.
    pub bandwidth_package_id: Option<String>,
}

/// The network of an instance.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct VirtualPrivateCloud {
    /// VPC id `vpc-xxxxxxxx`.
    pub vpc_id: String,
    /// Subnet id `subnet-xxxxxxxx`.
    pub subnet_id: String,
    /// Gateway flag.
    pub as_vpc_gateway: bool,
    /// Private IPs.
    pub private_ip_addresses: Option<Vec<String>>,
    /// IPv6 count.
    pub ipv6_address_count: Option<u64>,
}

/// Lists the zones of a region.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeZones {}

/// What [`DescribeZones`] answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct DescribeZonesReply {
    /// Number of matches before paging.
    pub total_count: u64,
    /// Zones.
    pub zone_set: Vec<ZoneInfo>,
}

/// A zone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ZoneInfo {
    /// Zone name such as ap-guangzhou-3.
    pub zone: String,
    /// Zone display name.
    pub zone_name: String,
    /// Zone id such as 100003.
    pub zone_id: String,
    /// AVAILABLE or UNAVAILABLE.
    pub zone_state: String,
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
