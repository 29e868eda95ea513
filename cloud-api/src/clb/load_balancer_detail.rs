//! Load balancers with their listeners and targets, one row for each target.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::load_balancer::{ExtraInfo, Filter, InternetAccessible, TagInfo};
use crate::action::{Opaque, actions};

actions! { Clb:
    DescribeLoadBalancersDetail => DescribeLoadBalancersDetailReply;
}

/// Lists load balancers with their listeners and targets, a row for each as far as [`Self::fields`] ask for them.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeLoadBalancersDetail {
    /// Default 20, max 100.
    pub limit: Option<u64>,
    /// Page offset, default 0.
    pub offset: Option<u64>,
    /// Which fields of [`LoadBalancerDetail`] to return; the others are null. Id and name always are returned.
    pub fields: Option<Vec<String>>,
    /// NODE or GROUP, needed with fields of listeners and targets.
    pub target_type: Option<String>,
    /// loadbalancer-id, project-id, network (Private/Public), vip, vpcid, target-ip, zone, tag-key, tag:KEY,
    /// fuzzy-search.
    pub filters: Option<Vec<Filter>>,
}

/// What [`DescribeLoadBalancersDetail`] answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct DescribeLoadBalancersDetailReply {
    /// Number of matches before paging.
    pub total_count: u64,
    /// Rows.
    pub load_balancer_detail_set: Vec<LoadBalancerDetail>,
}

/// A row of [`DescribeLoadBalancersDetail`]: a load balancer, perhaps with a listener and a target of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct LoadBalancerDetail {
    /// CLB instance id, `lb-xxxxxxxx`.
    pub load_balancer_id: String,
    /// Instance name.
    pub load_balancer_name: String,
    /// Public or Private.
    pub load_balancer_type: Option<String>,
    /// 0 creating, 1 running.
    pub status: Option<u64>,
    /// VIP.
    pub address: Option<String>,
    /// IPv6 address.
    #[serde(rename = "AddressIPv6")]
    pub address_ipv6: Option<String>,
    /// IPv4 or IPv6.
    #[serde(rename = "AddressIPVersion")]
    pub address_ip_version: Option<String>,
    /// IPv6Nat64 or IPv6FullChain for IPv6, else null.
    #[serde(rename = "IPv6Mode")]
    pub ipv6_mode: Option<String>,
    /// Zone name such as ap-guangzhou-3.
    pub zone: Option<String>,
    /// BGP/CMCC/CUCC/CTCC/INTERNAL.
    pub address_isp: Option<String>,
    /// VPC id `vpc-xxxxxxxx`.
    pub vpc_id: Option<String>,
    /// Project id, default 0.
    pub project_id: Option<u64>,
    /// Creation time 'YYYY-MM-DD HH:mm:ss'.
    pub create_time: Option<String>,
    /// PREPAID or POSTPAID_BY_HOUR.
    pub charge_type: Option<String>,
    /// Billing and bandwidth.
    pub network_attributes: Option<InternetAccessible>,
    /// Prepaid attributes.
    pub prepaid_attributes: Option<Opaque>,
    /// Reserved.
    pub extra_info: Option<ExtraInfo>,
    /// Customised config id.
    pub config_id: Option<String>,
    /// Tag list.
    pub tags: Option<Vec<TagInfo>>,
    /// Listener id, `lbl-xxxxxxxx`.
    pub listener_id: Option<String>,
    /// Listener protocol.
    pub protocol: Option<String>,
    /// Port.
    pub port: Option<u64>,
    /// L7 rule id; unused for L4/QUIC.
    pub location_id: Option<String>,
    /// L7 rule domain.
    pub domain: Option<String>,
    /// L7 rule URL; unused for L4.
    pub url: Option<String>,
    /// Backend instance id.
    pub target_id: Option<String>,
    /// Backend IP.
    pub target_address: Option<String>,
    /// Backend port.
    pub target_port: Option<u64>,
    /// Backend weight.
    pub target_weight: Option<u64>,
    /// 1 = isolated (arrears).
    pub isolation: Option<u64>,
    /// Bound security groups.
    pub security_group: Option<Vec<String>>,
    /// 1 on, 0 off (integer in this structure).
    pub load_balancer_pass_to_target: Option<u64>,
    /// Backend health.
    pub target_health: Option<String>,
    /// L7 rule domains.
    pub domains: Option<String>,
    /// Standby zones.
    pub slave_zone: Option<Vec<String>>,
    /// Zones of a private instance.
    pub zones: Option<Vec<String>>,
    /// SNI switch, HTTPS only (0/1).
    pub sni_switch: Option<i64>,
    /// Domain name of the instance.
    pub load_balancer_domain: String,
    /// Network egress name.
    pub egress: String,
    /// Instance flags, e.g. DeleteProtect.
    pub attribute_flags: Option<Vec<String>>,
    /// LCU spec; empty = shared.
    pub sla_type: Option<String>,
    /// 1 = dedicated.
    pub exclusive: Option<u64>,
    /// Zone affinity settings.
    pub available_zone_affinity_info: Option<Opaque>,
}
