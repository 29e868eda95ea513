//! Load balancers: create, describe, change, delete, security groups.
//!
//! Every field the API documents is here with its own name and type; what the values must obey is the platform's
//! business, not this module's.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::action::{Accepted, Action, Opaque, Service, actions};

actions! { Clb:
    DescribeLoadBalancers => DescribeLoadBalancersReply;
    ModifyLoadBalancerAttributes => ModifyLoadBalancerAttributesReply;
    DeleteLoadBalancer => Accepted;
    SetLoadBalancerSecurityGroups => Accepted;
    ModifyLoadBalancerSla => ModifyLoadBalancerSlaReply;
    ModifyLoadBalancersProject => Accepted;
    SetLoadBalancerClsLog => Accepted;
}

impl Action for CreateLoadBalancer {
    const SERVICE: Service = Service::Clb;
    const NAME: &'static str = "CreateLoadBalancer";
    type Reply = CreateLoadBalancerReply;

    /// The platform promises that the same token never buys twice.
    fn is_repeatable(&self) -> bool {
        self.client_token.is_some()
    }
}

/// Buys load balancers. A task; the ids may come with the reply or only with the task.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct CreateLoadBalancer {
    /// OPEN (public) or INTERNAL (private).
    pub load_balancer_type: String,
    /// 1 = current CLB (only value accepted on create), 0 = classic.
    pub forward: Option<i64>,
    /// Name, 1-80 chars; honoured only when one instance is created; on clash with an existing name the server
    /// generates another name.
    pub load_balancer_name: Option<String>,
    /// Backend VPC; default VPC when absent; required for INTERNAL.
    pub vpc_id: Option<String>,
    /// Required for INTERNAL and for IPv6FullChain; not allowed for public IPv4.
    pub subnet_id: Option<String>,
    /// Project id, default 0.
    pub project_id: Option<i64>,
    /// Public only, case-insensitive: IPV4 (default), IPV6 (= IPv6 NAT64), IPv6FullChain (= native IPv6).
    #[serde(rename = "AddressIPVersion")]
    pub address_ip_version: Option<String>,
    /// How many instances, default 1, max 20 by default.
    pub number: Option<u64>,
    /// Primary zone, public IPv4 only.
    pub master_zone_id: Option<String>,
    /// Zone (id or name), public IPv4 only.
    pub zone_id: Option<String>,
    /// Network billing and max outbound bandwidth.
    pub internet_accessible: Option<InternetAccessible>,
    /// BGP (default) or CMCC/CUCC/CTCC; a single ISP forces BANDWIDTH_PACKAGE billing.
    pub vip_isp: Option<String>,
    /// Up to 20 tags.
    pub tags: Option<Vec<TagInfo>>,
    /// Ask for this VIP; IPv4 and IPv6 only, not NAT64; fails if outside the subnet or taken.
    pub vip: Option<String>,
    /// Bandwidth package; forces BANDWIDTH_PACKAGE billing.
    pub bandwidth_package_id: Option<String>,
    /// Dedicated cluster info.
    pub exclusive_cluster: Option<Opaque>,
    /// LCU spec: clb.c2.medium, clb.c3.small, clb.c3.medium, clb.c4.small/medium/large/xlarge; empty = shared
    /// (China site).
    pub sla_type: Option<String>,
    /// Dedicated cluster ids.
    pub cluster_ids: Option<Vec<String>>,
    /// Idempotency token, at most 64 ASCII chars.
    pub client_token: Option<String>,
    /// Cross-region/VPC IP binding (2.0) switch.
    pub snat_pro: Option<bool>,
    /// SNAT IPs when SnatPro is on.
    pub snat_ips: Option<Opaque>,
    /// L7 dedicated tag.
    pub cluster_tag: Option<String>,
    /// Standby zone, public IPv4 only.
    pub slave_zone_id: Option<String>,
    /// EIP for an INTERNAL instance.
    pub eip_address_id: Option<String>,
    /// true = only the CLB security groups are checked; false = CLB and backend groups both checked.
    pub load_balancer_pass_to_target: Option<bool>,
    /// Create a domain-name CLB.
    pub dynamic_vip: Option<bool>,
    /// Network egress name.
    pub egress: Option<String>,
    /// Prepaid settings.
    #[serde(rename = "LBChargePrepaid")]
    pub lb_charge_prepaid: Option<Opaque>,
    /// POSTPAID_BY_HOUR (default) or PREPAID.
    #[serde(rename = "LBChargeType")]
    pub lb_charge_type: Option<String>,
    /// L7 access-log topic.
    pub access_log_topic_id: Option<String>,
    /// L7 advanced routing switch.
    pub advanced_route: Option<bool>,
    /// Zone affinity settings.
    pub available_zone_affinity_info: Option<Opaque>,
}

/// What [`CreateLoadBalancer`] answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct CreateLoadBalancerReply {
    /// Ids; may be null/empty when creation is slow, then read them from DescribeTaskStatus.
    pub load_balancer_ids: Option<Vec<String>>,
    /// Order number, usable instead of TaskId in DescribeTaskStatus.
    pub deal_name: Option<String>,
}

/// Lists load balancers. Unknown ids are left out, they are no error.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeLoadBalancers {
    /// At most 20 ids.
    pub load_balancer_ids: Option<Vec<String>>,
    /// OPEN or INTERNAL.
    pub load_balancer_type: Option<String>,
    /// 1 = current CLB (only value accepted on create), 0 = classic.
    pub forward: Option<i64>,
    /// Fuzzy name match.
    pub load_balancer_name: Option<String>,
    /// Fuzzy domain match.
    pub domain: Option<String>,
    /// VIP list.
    pub load_balancer_vips: Option<Vec<String>>,
    /// Match by backend public IP.
    pub backend_public_ips: Option<Vec<String>>,
    /// Match by backend private IP.
    pub backend_private_ips: Option<Vec<String>>,
    /// Page offset, default 0.
    pub offset: Option<i64>,
    /// Default 20, max 100.
    pub limit: Option<i64>,
    /// LoadBalancerName, CreateTime (default), Domain, LoadBalancerType.
    pub order_by: Option<String>,
    /// 1 = descending (default), 0 = ascending.
    pub order_type: Option<i64>,
    /// Fuzzy match on name, domain, VIP, id.
    pub search_key: Option<String>,
    /// Project id, default 0.
    pub project_id: Option<i64>,
    /// 0 without backends, 1 with backends, -1 all.
    pub with_rs: Option<i64>,
    /// VPC id; '0' means classic network.
    pub vpc_id: Option<String>,
    /// Instances bound to this security group.
    pub security_group: Option<String>,
    /// Primary zone.
    pub master_zone: Option<String>,
    /// At most 10 filters, 100 values each: charge-type, internet-charge-type, master-zone-id, tag-key, tag:KEY,
    /// function-name, vip-isp, sla-type, exclusive.
    pub filters: Option<Vec<Filter>>,
    /// Extra fields to return, e.g. TargetCount.
    pub additional_fields: Option<Vec<String>>,
}

/// What [`DescribeLoadBalancers`] answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct DescribeLoadBalancersReply {
    /// Number of matches before paging.
    pub total_count: u64,
    /// Instances.
    pub load_balancer_set: Vec<LoadBalancer>,
}

/// Changes attributes of a load balancer; what is absent stays as it is. A task.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ModifyLoadBalancerAttributes {
    /// CLB instance id, `lb-xxxxxxxx`.
    pub load_balancer_id: String,
    /// Instance name, 1-80 chars: letters/CJK/digits/-/_ , no supplementary Unicode.
    pub load_balancer_name: Option<String>,
    /// Region and VPC of the backends.
    pub target_region_info: Option<TargetRegionInfo>,
    /// New billing settings.
    pub internet_charge_info: Option<InternetAccessible>,
    /// true = only the CLB security groups are checked; false = CLB and backend groups both checked.
    pub load_balancer_pass_to_target: Option<bool>,
    /// 0 none (default), 1 prepaid/postpaid switch, 2 postpaid mode switch.
    pub switch_flag: Option<u64>,
    /// Cross-region/VPC IP binding (2.0) switch.
    pub snat_pro: Option<bool>,
    /// Deletion protection switch.
    pub delete_protect: Option<bool>,
    /// Domain suffix migration.
    pub modify_classic_domain: Option<bool>,
    /// VPC endpoint id.
    pub associate_endpoint: Option<String>,
}

/// What [`ModifyLoadBalancerAttributes`] answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ModifyLoadBalancerAttributesReply {
    /// Order number, usable instead of TaskId in DescribeTaskStatus.
    pub deal_name: Option<String>,
}

/// Deletes load balancers with their listeners. A task.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DeleteLoadBalancer {
    /// At most 20 ids.
    pub load_balancer_ids: Vec<String>,
    /// Skip the pre-delete risk checks, default false.
    pub force_delete: Option<bool>,
}

/// Replaces the security groups of a load balancer. A task in practice: the documentation is silent, clients poll
/// it.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct SetLoadBalancerSecurityGroups {
    /// CLB instance id, `lb-xxxxxxxx`.
    pub load_balancer_id: String,
    /// Complete set to bind; at most 50; absent or empty = unbind all.
    pub security_groups: Option<Vec<String>>,
}

/// Gives load balancers other LCU specifications. A task.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ModifyLoadBalancerSla {
    /// Which ones, and which specification.
    pub load_balancer_sla: Vec<SlaUpdateParam>,
    /// Force the upgrade, default false.
    pub force: Option<bool>,
}

/// A load balancer and the specification it is to have.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct SlaUpdateParam {
    /// CLB instance id, `lb-xxxxxxxx`.
    pub load_balancer_id: String,
    /// LCU spec: clb.c2.medium, clb.c3.small, clb.c3.medium, clb.c4.small/medium/large/xlarge.
    pub sla_type: String,
}

/// What [`ModifyLoadBalancerSla`] answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ModifyLoadBalancerSlaReply {
    /// Order number, usable instead of TaskId in DescribeTaskStatus.
    pub deal_name: Option<String>,
}

/// Moves load balancers to a project. A task in practice: the documentation is silent, clients poll it.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ModifyLoadBalancersProject {
    /// At most 20 ids.
    pub load_balancer_ids: Vec<String>,
    /// Project id.
    pub project_id: u64,
}

/// Sets where the logs of a load balancer go. A task in practice: the documentation is silent, clients poll it.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct SetLoadBalancerClsLog {
    /// CLB instance id, `lb-xxxxxxxx`.
    pub load_balancer_id: String,
    /// Log set; empty to remove.
    pub log_set_id: String,
    /// Log topic; empty to remove.
    pub log_topic_id: String,
    /// ACCESS (default) or HEALTH.
    pub log_type: Option<String>,
}

/// A load balancer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct LoadBalancer {
    /// CLB instance id, `lb-xxxxxxxx`.
    pub load_balancer_id: String,
    /// Instance name, 1-80 chars: letters/CJK/digits/-/_ , no supplementary Unicode.
    pub load_balancer_name: String,
    /// OPEN or INTERNAL.
    pub load_balancer_type: String,
    /// 1 = current CLB (only value accepted on create), 0 = classic.
    pub forward: u64,
    /// Domain of the instance (classic/domain CLB) or L7 rule domain.
    pub domain: String,
    /// VIP list.
    pub load_balancer_vips: Vec<String>,
    /// 0 creating, 1 running.
    pub status: u64,
    /// Creation time 'YYYY-MM-DD HH:mm:ss'.
    pub create_time: String,
    /// Time of last status change.
    pub status_time: String,
    /// Project id, default 0.
    pub project_id: u64,
    /// VPC id `vpc-xxxxxxxx`.
    pub vpc_id: String,
    /// 1 = Anti-DDoS instance.
    pub open_bgp: u64,
    /// Legacy SNAT flag.
    pub snat: bool,
    /// 1 = isolated (arrears).
    pub isolation: u64,
    /// Legacy log info.
    pub log: Option<String>,
    /// Subnet id `subnet-xxxxxxxx`.
    pub subnet_id: String,
    /// Tag list.
    pub tags: Vec<TagInfo>,
    /// Bound security group ids.
    pub secure_groups: Vec<String>,
    /// Region and VPC of the backends.
    pub target_region_info: TargetRegionInfo,
    /// Anycast zone, empty otherwise.
    pub anycast_zone: String,
    /// lowercase ipv4 or ipv6.
    #[serde(rename = "AddressIPVersion")]
    pub address_ip_version: String,
    /// Numeric VPC id.
    pub numerical_vpc_id: u64,
    /// BGP (default) or CMCC/CUCC/CTCC; a single ISP forces BANDWIDTH_PACKAGE billing.
    pub vip_isp: Option<String>,
    /// Primary zone.
    pub master_zone: Option<ZoneInfo>,
    /// Standby zones.
    pub backup_zone_set: Option<Vec<ZoneInfo>>,
    /// Isolation time.
    pub isolated_time: Option<String>,
    /// Expiry of prepaid.
    pub expire_time: Option<String>,
    /// PREPAID or POSTPAID_BY_HOUR.
    pub charge_type: Option<String>,
    /// Billing and bandwidth.
    pub network_attributes: Option<InternetAccessible>,
    /// Prepaid attributes.
    pub prepaid_attributes: Option<Opaque>,
    /// CLS log set.
    pub log_set_id: String,
    /// CLS log topic.
    pub log_topic_id: String,
    /// IPv6 address.
    #[serde(rename = "AddressIPv6")]
    pub address_ipv6: Option<String>,
    /// Reserved.
    pub extra_info: Option<ExtraInfo>,
    /// Can bind Anti-DDoS package.
    #[serde(rename = "IsDDos")]
    pub is_ddos: bool,
    /// Customised config id.
    pub config_id: String,
    /// true = only the CLB security groups are checked; false = CLB and backend groups both checked.
    pub load_balancer_pass_to_target: bool,
    /// Dedicated cluster info.
    pub exclusive_cluster: Option<Opaque>,
    /// IPv6Nat64 or IPv6FullChain when AddressIPVersion is ipv6, else null.
    #[serde(rename = "IPv6Mode")]
    pub ipv6_mode: Option<String>,
    /// Cross-region/VPC IP binding (2.0) switch.
    pub snat_pro: bool,
    /// SNAT IPs when SnatPro is on.
    pub snat_ips: Option<Opaque>,
    /// LCU spec: clb.c2.medium, clb.c3.small, clb.c3.medium, clb.c4.small/medium/large/xlarge; empty = shared
    /// (China site).
    pub sla_type: String,
    /// VIP blocked.
    pub is_block: bool,
    /// Block/unblock time.
    pub is_block_time: String,
    /// Local BGP flag.
    pub local_bgp: bool,
    /// L7 dedicated tag.
    pub cluster_tag: Option<String>,
    /// Mixed IPv4/IPv6 targets (L7, IPv6FullChain).
    pub mix_ip_target: bool,
    /// Zones of a private instance.
    pub zones: Option<Vec<String>>,
    /// NFV marker.
    pub nfv_info: Option<String>,
    /// Health log set.
    pub health_log_set_id: String,
    /// Health log topic.
    pub health_log_topic_id: String,
    /// Dedicated cluster ids.
    pub cluster_ids: Option<Vec<String>>,
    /// Instance flags, e.g. DeleteProtect, Stop, SharedLimitFlag, SgInTgw, IsDomainCLB.
    pub attribute_flags: Vec<String>,
    /// Domain name of the instance.
    pub load_balancer_domain: String,
    /// Network egress name.
    pub egress: String,
    /// 1 = dedicated.
    pub exclusive: Option<u64>,
    /// Bound backend count (only if asked for).
    pub target_count: Option<u64>,
    /// VPC endpoint id.
    pub associate_endpoint: Option<String>,
    /// Zone affinity settings.
    pub available_zone_affinity_info: Option<Opaque>,
}

/// Billing and bandwidth of the public side.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct InternetAccessible {
    /// TRAFFIC_POSTPAID_BY_HOUR, BANDWIDTH_POSTPAID_BY_HOUR, BANDWIDTH_PACKAGE, BANDWIDTH_PREPAID.
    pub internet_charge_type: Option<String>,
    /// Mbps; default 10; 1-2048 shared/dedicated, 1-61440 LCU.
    pub internet_max_bandwidth_out: Option<i64>,
    /// Bandwidth package type.
    pub bandwidthpkg_sub_type: Option<String>,
}

/// Where the backends are.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TargetRegionInfo {
    /// Region such as ap-guangzhou.
    pub region: String,
    /// VPC id `vpc-xxxxxxxx`.
    pub vpc_id: String,
    /// Numeric VPC id.
    pub numerical_vpc_id: Option<i64>,
}

/// A tag.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TagInfo {
    /// Tag key.
    pub tag_key: String,
    /// Tag value.
    pub tag_value: String,
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

/// An availability zone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ZoneInfo {
    /// Zone id such as 100003.
    pub zone_id: u64,
    /// Zone name such as ap-guangzhou-3.
    pub zone: String,
    /// Zone display name.
    pub zone_name: String,
    /// Region of the zone.
    pub zone_region: String,
    /// Local zone flag.
    pub local_zone: bool,
    /// Edge zone flag.
    pub edge_zone: bool,
}

/// Reserved by the platform.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ExtraInfo {
    /// VIP direct flag.
    pub zhi_tong: bool,
    /// TGW group name.
    pub tgw_group_name: String,
}
